"""The timetable and gaps of a series, and what a change of them does to its events."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core import zones
from core.refusals import Invalid
from scheduler.domain import event_time, recurrence
from scheduler.domain.interval import Interval
from scheduler.domain.recurrence import Period, RuleRefused, Timetable
from scheduler.models import EventRow, GapRow, PeriodRow
from scheduler.queries.loading import load_events
from scheduler.schemas import PeriodSchema


def checked(wanted: Sequence[PeriodSchema], zone: str) -> dict[datetime, Period]:
    """Return the periods by start with normalized rules; raise Invalid with errors by field."""
    periods: dict[datetime, Period] = {}
    errors: dict[str, str] = {}
    for position, period in enumerate(wanted):
        field = f"timetable.{position}"
        try:
            rule = recurrence.check(period.rule or "", period.starts, zones.zone(zone))
        except RuleRefused as refusal:
            errors[f"{field}.rule"] = str(refusal)
            continue
        if period.starts in periods:
            errors[f"{field}.starts"] = "is the start of another line"
        if period.until is not None and period.until < period.starts.date():
            errors[f"{field}.until"] = "is before the first start"
        periods[period.starts] = Period(**{**dict(period), "rule": rule or None})
    if errors:
        raise Invalid(errors)
    return periods


def replace(session: Session, series_id: int, periods: Sequence[Period]) -> None:
    """Make `periods` the lines of the series' timetable."""
    session.execute(delete(PeriodRow).where(PeriodRow.series_id == series_id))
    session.add_all(PeriodRow(series_id=series_id, **asdict(period)) for period in periods)


def replace_gaps(session: Session, series_id: int, wanted: dict[date, str | None]) -> None:
    """Make `wanted` the gaps of the series."""
    session.execute(delete(GapRow).where(GapRow.series_id == series_id))
    session.add_all(
        GapRow(series_id=series_id, date=day, reason=reason) for day, reason in wanted.items()
    )


def follow(session: Session, series_id: int, timetable: Timetable) -> None:
    """Derive the times of the series' events again after a change of its timetable or zone.

    Wall times stay and instants follow; an event whose date the rule no longer gives keeps its
    instant. The caller has raised the series' revision.
    """
    rows: list[dict[str, object]] = []
    for stored in load_events(session, EventRow.series_id == series_id):
        was = None
        if stored.starts_at and stored.ends_at:
            was = Interval(stored.starts_at, stored.ends_at)
        timing = event_time.after_timetable_change(stored.timing, was, timetable)
        span = event_time.interval(timing, timetable)
        derived: dict[str, object] = {
            "starts": timing.starts,
            "minutes": timing.minutes,
            "starts_at": span.start if span else None,
            "ends_at": span.end if span else None,
        }
        if any(getattr(stored, name) != value for name, value in derived.items()):
            rows.append({"id": stored.row_id, **derived})
    if rows:
        session.execute(update(EventRow), rows)
