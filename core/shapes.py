"""What the fields of a schema take, derived from their types: "a list such as [{name: …}]"."""

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel

Step = str | int
"""A part of the path of a value: a key, or a position in a list."""

ANY_VALUE = "…"


def member_types(annotation: object) -> Iterator[object]:
    """Yield the types of a field: the members of a union, without their metadata."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from member_types(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for each in get_args(annotation):
            yield from member_types(each)
    else:
        yield annotation


def at(annotation: object, path: Sequence[Step]) -> object:
    """Return the type of the value at `path` inside of a value of the type; None if unknown."""
    for step in path:
        annotation = next(
            filter(None, (_inside(each, step) for each in member_types(annotation))), None
        )
    return annotation


def model_at(annotation: object, path: Sequence[Step]) -> type[BaseModel] | None:
    """Return the model of the value at `path`, None if it is of another type."""
    return next((each for each in member_types(at(annotation, path)) if is_model(each)), None)


def list_items(schema: type[BaseModel]) -> Mapping[str, type[BaseModel]]:
    """Return the fields of a schema that are lists of models, by key, each with its model."""
    found = {key: model_at(annotation, [0]) for key, annotation in _keys(schema).items()}
    return {key: model for key, model in found.items() if model is not None}


def expected(annotation: object, path: Sequence[Step]) -> str:
    """Return what the list or mapping at `path` must be: "a list such as [{name: …}]"."""
    own = at(annotation, path)
    if any(get_origin(kind) in (list, tuple) for kind in member_types(own)):
        return f"a list such as {example(own)}"
    if path and isinstance(path[-1], int):
        return f"an item of a list such as {example(at(annotation, path[:-1]))}"
    return f"keys with values such as {example(own)}"


def example(annotation: object) -> str:
    """Return the shape of a value of the type: "[{name: …}]"; "…" is any text or number."""
    for kind in member_types(annotation):
        if get_origin(kind) in (list, tuple):
            return f"[{example(get_args(kind)[0])}]"
        if get_origin(kind) is dict:
            return f"{{{ANY_VALUE}: {ANY_VALUE}}}"
        if is_model(kind):
            return _example_of(kind)
    return ANY_VALUE


def is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    """Whether a type is a schema."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _example_of(model: type[BaseModel]) -> str:
    """Return the keys that a model requires, or the first one that may be unknown."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    required = [key for key, field in fields.items() if field.is_required()]
    optional = [key for key, field in fields.items() if field.default is None] or list(fields)
    shown = [f"{key}: {example(fields[key].annotation)}" for key in required or optional[:1]]
    return f"{{{', '.join(shown)}}}"


def _keys(model: type[BaseModel]) -> dict[str, object]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _inside(kind: object, step: Step) -> object:
    if is_model(kind):
        return _keys(kind).get(str(step))
    if get_origin(kind) in (list, tuple) and isinstance(step, int):
        return get_args(kind)[0]
    return get_args(kind)[1] if get_origin(kind) is dict else None
