"""A host's hours: the week as a picture, and sentences that can be changed."""

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from accounts.web.context import organization
from accounts.web.viewer import required_viewer
from booking.domain import week
from booking.domain.bookings import BookingStatus
from booking.domain.hosts import Host
from booking.domain.hours import monday
from booking.domain.office_hours import OfficeHours
from booking.domain.week import BandKind, Mark
from booking.queries import availability, bookings, hosts, office_hours
from booking.services import hosts as services
from booking.web.manage import hours_forms, office_hours_forms
from core.db.base import db
from core.db.transaction import transaction
from core.http import current, forms
from core.http.forms import Texts
from core.refusals import Invalid
from scheduler.domain.interval import Interval

WEEKS = 2
_MARKS = {
    BookingStatus.PENDING: BandKind.PENDING,
    BookingStatus.HELD: BandKind.PENDING,
    BookingStatus.CONFIRMED: BandKind.BOOKED,
    BookingStatus.DONE: BandKind.BOOKED,
    BookingStatus.NO_SHOW: BandKind.BOOKED,
}

pages = Blueprint("hours", __name__, url_prefix="/<slug>")


@pages.get("/")
def show(slug: str) -> str:
    """Show this week and the next, and the lines of the hours, one of them open to be changed."""
    host = hosts.managed(db.session(), slug, required_viewer().actor)
    kind, key = request.args.get("edit", ""), request.args.get("line", "")
    return _page(host, hours_forms.shown(host, kind, key), kind, {})


@pages.post("/")
def change(slug: str) -> Response:
    """Make the change of one of the forms."""
    actor = required_viewer().actor
    try:
        with transaction() as session:
            row, host = services.lock_managed(session, slug, actor)
            change = hours_forms.parse(request.form, host, organization().hour_clock)
            services.update(session, row, change.fields, current.now(), actor=actor)
    except Invalid as refusal:
        host = hosts.managed(db.session(), slug, actor)
        kind = request.form.get("change", "")
        return make_response(_page(host, forms.posted(request.form), kind, refusal.errors), 422)
    flash(change.message)
    return redirect(url_for("host.hours.show", slug=slug), 303)


def _page(host: Host, values: Texts, opened: str, errors: dict[str, str]) -> str:
    session, now, clock = db.session(), current.now(), organization().hour_clock
    offered = office_hours.of_host(session, host)
    today = host.date_at(now)
    first = monday(today)
    marks = list(_marks(session, host, offered, week.weeks_interval(host, first, WEEKS), now))
    coming = [each for each in bookings.of_host(session, host, now) if each.is_open(now)]
    return render_template(
        "booking/host/hours.html",
        host=host,
        zone=host.zone_at(now),
        today=today,
        weeks=week.weeks(host, marks, first, WEEKS, clock=clock),
        lines=hours_forms.lines(host, today, clock),
        office_hours=[(each, office_hours_forms.summary(each)) for each in offered],
        waiting=sum(booking.status is BookingStatus.PENDING for booking in coming),
        away=[each for each in coming if host.is_away_during(each.interval)],
        coming=coming,
        values=values,
        opened=opened,
        errors=errors,
        windows=hours_forms.windows(values),
        rhythms=hours_forms.rhythms(values),
    )


def _marks(
    session: Session, host: Host, offered: list[OfficeHours], within: Interval, now: datetime
) -> Iterator[Mark]:
    """Yield the bookings and the host's own events, which are drawn over the hours."""
    for booking in bookings.of_host(session, host, within.start, within.end):
        if booking.status in _MARKS:
            interval = Interval(booking.starts_at, booking.ends_at)
            yield Mark(_MARKS[booking.status], interval, booking.guest_name)
    for each in offered[:1]:  # the host's own events are the same for all office hours
        for busy in availability.for_one(session, host, each, within, now).busy:
            yield Mark(BandKind.EVENT, busy, "")
