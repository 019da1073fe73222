"""The timetable and gaps of a series: written line by line, and what that does to its events."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core import zones
from core.refusals import Invalid
from scheduler.domain import event_time, recurrence
from scheduler.domain.event_time import EventTime
from scheduler.domain.interval import Interval
from scheduler.domain.recurrence import Period, RuleRefused, Timetable
from scheduler.models import EventRow, GapRow, PeriodRow
from scheduler.queries.loading import load_events
from scheduler.schemas import PeriodSchema


def checked(documents: Sequence[PeriodSchema], zone: str) -> dict[datetime, Period]:
    """Return the periods by start, their rules normalised; raise Invalid with what to mend."""
    periods: dict[datetime, Period] = {}
    errors: dict[str, str] = {}
    for place, line in enumerate(documents):
        where = f"timetable.{place}"
        try:
            rule = recurrence.check(line.rule or "", line.starts, zones.zone(zone))
        except RuleRefused as refusal:
            errors[f"{where}.rule"] = str(refusal)
            continue
        if line.starts in periods:
            errors[f"{where}.starts"] = "another line starts then"
        if line.until is not None and line.until < line.starts.date():
            errors[f"{where}.until"] = "lies before the line starts"
        periods[line.starts] = Period(line.starts, line.minutes, rule or None, line.until)
    if errors:
        raise Invalid(errors)
    return periods


def replace(session: Session, series_id: int, periods: Sequence[Period]) -> None:
    """Make `periods` the lines of the series' timetable."""
    session.execute(delete(PeriodRow).where(PeriodRow.series_id == series_id))
    session.add_all(
        PeriodRow(
            series_id=series_id,
            starts=period.starts,
            minutes=period.minutes,
            rule=period.rule,
            until=period.until,
        )
        for period in periods
    )


def replace_gaps(session: Session, series_id: int, wanted: dict[date, str | None]) -> None:
    """Make `wanted` the gaps of the series."""
    session.execute(delete(GapRow).where(GapRow.series_id == series_id))
    session.add_all(
        GapRow(series_id=series_id, date=day, reason=reason) for day, reason in wanted.items()
    )


def follow(session: Session, series_id: int, timetable: Timetable) -> None:
    """Derive the times of the series' events again after a change of its timetable or zone.

    Wall times stay and instants follow; an event whose date the rule no longer gives keeps its
    instant. The series' revision, which the caller raised, tells readers of it.
    """
    rows: list[dict[str, object]] = []
    for record in load_events(session, EventRow.series_id == series_id):
        was = None
        if record.starts_at and record.ends_at:
            was = Interval(record.starts_at, record.ends_at)
        place = EventTime(record.date, record.starts, record.minutes, record.all_day, record.days)
        place = event_time.after_timetable_change(place, was, timetable)
        span = event_time.interval(place, timetable)
        derived: dict[str, object] = {
            "starts": place.starts,
            "minutes": place.minutes,
            "starts_at": span.start if span else None,
            "ends_at": span.end if span else None,
        }
        if any(getattr(record, name) != value for name, value in derived.items()):
            rows.append({"id": record.row_id, **derived})
    if rows:
        session.execute(update(EventRow), rows)
