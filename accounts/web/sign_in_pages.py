"""Pages that sign people in by a mailed link, and out again."""

import flask
from flask import (
    Blueprint,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from accounts import mails, queries
from accounts.services import sign_in
from accounts.web.viewer import SESSION_KEY, required_viewer
from core import tokens
from core.addresses import BadAddress, check_address
from core.db.base import db
from core.db.transaction import transaction
from core.http import current, errors
from core.http.form_again import can_be_kept, form_again
from core.http.security import private
from core.refusals import SignInNeeded

BROWSER_KEY = "browser"
DEFAULT_PATH = "/me/"

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in/")
def ask() -> str:
    """Show the form that asks for a link."""
    _browser()  # named before the form is sent, so that a form that is sent twice has one name
    return render_template("accounts/sign-in.html", email="", next=safe_path(), errors={})


@pages.post("/sign-in/")
def send() -> Response:
    """Queue the mail; the response is the same for known and unknown addresses."""
    text = request.form.get("email", "")
    try:
        email = check_address(text)
    except BadAddress as refusal:
        page = render_template(
            "accounts/sign-in.html", email=text, next=safe_path(), errors={"email": str(refusal)}
        )
        return make_response(page, 422)
    with transaction() as session:
        mails.ask_for_link(session, email, current.now(), browser=_browser(), next_path=safe_path())
    return redirect(url_for("sign_in.sent"), 303)


@pages.get("/sign-in/sent/")
def sent() -> str:
    """Show that a mail is on its way."""
    return render_template("accounts/sign-in-sent.html")


@pages.get("/sign-in/<token>/")
def confirm(token: str) -> Response:
    """Show a button: opening a link does not sign in, because mail scanners open links too."""
    link = queries.valid_sign_in_link(db.session(), token, current.now())
    page = render_template("accounts/sign-in-confirm.html", link=link)
    return private(make_response(page, 200 if link else 410))


@pages.post("/sign-in/<token>/")
def use(token: str) -> Response:
    """Use the link up and start a new session."""
    with transaction() as session:
        session_token, next_path = sign_in.sign_in(session, token, current.now())
    flask.session.clear()
    flask.session[SESSION_KEY] = session_token
    return private(redirect(next_path, 303))


@pages.post("/sign-out/")
def leave() -> Response:
    """End this session."""
    token = flask.session.pop(SESSION_KEY, None)
    if isinstance(token, str):
        with transaction() as session:
            sign_in.sign_out(session, token)
    flask.session.clear()
    return redirect("/", 303)


@pages.post("/sign-out/everywhere/")
def leave_everywhere() -> Response:
    """End every session of the reader, including this one."""
    person_id = required_viewer().person_id
    with transaction() as session:
        sign_in.sign_out_everywhere(session, person_id)
    flask.session.clear()
    return redirect("/", 303)


def to_sign_in(refusal: SignInNeeded) -> Response:
    """Redirect to the sign-in form, which leads back afterwards; to the API answer 401.

    A form stays on a page that can send it again: a redirect would lose what was typed.
    """
    if request.path.startswith(current.API):
        response = errors.problem_response(401, refusal.slug, refusal.text)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    if can_be_kept():
        return form_again(refusal.status, "Please sign in")
    back = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return redirect(url_for("sign_in.ask", next=back), 303)


def safe_path() -> str:
    """Return the `next` argument if it is the path of a page of this app, else DEFAULT_PATH."""
    wanted = request.values.get("next", "") or DEFAULT_PATH
    odd = any(character in "\\" or character < " " for character in wanted)
    if odd or not wanted.startswith("/") or wanted.startswith("//"):
        return DEFAULT_PATH
    path = wanted.partition("#")[0].partition("?")[0]
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]  # there is a request
    except RequestRedirect:
        return wanted
    except HTTPException:
        return DEFAULT_PATH
    return wanted


def _browser() -> str:
    """Return the random name of this browser, which its session cookie stores."""
    name: str = flask.session.setdefault(BROWSER_KEY, tokens.new_ref())
    return name
