"""The organizer's grid: a row for each occurrence, as stored, by the rule, or as typed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from core import zones
from core.http import forms
from core.http.forms import FormData, Texts
from core.refusals import Invalid
from scheduler.domain import event_keys, occurrences, recurrence, walltime
from scheduler.domain.event_details import NO_DETAILS, EventDetails
from scheduler.domain.events import Event, EventStatus, Kind, Series
from scheduler.domain.interval import Interval
from scheduler.domain.talk_checklist import missing_items
from scheduler.domain.talks import Talk
from scheduler.queries.events import events_between, find_event, undated_events
from scheduler.schemas import EVENT_KEY, EventSchema
from scheduler.web.manage import talk_cells
from scheduler.web.manage.talk_cells import EventCells

WEEKS = 12
SPAN = timedelta(weeks=WEEKS)


@dataclass(slots=True)
class GridRow:
    """One occurrence, or a skipped date, with the cells to show for each of its talks.

    `mark` is a digest of the cells as they were shown, `seen` the SEQUENCE then: a row whose cells
    still fit their mark was not touched. `errors` are by cell, "talks.0.title"; `theirs` is what
    somebody else has saved meanwhile, a talk for each of `cells`. `can_be_given`: it is cancelled
    and ahead, so that another talk can have its date.
    """

    key: str
    day: date
    starts_at: datetime | None
    title: str = ""
    number: int | None = None
    status: str = ""
    reason: str | None = None
    moved_from: datetime | None = None
    all_day: bool = False
    gap: bool = False
    can_be_given: bool = False
    words: Sequence[str] = ()
    talks: Sequence[Talk] = ()
    details: EventDetails = NO_DETAILS
    cells: list[Texts] = field(default_factory=list)
    seen: int = 0
    mark: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    theirs: list[Texts] | None = None

    @property
    def is_refused(self) -> bool:
        """Whether what was typed is not saved: an error, or another change meanwhile."""
        return bool(self.errors) or self.theirs is not None

    @property
    def typed(self) -> str:
        """What was typed into the cells, as one text."""
        return "; ".join(
            str(cells[name]) for cells in self.cells for name in talk_cells.GRID if cells[name]
        )

    @property
    def talk_headline(self) -> str:
        """The title of the first talk, or its speakers; empty when neither is known."""
        talk = self.talks[0] if self.talks else Talk()
        return talk.title or talk.speaker_names


def grid_rows(session: Session, series: Series, first: date, now: datetime) -> list[GridRow]:
    """Return the rows of twelve weeks from the date `first` in the series' zone, in order."""
    window = _window(series, first)
    events = events_between(
        session, [series], window, now, open_until=window.end, rowless_until=window.end
    )
    return _of_series(series, events, first, now)


def posted_rows(
    session: Session, series: Series, first: date, form: FormData, now: datetime
) -> list[GridRow]:
    """Return the rows of twelve weeks and those of other events that the form has cells of.

    An event that was moved out of the weeks meanwhile is among the others. A date that the series
    no longer has is a gap, so that what was typed there can be said.
    """
    rows = grid_rows(session, series, first, now)
    shown = {row.key for row in rows}
    for key in dict.fromkeys(name.split(".")[1] for name in form if name.startswith("events.")):
        if key not in shown and EVENT_KEY.fullmatch(key):
            row = grid_row(session, series, key, now)
            if row is None and event_keys.is_date(key):
                row = GridRow(key=key, day=date.fromisoformat(key[:10]), starts_at=None, gap=True)
            rows += [row] if row else []
    return rows


def with_refused(rows: Iterable[GridRow], refused: Sequence[GridRow]) -> list[GridRow]:
    """Return the rows with the refused ones in their places; one without a place comes first."""
    held = {row.key: row for row in refused}
    placed = [held.pop(row.key, row) for row in rows]
    return [*held.values(), *placed]


def coming(session: Session, every: Sequence[Series], now: datetime) -> dict[str, list[GridRow]]:
    """Return by slug the rows of the twelve weeks from today on, each in its series' zone.

    It takes as many statements for one series as for many.
    """
    firsts = {each.slug: now.astimezone(zones.zone(each.zone)).date() for each in every}
    windows = {each.slug: _window(each, firsts[each.slug]) for each in every}
    whole = Interval(
        min((window.start for window in windows.values()), default=now),
        max((window.end for window in windows.values()), default=now + SPAN),
    )
    events: dict[str, list[Event]] = {each.slug: [] for each in every}
    for event in events_between(
        session, every, whole, now, open_until=whole.end, rowless_until=whole.end
    ):
        if occurrences.meets(event, windows[event.series.slug]):
            events[event.series.slug].append(event)
    return {
        each.slug: _of_series(each, events[each.slug], firsts[each.slug], now) for each in every
    }


def grid_row(session: Session, series: Series, key: str, now: datetime) -> GridRow | None:
    """Return the row of one event, skipped date or past date of the rule, else None."""
    event = find_event(session, series, key, now)
    if event is not None:
        return event_row(event, now)
    try:
        day = date.fromisoformat(key)
    except ValueError:
        return None
    gap = series.gap_at(key)
    if gap is not None:
        return GridRow(key=key, day=day, starts_at=None, gap=True, reason=gap.reason)
    return next(iter(_unrecorded(series, day, day, (), now)), None)


def undated_rows(session: Session, series: Series, now: datetime) -> list[GridRow]:
    """Return the rows of events of which no more than a month or year is known."""
    return [event_row(event, now) for event in undated_events(session, series, now)]


def event_row(event: Event, now: datetime) -> GridRow:
    """Return the row of an event."""
    shown = [talk_cells.texts(talk) for talk in event.talks]
    if not shown or event.series.kind is Kind.JAM:
        shown.append(talk_cells.texts(Talk()))
    status = "" if event.status is EventStatus.SCHEDULED else event.status.value
    return GridRow(
        key=event.key,
        day=event.starts.date() if event.starts else date.min,
        starts_at=event.starts_at,
        title=event.series_headline if event.number is not None else "",
        number=event.number,
        status=status,
        reason=event.reason,
        moved_from=event.moved_from,
        all_day=event.all_day,
        can_be_given=_can_be_given(event, now),
        words=missing_items(event, now),
        talks=event.talks,
        details=event.details,
        cells=shown,
        seen=event.sequence,
        mark=talk_cells.mark(shown),
    )


def _can_be_given(event: Event, now: datetime) -> bool:
    ahead = event.starts_at is not None and event.starts_at > now
    return ahead and event.status is EventStatus.CANCELLED and not event.all_day


def apply_form(row: GridRow, form: FormData) -> bool:
    """Put what was typed into the row's cells; return whether it differs from what was shown.

    If somebody else changed the event meanwhile, `theirs` holds that beside what was typed; it is
    empty for a date that was skipped or is gone.
    """
    prefix = f"events.{row.key}."
    own = MultiDict(
        (name.removeprefix(prefix), text)
        for name, text in form.items(multi=True)
        if name.startswith(prefix)
    )
    if "mark" not in own:
        return False
    typed = talk_cells.posted(own)
    if talk_cells.mark(typed) == own["mark"]:
        return False
    if row.gap:
        row.theirs = []
    elif own.get("seen") != str(row.seen):
        typed, row.theirs = _beside(typed, row.cells)
    row.cells = typed
    return True


def changes(touched: Iterable[GridRow]) -> dict[str, EventSchema]:
    """Return by key the changes that can be saved; a row with wrong cells gets `errors`."""
    events: dict[str, EventSchema] = {}
    for row in touched:
        if row.is_refused:
            continue
        form: FormData = MultiDict(talk_cells.inputs(row.cells))
        try:
            events[row.key] = forms.parse(EventCells, form).event(row.talks)
        except Invalid as refusal:
            row.errors = refusal.errors
    return events


def _beside(typed: list[Texts], theirs: Sequence[Texts]) -> tuple[list[Texts], list[Texts]]:
    """Return what was typed and what somebody else saved, talk beside talk of the same key.

    A typed talk without a key is paired with their next unpaired one; their others come last.
    """
    keys = {cells["key"] for cells in typed if cells["key"]}
    unclaimed = [cells for cells in theirs if cells["key"] not in keys]
    by_key = {cells["key"]: cells for cells in theirs if cells["key"]}
    blank = talk_cells.texts(Talk())
    beside: list[Texts] = []
    for cells in typed:
        new = unclaimed.pop(0) if unclaimed and not cells["key"] else blank
        beside.append(by_key.get(cells["key"], new))
    mine = [
        {**cells, "key": cells["key"] or other["key"]}
        for cells, other in zip(typed, beside, strict=True)
    ]
    return mine + unclaimed, beside + unclaimed


def _window(series: Series, first: date) -> Interval:
    zone = zones.zone(series.zone)
    return Interval(walltime.midnight(first, zone), walltime.midnight(first + SPAN, zone))


def _of_series(
    series: Series, events: Sequence[Event], first: date, now: datetime
) -> list[GridRow]:
    """Return the rows of these events, which meet the window, and of dates without an event."""
    last = first + SPAN
    start = _window(series, first).start
    rows = [event_row(event, now) for event in events]
    skipped = {gap.date: gap.reason for gap in series.gaps if first <= gap.date < last}
    own = {event.date for event in events}
    rows += [
        GridRow(key=day.isoformat(), day=day, starts_at=None, gap=True, reason=reason)
        for day, reason in skipped.items()
        if day not in own
    ]
    today = now.astimezone(zones.zone(series.zone)).date()
    rows += _unrecorded(series, first, min(last, today), rows, now)
    return sorted(rows, key=lambda row: (row.day, row.starts_at or start, row.key))


def _unrecorded(
    series: Series, first: date, until: date, rows: Sequence[GridRow], now: datetime
) -> list[GridRow]:
    """Return past dates of the rule without an event: a talk can still be added there."""
    if not series.kind.has_open_slots or until < first:
        return []
    zone = zones.zone(series.zone)
    taken = {row.key for row in rows} | {gap.date.isoformat() for gap in series.gaps}
    blank = [talk_cells.texts(Talk())]
    return [
        GridRow(
            key=slot.date.isoformat(),
            day=slot.date,
            starts_at=walltime.instant(slot.starts, zone),
            status="unrecorded",
            cells=[dict(each) for each in blank],
            seen=series.revision,
            mark=talk_cells.mark(blank),
        )
        for slot in recurrence.occurrences(series.timetable, first, until)
        if slot.date.isoformat() not in taken and walltime.instant(slot.starts, zone) <= now
    ]
