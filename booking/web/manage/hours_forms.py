"""The forms by which hosts change their hours and limits, and what their page shows of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from booking.domain import hours_words
from booking.domain.hosts import Host
from booking.domain.hours import DateHours, HoursLine, Opening, TimeOff, Travel, WeeklyHours
from booking.domain.office_hours import Limits
from core.http import forms
from core.http.forms import CHECKED, FormData, Texts
from core.refusals import Invalid
from core.time_format import HourClock

LINES: Mapping[str, type[HoursLine]] = MappingProxyType(
    {"weekly": WeeklyHours, "dates": DateHours, "time_off": TimeOff, "travel": Travel}
)
"""The fields of a host that are lists of lines, each of which has a form."""

ROOM = 4
"""How many windows of a date the form has room for at first."""

_RHYTHMS = {
    "1": "every week",
    "2": "every second week",
    "3": "every third week",
    "4": "every fourth week",
}
_SAVED: Mapping[str, str] = {
    "weekly": "Your weekly hours are saved.",
    "dates": "Your date is saved.",
    "time_off": "Your time off is saved.",
    "travel": "Your travel is saved: on its dates your hours are in the time zone of that place.",
}
_REMOVED: Mapping[str, str] = {
    "weekly": "These hours are removed. Existing bookings stay.",
    "dates": "Your weekly hours apply again on this date.",
    "time_off": "This time off is removed.",
    "travel": "This travel is removed.",
}


@dataclass(frozen=True, slots=True)
class HoursChange:
    """The fields of a host to replace, and the message when that is done."""

    fields: Mapping[str, object]
    message: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a host's hours on the page; `key` names it in forms."""

    key: str
    words: str


def parse(form: FormData, host: Host, clock: HourClock) -> HoursChange:
    """Return the change that the form's `change` asks for; raise Invalid with errors by input."""
    action = form.get("change", "")
    kind = action.removeprefix("remove-")
    if action in LINES:
        return _save(action, form, host, clock)
    if kind in LINES:
        return HoursChange({kind: _others(host, kind, form.get("key", ""))}, _REMOVED[kind])
    if action not in _OTHERS:
        raise Invalid({"": "Please use one of the forms on this page."})
    return _OTHERS[action](form)


def lines(host: Host, today: date, clock: HourClock) -> dict[str, list[ShownLine]]:
    """Return the lines of each kind that are not over, in the order in which they are read."""
    return {
        kind: [
            ShownLine(each.key, hours_words.line(each, today, clock))
            for each in sorted(getattr(host, kind), key=_order)
            if not each.is_over(today)
        ]
        for kind in LINES
    }


def shown(host: Host, kind: str, key: str) -> Texts:
    """Return the texts of the form that changes a line; none if there is no such line."""
    found = [each for each in getattr(host, kind, ()) if each.key == key] if kind in LINES else []
    if not found:
        return {}
    # An input for times shows the midnight that ends a day as 00:00.
    values = {
        name: "00:00" if text == "24:00" else text
        for name, text in forms.texts(found[0], under=kind).items()
    }
    closed = isinstance(found[0], DateHours) and not found[0].windows
    return {**values, "dates.closed": CHECKED if closed else "", "replaces": key}


def windows(values: Texts) -> range:
    """Return the positions of the windows of a date that the form has room for."""
    return range(max([ROOM, *(each + 1 for each in forms.positions(values, "dates.windows"))]))


def rhythms(values: Texts) -> list[tuple[str, str]]:
    """Return how often weekly hours may repeat, including how often they do now."""
    now = values.get("weekly.every", "")
    if not isinstance(now, str) or now in _RHYTHMS or not now.isdecimal():
        return list(_RHYTHMS.items())
    return [*_RHYTHMS.items(), (now, f"every {now} weeks")]


def _save(kind: str, form: FormData, host: Host, clock: HourClock) -> HoursChange:
    """Return the change that puts the line of the form in the place of the one it replaces."""
    new: HoursLine
    if kind == "time_off":
        last = form.get("time_off.to") or form.get("time_off.from", "")
        one_day = forms.parse(TimeOff, form, under=kind, to=last) if last else None
        new = one_day or forms.parse(TimeOff, form, under=kind)
    else:
        new = forms.parse(LINES[kind], form, under=kind)
    if isinstance(new, DateHours):
        _require_open_or_closed(new, closed=CHECKED in form.getlist("dates.closed"))
    others = _others(host, kind, new.key, form.get("replaces", ""))
    return HoursChange({kind: (*others, new)}, f"{_SAVED[kind]}{_overnight(new, clock)}")


def _others(host: Host, kind: str, *keys: str) -> tuple[HoursLine, ...]:
    return tuple(each for each in getattr(host, kind) if each.key not in keys)


def _require_open_or_closed(hours: DateHours, *, closed: bool) -> None:
    if closed and hours.windows:
        words = "Closed all day, or open at these times? Please clear one of them."
        raise Invalid({"dates.closed": words})
    if not closed and not hours.windows:
        words = "Please choose a time, or say that you are closed all day."
        raise Invalid({"dates.windows.0.from": words})


def _overnight(new: HoursLine, clock: HourClock) -> str:
    """Return a sentence for each window that runs over midnight, which may be a slip."""
    openings: Sequence[Opening] = ()
    if isinstance(new, WeeklyHours):
        openings = [new]
    elif isinstance(new, DateHours):
        openings = new.windows
    return "".join(
        f" {each.opens.in_words(clock)} to {each.closes.in_words(clock)} runs over midnight, into "
        "the next day."
        for each in openings
        if each.is_overnight
    )


def _order(line: HoursLine) -> tuple[int, str]:
    if isinstance(line, WeeklyHours):
        return min(line.days), str(line.opens)
    return 0, line.key


def _limits(form: FormData) -> HoursChange:
    limits = forms.parse(Limits, form, under="limits")
    return HoursChange({"limits": limits}, "Your limits are saved.")


def _pause(form: FormData) -> HoursChange:
    message = "You are paused: nobody can book you. Existing bookings stay."
    return HoursChange({"paused": True}, message)


def _resume(form: FormData) -> HoursChange:
    return HoursChange({"paused": False}, "You can be booked again.")


_OTHERS: Mapping[str, Callable[[FormData], HoursChange]] = {
    "limits": _limits,
    "pause": _pause,
    "go-on": _resume,
}
