"""The forms by which hosts change their hours: text in, the keys of the host's document out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from booking.domain import hours_words
from booking.domain.hosts import Host
from booking.domain.timeofday import TimeOfDay
from booking.schemas import (
    DateHoursSchema,
    HostSchema,
    LimitsSchema,
    TimeOffSchema,
    TravelSchema,
    WeeklySchema,
    WindowSchema,
)
from booking.web.manage import form_errors, hours_lines, office_hours_forms
from booking.web.manage.form_errors import FORM
from booking.web.manage.hours_lines import DATES, TIME_OFF, TRAVEL, WEEKLY, Plain, Values
from core.refusals import Invalid

Form = MultiDict[str, str]

ROOM = 4
"""How many windows of a date the form has room for at first."""

MOST_WINDOWS = 24
_RHYTHMS = {
    "1": "every week",
    "2": "every second week",
    "3": "every third week",
    "4": "every fourth week",
}
MANY = ("days",)
"""The fields that a form may send several times."""


@dataclass(frozen=True, slots=True)
class HoursChange:
    """The keys of the host's document to replace, and what to say when that is done."""

    named: Plain
    said: str


def parse(form: Form, host: Host, today: date) -> HoursChange:
    """Return the change that the form's `change` asks for; raise Invalid with errors by field."""
    wanted = _CHANGES.get(form.get("change", ""))
    if wanted is None:
        raise Invalid({FORM: "Please use one of the forms on this page."})
    return wanted(form, host, today)


def typed(form: Form) -> Values:
    """Return what was typed, so that the page can show it again."""
    return {name: form.getlist(name) if name in MANY else form[name] for name in form}


def windows(values: Values) -> range:
    """Return the numbers of the windows of a date that the form has room for."""
    taken = [each for each in range(1, MOST_WINDOWS + 1) if values.get(f"date_from_{each}")]
    return range(1, max([ROOM, *taken]) + 1)


def rhythms(values: Values) -> list[tuple[str, str]]:
    """Return how often weekly hours may repeat, the way they do now among them."""
    now = values.get("every", "")
    if not isinstance(now, str) or now in ("", *_RHYTHMS) or not now.isdecimal():
        return list(_RHYTHMS.items())
    return [*_RHYTHMS.items(), (now, f"every {now} weeks")]


def _save_weekly(form: Form, host: Host, today: date) -> HoursChange:
    errors: dict[str, str] = {}
    opens = _time(form, "weekly_from", "Please choose when it begins.", errors)
    closes = _time(form, "weekly_to", "Please choose when it ends.", errors)
    since, every = form.get("since", "").strip(), form.get("every") or "1"
    if not form.getlist("days"):
        errors["days"] = "Please choose at least one day."
    if every != "1" and not since:
        errors["since"] = "Please choose a date in a week that is on."
    if errors:
        raise Invalid(errors)
    plain = {"days": sorted(set(form.getlist("days"))), "from": opens, "to": closes, "every": every}
    places = {"days": "days", "every": "every", "since": "since"}
    with form_errors.refusing(places):
        new = WeeklySchema.model_validate({**plain, "since": since or None})
    said = "Your weekly hours are saved." + _overnight([new])
    key = hours_lines.weekly_key(list(new.days), new.from_, new.to, new.every, since)
    return _saved(host, today, WEEKLY, new, (key, form.get("replaces", "")), said)


def _save_date(form: Form, host: Host, today: date) -> HoursChange:
    errors: dict[str, str] = {}
    windows = _windows(form, errors)
    closed = bool(form.get("closed"))
    if closed and windows:
        errors["closed"] = "Closed all day, or open at these times? Please clear one of them."
    if not closed and not windows:
        errors["date_from_1"] = "Please choose a time, or say that you are closed all day."
    if errors:
        raise Invalid(errors)
    with form_errors.refusing({"date": "date"}):
        new = DateHoursSchema.model_validate({"date": form.get("date", ""), "windows": windows})
    said = f"{hours_words.short_date(new.date)} is saved." + _overnight(new.windows)
    gone = (new.date.isoformat(), form.get("replaces", ""))
    return _saved(host, today, DATES, new, gone, said)


def _save_time_off(form: Form, host: Host, today: date) -> HoursChange:
    first = form.get("off_from", "").strip()
    plain = {
        "from": first,
        "to": form.get("off_to", "").strip() or first,
        "reason": form.get("reason", "").strip() or None,
    }
    places = {"from": "off_from", "to": "off_to", "reason": "reason", FORM: "off_to"}
    with form_errors.refusing(places):
        new = TimeOffSchema.model_validate(plain)
    said = "Your time off is saved. Bookings that lie in it stay: please look at them."
    gone = (new.from_.isoformat(), form.get("replaces", ""))
    return _saved(host, today, TIME_OFF, new, gone, said)


def _save_travel(form: Form, host: Host, today: date) -> HoursChange:
    plain = {
        "from": form.get("travel_from", "").strip(),
        "to": form.get("travel_to", "").strip() or None,
        "zone": form.get("travel_zone", ""),
    }
    places = {"from": "travel_from", "to": "travel_to", "zone": "travel_zone", FORM: "travel_to"}
    with form_errors.refusing(places):
        new = TravelSchema.model_validate(plain)
    said = "Your journey is saved: on its dates your hours follow the clock of that place."
    gone = (new.from_.isoformat(), form.get("replaces", ""))
    return _saved(host, today, TRAVEL, new, gone, said)


def _remove(kind: str, said: str) -> Callable[[Form, Host, date], HoursChange]:
    def remove(form: Form, host: Host, today: date) -> HoursChange:
        kept = _others(host, today, kind, (form.get("key", ""),))
        return HoursChange({kind: kept}, said)

    return remove


def _pause(form: Form, host: Host, today: date) -> HoursChange:
    said = "You are paused: nobody can book you. Bookings that were made stay."
    return HoursChange({"paused": True}, said)


def _go_on(form: Form, host: Host, today: date) -> HoursChange:
    return HoursChange({"paused": False}, "You can be booked again.")


def _save_limits(form: Form, host: Host, today: date) -> HoursChange:
    limits = {name: form.get(name, "").strip() or None for name in ("per_day", "per_week")}
    with form_errors.refusing({name: name for name in limits}):
        new = LimitsSchema.model_validate(limits)
    return HoursChange({"limits": new.model_dump(exclude_none=True)}, "Your limits are saved.")


def _saved(
    host: Host,
    today: date,
    kind: str,
    new: WeeklySchema | DateHoursSchema | TimeOffSchema | TravelSchema,
    gone: tuple[str, ...],
    said: str,
) -> HoursChange:
    """Return the change that puts `new` in the place of the lines that have the keys `gone`."""
    written = new.model_dump(mode="json", by_alias=True, exclude_none=True)
    return HoursChange({kind: [*_others(host, today, kind, gone), written]}, said)


def _others(host: Host, today: date, kind: str, gone: tuple[str, ...]) -> list[Plain]:
    return [
        entry.plain
        for entry in hours_lines.hours_lines(host.hours, today)[kind]
        if entry.key not in gone
    ]


def _windows(form: Form, errors: dict[str, str]) -> list[dict[str, str]]:
    """Return the windows of a date that were filled in, noting what is to be mended in them."""
    found = []
    for number in range(1, MOST_WINDOWS + 1):
        begins, ends = f"date_from_{number}", f"date_to_{number}"
        if form.get(begins, "").strip() or form.get(ends, "").strip():
            opens = _time(form, begins, "Please choose when it begins.", errors)
            closes = _time(form, ends, "Please choose when it ends.", errors)
            found.append({"from": opens, "to": closes})
    return found


def _time(form: Form, name: str, missing: str, errors: dict[str, str]) -> str:
    """Return a time of day in "HH:MM"; note in `errors` what is none."""
    text = form.get(name, "").strip()
    try:
        return str(TimeOfDay.parse(text[:5] if text[5:] == ":00" else text))
    except ValueError:
        errors[name] = "Please write a time such as 16:00." if text else missing
        return text


def _overnight(windows: Sequence[WindowSchema]) -> str:
    """Return what to say when a window runs over midnight, so that a slip is seen at once."""
    ends = [
        f"{window.from_} to {window.to} runs over midnight, into the next day."
        for window in windows
        if window.to <= window.from_ and window.to != "00:00"
    ]
    return "".join(f" {each}" for each in ends)


@dataclass(frozen=True, slots=True)
class NewHost:
    """What somebody says who becomes a host."""

    slug: str
    name: str
    zone: str


def parse_start(form: Form) -> NewHost:
    """Return the new host page that was typed; its name makes a slug. Raises Invalid."""
    name = form.get("name", "").strip()
    plain = {
        "slug": form.get("slug", "").strip() or office_hours_forms.slug_of(name),
        "name": name,
        "zone": form.get("zone", ""),
    }
    with form_errors.refusing({each: each for each in plain}):
        new = HostSchema.model_validate(plain)
    return NewHost(new.slug, new.name, new.zone)


def parse_about(form: Form) -> Plain:
    """Return what hosts say of themselves, as keys of their document; raise Invalid."""
    plain = {
        "name": form.get("name", "").strip(),
        "zone": form.get("zone", ""),
        "bio": form.get("bio", ""),
        "topics": _listed(form.get("topics", "")),
        "languages": _listed(form.get("languages", "")),
        "meeting_url": form.get("meeting_url", "").strip() or None,
        "share_email": bool(form.get("share_email")),
    }
    with form_errors.refusing({each: each for each in plain}):
        new = HostSchema.model_validate({"slug": "any", **plain})
    return new.model_dump(mode="json", include=set(plain))


def about(host: Host) -> Values:
    """Return how the form shows what hosts say of themselves."""
    return {
        "name": host.name,
        "zone": host.zone,
        "bio": host.bio,
        "topics": ", ".join(host.topics),
        "languages": ", ".join(host.languages),
        "meeting_url": host.meeting_url or "",
        "share_email": "1" if host.share_email else "",
    }


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


_CHANGES: Mapping[str, Callable[[Form, Host, date], HoursChange]] = {
    "weekly": _save_weekly,
    "date": _save_date,
    "time-off": _save_time_off,
    "travel": _save_travel,
    "remove-weekly": _remove(WEEKLY, "These hours are removed. Bookings that were made stay."),
    "remove-dates": _remove(DATES, "Your weekly hours count again on this date."),
    "remove-time_off": _remove(TIME_OFF, "This time off is removed."),
    "remove-travel": _remove(TRAVEL, "This journey is removed."),
    "pause": _pause,
    "go-on": _go_on,
    "limits": _save_limits,
}

KINDS: Mapping[str, str] = {
    "weekly": WEEKLY,
    "date": DATES,
    "time-off": TIME_OFF,
    "travel": TRAVEL,
    "limits": "limits",
}
"""The part of the page that a change which was refused belongs to."""
