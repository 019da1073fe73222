"""The form of office hours: its texts, and the value that was typed."""

from datetime import timedelta
from typing import Any

from booking.domain.minutes import in_minutes
from booking.domain.office_hours import OfficeHours, OfficeHoursSchema, Visibility
from booking.domain.questions import MOST_QUESTIONS
from booking.web.manage.host_forms import slug_of, split
from core.http import forms
from core.http.forms import FormData, Texts
from core.refusals import Invalid

SPARE_QUESTIONS = 2
UNITS = {"days": 24 * 60, "hours": 60, "minutes": 1}
WITH_UNIT = ("notice", "change_until", "pending_minutes")
"""The fields whose length is typed as a number and a unit."""

_BOOKED_BY = {
    Visibility.PUBLIC: "",
    Visibility.UNLISTED: "for those who have the address",
    Visibility.MEMBERS: "for those who are signed in",
}


def shown(office_hours: OfficeHoursSchema) -> Texts:
    """Return the texts of the form for office hours."""
    values = forms.texts(office_hours)
    for name, text in values.items():
        if isinstance(text, list):
            values[name] = (", " if name == "minutes" else "\n").join(text)
    for name in WITH_UNIT:
        values |= _with_unit(name, getattr(office_hours, name))
    return {**values, "horizon.kind": office_hours.horizon.kind}


def blank() -> Texts:
    """Return the texts of the form for new office hours: the defaults."""
    return shown(OfficeHoursSchema.model_construct(slug="", title=""))


def summary(office_hours: OfficeHours) -> str:
    """Return what a host's list says of office hours: "closed, 30 or 60 minutes"."""
    lengths = " or ".join(str(in_minutes(each)) for each in office_hours.minutes)
    said = [f"{lengths} minutes", _BOOKED_BY[office_hours.visibility]]
    if office_hours.closed:
        said.insert(0, "closed")
    if office_hours.approval:
        said.append("you approve each booking")
    return ", ".join(each for each in said if each)


def question_positions(values: Texts) -> range:
    """Return the positions of the questions that the form has room for, some of them spare."""
    asked = [
        position + 1
        for position in forms.positions(values, "questions")
        if values.get(f"questions.{position}.label") or values.get(f"questions.{position}.choices")
    ]
    return range(min(max(asked, default=0) + SPARE_QUESTIONS, MOST_QUESTIONS))


def parse(form: FormData, known: OfficeHours | None) -> OfficeHoursSchema:
    """Return the office hours that were typed; raise Invalid with errors by input.

    `known` are those that are changed. New ones may have no slug, then the title makes one.
    """
    slug = known.slug if known else form.get("slug", "").strip()
    try:
        return forms.parse(
            OfficeHoursSchema,
            form,
            base=known,
            slug=slug or slug_of(form.get("title", "")),
            minutes=split(form.get("minutes", "")),
            **_typed_lengths(form),
        )
    except Invalid as refusal:
        errors = dict(refusal.errors)
        if "title" in errors and not slug:
            errors.pop("slug", None)  # a title would have made one
        raise Invalid(errors) from None


def _typed_lengths(form: FormData) -> dict[str, Any]:  # mypy takes `object` for `under`
    """Return the lengths that the form has an input for."""
    return {name: _typed_length(form, name) for name in WITH_UNIT if name in form}


def _typed_length(form: FormData, name: str) -> object:
    """Return a length in minutes, or the text if it is not a number."""
    text = form.get(name, "").strip() or "0"
    unit = UNITS.get(form.get(f"{name}_unit", ""), 1)
    return int(text) * unit if text.isascii() and text.isdecimal() and len(text) < 8 else text


def _with_unit(name: str, length: timedelta) -> Texts:
    """Return a length by the largest unit that divides it; a day is 24 hours here."""
    minutes = in_minutes(length)
    unit = next((unit for unit, size in UNITS.items() if minutes % size == 0), "minutes")
    if minutes in (0, UNITS["days"]):  # "24 hours" is plainer than "1 day" for a deadline
        unit = "hours"
    return {name: str(minutes // UNITS[unit]), f"{name}_unit": unit}
