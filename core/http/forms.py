"""HTML forms of schemas: an input is named by the path of its field, such as `questions.0.label`.

`parse` turns posted texts into a value of the schema, `texts` turns a value into the texts of the
inputs, and `input_errors` assigns each error to an input. A list of texts has a line for each. If
a field is one of several models, each with a class variable `kind`, the input `field.kind` says
which one.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from core.blank import is_blank
from core.fields import TYPED, errors_by_field, sentence
from core.refusals import Invalid
from core.shapes import member_types

FormData = MultiDict[str, str]
Texts = dict[str, str | list[str]]
"""The texts of a form's inputs, by name; a list for a group of checkboxes."""

CHECKED = "1"

M = TypeVar("M", bound=BaseModel)
_Tree = dict[str, "_Tree | list[str]"]


def parse(
    schema: type[M], form: FormData, *, under: str = "", base: M | None = None, **given: object
) -> M:
    """Return the value that a posted form writes.

    With `under` the inputs of the value are named `under.…`. Fields without an input are those of
    `base`. `given` are fields that the caller converted. An address may be typed without its
    https://. Raises Invalid with a sentence for each wrong input, by its name.
    """
    tree = _tree(form)
    node = tree.get(under, {}) if under else tree
    typed = _fields(node, schema) if isinstance(node, dict) else {}
    kept = {} if base is None else _without_input(base, schema, node)
    try:
        return schema.model_validate({**kept, **typed, **given}, context={TYPED})
    except ValidationError as error:
        errors = errors_by_field(error, schema)
        start = f"{under}." if under else ""
        found = {f"{start}{path}": words for path, words in errors.items()}
        raise Invalid(input_errors(found, form)) from None


def input_errors(errors: Mapping[str, str], form: FormData) -> dict[str, str]:
    """Return errors by the names of the form's inputs, each as a sentence.

    Blank list items are skipped when a form is parsed, so positions in errors differ from the form.
    """
    tree = _tree(form)
    found: dict[str, str] = {}
    for path, words in errors.items():
        found.setdefault(_input_name(path, tree), sentence(words))
    return found


def texts(value: BaseModel, *, under: str = "") -> Texts:
    """Return the texts of the inputs that show a value; unknown and false are empty."""
    return dict(_texts(value.model_dump(mode="json", by_alias=True), under))


def posted(form: FormData) -> Texts:
    """Return what was typed, to show it again: a list where a name has several values.

    The empty text of the hidden input before a checkbox is none of them.
    """
    found: Texts = {}
    for name, values in form.lists():
        if name != "csrf_token":
            typed = [text for text in values if text]
            found[name] = typed if len(typed) > 1 else "".join(typed)
    return found


def positions(shown: Mapping[str, object], field: str) -> list[int]:
    """Return the positions that inputs named `field.N.…` have, sorted."""
    start = f"{field}."
    found = {name.removeprefix(start).split(".")[0] for name in shown if name.startswith(start)}
    return sorted(int(each) for each in found if each.isdecimal())


def _tree(form: FormData) -> _Tree:
    """Return the posted texts as nested mappings; the leaves are lists of stripped texts."""
    root: _Tree = {}
    for name, values in form.lists():
        *parents, last = name.split(".")
        node = root
        for part in parents:
            child = node.setdefault(part, {})
            if not isinstance(child, dict):
                break
            node = child
        else:
            node[last] = [
                "" if is_blank(text) else text.replace("\r\n", "\n").strip() for text in values
            ]
    return root


def _fields(tree: _Tree, schema: type[BaseModel]) -> dict[str, object]:
    """Return the posted values of a schema's fields; other keys are left out."""
    found: dict[str, object] = {}
    for name, field in schema.model_fields.items():
        key = field.alias or name
        if key in tree:
            value = _value(tree[key], field.annotation)
            if value is not _LEFT_OUT:
                found[key] = value
    return found


def _without_input(base: M, schema: type[M], node: "_Tree | list[str]") -> dict[str, object]:
    """Return the fields of `base` that the form has no input for."""
    return {
        field.alias or name: getattr(base, name)
        for name, field in schema.model_fields.items()
        if (field.alias or name) not in node
    }


_LEFT_OUT = object()


def _value(node: "_Tree | list[str]", annotation: object) -> object:
    kinds = list(member_types(annotation))
    if isinstance(node, dict):
        return _nested(node, kinds)
    typed = [text for text in node if text]
    if any(get_origin(kind) in (tuple, list) for kind in kinds):
        lines = (line.strip() for text in typed for line in text.split("\n"))
        return [line for line in lines if line]
    if bool in kinds:
        return bool(typed)
    if typed:
        return typed[-1]
    if type(None) in kinds:
        return None
    return "" if str in kinds else _LEFT_OUT


def _nested(node: _Tree, kinds: list[object]) -> object:
    for kind in kinds:
        if get_origin(kind) in (tuple, list):
            (item, *_) = get_args(kind)
            return [_value(node[key], item) for key in _filled(node)]
    schemas = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    chosen = node.get("kind", [])
    merged: dict[str, object] = {}
    for schema in schemas:
        if getattr(schema, "kind", None) in chosen:
            keys = [field.alias or name for name, field in schema.model_fields.items()]
            return {**dict.fromkeys(keys, ""), **_fields(node, schema)}
        merged |= _fields(node, schema)
    return merged


def _filled(node: _Tree) -> list[str]:
    """Return the positions of the items that are not blank, sorted."""
    return sorted((key for key in node if key.isdecimal() and _has_text(node[key])), key=int)


def _has_text(node: "_Tree | list[str]") -> bool:
    if isinstance(node, dict):
        return any(_has_text(child) for child in node.values())
    return any(node)


def _input_name(path: str, tree: _Tree) -> str:
    """Return the name of the posted input that is closest to the path of an error."""
    names: list[str] = []
    node: _Tree | list[str] = tree
    for part in path.split("."):
        if not isinstance(node, dict):
            break
        key = part
        if part.isdecimal():
            filled = _filled(node)
            key = filled[int(part)] if int(part) < len(filled) else part
        names.append(key)
        node = node.get(key, {})
    return ".".join(names)


def _texts(value: object, name: str = "") -> Iterator[tuple[str, str | list[str]]]:
    match value:
        case dict():
            for key, each in value.items():
                yield from _texts(each, f"{name}.{key}" if name else str(key))
        case list() if value and isinstance(value[0], dict):
            for position, each in enumerate(value):
                yield from _texts(each, f"{name}.{position}")
        case list():
            yield name, [str(each) for each in value]
        case bool():
            yield name, CHECKED if value else ""
        case None:
            yield name, ""
        case _:
            yield name, str(value)
