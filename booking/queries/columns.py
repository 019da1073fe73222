"""Fields of a schema that are kept in columns of their names: how to read and to write them."""

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from core.shapes import member_types

Reader = Callable[[Any], object]
"""Turns what a column holds (text, a number, JSON) into the value of a field."""

_PLAIN = {str, bool, int, NoneType}


def readers(schema: type[BaseModel], *, without: tuple[str, ...] = ()) -> Mapping[str, Reader]:
    """Return how to read each field but those `without`.

    What is stored was checked before: texts and numbers are taken as they are.
    """
    return {
        name: _reader(field) for name, field in schema.model_fields.items() if name not in without
    }


def read(row: object, columns: Mapping[str, Reader]) -> dict[str, Any]:
    """Return the fields of a row."""
    return {name: reader(getattr(row, name)) for name, reader in columns.items()}


def written(value: BaseModel) -> dict[str, Any]:
    """Return the columns that keep a value: its own JSON dump, with the limits side by side."""
    columns = value.model_dump(mode="json", by_alias=True)
    limits = columns.pop("limits")
    return {**columns, **limits}


def _reader(field: FieldInfo) -> Reader:
    types = set(member_types(field.annotation))
    if types <= _PLAIN:
        return _same
    (kind, *others) = types
    if not others and get_origin(kind) is tuple and set(member_types(get_args(kind)[0])) == {str}:
        return tuple
    # mypy cannot know a type that is made at run time
    adapter: TypeAdapter[object] = TypeAdapter(Annotated[field.annotation, field])  # type: ignore[arg-type]
    return adapter.validate_python


def _same(value: Any) -> object:
    return value
