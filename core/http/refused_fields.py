"""The fields of a refused form, as the page has them: its error summary links to each.

A template that renders a refused field notes it here. The base template writes the summary, so it
has the labels and the order of the page, and no link that leads nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import g


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """What is wrong, and the id of the field; "" if the page has no such field."""

    text: str
    field_id: str = ""


def note_refused_field(name: str, field_id: str, label: str, message: str | list[str]) -> str:
    """Note a refused field of this page; return "" for the template."""
    noted: dict[str, SummaryLine] = g.setdefault("refused_fields", {})
    noted[name] = SummaryLine(f"{label}: {_sentences(message)}", field_id)
    return ""


def error_lines(
    errors: Mapping[str, str | list[str]] | None, refused: str | None = None
) -> list[SummaryLine]:
    """Return the lines of the error summary; none if nothing was refused.

    `refused` is why the whole form was refused. Of `errors`, by the name of the field, those that
    the page has no field for come after the others and have no link.
    """
    noted: dict[str, SummaryLine] = g.get("refused_fields", {})
    whole = [SummaryLine(refused)] if refused else []
    others = [
        SummaryLine(f"{_words(name)}{_sentences(message)}")
        for name, message in (errors or {}).items()
        if name not in noted
    ]
    return [*whole, *noted.values(), *others]


def _sentences(message: str | list[str]) -> str:
    return message if isinstance(message, str) else " ".join(message)


def _words(name: str) -> str:
    """Return a name of a field as words: "starts_at" is "Starts at: "."""
    return f"{name.replace('_', ' ').capitalize()}: " if name else ""
