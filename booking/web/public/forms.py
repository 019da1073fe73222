"""What the address and the forms of the booking pages say, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from booking import booking_requests
from booking.domain.hosts import Question, QuestionKind
from booking.schemas import DurationMinutes
from core.fields import IsoDate, IsoInstant, ZoneName

NONCE = "nonce"
"""The hidden field that makes a form sent twice one booking."""

KINDS = {
    QuestionKind.TEXT: "text",
    QuestionKind.LONG: "textarea",
    QuestionKind.CHOICE: "select",
    QuestionKind.URL: "url",
}

T = TypeVar("T")
_AT: TypeAdapter[datetime] = TypeAdapter(IsoInstant)
_DAY: TypeAdapter[date] = TypeAdapter(IsoDate)
_LASTS: TypeAdapter[int] = TypeAdapter(DurationMinutes)
_ZONE: TypeAdapter[str] = TypeAdapter(ZoneName)


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """What a page of free starts is asked to show; None for what was not asked, or is nonsense."""

    zone: str | None = None
    lasts: timedelta | None = None
    month: date | None = None
    day: date | None = None
    starts_at: datetime | None = None

    @property
    def is_begun(self) -> bool:
        """Whether somebody has begun to choose."""
        return any(each is not None for each in (self.month, self.day, self.starts_at))


@dataclass(frozen=True, slots=True)
class AnswerField:
    """The field of a question: its kind as parts/forms.html names it, what it offers."""

    name: str
    label: str
    kind: str
    options: tuple[tuple[str, str], ...]
    required: bool


def parse_slot_query(query: Mapping[str, str]) -> SlotQuery:
    """Return what the query of an address, or a form, asks to be shown."""
    minutes = _read(_LASTS, query.get("minutes"))
    month = query.get("month")
    return SlotQuery(
        zone=_read(_ZONE, query.get("zone")),
        lasts=None if minutes is None else timedelta(minutes=minutes),
        month=_read(_DAY, month and f"{month}-01"),
        day=_read(_DAY, query.get("day")),
        starts_at=_read(_AT, query.get("starts_at")),
    )


def answer_fields(questions: Sequence[Question]) -> list[AnswerField]:
    """Return the fields in which the questions are answered."""
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


def sentences(errors: Mapping[str, str]) -> dict[str, str]:
    """Return the errors so that each can stand alone below its field: "This is needed."."""
    return {name: f"This {text}" if text[:1].islower() else text for name, text in errors.items()}


def _read(adapter: TypeAdapter[T], text: str | None) -> T | None:
    try:
        return adapter.validate_python(text) if text else None
    except ValidationError:
        return None
