"""Blocks: sections of a page that another area contributes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Block:
    """A template that renders a whole section, and the values that it reads as `block`."""

    template: str
    values: Callable[[Session, datetime], Mapping[str, object]]


def with_values(
    blocks: Sequence[Block], session: Session, now: datetime
) -> list[tuple[str, Mapping[str, object]]]:
    """Return the template of each block with its values, for a page to include."""
    return [(block.template, block.values(session, now)) for block in blocks]
