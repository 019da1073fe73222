"""Who may change what: predicates over values, asked by services."""

from collections.abc import Collection
from typing import Protocol

from accounts.domain import actors


class Actor(Protocol):
    """Somebody who is signed in, for booking until it takes `accounts.domain.actors.Actor`."""

    @property
    def person_id(self) -> int:
        """Their row."""

    @property
    def email(self) -> str:
        """Their address, for the audit log."""

    @property
    def is_admin(self) -> bool:
        """Whether they may do everything."""


def may_edit(organizer_ids: Collection[int], actor: actors.Actor) -> bool:
    """Whether `actor` may change a series with these organizers and its events."""
    return actor.may_do_everything or actor.person_id in organizer_ids


def may_create(actor: actors.Actor) -> bool:
    """Whether `actor` may create a series."""
    return actor.may_do_everything
