"""Forms of the organizer: texts of the inputs, and the schemas that read what was posted."""

import datetime as dt
import hashlib
from dataclasses import asdict
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator
from werkzeug.datastructures import MultiDict

from core.fields import IsoDate, Schema, ShortText
from core.http import forms
from core.http.forms import FormData, Texts
from scheduler.domain import walltime
from scheduler.domain.events import Event, Gap, Series
from scheduler.schemas import EventSchema, PeriodSchema, SeriesSchema
from scheduler.web.manage import talk_cells
from scheduler.web.manage.grid import GridRow
from scheduler.web.manage.talk_cells import EventCells

SPARE_PERIODS = 1


def _time(text: object) -> object:
    try:
        hour, minute = str(text).split(":")
        return dt.time(int(hour), int(minute))
    except ValueError:
        raise ValueError("must be a time such as 15:00") from None


class StartInputs(Schema):
    """A wall start in two inputs."""

    date: IsoDate
    time: Annotated[dt.time, BeforeValidator(_time)]

    @property
    def wall(self) -> dt.datetime:
        """The naive wall start."""
        return dt.datetime.combine(self.date, self.time)


class Reason(Schema):
    """Why an event is cancelled."""

    reason: ShortText | None = None


class StartForm(Schema):
    """The start of an extra event."""

    starts: StartInputs


class Move(StartForm, Reason):
    """Where an event is moved, and why."""


class MoveForm(Schema):
    """The form that moves an event."""

    move: Move


class CancelForm(Schema):
    """The form that cancels an event."""

    cancel: Reason = Reason()


class SkipForm(Schema):
    """The form that skips a date."""

    skip: Gap


def first_date(text: str | None, today: dt.date) -> dt.date:
    """Return the date at which the grid begins: `text` if it is one, else today."""
    try:
        first = dt.date.fromisoformat(text or "")
    except ValueError:
        return today
    return first if 1900 <= first.year <= 2200 else today


def event_texts(row: GridRow, zone: ZoneInfo) -> Texts:
    """Return the texts of the forms of one event as they stand before anybody types."""
    starts = walltime.wall(row.starts_at, zone) if row.starts_at else None
    return {
        **talk_cells.inputs(row.cells),
        **talk_cells.details_texts(row.details),
        "number": "" if row.number is None else str(row.number),
        "status": "tentative" if row.status == "tentative" else "scheduled",
        "move.starts.date": f"{starts:%Y-%m-%d}" if starts else "",
        "move.starts.time": f"{starts:%H:%M}" if starts else "",
        "skip.reason": row.reason or "" if row.gap else "",
    }


def seen(form: FormData) -> int:
    """Return the SEQUENCE that the page showed; -1, which no event has, if the form lost it."""
    text = form.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def shown(texts: Texts) -> str:
    """Return a digest of the texts of a form, to see whether they changed meanwhile."""
    return hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()[:16]


def details(form: FormData, row: GridRow) -> EventSchema:
    """Return the talks, details, number and status that the form writes; raise Invalid."""
    return forms.parse(EventCells, form).event(row.talks)


def move(form: FormData) -> EventSchema:
    """Return the new wall start and the reason; raise Invalid."""
    typed = forms.parse(MoveForm, form).move
    return EventSchema(starts=typed.starts.wall, reason=typed.reason)


def cancel_reason(form: FormData) -> str | None:
    """Return the reason, None if none was typed; raise Invalid."""
    return forms.parse(CancelForm, form).cancel.reason


def gap(form: FormData, day: dt.date) -> Gap:
    """Return the skipped date; raise Invalid."""
    return forms.parse(SkipForm, MultiDict({**form, "skip.date": day.isoformat()})).skip


def next_texts(last: Event) -> Texts:
    """Return the texts of the form of an extra event that follows the numbered event `last`."""
    return {
        "starts.time": f"{last.starts:%H:%M}" if last.starts and not last.all_day else "",
        "minutes": "" if last.all_day else str(last.minutes),
        "number": "" if last.number is None else str(last.number + 1),
    }


def same_date_texts(event: Event) -> Texts:
    """Return the texts of the form of an extra event on the date and at the hour of `event`."""
    starts = {"starts.date": f"{event.starts:%Y-%m-%d}"} if event.starts else {}
    return {**next_texts(event), **starts, "number": ""}


def new_event(form: FormData) -> EventSchema:
    """Return the extra event that the form writes; raise Invalid."""
    starts = forms.parse(StartForm, form).starts.wall
    return forms.parse(EventCells, form, starts=starts).event(())


def series_texts(series: Series) -> Texts:
    """Return the texts of the settings form as they stand before anybody types."""
    fields: dict[str, Any] = {  # each of the type of its field
        name: getattr(series, name) for name in SeriesSchema.model_fields if hasattr(series, name)
    }
    fields["timetable"] = tuple(
        PeriodSchema.model_construct(**asdict(each)) for each in series.timetable.periods
    )
    return forms.texts(SeriesSchema.model_construct(**fields))


def series(form: FormData, slug: str) -> SeriesSchema:
    """Return the series that the form writes, its timetable whole; raise Invalid."""
    return forms.parse(SeriesSchema, without_blank_periods(form), slug=slug)


def without_blank_periods(form: FormData) -> FormData:
    """Return the form without the lines of the timetable that have no start."""
    blank = {
        f"timetable.{position}"
        for position in forms.positions(form, "timetable")
        if not form.get(f"timetable.{position}.starts", "").strip()
    }
    return MultiDict(
        (name, value)
        for name, value in form.items(multi=True)
        if ".".join(name.split(".")[:2]) not in blank
    )
