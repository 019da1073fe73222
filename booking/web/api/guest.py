"""The JSON API of whom: hosts, open starts, and bookings by their private links."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Response, request
from pydantic import Field
from sqlalchemy.orm import Session

from accounts.queries import Viewer
from accounts.web.viewer import viewer
from booking import availability, booking_requests, queries
from booking.booking_requests import BookingRequestSchema, MoveSchema, ReasonSchema
from booking.domain import policy, slots
from booking.domain.hosts import Host, OfficeHours, OfficeHoursPath
from booking.domain.refusals import SlotTaken
from booking.models import HostRow
from booking.schemas import DurationMinutes, HostSchema
from booking.services import bookings
from booking.services import hosts as host_services
from booking.web.api import responses
from booking.web.api.responses import (
    BookingResponse,
    BookingResultResponse,
    HostResponse,
    HostsResponse,
    SlotsResponse,
)
from core import zones
from core.db.base import db
from core.db.transaction import transaction
from core.fields import IsoDate, Schema, ZoneName
from core.http import current, errors
from core.http.api import (
    Api,
    Operation,
    json_body,
    json_response,
    optional_json_body,
    query_arguments,
)
from core.http.security import private
from core.refusals import Invalid, Refusal
from scheduler.domain import walltime
from scheduler.domain.interval import Interval

MOST_DAYS = 62
DAY = timedelta(days=1)
KEY = "Idempotency-Key"
PRIVATE_LINK = "The token is the last part of `manage_url`."


class SlotsQuery(Schema):
    """The dates and the zone to look at."""

    from_: IsoDate = Field(alias="from", description="The first date in `zone`.")
    to: IsoDate = Field(description=f"The last date in `zone`, included; {MOST_DAYS} days at most.")
    zone: ZoneName | None = Field(
        default=None, description="Whose dates `from` and `to` are. Default: the host's zone."
    )
    minutes: DurationMinutes | None = Field(
        default=None, description="A length on offer. Default: the first one."
    )


api = Api("hosts", __name__)
by_link = Api("bookings", __name__)
by_link.after_request(private)


def slot_taken(refusal: SlotTaken) -> Response:
    """Answer with the nearest free starts."""
    nearest = [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in refusal.alternatives]
    return errors.problem_response(refusal.status, refusal.slug, refusal.text, alternatives=nearest)


api.register_error_handler(SlotTaken, slot_taken)
by_link.register_error_handler(SlotTaken, slot_taken)


@api.operation("GET", "/hosts", Operation("List every host", HostsResponse))
def list_hosts() -> Response:
    """Answer with all hosts and what of theirs can be found."""
    found = queries.directory(db.session(), viewer())
    shown = [responses.host(each.host, each.office_hours) for each in found]
    return json_response(HostsResponse(hosts=shown), public=True)


@api.operation(
    "GET",
    "/hosts/<host>",
    Operation(
        "Show a host",
        HostResponse,
        "With the host's own token, hours and other private fields as well.",
    ),
)
def show_host(host: str) -> Response:
    """Answer with one host."""
    return json_response(shown_host(db.session(), host, viewer()), public=True)


@api.operation(
    "GET",
    "/hosts/<host>/office-hours/<slug>/slots",
    Operation(
        "List open starts",
        SlotsResponse,
        "The instants on offer never depend on `zone`.",
        query=SlotsQuery,
    ),
)
def list_slots(host: str, slug: str) -> Response:
    """Answer with the starts that are on offer now."""
    session = db.session()
    owner, offer = _offer(session, host, slug, viewer())
    asked = query_arguments(SlotsQuery)
    lasts = timedelta(minutes=asked.minutes) if asked.minutes else offer.rules.lengths[0]
    if lasts not in offer.rules.lengths:
        raise Invalid({"minutes": "is not a length on offer"})
    zone = zones.zone(asked.zone or owner.zone)
    within = _dates(asked, zone)
    situation = availability.availability_of(session, owner, offer, within, current.now())
    starts = slots.open_starts(situation, within, lasts)
    return json_response(responses.slots(zone.key, starts, lasts), public=True)


@api.operation(
    "POST",
    "/hosts/<host>/office-hours/<slug>/bookings",
    Operation(
        "Book a start",
        BookingResultResponse,
        "409 slot-taken comes with `alternatives`, the nearest free starts; 409 guest-limit says "
        "that the guest has enough open bookings here.",
        statuses=(201,),
        headers={
            KEY: "The same request with the same key within 24 hours makes no second booking."
        },
        body=BookingRequestSchema,
        refusals=(409,),
    ),
)
def book(host: str, slug: str) -> Response:
    """Book what the object asks for."""
    actor = viewer()
    try:
        wanted, key = booking_requests.parse(json_body()), _idempotency_key()
    except Refusal:
        _offer(db.session(), host, slug, actor)  # what is not there is so whatever was sent
        raise
    try:
        with transaction() as session:
            placed = bookings.book(
                session,
                OfficeHoursPath(host, slug),
                wanted,
                current.now(),
                domain=current.settings().domain,
                actor=actor,
                idempotency_key=key,
            )
    except Invalid as refusal:
        _, offer = _offer(db.session(), host, slug, actor)
        raise Invalid(booking_requests.api_errors(refusal.errors, offer.questions)) from None
    return json_response(responses.placed(placed, current.settings().secret_key), 201)


@by_link.operation(
    "GET", "/bookings/<token>", Operation("Show a booking", BookingResponse, PRIVATE_LINK)
)
def show_booking(token: str) -> Response:
    """Answer with the booking that the private link opens."""
    session = db.session()
    found = queries.booking_by_token(session, token, current.settings().secret_key)
    return json_response(responses.booking(found, queries.host_by_id(session, found.host_id)))


@by_link.operation(
    "POST",
    "/bookings/<token>/cancel",
    Operation(
        "Cancel a booking",
        BookingResponse,
        "Cancelling twice is fine. After the deadline: 409 too-late.",
        body=ReasonSchema,
        optional=True,
        refusals=(409,),
    ),
)
def cancel_booking(token: str) -> Response:
    """Cancel the booking that the private link opens."""
    reason, secret_key = (
        booking_requests.parse_reason(optional_json_body()),
        current.settings().secret_key,
    )
    with transaction() as session:
        found = bookings.cancel(session, token, current.now(), secret_key=secret_key, reason=reason)
        owner = queries.host_by_id(session, found.host_id)
    return json_response(responses.booking(found, owner))


@by_link.operation(
    "POST",
    "/bookings/<token>/reschedule",
    Operation(
        "Move a booking",
        BookingResponse,
        "It keeps its length, and its own time counts as free.",
        body=MoveSchema,
        refusals=(409,),
    ),
)
def reschedule_booking(token: str) -> Response:
    """Move the booking that the private link opens."""
    starts_at, secret_key, now = (
        booking_requests.parse_move(json_body()),
        current.settings().secret_key,
        current.now(),
    )
    _require_ahead(starts_at, now)
    with transaction() as session:
        found = bookings.reschedule(session, token, starts_at, now, secret_key=secret_key)
        owner = queries.host_by_id(session, found.host_id)
    return json_response(responses.booking(found, owner))


def shown_host(session: Session, slug: str, caller: Viewer | None) -> HostResponse:
    """Return what `caller` may see of the host of this slug; raise NotFound."""
    found = queries.host(session, slug)
    every = queries.office_hours_of(session, found)
    if not policy.may_manage(caller, found):
        return responses.host(
            found, [each for each in every if policy.may_list(each.visibility, caller)]
        )
    row = session.get_one(HostRow, found.id)
    return responses.host(
        found, every, HostSchema.model_validate(host_services.written(row, found.email))
    )


def _offer(
    session: Session, host: str, slug: str, caller: Viewer | None
) -> tuple[Host, OfficeHours]:
    owner = queries.host(session, host)
    return owner, queries.office_hours(session, owner, slug, caller)


def _dates(asked: SlotsQuery, zone: ZoneInfo) -> Interval:
    """Return the time from the first date to the last in `zone`; raise Invalid for too many."""
    if asked.to < asked.from_:
        raise Invalid({"to": "lies before `from`"})
    if asked.to - asked.from_ >= MOST_DAYS * DAY:
        raise Invalid({"to": f"must leave {MOST_DAYS} days at most, both dates included"})
    return Interval(walltime.midnight(asked.from_, zone), walltime.midnight(asked.to + DAY, zone))


def _idempotency_key() -> str | None:
    key = request.headers.get(KEY)
    if key is not None and not key.isprintable():
        raise Invalid({"idempotency_key": "must be printable"})
    return key


def _require_ahead(starts_at: datetime, now: datetime) -> None:
    if starts_at <= now:
        raise Invalid({"starts_at": "has passed: please choose another start"})
