"""A host's own pages: the list of them, becoming a host, and "About you"."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.queries import Viewer
from accounts.web.viewer import required_viewer
from booking.domain.hosts import Host
from booking.queries import hosts as queries
from booking.services import hosts
from booking.web.manage import another_time, bookings, host_forms, hours, office_hours
from core.db.base import db
from core.db.transaction import transaction
from core.http import current, forms
from core.http.forms import Texts
from core.refusals import Invalid

pages = Blueprint("host", __name__, url_prefix="/host")
for _part in (hours.pages, office_hours.pages, bookings.pages, another_time.pages):
    pages.register_blueprint(_part)


@pages.get("/")
def mine() -> Response:
    """Lead to the reader's host page, or show them all, or how to become a host."""
    reader = required_viewer()
    own = queries.of_person(db.session(), reader.person_id)
    if len(own) == 1 and not reader.is_admin:
        return redirect(url_for("host.hours.show", slug=own[0].slug), 303)
    return make_response(_mine_page(reader, {"name": reader.name or "", "zone": reader.zone or ""}))


@pages.post("/")
def start() -> Response:
    """Make the reader a host."""
    reader = required_viewer()
    try:
        new = host_forms.parse_new(request.form)
        with transaction() as session:
            hosts.create(session, new, current.now(), actor=reader.actor)
    except Invalid as refusal:
        page = _mine_page(reader, forms.posted(request.form), refusal.errors)
        return make_response(page, 422)
    flash("Your host page is ready. Add your hours, then what people can book.")
    return redirect(url_for("host.hours.show", slug=new.slug), 303)


@pages.get("/<slug>/about/")
def about(slug: str) -> str:
    """Show the form "About you"."""
    host = queries.managed(db.session(), slug, required_viewer().actor)
    return _about_page(host, host_forms.about(host))


@pages.post("/<slug>/about/")
def save_about(slug: str) -> Response:
    """Save the form "About you"."""
    actor = required_viewer().actor
    try:
        with transaction() as session:
            row, host = hosts.lock_managed(session, slug, actor)
            fields = host_forms.parse_about(request.form, host)
            hosts.update(session, row, fields, current.now(), actor=actor)
    except Invalid as refusal:
        host = queries.managed(db.session(), slug, actor)
        page = _about_page(host, forms.posted(request.form), refusal.errors)
        return make_response(page, 422)
    flash("Your page is saved.")
    return redirect(url_for("host.about", slug=slug), 303)


def _mine_page(reader: Viewer, values: Texts, errors: dict[str, str] | None = None) -> str:
    session = db.session()
    own = queries.of_person(session, reader.person_id)
    others = [host for host in queries.every(session) if host not in own] if reader.is_admin else []
    return render_template(
        "booking/host/mine.html", own=own, others=others, values=values, errors=errors or {}
    )


def _about_page(host: Host, values: Texts, errors: dict[str, str] | None = None) -> str:
    return render_template("booking/host/about.html", host=host, values=values, errors=errors or {})
