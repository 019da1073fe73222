"""A host's week: as a picture, and as sentences that can be changed."""

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from accounts.web.viewer import required
from booking import queries, situations
from booking.domain import week
from booking.domain.bookings import Status
from booking.domain.hosts import Booking, Host, OfficeHours
from booking.domain.hours import monday
from booking.domain.week import Kind, Mark
from booking.services import hosting, hosts
from booking.services.changes import Change
from booking.web import host_entries, host_forms, offer_forms
from booking.web.host_entries import Values
from core import web
from core.db import db, transaction
from core.refusals import Invalid
from scheduler.domain.interval import Interval

WEEKS = 2
_MARKS = {
    Status.PENDING: Kind.PENDING,
    Status.HELD: Kind.PENDING,
    Status.CONFIRMED: Kind.BOOKED,
    Status.DONE: Kind.BOOKED,
    Status.NO_SHOW: Kind.BOOKED,
}

pages = Blueprint("hours", __name__, url_prefix="/<slug>")


@pages.get("/")
def show(slug: str) -> str:
    """Show this week and the next, and the lines of the hours, one of them open to be changed."""
    host = queries.managed_host(db.session(), slug, required())
    kind, key = request.args.get("edit", ""), request.args.get("line", "")
    lines = host_entries.entries(host.hours, host.hours.date_at(web.now()))
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
            wanted = host_forms.parse(request.form, host, host.hours.date_at(web.now()))
            hosts.save(rows, row, wanted.named, Change(web.now(), reader.email, whole=True))
    except Invalid as refusal:
        host = queries.managed_host(db.session(), slug, reader)
        kind = host_forms.KINDS.get(request.form.get("change", ""), "")
        page = _page(host, host_forms.typed(request.form), kind, refusal.errors)
        return make_response(page, 422)
    flash(wanted.said)
    return redirect(url_for("host.hours.show", slug=slug), 303)


def _page(host: Host, values: Values, opened: str, errors: dict[str, str]) -> str:
    rows, now = db.session(), web.now()
    offers = queries.offers(rows, host)
    today = host.hours.date_at(now)
    first = monday(today)
    marks = list(_marks(rows, host, offers, week.span(host.hours, first, WEEKS), now))
    coming = queries.bookings_of_host(rows, host, now)
    return render_template(
        "booking/host/hours.html",
        host=host,
        zone=host.zone_at(now),
        today=today,
        weeks=week.weeks(host.hours, marks, first, WEEKS),
        lines=host_entries.entries(host.hours, today),
        offers=[(offer, offer_forms.summary(offer)) for offer in offers],
        waiting=sum(booking.status is Status.PENDING for booking in coming),
        coming=[each for each in coming if each.is_open(now)],
        values=values,
        opened=opened,
        errors=errors,
        windows=host_forms.windows(values),
        rhythms=host_forms.rhythms(values),
    )


def _marks(
    rows: Session, host: Host, offers: list[OfficeHours], within: Interval, now: datetime
) -> Iterator[Mark]:
    """Yield what lies over the hours: bookings, and events of the host's own."""
    for booking in queries.bookings_of_host(rows, host, within.start, within.end):
        if booking.status in _MARKS:
            yield Mark(_MARKS[booking.status], _interval(booking), booking.guest_name)
    for offer in offers[:1]:  # the host's own events are the same for every offer
        for busy in situations.situation(rows, host, offer, within, now).busy:
            yield Mark(Kind.EVENT, busy, "")


def _interval(booking: Booking) -> Interval:
    return Interval(booking.starts_at, booking.ends_at)
