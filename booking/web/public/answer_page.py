"""The page on which a host approves or declines a request, by the link in the mail about it.

Opening the link changes nothing, because mail scanners open links too.
"""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from accounts.domain.actors import Actor
from booking.domain import booking_requests
from booking.domain.bookings import OPEN, Booking, BookingStatus
from booking.queries import bookings as queries
from booking.queries import hosts
from booking.services import host_bookings
from core import zones
from core.db.base import db
from core.db.transaction import transaction
from core.http import current
from core.http.security import private
from core.refusals import Conflict, Invalid
from scheduler.domain import walltime

DAY = timedelta(days=1)

pages = Blueprint("booking_answer", __name__, url_prefix="/bookings/answer/<token>")


@pages.after_request
def keep_private(response: Response) -> Response:
    """Keep these pages out of caches and their addresses out of referrers, also on errors."""
    return private(response)


@pages.get("/")
def show(token: str) -> str:
    """Show the request and the host's other bookings of that day, while it waits for an answer.

    Then the link shows what became of it and nothing else, for mails get quoted.
    """
    return _page(token)


@pages.post("/approve")
def approve(token: str) -> Response:
    """Approve the request."""
    return _answer(
        token,
        lambda session, slug, booking, actor, _reason: host_bookings.approve(
            session, slug, booking.id, actor, current.now()
        ),
    )


@pages.post("/decline")
def decline(token: str) -> Response:
    """Decline the request; the mail to the guest says why."""
    return _answer(
        token,
        lambda session, slug, booking, actor, reason: host_bookings.decline(
            session, slug, booking.id, actor, current.now(), reason=reason
        ),
    )


def _answer(
    token: str, do: Callable[[Session, str, Booking, Actor, str | None], Booking]
) -> Response:
    booking = queries.by_answer_token(db.session(), token, current.settings().secret_key)
    slug = hosts.by_id(db.session(), booking.host_id).slug
    actor = Actor.link("host", booking.request_subject)
    try:
        reason = booking_requests.parse_reason({"reason": request.form.get("reason", "").strip()})
        with transaction() as session:
            do(session, slug, booking, actor, reason)
    except (Invalid, Conflict) as refusal:
        errors = refusal.errors if isinstance(refusal, Invalid) else {}
        page = _page(token, refused=None if errors else refusal.text, errors=errors)
        return make_response(page, refusal.status)
    return redirect(f"/bookings/answer/{token}/", 303)


def _page(token: str, *, refused: str | None = None, errors: dict[str, str] | None = None) -> str:
    session, now = db.session(), current.now()
    booking = queries.by_answer_token(session, token, current.settings().secret_key)
    host = hosts.by_id(session, booking.host_id)
    zone = host.zone_at(booking.starts_at)
    day = host.date_at(booking.starts_at)
    midnight, next_midnight = (
        walltime.midnight(each, zones.zone(zone)) for each in (day, day + DAY)
    )
    others = queries.of_host(session, host, midnight, next_midnight, statuses=OPEN)
    return render_template(
        "booking/answer.html",
        token=token,
        booking=booking,
        host=host,
        zone=zone,
        is_waiting=booking.status is BookingStatus.PENDING and booking.is_open(now),
        others=[each for each in others if each.id != booking.id],
        refused=refused,
        errors=errors or {},
        typed=request.form,
    )
