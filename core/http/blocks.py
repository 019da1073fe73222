"""Parts of a page that other areas give: what joins the areas is put together in app.py."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Block:
    """A template, and what it shows: it finds its values as `block` and renders a whole section."""

    template: str
    values: Callable[[Session, datetime], Mapping[str, object]]


def rendered(place: str, session: Session, now: datetime) -> list[tuple[str, Mapping[str, object]]]:
    """Return the templates of the blocks for `place` ("home", "agenda") with their values."""
    blocks: Sequence[Block] = current_app.extensions.get(f"convenor.{place}_blocks", ())
    return [(block.template, block.values(session, now)) for block in blocks]
