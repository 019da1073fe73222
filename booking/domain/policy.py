"""Who may see and do what with office hours: predicates over values."""

from accounts.domain.actors import Actor
from booking.domain.bookings import Booking
from booking.domain.hosts import Host
from booking.domain.office_hours import Visibility


def may_manage(actor: Actor, host: Host) -> bool:
    """Whether `actor` may change the host and its bookings, and see what is private."""
    return actor.may_do_everything or actor.person_id == host.person_id


def may_answer(actor: Actor, host: Host, booking: Booking) -> bool:
    """Whether `actor` may approve and decline the booking: also by the link in the host's mail."""
    return may_manage(actor, host) or actor.opens(booking.request_subject)


def may_see(visibility: Visibility, actor: Actor) -> bool:
    """Whether `actor` may see and book office hours of this visibility, given their address."""
    if visibility is not Visibility.MEMBERS:
        return True
    return actor.is_signed_in or actor.may_do_everything


def may_list(visibility: Visibility, actor: Actor) -> bool:
    """Whether `actor` finds office hours of this visibility in a list."""
    return visibility is not Visibility.UNLISTED and may_see(visibility, actor)


def is_guest(actor: Actor, booking: Booking) -> bool:
    """Whether `actor` holds the private link of the booking, and may move and cancel it."""
    return actor.opens(booking.subject)
