"""What the address and the forms of the booking pages say, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from booking import requests
from booking.documents import Lasts
from booking.domain.hosts import Question, QuestionKind
from core.documents import At, Day, ZoneName

NONCE = "nonce"
"""The hidden field that makes a form sent twice one booking."""

KINDS = {
    QuestionKind.TEXT: "text",
    QuestionKind.LONG: "textarea",
    QuestionKind.CHOICE: "select",
    QuestionKind.URL: "url",
}

T = TypeVar("T")
_AT: TypeAdapter[datetime] = TypeAdapter(At)
_DAY: TypeAdapter[date] = TypeAdapter(Day)
_LASTS: TypeAdapter[int] = TypeAdapter(Lasts)
_ZONE: TypeAdapter[str] = TypeAdapter(ZoneName)


@dataclass(frozen=True, slots=True)
class Choice:
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


def parse_choice(query: Mapping[str, str]) -> Choice:
    """Return what the query of an address, or a form, asks to be shown."""
    minutes = _read(_LASTS, query.get("minutes"))
    month = query.get("month")
    return Choice(
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
            requests.answer_field(number),
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
