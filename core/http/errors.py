"""Errors as pages, and as problem+json (RFC 9457) in the API."""

import logging
import math
from http import HTTPStatus
from typing import TypeVar

from flask import Flask, Response, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug import wrappers
from werkzeug.exceptions import HTTPException, SecurityError

from core import tokens
from core.db.errors import DRIVERS, is_busy, is_outage
from core.http import current
from core.http.current import API
from core.http.form_again import can_be_kept, form_again
from core.refusals import Invalid, RateLimited, Refusal

LONGEST_PUBLIC_NAME = 40

MESSAGES = {
    400: "The request could not be read.",
    404: "There is nothing at this address. It may be mistyped, or the link may have expired.",
    405: "This address does not accept that kind of request.",
    413: "That is too much text for this form. Please shorten it.",
    414: "The address is too long.",
}

TITLES = {
    403: "Not allowed",
    404: "Page not found",
    405: "Page not found",
    409: "This has just changed",
    410: "This link has expired",
    422: "Please correct this",
    429: "Please wait a little",
    500: "Something went wrong",
    503: "Please try again",
}

log = logging.getLogger("convenor")

R = TypeVar("R", bound=wrappers.Response)


def init_app(app: Flask) -> None:
    """Register the handlers of all errors."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    for error in (DBAPIError, *DRIVERS):
        app.register_error_handler(error, _database_error)
    app.register_error_handler(Exception, _failed)


def problem_response(status: int, slug: str, text: str, **more: object) -> Response:
    """Return an `application/problem+json` response (RFC 9457)."""
    body = {
        "type": current.absolute_url(f"/api/problems/{slug}"),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": text,
        **more,
    }
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def error_response(status: int, slug: str, text: str, **more: object) -> Response:
    """Return an error as JSON under /api/ and as a page elsewhere."""
    if request.path.startswith(API):
        return problem_response(status, slug, text, **more)
    try:
        page = render_template(
            "error.html", status=status, title=TITLES.get(status, "That did not work"), message=text
        )
    except SQLAlchemyError:
        page = text  # the page head reads the database, which is failing
    return Response(page, status, content_type="text/html; charset=utf-8")


def _refused(refusal: Refusal) -> Response:
    more = {"errors": refusal.errors} if isinstance(refusal, Invalid) else {}
    response = error_response(refusal.status, refusal.slug, refusal.text, **more)
    return with_retry_after(response, refusal)


def with_retry_after(response: R, refusal: Refusal) -> R:
    """Return the response to a refusal, with the seconds to wait if there is a limit."""
    if isinstance(refusal, RateLimited):
        response.headers["Retry-After"] = str(math.ceil(refusal.wait.total_seconds()))
    return response


def _http_error(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError):
        # A page cannot be built for an unknown Host header.
        return Response("This is not the address of this calendar.\n", 400, mimetype="text/plain")
    if isinstance(error, CSRFError):
        if can_be_kept():
            return form_again(400, "This form has expired")
        text = "This form has expired. Please go back, reload the page and send it again."
        return error_response(400, "form-expired", text)
    slug = HTTPStatus(error.code).phrase.lower().replace(" ", "-")
    response = error_response(error.code, slug, MESSAGES.get(error.code, error.description or ""))
    for name, value in error.get_response().headers.items():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _database_error(error: Exception) -> Response:
    if isinstance(error, DBAPIError) and is_busy(error):
        response = error_response(503, "busy", "The site is busy. Please try again.")
    elif is_outage(error):
        log.error("database outage at %s: %s", mask_tokens(request.path), _cause(error))
        text = "The database is not available right now. Please try again soon."
        response = error_response(503, "outage", text)
    else:
        return _failed(error)
    response.headers["Retry-After"] = "2"
    return response


def _cause(error: Exception) -> object:
    """Return the driver's error: SQLAlchemy's has the statement and its parameters."""
    return error.orig if isinstance(error, DBAPIError) else error


def _failed(error: Exception) -> Response:
    reference = tokens.new_ref()
    log.error("error %s at %s", reference, mask_tokens(request.path), exc_info=error)
    text = f"Something went wrong on our side. We have logged it as {reference}."
    return error_response(500, "internal-error", text)


def mask_tokens(path: str) -> str:
    """Return `path` for a log: one line of ASCII, with everything that may be a token masked."""
    parts = ("..." if len(part) > LONGEST_PUBLIC_NAME else part for part in path.split("/"))
    return "/".join(part.encode("unicode_escape").decode() for part in parts)
