"""The refusals of booking."""

from collections.abc import Sequence
from datetime import datetime

from core.refusals import Conflict


class SlotTaken(Conflict):
    """The start is not open now, for any reason; `alternatives` are the nearest open starts."""

    slug = "slot-taken"

    def __init__(self, alternatives: Sequence[datetime]) -> None:
        super().__init__(
            "That time is no longer available. Please choose one of the nearest free times."
            if alternatives
            else "That time is no longer available, and nothing else is free at the moment. Please "
            "ask another host, or come back later."
        )
        self.alternatives = tuple(alternatives)


class GuestLimit(Conflict):
    """The guest has as many open bookings of these office hours as one guest may have."""

    slug = "guest-limit"

    def __init__(self, most: int) -> None:
        have = "a booking here that is" if most == 1 else f"{most} bookings here that are"
        super().__init__(
            f"You already have {have} still to come. You can book again when it is over, or move "
            "or cancel it in time by the link in the mail about it."
        )


class TooLate(Conflict):
    """The deadline for moving or cancelling has passed."""

    slug = "too-late"


class StillChangeable(Conflict):
    """The guest says that they cannot come while they can still cancel."""

    slug = "still-changeable"

    def __init__(self) -> None:
        super().__init__(
            "This booking can still be moved or cancelled. Please do that, so that somebody else "
            "gets the time."
        )


class Settled(Conflict):
    """The booking has ended or is over: it cannot be changed like that."""

    slug = "settled"


class HasBookings(Conflict):
    """Bookings refer to the office hours of this title, so they cannot be deleted."""

    slug = "has-bookings"

    def __init__(self, title: str) -> None:
        super().__init__(
            f"{title} has bookings, so it cannot be deleted. Close it instead: then nobody can "
            "book it, and its bookings stay."
        )


class ProposalOver(Conflict):
    """The guest can no longer choose from a proposal."""

    slug = "proposal-over"
