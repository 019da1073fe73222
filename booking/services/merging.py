"""How documents change rows: named fields replace, keyed lists merge, null is the default."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core import audit
from core.fields import Schema

# Lists of a host that merge by these keys; the others are replaced whole.
KEYS = {"travel": "from", "dates": "date", "time_off": "from"}


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes a host and when.

    With `whole` the lists that are named replace those there are; else they merge by their keys.
    """

    now: datetime
    by: str
    whole: bool = False


def merged(
    known: Mapping[str, object],
    document: Schema,
    named: Iterable[str],
    change: Change,
) -> dict[str, object]:
    """Return `known` with the fields that are named as `document` has them."""
    result = dict(known)
    said = without_defaults(document)
    for name in named:
        value, key = said.get(name), KEYS.get(name)
        if value is None:
            if key is None or change.whole:
                result.pop(name, None)
        elif key is not None and not change.whole:
            result[name] = _by_key([*_items(known.get(name)), *_items(value)], key)
        elif key is not None:
            result[name] = _by_key(_items(value), key)
        else:
            result[name] = value
    return result


def _by_key(items: Iterable[Mapping[str, object]], key: str) -> list[Mapping[str, object]]:
    """Return the items in the order of their keys, the last of each."""
    found = {str(item[key]): item for item in items}
    return [found[name] for name in sorted(found)]


def _items(value: object) -> list[Mapping[str, object]]:
    return list(value) if isinstance(value, list) else []


def without_nulls(model: type[Schema], fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields without those that are null, which is the default.

    Keys that `model` does not have stay, so that reading the fields by it refuses them.
    """
    known = {field.alias or name for name, field in model.model_fields.items()}
    return {name: value for name, value in fields.items() if value is not None or name not in known}


def without_defaults(document: Schema) -> dict[str, object]:
    """Return the document as plain values, defaults left out."""
    return document.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def record(
    session: Session, action: str, subject: str, body: Mapping[str, object], change: Change
) -> None:
    """Note in the audit log which fields a change named."""
    fields = sorted(body.keys() - {"slug"})
    audit.record(session, change.by, action, subject, now=change.now, fields=fields)
