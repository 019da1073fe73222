"""The JSON API for what hosts do with bookings, by their own token."""

from collections.abc import Callable

from flask import Response

from accounts.web.viewer import required_viewer
from booking.domain import booking_requests, proposals
from booking.domain.booking_requests import MoveSchema, ReasonSchema
from booking.domain.bookings import Booking, BookingStatus
from booking.domain.proposals import ProposalSchema
from booking.domain.refusals import SlotTaken
from booking.services import host_bookings
from booking.services import proposals as proposal_services
from booking.web.api import responses
from booking.web.api.guest import slot_taken
from booking.web.api.responses import HostBookingResponse
from core.db.transaction import transaction
from core.fields import Schema
from core.http import current
from core.http.api import Api, Operation, json_body, json_response, optional_json_body

api = Api("host-bookings", __name__)
api.register_error_handler(SlotTaken, slot_taken)


def _path(action: str) -> str:
    return f"/hosts/<host>/bookings/<booking_id>/{action}"


def _operation(
    summary: str, description: str = "", body: type[Schema] = ReasonSchema, *, optional: bool = True
) -> Operation:
    return Operation(
        summary,
        HostBookingResponse,
        description,
        body=body,
        optional=optional,
        token=True,
        refusals=(409,),
    )


@api.operation("POST", _path("approve"), _operation("Approve a booking that awaits it"))
def approve_booking(host: str, booking_id: str) -> Response:
    """Confirm a pending booking."""
    booking_requests.parse_reason(optional_json_body())  # not used, but checked
    return _done(host_bookings.approve, host, booking_id)


@api.operation(
    "POST",
    _path("decline"),
    _operation("Decline a booking that awaits approval", "The mail to the guest says why."),
)
def decline_booking(host: str, booking_id: str) -> Response:
    """Decline a pending booking; the mail to the guest says why."""
    reason = booking_requests.parse_reason(optional_json_body())
    return _done(host_bookings.decline, host, booking_id, reason=reason)


@api.operation(
    "POST",
    _path("cancel"),
    _operation("Cancel a booking", "Up to its end. The mail to the guest says why."),
)
def cancel_for_host(host: str, booking_id: str) -> Response:
    """Cancel a booking; the mail to the guest says why."""
    reason = booking_requests.parse_reason(optional_json_body())
    return _done(host_bookings.cancel, host, booking_id, reason=reason)


@api.operation(
    "POST",
    _path("move"),
    _operation(
        "Move a booking",
        "It keeps its length. Only other bookings are in the way, no other rule of the host.",
        MoveSchema,
        optional=False,
    ),
)
def move_booking(host: str, booking_id: str) -> Response:
    """Move a booking."""
    starts_at = booking_requests.parse_move(json_body())
    return _done(host_bookings.move, host, booking_id, starts_at)


@api.operation(
    "POST",
    _path("propose"),
    _operation(
        "Let the guest choose another start",
        "Until the guest chooses, the booking stays as it is. The proposal ends after 24 hours, or "
        "when its last start is nearer than the notice of the office hours.",
        ProposalSchema,
        optional=False,
    ),
)
def propose_starts(host: str, booking_id: str) -> Response:
    """Propose other starts."""
    proposed = proposals.parse(json_body())
    return _done(proposal_services.propose, host, booking_id, proposed)


@api.operation("POST", _path("done"), _operation("Record that a booking took place"))
def mark_done(host: str, booking_id: str) -> Response:
    """Record that a booking took place."""
    return _mark(host, booking_id, BookingStatus.DONE)


@api.operation("POST", _path("no-show"), _operation("Record that the guest did not come"))
def mark_no_show(host: str, booking_id: str) -> Response:
    """Record that the guest did not come."""
    return _mark(host, booking_id, BookingStatus.NO_SHOW)


def _mark(host: str, booking_id: str, outcome: host_bookings.Attendance) -> Response:
    booking_requests.parse_reason(optional_json_body())  # not used, but checked
    return _done(host_bookings.mark, host, booking_id, outcome)


def _done(
    action: Callable[..., Booking], host: str, booking_id: str, *values: object, **more: object
) -> Response:
    """Respond with the booking after `action`, a service for hosts, on it."""
    actor, now = required_viewer().actor, current.now()
    with transaction() as session:
        booking = action(session, host, booking_id, *values, actor, now, **more)
    return json_response(responses.host_booking(booking))
