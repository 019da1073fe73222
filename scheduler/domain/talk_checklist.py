"""Missing information that an organizer still has to ask for before a talk."""

from datetime import datetime, timedelta

from scheduler.domain.events import Event, EventStatus

TITLE_DUE = timedelta(days=7)
SLIDES_DUE = timedelta(days=2)


def missing_items(event: Event, now: datetime) -> tuple[str, ...]:
    """Return in small words what the event lacks at `now`: speaker, title at 7 days, slides at 2.

    Nothing for an event that has begun, is cancelled, or is of a kind that needs no speaker.
    """
    ahead = event.starts_at - now if event.starts_at else timedelta()
    gone = ahead <= timedelta() or event.status is EventStatus.CANCELLED
    if gone or not event.series.kind.expects_speakers:
        return ()
    words = []
    if not any(talk.speakers for talk in event.talks):
        words.append("no speaker")
    if ahead <= TITLE_DUE and not (event.talks and all(talk.title for talk in event.talks)):
        words.append("no title")
    if ahead <= SLIDES_DUE and not (event.talks and all(talk.slides_url for talk in event.talks)):
        words.append("no slides")
    return tuple(words)
