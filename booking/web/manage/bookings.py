"""A host's bookings: who comes when, and what the host says to each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from accounts.queries import Viewer
from accounts.web.viewer import required
from booking import booking_requests, queries
from booking.domain.bookings import Status
from booking.domain.hosts import Booking, Host
from booking.services import host_bookings
from core.db.base import db
from core.db.transaction import transaction
from core.http import current
from core.refusals import Conflict, Invalid, NotFound

LOOK_BACK = timedelta(weeks=26)

pages = Blueprint("bookings", __name__, url_prefix="/<slug>/bookings")


@dataclass(frozen=True, slots=True)
class BookingLine:
    """A booking with the zone that the host lives by at its start, and what may be done with it."""

    booking: Booking
    zone: str
    has_begun: bool


@dataclass(frozen=True, slots=True)
class _HostAction:
    """What a host says to a booking."""

    slug: str
    ref: str
    actor: Viewer
    now: datetime
    reason: str | None


@pages.get("/")
def show(slug: str) -> str:
    """Show those that wait for an answer, those to come, and those of the last half year."""
    return _page(queries.managed_host(db.session(), slug, required()))


@pages.post("/")
def answer(slug: str) -> Answer:
    """Approve, decline, cancel or keep a booking, or note what came of it."""
    reader = required()
    host = queries.managed_host(db.session(), slug, reader)
    act = _ACTS.get(request.form.get("change", ""))
    if act is None:
        raise NotFound
    try:
        reason = booking_requests.parse_reason({"reason": request.form.get("reason", "")})
        word = _HostAction(slug, request.form.get("booking", ""), reader, current.now(), reason)
        with transaction() as rows:
            said = act(rows, word)
    except Invalid as refusal:
        return make_response(_page(host, " ".join(refusal.errors.values())), 422)
    except Conflict as refusal:
        return make_response(_page(host, refusal.text), refusal.status)
    flash(said)
    return redirect(url_for("host.bookings.show", slug=slug), 303)


def _approve(rows: Session, word: _HostAction) -> str:
    booking = host_bookings.approve(rows, word.slug, word.ref, word.actor, word.now)
    return f"Confirmed. {booking.guest_name} gets a mail with an invitation."


def _decline(rows: Session, word: _HostAction) -> str:
    booking = host_bookings.decline(
        rows, word.slug, word.ref, word.actor, word.now, reason=word.reason
    )
    return f"Declined. {booking.guest_name} gets a mail."


def _cancel(rows: Session, word: _HostAction) -> str:
    booking = host_bookings.cancel(
        rows, word.slug, word.ref, word.actor, word.now, reason=word.reason
    )
    return f"Cancelled. {booking.guest_name} gets a mail, and the time is free again."


def _keep(rows: Session, word: _HostAction) -> str:
    booking = host_bookings.keep(rows, word.slug, word.ref, word.actor, word.now)
    return f"Kept. {booking.guest_name} gets a mail."


def _done(rows: Session, word: _HostAction) -> str:
    host_bookings.mark(rows, word.slug, word.ref, Status.DONE, word.actor, word.now)
    return "Noted: it took place."


def _no_show(rows: Session, word: _HostAction) -> str:
    host_bookings.mark(rows, word.slug, word.ref, Status.NO_SHOW, word.actor, word.now)
    return "Noted: the guest did not come."


_ACTS: Mapping[str, Callable[[Session, _HostAction], str]] = {
    "approve": _approve,
    "decline": _decline,
    "cancel": _cancel,
    "keep": _keep,
    "done": _done,
    "no-show": _no_show,
}


def _page(host: Host, refused: str = "") -> str:
    rows, now = db.session(), current.now()
    everything = bool(request.args.get("all"))
    since = None if everything else now - LOOK_BACK
    lines = [
        BookingLine(booking, host.zone_at(booking.starts_at), booking.starts_at <= now)
        for booking in queries.bookings_of_host(rows, host, since)
    ]
    open_ = [line for line in lines if line.booking.is_open(now)]
    displaced = [line for line in open_ if line.booking.displaced_to is not None]
    settled = [line for line in open_ if line.booking.displaced_to is None]
    return render_template(
        "booking/host/bookings.html",
        host=host,
        displaced=displaced,
        waiting=[line for line in settled if line.booking.status is Status.PENDING],
        coming=[line for line in settled if line.booking.status is not Status.PENDING],
        past=[line for line in reversed(lines) if not line.booking.is_open(now)],
        everything=everything,
        refused=refused,
    )
