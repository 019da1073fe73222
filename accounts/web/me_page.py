"""The signed-in reader's own page: agenda, name and time zone."""

from collections.abc import Mapping

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.schemas import Profile
from accounts.services import people
from accounts.web.viewer import required_viewer
from core import parts
from core.db.base import db
from core.db.transaction import transaction
from core.http import blocks, current, forms
from core.refusals import Invalid

pages = Blueprint("me", __name__)


@pages.get("/me/")
def show() -> str:
    """Show the reader's agenda, made of the blocks of all areas."""
    return _page(required_viewer(), {})


@pages.post("/me/")
def save() -> Response:
    """Save the reader's name and zone."""
    reader = required_viewer()
    try:
        profile = forms.parse(Profile, request.form)
    except Invalid as refusal:
        page = _page({**request.form, "email": reader.email}, refusal.errors)
        return make_response(page, 422)
    with transaction() as session:
        people.save_profile(session, reader.person_id, profile.name, profile.zone)
    return redirect(url_for("me.show"), 303)


def _page(reader: object, errors: Mapping[str, str]) -> str:
    agenda = blocks.with_values(parts.current().agenda_blocks, db.session(), current.now())
    return render_template("accounts/me.html", reader=reader, blocks=agenda, errors=errors)
