"""A host's week: as a picture, and as sentences that can be changed."""

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from accounts.web.viewer import required
from booking import availability, queries
from booking.domain import week
from booking.domain.bookings import Status
from booking.domain.hosts import Booking, Host, OfficeHours
from booking.domain.hours import monday
from booking.domain.week import BandKind, Mark
from booking.services import hosting, hosts
from booking.services.merging import Change
from booking.web.manage import hours_forms, hours_lines, office_hours_forms
from booking.web.manage.hours_lines import Values
from core.db.base import db
from core.db.transaction import transaction
from core.http import current
from core.refusals import Invalid
from scheduler.domain.interval import Interval

WEEKS = 2
_MARKS = {
    Status.PENDING: BandKind.PENDING,
    Status.HELD: BandKind.PENDING,
    Status.CONFIRMED: BandKind.BOOKED,
    Status.DONE: BandKind.BOOKED,
    Status.NO_SHOW: BandKind.BOOKED,
}

pages = Blueprint("hours", __name__, url_prefix="/<slug>")


@pages.get("/")
def show(slug: str) -> str:
    """Show this week and the next, and the lines of the hours, one of them open to be changed."""
    host = queries.managed_host(db.session(), slug, required())
    kind, key = request.args.get("edit", ""), request.args.get("line", "")
    lines = hours_lines.hours_lines(host.hours, host.hours.date_at(current.now()))
    line = next((each for each in lines.get(kind, ()) if each.key == key), None)
    values: Values = {} if line is None else {**line.values, "replaces": line.key}
    return _page(host, values, kind, {})


@pages.post("/")
def change(slug: str) -> Answer:
    """Change what one of the forms asks for."""
    reader = required()
    try:
        with transaction() as rows:
            row, host = hosting.locked(rows, slug, reader)
            wanted = hours_forms.parse(request.form, host, host.hours.date_at(current.now()))
            hosts.save(rows, row, wanted.named, Change(current.now(), reader.email, whole=True))
    except Invalid as refusal:
        host = queries.managed_host(db.session(), slug, reader)
        kind = hours_forms.KINDS.get(request.form.get("change", ""), "")
        page = _page(host, hours_forms.typed(request.form), kind, refusal.errors)
        return make_response(page, 422)
    flash(wanted.said)
    return redirect(url_for("host.hours.show", slug=slug), 303)


def _page(host: Host, values: Values, opened: str, errors: dict[str, str]) -> str:
    rows, now = db.session(), current.now()
    offers = queries.office_hours_of(rows, host)
    today = host.hours.date_at(now)
    first = monday(today)
    marks = list(_marks(rows, host, offers, week.weeks_interval(host.hours, first, WEEKS), now))
    coming = queries.bookings_of_host(rows, host, now)
    return render_template(
        "booking/host/hours.html",
        host=host,
        zone=host.zone_at(now),
        today=today,
        weeks=week.weeks(host.hours, marks, first, WEEKS),
        lines=hours_lines.hours_lines(host.hours, today),
        offers=[(offer, office_hours_forms.summary(offer)) for offer in offers],
        waiting=sum(booking.status is Status.PENDING for booking in coming),
        coming=[each for each in coming if each.is_open(now)],
        values=values,
        opened=opened,
        errors=errors,
        windows=hours_forms.windows(values),
        rhythms=hours_forms.rhythms(values),
    )


def _marks(
    rows: Session, host: Host, offers: list[OfficeHours], within: Interval, now: datetime
) -> Iterator[Mark]:
    """Yield what lies over the hours: bookings, and events of the host's own."""
    for booking in queries.bookings_of_host(rows, host, within.start, within.end):
        if booking.status in _MARKS:
            yield Mark(_MARKS[booking.status], _interval(booking), booking.guest_name)
    for offer in offers[:1]:  # the host's own events are the same for every offer
        for busy in availability.availability_of(rows, host, offer, within, now).busy:
            yield Mark(BandKind.EVENT, busy, "")


def _interval(booking: Booking) -> Interval:
    return Interval(booking.starts_at, booking.ends_at)
