"""How files and the API change what is stored: named fields replace, keyed lists merge."""

from collections.abc import Mapping
from typing import TypeVar

from booking.domain.hours import DateHours, TimeOff, Travel
from core.fields import Schema, validate

MERGED = ("travel", "dates", "time_off")
"""The lists of a host that merge by the keys of their items; the others are replaced."""

S = TypeVar("S", bound=Schema)


def merged(
    schema: type[S], known: S | None, body: Mapping[str, object], *, replace: bool = False
) -> S:
    """Return `known` with the fields that `body` names; null stands for the default.

    With `replace` a list in `body` replaces the one that is known. Raises Invalid, also for keys
    that the schema does not have.
    """
    before = {} if known is None else {name: getattr(known, name) for name in schema.model_fields}
    needed = {
        name: before[name]
        for name, field in schema.model_fields.items()
        if field.is_required() and name in before
    }
    given = validate(schema, {**needed, **without_nulls(schema, body)})
    named = {name: getattr(given, name) for name in body}
    for name in MERGED:
        if name in named:
            named[name] = by_key([*(() if replace else before.get(name, ())), *named[name]])
    return validate(schema, {**before, **named})


def by_key(
    items: list[DateHours | TimeOff | Travel],
) -> list[DateHours | TimeOff | Travel]:
    """Return the items in the order of their keys, the last of each."""
    found = {item.key: item for item in items}
    return [found[key] for key in sorted(found)]


def without_nulls(schema: type[Schema], fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields without those that are null, which is the default.

    Keys that `schema` does not have stay, so that validation refuses them.
    """
    return {
        name: value
        for name, value in fields.items()
        if value is not None or name not in schema.model_fields
    }
