"""The timetable and gaps of a series, and what a change of them does to its events."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core import zones
from core.refusals import Invalid
from scheduler.domain import event_time, recurrence, timetable_lines
from scheduler.domain.interval import Interval
from scheduler.domain.recurrence import Period, RuleRefused, Timetable
from scheduler.models import EventRow, GapRow, PeriodRow
from scheduler.queries.loading import load_events
from scheduler.schemas import PeriodSchema


def merged(
    before: Sequence[Period], wanted: Sequence[PeriodSchema], zone: str
) -> tuple[Period, ...]:
    """Return `before` with the lines of the input merged in; raise Invalid with errors by field."""
    periods = timetable_lines.merged(before, _checked(wanted, zone))
    again = timetable_lines.twice(periods)
    if again is not None:
        raise Invalid({"timetable": f"two lines start {timetable_lines.line_name(again)}"})
    return periods


def _checked(wanted: Sequence[PeriodSchema], zone: str) -> list[Period]:
    """Return the lines with normalized rules; raise Invalid with errors by field."""
    periods: list[Period] = []
    errors: dict[str, str] = {}
    for position, line in enumerate(wanted):
        field = f"timetable.{position}"
        try:
            rule = recurrence.check(line.rule or "", line.starts, zones.zone(zone))
        except RuleRefused as refusal:
            errors[f"{field}.rule"] = str(refusal)
            continue
        period = Period(**{**dict(line), "rule": rule or None})
        if timetable_lines.twice([*periods, period]) is not None:
            errors[f"{field}.starts"] = "is the start of another line, or its key is that of one"
        if line.until is not None and line.until < line.starts.date():
            errors[f"{field}.until"] = "is before the first start"
        periods.append(period)
    if errors:
        raise Invalid(errors)
    return periods


def require_one_a_date(timetable: Timetable, wanted: Sequence[PeriodSchema]) -> None:
    """Raise Invalid, at a line of the input, if two lines of the timetable give one date."""
    found = timetable_lines.collision(timetable)
    if found is None:
        return
    places = [(line.track, line.starts) for line in wanted]
    own = [places.index(each) for each in found.places if each in places]
    field = f"timetable.{max(own)}.track" if own else "timetable"
    raise Invalid({field: timetable_lines.collision_words(found)})


def replace(session: Session, series_id: int, periods: Sequence[Period]) -> None:
    """Make `periods` the lines of the series' timetable."""
    session.execute(delete(PeriodRow).where(PeriodRow.series_id == series_id))
    session.add_all(
        PeriodRow(series_id=series_id, **{**asdict(period), "track": period.track or ""})
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
