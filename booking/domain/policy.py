"""Who may see and do what with office hours: predicates over values."""

from booking.domain.hosts import Host, Visibility
from scheduler.domain.policy import Actor


def may_manage(actor: Actor | None, host: Host) -> bool:
    """Whether `actor` may change the host's hours, offers and bookings, and see the private."""
    return actor is not None and (actor.is_admin or actor.person_id == host.person_id)


def may_see(visibility: Visibility, actor: Actor | None) -> bool:
    """Whether `actor` may see and book what is so visible, given its address."""
    return visibility is not Visibility.MEMBERS or actor is not None


def may_list(visibility: Visibility, actor: Actor | None) -> bool:
    """Whether `actor` finds what is so visible in a list."""
    return visibility is not Visibility.UNLISTED and may_see(visibility, actor)
