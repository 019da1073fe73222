"""The JSON API for hosts, by their own token: hours, office hours, the list of bookings."""

from collections.abc import Mapping
from datetime import datetime

from flask import Response

from accounts.web.viewer import required_viewer
from booking.domain.bookings import Booking
from booking.queries import bookings, hosts
from booking.schemas import HostBodySchema
from booking.services import hosts as host_services
from booking.services import office_hours
from booking.web.api import responses
from booking.web.api.guest import shown_host
from booking.web.api.responses import HostBookingsResponse, HostResponse
from core.db.base import db
from core.db.transaction import transaction
from core.fields import IsoInstant, Schema, ShortText, validate
from core.http import current
from core.http.api import (
    Api,
    Cursor,
    Operation,
    json_body,
    json_response,
    query_arguments,
    read_cursor,
    reject_cursor,
    write_cursor,
)
from core.refusals import Invalid
from core.sections import Result

BOOKINGS_A_PAGE = 100


class BookingsQuery(Schema):
    """Which page of the bookings."""

    cursor: Cursor | None = None


class _Position(Schema):
    at: IsoInstant
    id: ShortText


api = Api("host", __name__)


@api.operation(
    "PUT",
    "/hosts/<host>",
    Operation(
        "Make a host, or replace what the object names",
        HostResponse,
        "Keys that are left out stay as they are; a list that is named replaces the whole list. "
        "Bookings are never touched. Each `url` may be sent as GET shows it, and nothing else. For "
        "the host and for admins; only admins can make a new host.",
        statuses=(200, 201),
        body=HostBodySchema,
        partial=True,
        token=True,
        refusals=(403,),
    ),
)
def put_host(host: str) -> Response:
    """Write the fields in the body."""
    actor, body = required_viewer().actor, _without_urls(host, json_body())
    with transaction() as session:
        result = host_services.put(session, host, body, current.now(), actor=actor)
    shown = shown_host(db.session(), host, actor)
    return json_response(shown, 201 if result is Result.CREATED else 200)


@api.operation(
    "DELETE",
    "/hosts/<host>/office-hours/<slug>",
    Operation(
        "Delete office hours without bookings",
        HostResponse,
        "While bookings refer to them: 409 has-bookings. Close them instead.",
        token=True,
        refusals=(409,),
    ),
)
def delete_office_hours(host: str, slug: str) -> Response:
    """Delete office hours; respond with the host that has the others."""
    actor = required_viewer().actor
    with transaction() as session:
        row, _ = host_services.lock_managed(session, host, actor)
        office_hours.remove(session, row, slug, current.now(), actor=actor)
    return json_response(shown_host(db.session(), host, actor))


@api.operation(
    "GET",
    "/hosts/<host>/bookings",
    Operation(
        "List the host's bookings by start",
        HostBookingsResponse,
        f"All of them, {BOOKINGS_A_PAGE} a page.",
        query=BookingsQuery,
        token=True,
    ),
)
def list_bookings(host: str) -> Response:
    """Respond with a page of the host's bookings."""
    session = db.session()
    owner = hosts.managed(session, host, required_viewer().actor)
    cursor = query_arguments(BookingsQuery).cursor
    found = bookings.of_host(
        session, owner, after=_after(cursor) if cursor else None, limit=BOOKINGS_A_PAGE + 1
    )
    shown = found[:BOOKINGS_A_PAGE]
    following = _cursor(shown[-1]) if len(found) > BOOKINGS_A_PAGE else None
    listed = [responses.host_booking(each) for each in shown]
    return json_response(HostBookingsResponse(bookings=listed, next=following))


def _without_urls(host: str, body: Mapping[str, object]) -> dict[str, object]:
    """Return the body without each `url` that is as GET shows it; any other is refused later."""
    path = f"/office-hours/{host}/"
    found = _without_url(body, path)
    listed = found.get("office_hours")
    if isinstance(listed, list):
        found["office_hours"] = [
            _without_url(each, f"{path}{each.get('slug')}/") if isinstance(each, Mapping) else each
            for each in listed
        ]
    return found


def _without_url(body: Mapping[str, object], path: str) -> dict[str, object]:
    shown = {"url": current.absolute_url(path)}
    return dict(item for item in body.items() if item not in shown.items())


def _cursor(last: Booking) -> str:
    return write_cursor({"at": last.starts_at.isoformat(), "id": last.id})


def _after(cursor: str) -> tuple[datetime, str]:
    try:
        position = validate(_Position, read_cursor(cursor))
    except Invalid:
        reject_cursor()
    return position.at, position.id
