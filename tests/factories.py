"""Rows of the scheduler for tests: functions with defaults. The caller opens the transaction."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from accounts.models import OrganizationRow, PersonRow
from core.zones import zone as zone_of
from scheduler.domain import identity, recurrence, walltime
from scheduler.domain.recurrence import Period, Timetable
from scheduler.models import EventRow, GapRow, PeriodRow, SeriesRow, SpeakerRow, TalkRow
from scheduler.services.feed_versions import touch

MADE_AT = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)
FRIDAYS = Period(datetime(2018, 1, 5, 10, 0), 60, "FREQ=WEEKLY;BYDAY=FR")
DLCT = "Deep Learning: Classics and Trends"


def add_organization(session: Session, name: str = "ML Collective", **fields: object) -> None:
    """Add the organization."""
    session.add(OrganizationRow(id=1, name=name, **fields))
    session.flush()


def add_person(session: Session, email: str = "ada@example.org", **fields: object) -> PersonRow:
    """Add a person."""
    person = PersonRow(email=email, created_at=MADE_AT, **fields)
    session.add(person)
    session.flush()
    return person


def add_series(
    session: Session,
    slug: str = "dlct",
    *,
    name: str = DLCT,
    short_name: str | None = None,
    kind: str = "talks",
    zone: str = "America/Los_Angeles",
    timetable: Sequence[Period] = (FRIDAYS,),
    gaps: Iterable[tuple[date, str | None]] = (),
    **fields: object,
) -> SeriesRow:
    """Add a series, by default on Fridays at ten in Los Angeles."""
    uid = f"{slug}@example.org"
    values = {"join_url": f"https://meet.example.org/{slug}", "revised_at": MADE_AT, **fields}
    row = SeriesRow(
        uid=uid,
        ref=identity.series_ref(uid),
        slug=slug,
        name=name,
        short_name=short_name or slug.upper(),
        kind=kind,
        zone=zone,
        **values,
    )
    session.add(row)
    session.flush()
    for period in timetable:
        session.add(
            PeriodRow(
                series_id=row.id,
                starts=period.starts,
                minutes=period.minutes,
                rule=period.rule,
                until=period.until,
            )
        )
    for day, reason in gaps:
        session.add(GapRow(series_id=row.id, date=day, reason=reason))
    session.flush()
    touch(session, [slug])
    return row


def add_event(
    session: Session,
    series: SeriesRow,
    key: str,
    *,
    starts: datetime | None = None,
    minutes: int | None = None,
    title: str | None = None,
    speakers: Sequence[str] = (),
    extra: bool = False,
    all_day: bool = False,
    days: int = 1,
    **fields: object,
) -> EventRow:
    """Add an event's row; with a title or speakers it has a talk.

    `key` is the rule's date, "2021" or "2023-04"; an `extra` event is none of the rule's.
    `starts` is wall time. Fields of talks, such as `abstract`, may be given as well.
    """
    day = date.fromisoformat(key[:10]) if len(key) >= 10 else None
    slot = _slot(session, series, day) if day and not extra else None
    wall = starts or (slot.starts if slot else None)
    lasts = minutes or (slot.minutes if slot else 60)
    talk = {name: fields.pop(name) for name in TALK_FIELDS if name in fields}
    starts_at = walltime.instant(wall, zone_of(series.zone)) if wall else None
    ends_at = starts_at + timedelta(minutes=lasts) if starts_at else None
    if all_day and wall:
        ends_at = walltime.midnight(wall.date() + timedelta(days=days), zone_of(series.zone))
    row = EventRow(
        series_id=series.id,
        key=key,
        uid=identity.event_uid(series.uid, key),
        date=None if extra else day,
        starts=starts,
        minutes=minutes,
        starts_at=starts_at,
        ends_at=ends_at,
        all_day=all_day,
        days=days,
        **{"revised_at": MADE_AT, **fields},
    )
    session.add(row)
    session.flush()
    if title or speakers or talk:
        add_talk(session, row, title=title, speakers=speakers, **talk)
    touch(session, [series.slug])
    return row


TALK_FIELDS = (
    "position",
    "key",
    "abstract",
    "topics",
    "paper_url",
    "slides_url",
    "video_url",
    "video_at",
)


def add_talk(
    session: Session,
    event: EventRow,
    *,
    title: str | None = None,
    speakers: Sequence[str] = (),
    position: int = 0,
    key: str | None = None,
    **fields: object,
) -> TalkRow:
    """Add a talk; a speaker is a name, or a name and an affiliation separated by a comma."""
    key = key or f"t{position + 1}"
    talk = TalkRow(event_id=event.id, key=key, position=position, title=title, **fields)
    session.add(talk)
    session.flush()
    for place, speaker in enumerate(speakers):
        name, _, affiliation = speaker.partition(", ")
        session.add(
            SpeakerRow(talk_id=talk.id, position=place, name=name, affiliation=affiliation or None)
        )
    session.flush()
    return talk


def _slot(session: Session, series: SeriesRow, day: date) -> recurrence.Slot | None:
    periods = session.query(PeriodRow).filter_by(series_id=series.id)
    timetable = Timetable(
        series.zone, tuple(Period(row.starts, row.minutes, row.rule, row.until) for row in periods)
    )
    return next(iter(recurrence.occurrences(timetable, day, day)), None)
