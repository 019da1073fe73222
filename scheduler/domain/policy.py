"""Who may change what: predicates over values, asked by services."""

from collections.abc import Collection

from accounts.domain.actors import Actor


def may_edit(organizer_ids: Collection[int], actor: Actor) -> bool:
    """Whether `actor` may change a series with these organizers and its events."""
    return actor.may_do_everything or actor.person_id in organizer_ids


def may_create(actor: Actor) -> bool:
    """Whether `actor` may create a series."""
    return actor.may_do_everything
