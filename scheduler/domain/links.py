"""Links with a label: further recordings, write-ups, and whatever else belongs to an event."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from core.fields import Name, Schema, Url


class Link(Schema):
    """An address and what it leads to."""

    label: Annotated[Name, Field(max_length=100)]
    url: Url


Links = Annotated[tuple[Link, ...], Field(max_length=50)]


def parts(line: str) -> dict[str, str]:
    """Return the fields of a link of a line: "Notes https://…"; without a label its host is one."""
    label, _, url = line.rpartition(" ")
    return {"label": label.strip() or urlsplit(url).hostname or url, "url": url}


def line(link: Link) -> str:
    """Return the line of which `parts` makes the link again."""
    return f"{link.label} {link.url}"
