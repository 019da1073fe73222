"""The viewer of a request, from the session cookie on pages and the bearer token in the API."""

from datetime import timedelta

import flask
from flask import current_app, g, request
from sqlalchemy.exc import DBAPIError

from accounts import queries
from accounts.domain.actors import ANYONE, Actor
from accounts.queries import Viewer
from accounts.services import sign_in
from core.db.base import db
from core.db.errors import is_busy, is_outage
from core.db.transaction import transaction
from core.http import current
from core.refusals import NotAllowed, SignInNeeded

SESSION_KEY = "signed_in"


def viewer() -> Viewer | None:
    """Return the signed-in viewer, read once per request; None if there is none."""
    if "viewer" not in g:
        g.viewer = _bearer() if request.path.startswith(current.API) else _signed_in()
    found: Viewer | None = g.viewer
    return found


def actor() -> Actor:
    """Return the actor of this request: the signed-in person, otherwise ANYONE."""
    found = viewer()
    return ANYONE if found is None else found.actor


def required_viewer() -> Viewer:
    """Return the signed-in viewer; raise SignInNeeded if there is none."""
    found = viewer()
    if found is None:
        raise SignInNeeded
    return found


def required_admin() -> Viewer:
    """Return the signed-in admin; raise SignInNeeded or NotAllowed for others."""
    found = required_viewer()
    if not found.is_admin:
        raise NotAllowed("Only an admin can see this page.")
    return found


def _signed_in() -> Viewer | None:
    # Reading the session would add Vary and Set-Cookie to public pages.
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return None
    token = flask.session.get(SESSION_KEY)
    if not isinstance(token, str):
        return None
    found = queries.viewer_of_session(db.session(), token, current.now())
    if found is None:
        return None
    reader, last_seen_at = found
    if last_seen_at < current.now() - timedelta(hours=1):
        _record_seen(token)
    return reader


def _record_seen(token: str) -> None:
    """Record that the session is in use; skip it if the database is busy or full."""
    try:
        with transaction(wait=False) as session:
            sign_in.seen(session, token, current.now())
    except DBAPIError as error:
        if not (is_busy(error) or is_outage(error)):
            raise


def _bearer() -> Viewer | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        return None
    found = queries.viewer_of_api_token(db.session(), token.strip())
    if found is None:
        raise SignInNeeded(
            "This API token is unknown. You can make a new one with `flask token add`."
        )
    return found
