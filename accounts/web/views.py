"""Signing in by mail and out again; one's own page; the admin's view of mails and changes."""

from collections.abc import Mapping
from typing import TypeVar

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as Answer

from accounts import mails, queries
from accounts.services import people, sign_in
from accounts.web import forms
from accounts.web.viewer import SESSION_KEY, required, required_admin
from core import audit, tokens
from core.addresses import BadAddress, check_address
from core.db.base import db
from core.db.transaction import transaction
from core.fields import errors_by_field
from core.http import blocks, current, errors
from core.messages import outbox
from core.refusals import SignInNeeded

ENTRIES_A_PAGE = 200
BROWSER_KEY = "browser"

R = TypeVar("R", bound=Answer)

pages = Blueprint("accounts", __name__)


@pages.get("/sign-in/")
def ask() -> str:
    """Show the form that asks for a link."""
    _browser()  # known before the form is sent, also when it is sent twice at once
    return render_template("accounts/sign-in.html", email="", next=safe_path(), errors={})


@pages.post("/sign-in/")
def send() -> Answer:
    """Queue the mail; the answer is the same whether the address is known or not."""
    text = request.form.get("email", "")
    try:
        email = check_address(text)
    except BadAddress as refusal:
        page = render_template(
            "accounts/sign-in.html", email=text, next=safe_path(), errors={"email": str(refusal)}
        )
        return make_response(page, 422)
    with transaction() as rows:
        mails.ask_for_link(rows, email, current.now(), browser=_browser(), next_path=safe_path())
    return redirect(url_for("accounts.sent"), 303)


@pages.get("/sign-in/sent/")
def sent() -> str:
    """Say that a mail is on its way."""
    return render_template("accounts/sign-in-sent.html")


@pages.get("/sign-in/<token>/")
def confirm(token: str) -> Response:
    """Show a button: opening a link signs nobody in, mail scanners open links too."""
    link = queries.valid_sign_in_link(db.session(), token, current.now())
    page = render_template("accounts/sign-in-confirm.html", link=link)
    return private(make_response(page, 200 if link else 410))


@pages.post("/sign-in/<token>/")
def use(token: str) -> Answer:
    """Use the link up and begin a new session."""
    with transaction() as rows:
        session_token, next_path = sign_in.sign_in(rows, token, current.now())
    session.clear()
    session[SESSION_KEY] = session_token
    return private(redirect(next_path, 303))


@pages.post("/sign-out/")
def leave() -> Answer:
    """End this session."""
    token = session.pop(SESSION_KEY, None)
    if isinstance(token, str):
        with transaction() as rows:
            sign_in.sign_out(rows, token)
    session.clear()
    return redirect("/", 303)


@pages.post("/sign-out/everywhere/")
def leave_everywhere() -> Answer:
    """End every session of the reader, this one too."""
    person_id = required().person_id
    with transaction() as rows:
        sign_in.sign_out_everywhere(rows, person_id)
    session.clear()
    return redirect("/", 303)


@pages.get("/me/")
def me() -> str:
    """Show the reader's own agenda, put together from what each area offers."""
    return _me(required(), {})


@pages.post("/me/")
def save_me() -> Answer:
    """Save the reader's name and zone."""
    reader = required()
    try:
        profile = forms.parse_profile(request.form)
    except ValidationError as refusal:
        typed = {**request.form, "email": reader.email}
        page = _me(typed, errors_by_field(refusal))
        return make_response(page, 422)
    with transaction() as rows:
        people.save_profile(rows, reader.person_id, profile.name, profile.zone)
    return redirect(url_for("accounts.me"), 303)


def _me(reader: object, errors: Mapping[str, str]) -> str:
    agenda = blocks.rendered("agenda", db.session(), current.now())
    return render_template("accounts/me.html", reader=reader, blocks=agenda, errors=errors)


@pages.get("/admin/")
def admin() -> str:
    """Show which mails failed, which were queued last, and who changed what last."""
    required_admin()
    rows = db.session()
    return render_template(
        "accounts/admin.html",
        messages=outbox.failed_and_newest(rows, ENTRIES_A_PAGE),
        entries=audit.recent(rows, ENTRIES_A_PAGE),
    )


def to_sign_in(refusal: SignInNeeded) -> Answer:
    """Answer a page that needs a reader: to the sign-in form, and back afterwards."""
    if request.path.startswith(current.API):
        response = errors.problem_response(401, refusal.slug, refusal.text)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    back = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return redirect(url_for("accounts.ask", next=back), 303)


def safe_path() -> str:
    """Return the `next` path if it is a page of ours that can be got, "/me/" otherwise."""
    wanted = request.values.get("next", "") or "/me/"
    odd = any(character in "\\" or character < " " for character in wanted)
    if odd or not wanted.startswith("/") or wanted.startswith("//"):
        return "/me/"
    path = wanted.partition("#")[0].partition("?")[0]
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]  # a request is there
    except RequestRedirect:
        return wanted
    except HTTPException:
        return "/me/"
    return wanted


def private(response: R) -> R:
    """Mark a page behind a private link: kept by nobody, told to nobody."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _browser() -> str:
    """Return the random name of this browser, which its session cookie keeps."""
    name: str = session.setdefault(BROWSER_KEY, tokens.new_ref())
    return name
