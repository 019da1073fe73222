"""The page on which guests who lost the mails have the links of their bookings sent again."""

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from booking import resent_links
from core.addresses import BadAddress, check_address
from core.db.transaction import transaction
from core.http import current, requester
from core.http.errors import with_retry_after
from core.refusals import RateLimited, Refusal

PATH = "/bookings/"

pages = Blueprint("bookings_again", __name__, url_prefix=PATH)


@pages.get("/")
def ask() -> str:
    """Show the form."""
    return _page()


@pages.post("/")
def send() -> Response:
    """Queue the mail; the response is the same for every address."""
    try:
        email = check_address(request.form.get("email", ""))
        queue(email)
    except BadAddress as refusal:
        return make_response(_page(errors={"email": str(refusal)}), 422)
    except RateLimited as refusal:
        return with_retry_after(make_response(_page(refusal), refusal.status), refusal)
    return redirect(f"{PATH}sent/", 303)


@pages.get("/sent/")
def sent() -> str:
    """Show that a mail is on its way."""
    return render_template("booking/bookings-sent.html")


def queue(email: str) -> None:
    """Queue the mail to a normalized address; raise RateLimited over the requester's limit."""
    network = requester.network() if current.settings().limits_requests else None
    with transaction() as session:
        resent_links.ask(session, email, current.now(), network=network)


def _page(refusal: Refusal | None = None, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "booking/bookings-again.html",
        email=request.form.get("email", ""),
        refused=refusal.text if refusal else None,
        errors=errors or {},
    )
