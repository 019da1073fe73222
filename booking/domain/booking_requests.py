"""What a guest asks for when booking: parsed from a form or the API, checked by office hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from booking.domain.minutes import Duration
from booking.domain.office_hours import OfficeHours
from booking.domain.questions import Question, QuestionKind
from core.fields import (
    Email,
    IsoInstant,
    LongText,
    Name,
    Schema,
    ShortText,
    Url,
    ZoneName,
    errors_by_field,
    validate,
    with_scheme,
)
from core.refusals import Invalid
from core.web_domains import has_web_address
from scheduler.domain.interval import Interval

ANSWERS = "answers"
NO_LINKS = "must be a name, without web addresses"

_KINDS: Mapping[QuestionKind, TypeAdapter[str]] = {
    QuestionKind.TEXT: TypeAdapter(ShortText),
    QuestionKind.LONG: TypeAdapter(LongText),
    QuestionKind.URL: TypeAdapter(Url),
}


class BookingRequest(Schema):
    """A start that a guest asks for; without `minutes` it has the first length."""

    starts_at: IsoInstant
    minutes: Duration | None = None
    name: Name
    email: Email
    zone: ZoneName
    answers: Annotated[dict[ShortText, LongText], Field(max_length=50)] = {}


@dataclass(frozen=True, slots=True)
class AcceptedRequest:
    """A request that the office hours accept if the start is free: with its length and answers."""

    start: Interval
    name: str
    email: str
    zone: str
    answers: Mapping[str, str] = field(hash=False)


class MoveSchema(Schema):
    """Another start for a booking."""

    starts_at: IsoInstant


class ResendSchema(Schema):
    """The address whose bookings are to be sent again."""

    email: Email


class ReasonSchema(Schema):
    """Why a booking is cancelled or declined."""

    reason: ShortText | None = None


def parse(body: Mapping[str, object]) -> BookingRequest:
    """Return the request that the API's object writes; raise Invalid with errors by field."""
    try:
        return validate(BookingRequest, body)
    except Invalid as refusal:
        raise Invalid(_folded(refusal.errors)) from None


def parse_form(form: Mapping[str, str], questions: Sequence[Question]) -> BookingRequest:
    """Return the request that a posted form writes, with the answers in `answer-1` and so on.

    Raises Invalid with errors by field.
    """
    body: dict[str, object] = {
        name: form[name]
        for name in ("starts_at", "minutes", "name", "email", "zone")
        if form.get(name, "").strip()
    }
    inputs = {question.label: answer_field(number) for number, question in enumerate(questions, 1)}
    body[ANSWERS] = {
        question.label: with_scheme(text) if question.kind is QuestionKind.URL else text
        for question in questions
        if (text := form.get(inputs[question.label], "").strip())
    }
    try:
        return validate(BookingRequest, body)
    except Invalid as refusal:
        names = {f"{ANSWERS}.{label}": name for label, name in inputs.items()}
        errors = {names.get(path, path): text for path, text in refusal.errors.items()}
        raise Invalid(_folded(errors)) from None


def parse_move(body: Mapping[str, object]) -> datetime:
    """Return the start that a booking is to be moved to; raise Invalid with errors by field."""
    return validate(MoveSchema, body).starts_at


def parse_reason(body: Mapping[str, object]) -> str | None:
    """Return why a booking is cancelled or declined, None without a reason; raise Invalid."""
    return validate(ReasonSchema, body).reason or None


def answer_field(number: int) -> str:
    """Return the name of the form's field for the question of this number, counted from 1."""
    return f"answer-{number}"


def api_errors(errors: Mapping[str, str], questions: Sequence[Question]) -> dict[str, str]:
    """Return the errors of `accept` by the API's fields: those of answers under `answers`."""
    labels = {answer_field(number): each.label for number, each in enumerate(questions, 1)}
    folded = {name: text for name, text in errors.items() if name not in labels}
    answers = [f"{labels[name]}: {text}" for name, text in errors.items() if name in labels]
    if answers:
        folded[ANSWERS] = "; ".join(answers)
    return folded


def accept(request: BookingRequest, office_hours: OfficeHours, now: datetime) -> AcceptedRequest:
    """Return the request with its length and answers as they will be stored.

    Raises Invalid with errors by the form's fields for what these office hours never accept; does
    not check whether the start is free.
    """
    errors: dict[str, str] = {}
    duration = request.minutes or office_hours.minutes[0]
    if request.starts_at <= now:
        errors["starts_at"] = "has passed: please choose another start"
    if duration not in office_hours.minutes:
        errors["minutes"] = "is not one of the lengths to choose from"
    if has_web_address(request.name):
        errors["name"] = NO_LINKS
    answers = _accepted_answers(request.answers, office_hours.questions, errors)
    if errors:
        raise Invalid(errors)
    start = Interval(request.starts_at, request.starts_at + duration)
    return AcceptedRequest(start, request.name, request.email, request.zone, answers)


def _accepted_answers(
    given: Mapping[str, str], questions: Sequence[Question], errors: dict[str, str]
) -> dict[str, str]:
    """Return the answers in the order of the questions; add to `errors` what is wrong."""
    answers: dict[str, str] = {}
    unknown = given.keys() - {question.label for question in questions}
    if unknown:
        errors[ANSWERS] = f"there is no question {min(unknown)!r}"
    for number, question in enumerate(questions, 1):
        text = given.get(question.label, "").strip()
        if not text:
            if question.required:
                errors[answer_field(number)] = "needs an answer"
        elif (wrong := _wrong(question, text)) is not None:
            errors[answer_field(number)] = wrong
        else:
            answers[question.label] = text
    return answers


def _wrong(question: Question, text: str) -> str | None:
    """Return what is wrong with an answer, None if nothing is."""
    if question.kind is QuestionKind.CHOICE:
        return None if text in question.choices else "must be one of the choices"
    try:
        _KINDS[question.kind].validate_python(text)
    except ValidationError as error:
        return next(iter(errors_by_field(error).values()))
    return None


def _folded(errors: Mapping[str, str]) -> dict[str, str]:
    """Return errors by the fields of the request itself: none is deeper than `answers`."""
    folded: dict[str, str] = {}
    for name, text in errors.items():
        folded.setdefault(name.partition(".")[0], text)
    return folded
