"""The addresses and forms of the booking pages as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from booking.domain import booking_requests
from booking.domain.minutes import Duration
from booking.domain.questions import Question, QuestionKind
from core import zones
from core.fields import IsoDate, IsoInstant, ZoneName
from core.refusals import Invalid

NONCE = "nonce"
"""The hidden field that makes a form sent twice one booking."""

SHOWN_ZONE = "shown_zone"
"""The hidden field with the zone of the times in the form."""

KINDS = {
    QuestionKind.TEXT: "text",
    QuestionKind.LONG: "textarea",
    QuestionKind.CHOICE: "select",
    QuestionKind.URL: "url",
}

T = TypeVar("T")
_AT: TypeAdapter[datetime] = TypeAdapter(IsoInstant)
_DAY: TypeAdapter[date] = TypeAdapter(IsoDate)
_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)
_ZONE: TypeAdapter[str] = TypeAdapter(ZoneName)


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """Which free starts a page shows; None where nothing valid was given."""

    zone: str | None = None
    duration: timedelta | None = None
    month: date | None = None
    day: date | None = None
    starts_at: datetime | None = None

    @property
    def is_begun(self) -> bool:
        """Whether the guest has chosen something."""
        return any(each is not None for each in (self.month, self.day, self.starts_at))


@dataclass(frozen=True, slots=True)
class AnswerField:
    """The input of a question; `kind` is one of those in parts/forms.html."""

    name: str
    label: str
    kind: str
    options: tuple[tuple[str, str], ...]
    required: bool


def parse_slot_query(query: Mapping[str, str]) -> SlotQuery:
    """Return which starts the query of an address, or a form, asks for."""
    month = query.get("month")
    return SlotQuery(
        zone=_read(_ZONE, query.get("zone")),
        duration=_read(_DURATION, query.get("minutes")),
        month=_read(_DAY, month and f"{month}-01"),
        day=_read(_DAY, query.get("day")),
        starts_at=_read(_AT, query.get("starts_at")),
    )


def check_zone(form: Mapping[str, str]) -> None:
    """Raise Invalid if the guest chose another zone than the one the form shows the time in."""
    shown, chosen = form.get(SHOWN_ZONE), _read(_ZONE, form.get("zone"))
    if shown and chosen and chosen != shown:
        city = zones.city(chosen)
        raise Invalid({"zone": f"The time is now shown in {city}. Please check it and book."})


def answer_fields(questions: Sequence[Question]) -> list[AnswerField]:
    """Return the inputs for the answers."""
    return [
        AnswerField(
            booking_requests.answer_field(number),
            question.label,
            KINDS[question.kind],
            (("", "Please choose"), *((choice, choice) for choice in question.choices)),
            question.required,
        )
        for number, question in enumerate(questions, 1)
    ]


def _read(adapter: TypeAdapter[T], text: str | None) -> T | None:
    try:
        return adapter.validate_python(text) if text else None
    except ValidationError:
        return None
