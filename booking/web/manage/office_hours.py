"""Pages on which a host adds and changes office hours."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.web.viewer import required_viewer
from booking.domain.hosts import Host
from booking.domain.office_hours import OfficeHours
from booking.domain.refusals import HasBookings
from booking.queries import hosts
from booking.queries import office_hours as queries
from booking.services import hosts as host_services
from booking.services import office_hours as services
from booking.web.manage import office_hours_forms
from core.db.base import db
from core.db.transaction import transaction
from core.http import current, forms
from core.http.forms import Texts
from core.refusals import Invalid

pages = Blueprint("office_hours", __name__, url_prefix="/<slug>/office-hours")


@pages.get("/")
def new(slug: str) -> str:
    """Show the form of new office hours, with the defaults in it."""
    return _page(_host(slug), None, office_hours_forms.blank())


@pages.post("/")
def add(slug: str) -> Response:
    """Add office hours."""
    host = _host(slug)
    try:
        typed = office_hours_forms.parse(request.form, None)
        with transaction() as session:
            row, _ = host_services.lock_managed(session, slug, required_viewer().actor)
            services.add(session, row, typed, current.now(), actor=required_viewer().actor)
    except Invalid as refusal:
        page = _page(host, None, forms.posted(request.form), refusal.errors)
        return make_response(page, 422)
    flash("People can book this now, during your hours.")
    return redirect(url_for("host.hours.show", slug=slug), 303)


@pages.get("/<office_hours>/")
def edit(slug: str, office_hours: str) -> str:
    """Show the form of office hours."""
    host = _host(slug)
    found = queries.visible(db.session(), host, office_hours, required_viewer().actor)
    return _page(host, found, office_hours_forms.shown(found))


@pages.post("/<office_hours>/")
def save(slug: str, office_hours: str) -> Response:
    """Change office hours."""
    host = _host(slug)
    found = queries.visible(db.session(), host, office_hours, required_viewer().actor)
    try:
        typed = office_hours_forms.parse(request.form, found)
        with transaction() as session:
            row, _ = host_services.lock_managed(session, slug, required_viewer().actor)
            services.change(session, row, typed, current.now(), actor=required_viewer().actor)
    except Invalid as refusal:
        page = _page(host, found, forms.posted(request.form), refusal.errors)
        return make_response(page, 422)
    flash("Saved. Existing bookings stay as they are.")
    return redirect(url_for("host.office_hours.edit", slug=slug, office_hours=office_hours), 303)


@pages.post("/<office_hours>/delete")
def delete(slug: str, office_hours: str) -> Response:
    """Delete office hours that nobody booked."""
    actor = required_viewer().actor
    try:
        with transaction() as session:
            row, _ = host_services.lock_managed(session, slug, actor)
            services.remove(session, row, office_hours, current.now(), actor=actor)
    except HasBookings as refusal:
        host = _host(slug)
        found = queries.visible(db.session(), host, office_hours, actor)
        page = _page(host, found, office_hours_forms.shown(found), {"": refusal.text})
        return make_response(page, refusal.status)
    flash("Deleted.")
    return redirect(url_for("host.hours.show", slug=slug), 303)


def _host(slug: str) -> Host:
    return hosts.managed(db.session(), slug, required_viewer().actor)


def _page(
    host: Host,
    office_hours: OfficeHours | None,
    values: Texts,
    errors: dict[str, str] | None = None,
) -> str:
    return render_template(
        "booking/host/office-hours.html",
        host=host,
        office_hours=office_hours,
        values=values,
        positions=office_hours_forms.question_positions(values),
        units=office_hours_forms.UNITS,
        errors=errors or {},
        is_booked=office_hours is not None and queries.is_booked(db.session(), office_hours),
    )
