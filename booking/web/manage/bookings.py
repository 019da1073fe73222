"""A host's bookings, and what the host can do with each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from accounts.domain.actors import Actor
from accounts.web.viewer import required_viewer
from booking.domain import booking_requests
from booking.domain.bookings import Booking, BookingStatus
from booking.domain.hosts import Host
from booking.queries import bookings, hosts
from booking.services import host_bookings
from core.db.base import db
from core.db.transaction import transaction
from core.fields import sentence
from core.http import current
from core.refusals import Conflict, Invalid, NotFound

LOOK_BACK = timedelta(weeks=26)

pages = Blueprint("bookings", __name__, url_prefix="/<slug>/bookings")


@dataclass(frozen=True, slots=True)
class ListedBooking:
    """A booking with the host's zone at its start."""

    booking: Booking
    zone: str
    has_begun: bool


@dataclass(frozen=True, slots=True)
class _HostAction:
    """What a host does with a booking, or with several."""

    slug: str
    refs: tuple[str, ...]
    actor: Actor
    now: datetime
    reason: str | None

    @property
    def ref(self) -> str:
        """The id of the booking, of several that of the first."""
        return self.refs[0]


@pages.get("/")
def show(slug: str) -> str:
    """Show the pending bookings, those to come, and those of the last half year."""
    return _page(hosts.managed(db.session(), slug, required_viewer().actor))


@pages.post("/")
def act(slug: str) -> Response:
    """Approve, decline, cancel or keep a booking, or record attendance."""
    actor = required_viewer().actor
    host = hosts.managed(db.session(), slug, actor)
    do = _ACTIONS.get(request.form.get("change", ""))
    if do is None:
        raise NotFound
    try:
        reason = booking_requests.parse_reason({"reason": request.form.get("reason", "")})
        refs = tuple(request.form.getlist("booking"))
        if not refs:
            raise Invalid({"booking": "Please choose a booking first."})
        action = _HostAction(slug, refs, actor, current.now(), reason)
        with transaction() as session:
            message = do(session, action)
    except Invalid as refusal:
        ref = request.form.get("booking", "")
        errors = {f"{name}-{ref}": sentence(words) for name, words in refusal.errors.items()}
        return make_response(_page(host, errors), refusal.status)
    except Conflict as refusal:
        return make_response(_page(host, {"": refusal.text}), refusal.status)
    flash(message)
    return redirect(url_for("host.bookings.show", slug=slug), 303)


def _approve(session: Session, action: _HostAction) -> str:
    booking = host_bookings.approve(session, action.slug, action.ref, action.actor, action.now)
    return f"Confirmed. {booking.guest_name} gets a mail with a calendar invite."


def _decline(session: Session, action: _HostAction) -> str:
    booking = host_bookings.decline(
        session, action.slug, action.ref, action.actor, action.now, reason=action.reason
    )
    return f"Declined. {booking.guest_name} gets a mail."


def _cancel(session: Session, action: _HostAction) -> str:
    cancelled = [
        host_bookings.cancel(
            session, action.slug, ref, action.actor, action.now, reason=action.reason
        ).guest_name
        for ref in action.refs
    ]
    if len(cancelled) > 1:
        return f"Cancelled {len(cancelled)} bookings. Each guest gets a mail."
    return f"Cancelled. {cancelled[0]} gets a mail, and the time is free again."


def _keep(session: Session, action: _HostAction) -> str:
    booking = host_bookings.keep(session, action.slug, action.ref, action.actor, action.now)
    return f"Kept. {booking.guest_name} gets a mail."


def _done(session: Session, action: _HostAction) -> str:
    host_bookings.mark(
        session, action.slug, action.ref, BookingStatus.DONE, action.actor, action.now
    )
    return "Recorded: it took place."


def _no_show(session: Session, action: _HostAction) -> str:
    host_bookings.mark(
        session, action.slug, action.ref, BookingStatus.NO_SHOW, action.actor, action.now
    )
    return "Recorded: the guest did not come."


_ACTIONS: Mapping[str, Callable[[Session, _HostAction], str]] = {
    "approve": _approve,
    "decline": _decline,
    "cancel": _cancel,
    "keep": _keep,
    "done": _done,
    "no-show": _no_show,
}


def _page(host: Host, errors: Mapping[str, str] | None = None) -> str:
    session, now = db.session(), current.now()
    everything = bool(request.args.get("all"))
    since = None if everything else now - LOOK_BACK
    listed = [
        ListedBooking(booking, host.zone_at(booking.starts_at), booking.starts_at <= now)
        for booking in bookings.of_host(session, host, since)
    ]
    open_ = [each for each in listed if each.booking.is_open(now)]
    displaced = [each for each in open_ if each.booking.displaced_to is not None]
    settled = [each for each in open_ if each.booking.displaced_to is None]
    return render_template(
        "booking/host/bookings.html",
        host=host,
        displaced=displaced,
        waiting=[each for each in settled if each.booking.status is BookingStatus.PENDING],
        coming=[each for each in settled if each.booking.status is not BookingStatus.PENDING],
        past=[each for each in reversed(listed) if not each.booking.is_open(now)],
        everything=everything,
        errors=errors or {},
        typed=request.form.get("reason", ""),
    )
