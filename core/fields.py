"""Field types of schemas: forms, the API and files share their limits and error texts."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, ClassVar, TypeGuard, TypeVar, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from core import shapes, zones
from core.addresses import check_address
from core.blank import is_blank
from core.refusals import Invalid
from core.shapes import Step

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Control characters, halves of a character, Unicode line separators, and marks that change the
# direction of the text after them.
_UNFIT = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069"
UNFIT_FOR_PROSE = re.compile(f"[{_UNFIT}]")
UNFIT_FOR_LINE = re.compile(rf"[{_UNFIT}\t\n\r]")
UNFIT_FOR_URL = re.compile(rf"[{_UNFIT}\s]")
# A host name of two labels or more, then a port, a path or the end.
BARE_ADDRESS = re.compile(r"(?:\w(?:[\w-]*\w)?\.)+[^\W\d_]{2,63}(?::\d{1,5})?(?:[/?#]|$)")
TYPED = "typed"  # context of validation: a person typed the value into a form
CONTROL_NAMES = {"\0": "NULL", "\t": "TAB", "\n": "LINE BREAK", "\r": "LINE BREAK"}
_NUMBER = re.compile(r"\s*[-+]?[0-9]*\.?[0-9]*\s*")
_TWICE = "listed_twice"


class Schema(BaseModel):
    """Validated input; `model_fields_set` has the keys that the input contained.

    `not_yet` are keys of the contract that have no effect in this version and are refused by name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    not_yet: ClassVar[frozenset[str]] = frozenset()


D = TypeVar("D", bound=Schema)


def is_slug(value: object) -> TypeGuard[str]:
    """Whether the value is a slug, so that there may be a row of that name."""
    return isinstance(value, str) and len(value) <= 60 and SLUG.fullmatch(value) is not None


def _slug(text: str) -> str:
    if not is_slug(text):
        raise ValueError(
            "must be lower-case letters, digits and single hyphens, such as deep-learning"
        )
    return text


def _key(text: str) -> str:
    if text and not KEY.fullmatch(text):
        raise ValueError(
            "must be at most 40 letters, digits, dots, hyphens and underscores, such as t1"
        )
    return text


def _zone(text: str) -> str:
    if not zones.is_known(text):
        raise ValueError("must be the name of a time zone such as Europe/Berlin")
    return text


def _url(text: str, info: ValidationInfo) -> str:
    if TYPED in (info.context or ()):
        text = with_scheme(text)
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("must be a web address that begins with https:// or http://")
    if len(text) > 2000:
        raise ValueError("must be at most 2000 characters long")
    return _without(UNFIT_FOR_URL, text, "must be a web address without spaces")


def _line(text: str) -> str:
    return _without(UNFIT_FOR_LINE, text, "must be one line without control characters")


def _prose(text: str) -> str:
    text = text.replace("\r\n", "\n")
    return _without(UNFIT_FOR_PROSE, text, "must not have control characters")


def with_scheme(text: str) -> str:
    """Return a web address that people write without https://, such as arxiv.org/abs/1, with it."""
    return f"https://{text}" if BARE_ADDRESS.match(text) else text


def _without(unfit: re.Pattern[str], text: str, requirement: str) -> str:
    """Return the text; raise ValueError that says which character is unfit, and where."""
    found = unfit.search(text)
    if found is None:
        return text
    character, before = found[0], text[: found.start()].split()
    name = unicodedata.name(character, CONTROL_NAMES.get(character, ""))
    called = f"U+{ord(character):04X} {name.lower()}".strip()
    place = f"after {before[-1][-20:]!r}" if before else "at the beginning"
    raise ValueError(f"{requirement}: character {found.start() + 1}, {called}, {place}")


def _seen(value: object) -> object:
    """Return "" for a text that looks blank, so that a required one is missing."""
    return "" if isinstance(value, str) and is_blank(value) else value


def only_text(value: object) -> object:
    """Refuse numbers, also in quotes, which pydantic reads as seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and not _NUMBER.fullmatch(value)):
        return value
    raise ValueError("must be written like 2026-06-17, with a time of day like 2026-06-17T16:00")


def _wall(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError("must be a local time without an offset")
    if value.second or value.microsecond:
        raise ValueError("must be to the minute")
    return value


def _instant(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("must have an offset or Z, such as 2026-06-17T16:00:00Z")
    if not 1970 <= value.year <= 2200:
        raise ValueError("must be between the years 1970 and 2200")
    return value.astimezone(UTC)


def _near(value: date) -> date:
    if not 1900 <= value.year <= 2200:
        raise ValueError("must be between the years 1900 and 2200")
    return value


def unique_by(key: str) -> AfterValidator:
    """Return a validator: no two items of a list have the same `key`, except an empty one."""

    def check(items: tuple[BaseModel, ...]) -> tuple[BaseModel, ...]:
        met: set[object] = set()
        for position, item in enumerate(items):
            value = getattr(item, key)
            if value and value in met:
                place = (position, type(item).model_fields[key].alias or key)
                raise PydanticCustomError(
                    _TWICE, "{value} is listed twice", {"value": str(value), "place": place}
                )
            met.add(value)
        return items

    return AfterValidator(check)


text_only = BeforeValidator(only_text)
seen = BeforeValidator(_seen)

Slug = Annotated[str, AfterValidator(_slug)]
Key = Annotated[str, AfterValidator(_key)]
"""The key of an item within its list; empty where it has none."""
Email = Annotated[str, AfterValidator(check_address)]
ZoneName = Annotated[str, AfterValidator(_zone)]
Url = Annotated[str, AfterValidator(_url)]
ShortText = Annotated[str, Field(max_length=300), AfterValidator(_line), seen]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_line), seen]
LongText = Annotated[str, Field(max_length=10_000), AfterValidator(_prose), seen]
IsoDate = Annotated[date, text_only, AfterValidator(_near)]
WallTime = Annotated[datetime, text_only, AfterValidator(_wall), AfterValidator(_near)]
IsoInstant = Annotated[datetime, text_only, AfterValidator(_instant)]


def errors_by_field(
    error: ValidationError, schema: type[BaseModel] | None = None
) -> dict[str, str]:
    """Return error texts by field path ("talks.0.title"), such as "must be text".

    `schema` is the model that was validated; with it a text says what a list or mapping looks like.
    """
    texts: dict[str, str] = {}
    for each in error.errors(include_url=False, include_input=False):
        place = each.get("ctx", {}).get("place", ()) if each["type"] == _TWICE else ()
        *parents, last = (*each["loc"], *place) or ("",)
        # A part with brackets is pydantic's name for a member of a union, or an unknown key.
        path = [step for step in parents if "[" not in str(step)]
        if last != "" and ("[" not in str(last) or each["type"] == "extra_forbidden"):
            path.append(last)
        texts.setdefault(".".join(str(step) for step in path), _text(each, schema, path))
    return texts


def validate(schema: type[D], given: object) -> D:
    """Return `given` as a value of the schema; raise Invalid with errors by field."""
    try:
        return schema.model_validate(given)
    except ValidationError as error:
        raise Invalid(errors_by_field(error, schema)) from None


def sentence(text: str) -> str:
    """Return an error text as a sentence to show below its input: "This is required."."""
    text = f"This {text}" if text[:1].islower() else text
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _text(error: ErrorDetails, schema: type[BaseModel] | None, path: Sequence[Step]) -> str:
    kind = error["type"]
    if kind == "extra_forbidden" and schema is not None and path:
        model = shapes.model_at(schema, path[:-1])
        if model is not None and path[-1] in getattr(model, "not_yet", ()):
            return "is not supported yet"
    if kind in _SHAPES and schema is not None:
        return f"must be {shapes.expected(schema, path)}"
    if kind in _TEXTS:
        return _TEXTS[kind].format_map(error.get("ctx", {}))
    ours = kind == "value_error" or kind not in _KINDS_OF_PYDANTIC
    return error["msg"].removeprefix("Value error, ") if ours else "cannot be read"


_KINDS_OF_PYDANTIC = frozenset(get_args(ErrorType))
_SHAPES = frozenset(("list_type", "tuple_type", "dict_type", "model_type", "model_attributes_type"))
"""The types of errors of values that are no list or no mapping."""
_TEXTS: Mapping[str, str] = {
    "missing": "is required",
    "string_too_short": "is required",
    "extra_forbidden": "there is no such field",
    "string_type": "must be text",
    "string_too_long": "must be at most {max_length} characters long",
    "string_pattern_mismatch": "does not have the expected form",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "finite_number": "must be a whole number",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "date_type": "must be a date such as 2026-06-17",
    "date_parsing": "must be a date such as 2026-06-17",
    "date_from_datetime_parsing": "must be a date such as 2026-06-17",
    "date_from_datetime_inexact": "must be a date without a time of day",
    "datetime_type": "must be a date and time such as 2026-06-17T16:00",
    "datetime_parsing": "must be a date and time such as 2026-06-17T16:00",
    "datetime_from_date_parsing": "must be a date and time such as 2026-06-17T16:00",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
    "too_long": "must have at most {max_length} items",
    "too_short": "must have at least one item",
}
"""Error texts by pydantic's error type, with values of the error's context filled in."""
