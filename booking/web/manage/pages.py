"""A host's own pages: which ones there are, becoming a host, what a host says of themself."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from accounts.queries import Viewer
from accounts.web.viewer import required
from booking import queries
from booking.services import hosting, hosts
from booking.web.manage import bookings, hours, hours_forms, office_hours
from booking.web.manage.hours_lines import Values
from core.db.base import db
from core.db.transaction import transaction
from core.http import current
from core.refusals import Invalid

pages = Blueprint("host", __name__, url_prefix="/host")
for _part in (hours.pages, office_hours.pages, bookings.pages):
    pages.register_blueprint(_part)


@pages.get("/")
def mine() -> Answer:
    """Lead to the reader's host page, or show them all, or how to begin one."""
    reader = required()
    own = queries.hosts_of(db.session(), reader)
    if len(own) == 1 and not reader.is_admin:
        return redirect(url_for("host.hours.show", slug=own[0].slug), 303)
    return make_response(_mine_page(reader, {"name": reader.name or "", "zone": reader.zone or ""}))


@pages.post("/")
def start() -> Answer:
    """Make the reader a host."""
    reader = required()
    try:
        new = hours_forms.parse_start(request.form)
        body = {"slug": new.slug, "name": new.name, "zone": new.zone}
        with transaction() as rows:
            hosting.start(rows, body, current.now(), actor=reader)
    except Invalid as refusal:
        page = _mine_page(reader, hours_forms.typed(request.form), refusal.errors)
        return make_response(page, 422)
    flash("Your host page is there. Say when you are free, then what people can book.")
    return redirect(url_for("host.hours.show", slug=new.slug), 303)


@pages.get("/<slug>/about/")
def about(slug: str) -> str:
    """Show what the host says of themself."""
    host = queries.managed_host(db.session(), slug, required())
    return _about_page(slug, hours_forms.about(host))


@pages.post("/<slug>/about/")
def save_about(slug: str) -> Answer:
    """Save it."""
    reader = required()
    try:
        queries.managed_host(db.session(), slug, reader)
        named = hours_forms.parse_about(request.form)
        with transaction() as rows:
            hosts.put(rows, slug, named, current.now(), actor=reader)
    except Invalid as refusal:
        page = _about_page(slug, hours_forms.typed(request.form), refusal.errors)
        return make_response(page, 422)
    flash("What you say of yourself is saved.")
    return redirect(url_for("host.about", slug=slug), 303)


def _mine_page(reader: Viewer, values: Values, errors: dict[str, str] | None = None) -> str:
    rows = db.session()
    own = queries.hosts_of(rows, reader)
    others = [host for host in queries.hosts(rows) if host not in own] if reader.is_admin else []
    return render_template(
        "booking/host/mine.html", own=own, others=others, values=values, errors=errors or {}
    )


def _about_page(slug: str, values: Values, errors: dict[str, str] | None = None) -> str:
    host = queries.managed_host(db.session(), slug, required())
    return render_template("booking/host/about.html", host=host, values=values, errors=errors or {})
