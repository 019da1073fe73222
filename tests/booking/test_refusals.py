"""Every refusal names something that its reader can do."""

import ast
import re
from pathlib import Path

import pytest

from core.refusals import Refusal
from tests.processes import ROOT

AREAS = ("accounts", "booking", "core")
WHAT_TO_DO = re.compile(
    r"\b(please|you can|your guest can|can change|can create|can make|can see|instead|reinstate)\b",
    re.IGNORECASE,
)
WITHOUT_TEXT = {"NotFound", "Invalid", "NotJson"}
"""NotFound is a page with links, Invalid says it by field, NotJson speaks to programs."""


def subclasses(kind):
    return {kind, *(each for direct in kind.__subclasses__() for each in subclasses(direct))}


def texts():
    """Yield where a refusal is raised, and its text; parts that vary are left out."""
    names = {each.__name__ for each in subclasses(Refusal)} - WITHOUT_TEXT
    for area in AREAS:
        for path in sorted((ROOT / area).rglob("*.py")):
            yield from _texts(path, names)


def _texts(path: Path, names: set[str]):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and node.name in names:
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__":
                    yield f"{path.name}:{node.name}", _literal(call)
        called = node.func if isinstance(node, ast.Call) and node.args else None
        if isinstance(called, ast.Name) and called.id in names:
            yield f"{path.name}:{node.lineno}", _literal(node)


def _literal(call: ast.Call) -> str:
    parts = [each for argument in call.args for each in ast.walk(argument)]
    return "".join(
        each.value
        for each in parts
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )


FOUND = [(where, text) for where, text in texts() if text]


@pytest.mark.parametrize(("where", "text"), FOUND, ids=[where for where, _ in FOUND])
def test_refusal_names_what_the_reader_can_do(where, text):
    assert WHAT_TO_DO.search(text), text


def test_texts_of_refusals_are_found():
    assert len(FOUND) > 15
