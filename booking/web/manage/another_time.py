"""The page on which a host moves a booking, or lets the guest choose another start."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.web.viewer import required_viewer
from booking.domain import booking_requests, proposals, slots
from booking.domain.bookings import Booking
from booking.domain.hosts import Host
from booking.queries import availability, bookings, hosts, office_hours
from booking.services import host_bookings
from booking.services import proposals as services
from core import zones
from core.db.base import db
from core.db.transaction import transaction
from core.fields import Schema, WallTime, validate
from core.http import current
from core.refusals import Conflict, Invalid, Refusal
from scheduler.domain import walltime
from scheduler.domain.interval import Interval

NEAR = timedelta(days=14)
NEAREST = 8

pages = Blueprint("another_time", __name__, url_prefix="/<slug>/bookings/<ref>")


class _TypedTime(Schema):
    """A wall time that the host typed."""

    own: WallTime


@pages.get("/")
def show(slug: str, ref: str) -> str:
    """Show the nearest free starts."""
    return _page(slug, ref)


@pages.post("/")
def change(slug: str, ref: str) -> Response:
    """Move the booking to the one chosen start, or propose the chosen starts to the guest."""
    actor, now = required_viewer().actor, current.now()
    host = hosts.managed(db.session(), slug, actor)
    try:
        chosen = _chosen(host)
        if request.form.get("change") == "propose":
            reason = request.form.get("reason", "").strip()
            proposed = proposals.parse({"starts": chosen, "reason": reason})
            with transaction() as session:
                booking = services.propose(session, slug, ref, proposed, actor, now)
            flash(f"{booking.guest_name} gets a mail and can choose. Until then nothing changes.")
        else:
            if len(chosen) != 1:
                raise Invalid({"starts": "Please choose one time to move to."})
            starts_at = booking_requests.parse_move({"starts_at": chosen[0]})
            with transaction() as session:
                booking = host_bookings.move(session, slug, ref, starts_at, actor, now)
            flash(f"Moved. {booking.guest_name} gets a mail.")
    except (Invalid, Conflict) as refusal:
        return make_response(_page(slug, ref, refusal), refusal.status)
    return redirect(url_for("host.bookings.show", slug=slug), 303)


def _chosen(host: Host) -> list[str]:
    """Return the chosen starts and the typed one as instants; raise Invalid."""
    chosen = request.form.getlist("starts")
    typed = request.form.get("own", "").strip()
    if typed:
        own = validate(_TypedTime, {"own": typed}).own
        zone = host.zone_on(own.date())
        chosen.append(walltime.instant(own, zones.zone(zone)).isoformat())
    return chosen


def _page(slug: str, ref: str, refusal: Refusal | None = None) -> str:
    session, now = db.session(), current.now()
    host = hosts.managed(session, slug, required_viewer().actor)
    booking = bookings.of_host_by_ref(session, host, ref)
    errors = {}
    if isinstance(refusal, Invalid):
        errors = {name.partition(".")[0]: words for name, words in refusal.errors.items()}
    elif refusal is not None:
        errors = {"": refusal.text}
    return render_template(
        "booking/host/another-time.html",
        host=host,
        booking=booking,
        zone=host.zone_at(booking.starts_at),
        is_open=booking.is_open(now),
        starts=_nearest(host, booking, now),
        typed=request.form.to_dict(),
        chosen=request.form.getlist("starts"),
        errors=errors,
    )


def _nearest(host: Host, booking: Booking, now: datetime) -> list[datetime]:
    """Return the free starts nearest to the booking, but for its own."""
    session = db.session()
    booked = office_hours.by_id(session, booking.office_hours_id)
    within = Interval(max(now, booking.starts_at - NEAR), max(now, booking.starts_at) + NEAR)
    found = availability.for_one(session, host, booked, within, now, booking)
    free = slots.open_starts(found, within, booking.duration)
    others = [at for at in free if at != booking.starts_at]
    return slots.nearest(others, booking.starts_at, NEAREST)
