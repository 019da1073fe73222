"""What is wrong with a form of a host's page, by the form's own fields and in its words."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.refusals import Invalid

FORM = ""
"""The field of an error that belongs to no field."""

_WORDS: Mapping[str, str] = {
    "missing": "Please fill this in.",
    "string_too_short": "Please fill this in.",
    "int_parsing": "Please write a whole number.",
    "int_from_float": "Please write a whole number.",
    "int_type": "Please write a whole number.",
    "date_from_datetime_parsing": "Please choose a date.",
    "date_parsing": "Please choose a date.",
    "date_type": "Please choose a date.",
    "literal_error": "Please choose one of these.",
}


# What documents say of their keys, which no form shows.
_SAID: Mapping[str, str] = {"`to` lies before `from`": "The last day lies before the first."}
_Field = Callable[[tuple[str, ...]], str]


def _placed(places: Mapping[str, str]) -> _Field:
    """Return how to find the field of a place: by the longest beginning that is in `places`.

    All others are of the field `places[FORM]`, or of none.
    """

    def field(place: tuple[str, ...]) -> str:
        for end in range(len(place), 0, -1):
            if ".".join(place[:end]) in places:
                return places[".".join(place[:end])]
        return places.get(FORM, FORM)

    return field


@contextmanager
def refusing(places: Mapping[str, str]) -> Iterator[None]:
    """Turn the refusal of a document inside of the block into Invalid, by the form's fields.

    `places` are the fields for places in the document ("horizon.days").
    """
    try:
        yield
    except ValidationError as error:
        raise _invalid(error, _placed(places)) from None


def _invalid(error: ValidationError, field: _Field) -> Invalid:
    errors: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_input=False):
        place = tuple(str(part) for part in fault["loc"])
        errors.setdefault(field(place), _words(fault))
    return Invalid(errors)


def _words(fault: ErrorDetails) -> str:
    limits = fault.get("ctx", {})
    match fault["type"]:
        case "greater_than_equal":
            return f"Please write {limits['ge']} or more."
        case "less_than_equal":
            return f"Please write at most {limits['le']}."
        case "string_too_long":
            return f"Please use at most {limits['max_length']} characters."
        case "too_long":
            return f"No more than {limits['max_length']} of these are kept."
    said = fault["msg"].removeprefix("Value error, ")
    return _WORDS.get(fault["type"]) or _SAID.get(said) or _sentence(said)


def _sentence(words: str) -> str:
    """Return a refusal that a document puts into words for a file as a sentence for a form."""
    said = f"This {words}" if words.startswith("must") else words[:1].upper() + words[1:]
    return said if said.endswith((".", "?")) else f"{said}."
