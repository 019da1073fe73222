"""Who may change what: predicates over values, asked by services."""

from collections.abc import Collection
from typing import Protocol


class Actor(Protocol):
    """Somebody who is signed in."""

    @property
    def person_id(self) -> int:
        """Their row."""

    @property
    def email(self) -> str:
        """Their address, for the audit log."""

    @property
    def is_admin(self) -> bool:
        """Whether they may do everything."""


def may_edit(organiser_ids: Collection[int], actor: Actor) -> bool:
    """Whether `actor` may change a series with these organisers and its events."""
    return actor.is_admin or actor.person_id in organiser_ids


def may_create(actor: Actor) -> bool:
    """Whether `actor` may make a new series."""
    return actor.is_admin
