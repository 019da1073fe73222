"""What people can book with a host: adding an office hour and changing one."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from accounts.web.viewer import required
from booking import queries
from booking.domain.hosts import OfficeHours
from booking.services import hosting
from booking.web.manage import hours_forms, office_hours_forms
from booking.web.manage.hours_lines import Values
from core.db.base import db
from core.db.transaction import transaction
from core.http import current
from core.refusals import Invalid

pages = Blueprint("offers", __name__, url_prefix="/<slug>/office-hours")


@pages.get("/")
def new(slug: str) -> str:
    """Show the form of a new office hour, with the defaults in it."""
    return _page(slug, None, office_hours_forms.blank())


@pages.post("/")
def add(slug: str) -> Answer:
    """Add it."""
    reader = required()
    try:
        queries.managed_host(db.session(), slug, reader)
        body = office_hours_forms.body(office_hours_forms.parse(request.form, None))
        with transaction() as rows:
            hosting.add_offer(rows, slug, body, current.now(), actor=reader)
    except Invalid as refusal:
        page = _page(slug, None, hours_forms.typed(request.form), refusal.errors)
        return make_response(page, 422)
    flash("People can book this now, in the hours that you gave.")
    return redirect(url_for("host.hours.show", slug=slug), 303)


@pages.get("/<offer>/")
def edit(slug: str, offer: str) -> str:
    """Show the form of an office hour."""
    found = _offer(slug, offer)
    return _page(slug, found, office_hours_forms.shown(found))


@pages.post("/<offer>/")
def save(slug: str, offer: str) -> Answer:
    """Change it."""
    reader, found = required(), _offer(slug, offer)
    try:
        body = office_hours_forms.body(office_hours_forms.parse(request.form, found.slug))
        with transaction() as rows:
            hosting.change_offer(rows, slug, body, current.now(), actor=reader)
    except Invalid as refusal:
        page = _page(slug, found, hours_forms.typed(request.form), refusal.errors)
        return make_response(page, 422)
    flash("Saved. Bookings that were made stay as they are.")
    return redirect(url_for("host.offers.edit", slug=slug, offer=offer), 303)


def _offer(slug: str, offer: str) -> OfficeHours:
    rows, reader = db.session(), required()
    return queries.office_hours(rows, queries.managed_host(rows, slug, reader), offer, reader)


def _page(
    slug: str, offer: OfficeHours | None, values: Values, errors: dict[str, str] | None = None
) -> str:
    return render_template(
        "booking/host/offer.html",
        host=queries.managed_host(db.session(), slug, required()),
        offer=offer,
        values=values,
        numbers=office_hours_forms.question_numbers(values),
        units=office_hours_forms.UNITS,
        errors=errors or {},
    )
