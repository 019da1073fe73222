"""The form of an office hour: what it shows of one, and a document from what was typed."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from werkzeug.datastructures import MultiDict

from booking.domain.horizon import AvailableDays, BusinessDays, DateRange, Days
from booking.domain.hosts import OfficeHours, Question, Visibility
from booking.schemas import OfficeHoursSchema
from booking.web.manage import form_errors
from booking.web.manage.hours_lines import Values
from core.refusals import Invalid

Form = MultiDict[str, str]

LENGTHS = "minutes"
SPARE_QUESTIONS = 2
MOST_QUESTIONS = 20
UNITS = {"days": 24 * 60, "hours": 60, "minutes": 1}
CHECKED = "1"
_SEEN_BY = {
    Visibility.PUBLIC: "",
    Visibility.UNLISTED: "for those who have the address",
    Visibility.MEMBERS: "for those who are signed in",
}
_MINUTE = timedelta(minutes=1)
_NO_CHOICES = "Please write the answers to choose from, one a line."
_USELESS_CHOICES = "Only a question answered by one of these has answers to choose from."
_NUMBERS = ("interval", "buffer_before", "buffer_after")
_PLACES: Mapping[str, str] = {
    **{name: name for name in ("slug", "title", "description", LENGTHS, *_NUMBERS)},
    **{name: name for name in ("notice", "change_until", "visibility")},
    **{f"limits.{name}": name for name in ("per_day", "per_week", "per_guest_open")},
    "horizon.days": "horizon_days",
    "horizon.business_days": "horizon_business_days",
    "horizon.available_days": "horizon_available_days",
    "horizon.from": "horizon_from",
    "horizon.to": "horizon_to",
    "horizon": "horizon_to",
}


def shown(office_hours: OfficeHours) -> Values:
    """Return how the form shows an office hour."""
    offer = office_hours.rules
    return {
        "title": office_hours.title,
        "description": office_hours.description,
        LENGTHS: ", ".join(_minutes(each) for each in offer.lengths),
        "interval": "" if offer.interval is None else _minutes(offer.interval),
        "buffer_before": _minutes(offer.buffer_before),
        "buffer_after": _minutes(offer.buffer_after),
        **_with_unit("notice", offer.notice),
        **_with_unit("change_until", office_hours.change_until),
        **_horizon(office_hours),
        "per_day": _count(offer.limits.per_day),
        "per_week": _count(offer.limits.per_week),
        "per_guest_open": _count(office_hours.per_guest_open),
        "approval": CHECKED if office_hours.approval else "",
        "pending_blocks": CHECKED if office_hours.pending_blocks else "",
        "visibility": office_hours.visibility,
        **dict(_questions_shown(office_hours.questions)),
    }


def blank() -> Values:
    """Return how the form shows an office hour that is not made yet: the defaults."""
    made = OfficeHoursSchema(slug="new", title="New")
    return {
        LENGTHS: ", ".join(str(each) for each in made.minutes),
        "buffer_before": str(made.buffer_before),
        "buffer_after": str(made.buffer_after),
        **_with_unit("notice", timedelta(minutes=made.notice)),
        **_with_unit("change_until", timedelta(minutes=made.change_until)),
        "horizon": "days",
        "horizon_days": _count(made.horizon.days),
        "per_guest_open": _count(made.limits.per_guest_open),
        "pending_blocks": CHECKED if made.pending_blocks else "",
        "visibility": made.visibility,
    }


def summary(office_hours: OfficeHours) -> str:
    """Return what hosts want to see of it in a list: "30 or 60 minutes, you approve each"."""
    lengths = [_minutes(each) for each in office_hours.rules.lengths]
    said = [f"{' or '.join(lengths)} minutes", _SEEN_BY[office_hours.visibility]]
    if office_hours.approval:
        said.append("you approve each booking")
    return ", ".join(each for each in said if each)


def question_numbers(values: Values) -> range:
    """Return the numbers of the questions that the form has room for, some of them spare."""
    asked = [number for number in range(1, MOST_QUESTIONS + 1) if values.get(f"q{number}_label")]
    return range(1, min(max(asked, default=0) + SPARE_QUESTIONS, MOST_QUESTIONS) + 1)


def parse(form: Form, slug: str | None) -> OfficeHoursSchema:
    """Return the office hour that was typed; raise Invalid with errors by field.

    `slug` is that of the one that is edited; a new one may do without, its title makes one.
    """
    numbers = [each for each in range(1, MOST_QUESTIONS + 1) if _is_asked(form, each)]
    errors: dict[str, str] = {}
    plain = {
        "slug": slug or _text(form, "slug") or slug_of(_text(form, "title")),
        "title": _text(form, "title"),
        "description": form.get("description", ""),
        LENGTHS: re.split(r"[\s,;]+", _text(form, LENGTHS).strip(" ,;")),
        "interval": _text(form, "interval") or None,
        "buffer_before": _text(form, "buffer_before") or "0",
        "buffer_after": _text(form, "buffer_after") or "0",
        "notice": _in_minutes(form, "notice", errors),
        "change_until": _in_minutes(form, "change_until", errors),
        "horizon": _typed_horizon(form),
        "limits": {
            name: _text(form, name) or None for name in ("per_day", "per_week", "per_guest_open")
        },
        "approval": bool(form.get("approval")),
        "pending_blocks": bool(form.get("pending_blocks")),
        "visibility": form.get("visibility", "public"),
        "questions": [_question(form, number, errors) for number in numbers],
    }
    try:
        with form_errors.refusing({**_PLACES, **_question_places(numbers)}):
            document = OfficeHoursSchema.model_validate(plain)
    except Invalid as refusal:
        found = {**refusal.errors, **errors}
        if "title" in found and not slug and not _text(form, "slug"):
            found.pop("slug", None)  # a title would have made one
        raise Invalid(found) from None
    if errors:
        raise Invalid(errors)
    return document


def body(document: OfficeHoursSchema) -> dict[str, object]:
    """Return the keys of the office hour that the form has."""
    return document.model_dump(mode="json", by_alias=True, include=document.model_fields_set)


def slug_of(title: str) -> str:
    """Return the end of an address made of a title: "Career chat!" gives "career-chat"."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("-")


def _horizon(office_hours: OfficeHours) -> Values:
    match office_hours.rules.horizon:
        case Days(count):
            return {"horizon": "days", "horizon_days": str(count)}
        case BusinessDays(count):
            return {"horizon": "business_days", "horizon_business_days": str(count)}
        case AvailableDays(count):
            return {"horizon": "available_days", "horizon_available_days": str(count)}
        case DateRange(first, last):
            return {
                "horizon": "range",
                "horizon_from": first.isoformat(),
                "horizon_to": last.isoformat(),
            }


def _typed_horizon(form: Form) -> Mapping[str, str]:
    way = form.get("horizon", "days")
    if way == "range":
        return {"from": _text(form, "horizon_from"), "to": _text(form, "horizon_to")}
    return {way: _text(form, f"horizon_{way}")}


def _questions_shown(questions: Sequence[Question]) -> Iterator[tuple[str, str]]:
    for number, question in enumerate(questions, 1):
        yield f"q{number}_label", question.label
        yield f"q{number}_kind", question.kind
        yield f"q{number}_choices", "\n".join(question.choices)
        yield f"q{number}_required", CHECKED if question.required else ""


def _is_asked(form: Form, number: int) -> bool:
    return bool(_text(form, f"q{number}_label") or _text(form, f"q{number}_choices"))


def _question(form: Form, number: int, errors: dict[str, str]) -> Mapping[str, object]:
    kind = form.get(f"q{number}_kind", "text")
    lines = form.get(f"q{number}_choices", "").splitlines()
    choices = [line.strip() for line in lines if line.strip()]
    if (kind == "choice") != bool(choices):
        errors[f"q{number}_choices"] = _NO_CHOICES if kind == "choice" else _USELESS_CHOICES
        kind, choices = "text", []  # said already
    return {
        "label": _text(form, f"q{number}_label"),
        "kind": kind,
        "choices": choices,
        "required": bool(form.get(f"q{number}_required")),
    }


def _question_places(numbers: Sequence[int]) -> Mapping[str, str]:
    places = {}
    for index, number in enumerate(numbers):
        for name in ("kind", "choices", "required"):
            places[f"questions.{index}.{name}"] = f"q{number}_{name}"
        places[f"questions.{index}"] = f"q{number}_label"
    return places


def _in_minutes(form: Form, name: str, errors: dict[str, str]) -> int:
    text = _text(form, name) or "0"
    if not re.fullmatch(r"[0-9]{1,7}", text):
        errors[name] = "Please write a whole number."
        return 0
    return int(text) * UNITS.get(form.get(f"{name}_unit", ""), 1)


def _with_unit(name: str, length: timedelta) -> Values:
    """Return a length by the largest unit that counts it whole; a day is 24 hours here."""
    minutes = length // _MINUTE
    unit = next((unit for unit, size in UNITS.items() if minutes % size == 0), "minutes")
    if minutes in (0, UNITS["days"]):  # "24 hours" is plainer than "1 day" for what ends at a time
        unit = "hours"
    return {name: str(minutes // UNITS[unit]), f"{name}_unit": unit}


def _minutes(length: timedelta) -> str:
    return str(length // _MINUTE)


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _text(form: Form, name: str) -> str:
    return form.get(name, "").strip()
