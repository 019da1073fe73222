"""The talks of an event: always written whole."""

from collections.abc import Sequence
from dataclasses import replace as with_changes

from sqlalchemy import delete
from sqlalchemy.orm import Session

from scheduler.domain.events import Speaker, Talk
from scheduler.models import SpeakerRow, TalkRow
from scheduler.schemas import TalkSchema


def value(document: TalkSchema) -> Talk:
    """Return the talk that the document writes; an empty text is unknown."""
    return Talk(
        title=document.title or None,
        speakers=tuple(
            Speaker(each.name, each.affiliation or None, each.url, each.email)
            for each in document.speakers
        ),
        abstract=document.abstract or None,
        topics=tuple(topic for topic in document.topics if topic),
        paper_url=document.paper_url,
        slides_url=document.slides_url,
        video_url=document.video_url,
        video_at=document.video_at,
    )


def shown(talk: Talk) -> Talk:
    """Return what a reader can see of the talk."""
    unsigned = tuple(with_changes(speaker, email=None) for speaker in talk.speakers)
    return with_changes(talk, speakers=unsigned)


def replace(session: Session, event_id: int, talks: Sequence[Talk]) -> None:
    """Make `talks` the talks of the event, in that order."""
    session.execute(delete(TalkRow).where(TalkRow.event_id == event_id))
    for position, talk in enumerate(talks):
        row = TalkRow(
            event_id=event_id,
            position=position,
            title=talk.title,
            abstract=talk.abstract,
            topics=list(talk.topics),
            paper_url=talk.paper_url,
            slides_url=talk.slides_url,
            video_url=talk.video_url,
            video_at=talk.video_at,
        )
        session.add(row)
        if talk.speakers:
            session.flush()  # the speakers need its id
        session.add_all(
            SpeakerRow(
                talk_id=row.id,
                position=place,
                name=speaker.name,
                affiliation=speaker.affiliation,
                url=speaker.url,
                email=speaker.email,
            )
            for place, speaker in enumerate(talk.speakers)
        )
