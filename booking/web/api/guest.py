"""The JSON API of hosts, open starts, and bookings by their private links."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Response, request
from pydantic import Field
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from accounts.web.viewer import actor
from booking.domain import booking_requests, no_starts, policy, slots
from booking.domain.booking_requests import (
    BookingRequest,
    MoveSchema,
    ReasonSchema,
    ResendSchema,
)
from booking.domain.hosts import Host
from booking.domain.minutes import Duration
from booking.domain.office_hours import OfficeHours, OfficeHoursPath
from booking.domain.refusals import SlotTaken
from booking.queries import availability, hosts, office_hours
from booking.queries import bookings as booking_queries
from booking.queries import proposals as proposal_queries
from booking.services import absence, bookings, proposals
from booking.web.api import responses
from booking.web.api.responses import (
    BookingResponse,
    BookingResultResponse,
    HostResponse,
    HostsResponse,
    ResendResponse,
    SlotsResponse,
)
from booking.web.public import resend_page
from core import zones
from core.db.base import db
from core.db.transaction import transaction
from core.fields import IsoDate, Schema, ZoneName, validate
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
    minutes: Duration | None = Field(
        default=None, description="One of the office hours' lengths. Default: the first one."
    )


api = Api("hosts", __name__)
by_link = Api("bookings", __name__)
by_link.after_request(private)


def slot_taken(refusal: SlotTaken) -> Response:
    """Respond with the nearest free starts."""
    nearest = [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in refusal.alternatives]
    return errors.problem_response(refusal.status, refusal.slug, refusal.text, alternatives=nearest)


api.register_error_handler(SlotTaken, slot_taken)
by_link.register_error_handler(SlotTaken, slot_taken)


@api.operation("GET", "/hosts", Operation("List every host", HostsResponse))
def list_hosts() -> Response:
    """Respond with all hosts and their listed office hours."""
    found = hosts.directory(db.session(), actor())
    shown = [responses.host(each.host, each.office_hours, private=False) for each in found]
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
    """Respond with one host."""
    return json_response(shown_host(db.session(), host, actor()), public=True)


@api.operation(
    "GET",
    "/hosts/<host>/office-hours/<slug>/slots",
    Operation(
        "List open starts",
        SlotsResponse,
        "The starts never depend on `zone`.",
        query=SlotsQuery,
    ),
)
def list_slots(host: str, slug: str) -> Response:
    """Respond with the starts that are open now."""
    session = db.session()
    owner, offered = _office_hours(session, host, slug, actor())
    query = query_arguments(SlotsQuery)
    duration = query.minutes or offered.minutes[0]
    if duration not in offered.minutes:
        raise Invalid({"minutes": "is not one of the lengths to choose from"})
    zone = zones.zone(query.zone or owner.zone)
    within = _dates(query, zone)
    found = availability.for_one(session, owner, offered, within, current.now())
    starts = slots.open_starts(found, within, duration)
    if starts:
        shown = responses.slots(zone.key, starts, duration)
    else:
        shown = responses.no_slots(zone.key, no_starts.reason(found, within, duration))
    return json_response(shown, public=True)


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
        body=BookingRequest,
        refusals=(409, 429),
    ),
)
def book(host: str, slug: str) -> Response:
    """Book a start."""
    guest = actor()
    try:
        request_, key = booking_requests.parse(json_body()), _idempotency_key()
    except Refusal:
        _office_hours(db.session(), host, slug, guest)  # 404 goes before 422
        raise
    try:
        with transaction() as session:
            result = bookings.book(
                session,
                OfficeHoursPath(host, slug),
                request_,
                current.now(),
                domain=current.settings().domain,
                actor=guest,
                idempotency_key=key,
                limited=current.settings().limits_requests,
            )
    except Invalid as refusal:
        _, offered = _office_hours(db.session(), host, slug, guest)
        raise Invalid(booking_requests.api_errors(refusal.errors, offered.questions)) from None
    return json_response(responses.booking_result(result, current.settings().secret_key), 201)


@by_link.operation(
    "GET", "/bookings/<token>", Operation("Show a booking", BookingResponse, PRIVATE_LINK)
)
def show_booking(token: str) -> Response:
    """Respond with the booking that the private link opens."""
    session = db.session()
    found = booking_queries.by_token(session, token, current.settings().secret_key)
    proposal = proposal_queries.open_for(session, found, current.now())
    return json_response(responses.booking(found, hosts.by_id(session, found.host_id), proposal))


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
    reason = booking_requests.parse_reason(optional_json_body())
    secret_key = current.settings().secret_key
    with transaction() as session:
        found = bookings.cancel(
            session,
            token,
            current.now(),
            secret_key=secret_key,
            reason=reason,
            limited=current.settings().limits_requests,
        )
        owner = hosts.by_id(session, found.host_id)
    return json_response(responses.booking(found, owner))


@by_link.operation(
    "POST",
    "/bookings/<token>/absent",
    Operation(
        "Tell the host that the guest cannot come",
        BookingResponse,
        "For a booking that can no longer be cancelled: `absent_at` is set, the status stays, and "
        "nobody is reminded any more. Before the deadline: 409 still-changeable.",
        body=ReasonSchema,
        optional=True,
        refusals=(409,),
    ),
)
def report_absence(token: str) -> Response:
    """Tell the host that the guest of the booking that the private link opens cannot come."""
    reason = booking_requests.parse_reason(optional_json_body())
    secret_key = current.settings().secret_key
    with transaction() as session:
        found = absence.report(session, token, current.now(), secret_key=secret_key, reason=reason)
        owner = hosts.by_id(session, found.host_id)
    return json_response(responses.booking(found, owner))


@by_link.operation(
    "POST",
    "/bookings/<token>/reschedule",
    Operation(
        "Move a booking",
        BookingResponse,
        "It keeps its length, and its own time counts as free. Where a move needs approval, the "
        "booking is `pending` again and its old time is free.",
        body=MoveSchema,
        refusals=(409, 429),
    ),
)
def reschedule_booking(token: str) -> Response:
    """Move the booking that the private link opens."""
    starts_at = booking_requests.parse_move(json_body())
    settings, now = current.settings(), current.now()
    _require_ahead(starts_at, now)
    with transaction() as session:
        found = bookings.reschedule(
            session,
            token,
            starts_at,
            now,
            secret_key=settings.secret_key,
            limited=settings.limits_requests,
        )
        owner = hosts.by_id(session, found.host_id)
    return json_response(responses.booking(found, owner))


@by_link.operation(
    "POST",
    "/bookings/resend",
    Operation(
        "Send a guest's bookings again",
        ResendResponse,
        "One mail with the links of the address's bookings to come. The response does not say "
        "whether there are any.",
        statuses=(202,),
        body=ResendSchema,
        refusals=(429,),
    ),
)
def resend_bookings() -> Response:
    """Queue the mail."""
    resend_page.queue(validate(ResendSchema, json_body()).email)
    message = "If this address has bookings to come, a mail with their links is on its way."
    return json_response(ResendResponse(message=message), 202)


@by_link.operation(
    "POST",
    "/bookings/<token>/choose",
    Operation(
        "Choose a start that the host proposed",
        BookingResponse,
        "The booking moves there and is confirmed.",
        body=MoveSchema,
        refusals=(409,),
    ),
)
def choose_start(token: str) -> Response:
    """Move the booking to a proposed start."""
    starts_at = booking_requests.parse_move(json_body())
    secret_key = current.settings().secret_key
    with transaction() as session:
        found = proposals.choose(session, token, starts_at, current.now(), secret_key=secret_key)
        owner = hosts.by_id(session, found.host_id)
    return json_response(responses.booking(found, owner))


def shown_host(session: Session, slug: str, caller: Actor) -> HostResponse:
    """Return what `caller` may see of the host of this slug; raise NotFound."""
    found = hosts.listing(session, slug, caller)
    private = policy.may_manage(caller, found.host)
    return responses.host(found.host, found.office_hours, private=private)


def _office_hours(
    session: Session, host: str, slug: str, caller: Actor
) -> tuple[Host, OfficeHours]:
    owner = hosts.by_slug(session, host)
    return owner, office_hours.visible(session, owner, slug, caller)


def _dates(query: SlotsQuery, zone: ZoneInfo) -> Interval:
    """Return the time from the first date to the last in `zone`; raise Invalid for too many."""
    if query.to < query.from_:
        raise Invalid({"to": "lies before `from`"})
    if query.to - query.from_ >= MOST_DAYS * DAY:
        raise Invalid({"to": f"must leave {MOST_DAYS} days at most, both dates included"})
    return Interval(walltime.midnight(query.from_, zone), walltime.midnight(query.to + DAY, zone))


def _idempotency_key() -> str | None:
    key = request.headers.get(KEY)
    if key is not None and not key.isprintable():
        raise Invalid({"idempotency_key": "must be printable"})
    return key


def _require_ahead(starts_at: datetime, now: datetime) -> None:
    if starts_at <= now:
        raise Invalid({"starts_at": "has passed: please choose another start"})
