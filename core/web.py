"""What every response has in common: origin and CSRF checks, headers, errors, health."""

import logging
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, jsonify, render_template, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from core import clock, tokens
from core.config import Settings
from core.outages import DRIVERS, is_busy, is_outage
from core.refusals import Invalid, NotFound, Refusal

API = "/api/"
LONGEST_PUBLIC_NAME = 40
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cache-Control", "private, no-store"),
)
WORDS = {
    400: "That request could not be read.",
    404: "There is nothing at this address. It may have been mistyped, or the link may have ended.",
    405: "This address does not answer to that kind of request.",
    413: "That is more than this form takes: please send less text.",
    414: "That address is too long.",
}

TITLES = {
    403: "Not allowed",
    404: "Nothing here",
    405: "Nothing here",
    409: "That has just changed",
    410: "This link has ended",
    422: "Please mend this",
    500: "Something broke",
    503: "Please try again",
}


class Word(BaseConverter):
    """A part of an address that may be the slug of a series: /dlct/, but not /robots.txt."""

    regex = "[A-Za-z0-9-]+"


csrf = CSRFProtect()
log = logging.getLogger("convenor")


class CookieSessions(SecureCookieSessionInterface):
    """Flask's sessions, at no cost for the many readers who bring no cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie holds, nothing without one."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def settings() -> Settings:
    """Return the settings of the running app."""
    found: Settings = current_app.extensions["convenor.settings"]
    return found


def now() -> datetime:
    """Return the instant of this request, read once."""
    if "now" not in g:
        g.now = clock.now()
    at: datetime = g.now
    return at


def absolute(path: str) -> str:
    """Return the address of `path` for use outside of a page: under BASE_URL, never the Host."""
    return settings().base_url + path


def init_app(app: Flask, chosen: Settings) -> None:
    """Give `app` its security, its error pages and its health checks."""
    app.config.update(
        SECRET_KEY=chosen.secret_key,
        TRUSTED_HOSTS=chosen.trusted_hosts,
        MAX_CONTENT_LENGTH=1_000_000,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=2000,
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,  # an asset's address holds its hash
        SESSION_COOKIE_NAME="__Host-convenor" if chosen.https else "convenor",
        SESSION_COOKIE_SECURE=chosen.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # A foreign Referer is judged below by Origin and Sec-Fetch-Site; token pages send none.
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = CookieSessions()
    if chosen.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way
            app.wsgi_app, x_for=chosen.proxies, x_proto=chosen.proxies
        )
    app.url_map.converters["word"] = Word
    app.before_request(_refuse_odd_names)
    # Before CSRFProtect's own check: a foreign form is told 403, not that its token is missing.
    app.before_request(_refuse_foreign_forms)
    app.before_request(_refuse_nul)
    csrf.init_app(app)
    app.after_request(_stay_on_host)
    app.after_request(_add_headers)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    for trouble in (DBAPIError, *DRIVERS):
        app.register_error_handler(trouble, _database_error)
    app.register_error_handler(Exception, _failed)


def _refuse_odd_names() -> None:
    """Raise NotFound for an address that no row can have and no database takes, such as a NUL."""
    # Where no route fits, or the Host is not ours, that is answered after this.
    if request.routing_exception is None and not request.path.isprintable():
        raise NotFound


def _refuse_nul() -> Response | None:
    """Refuse a form with a NUL in it: PostgreSQL takes no such text, and nobody types it."""
    if request.method in SAFE_METHODS or request.path.startswith(API):
        return None
    if any("\0" in text for texts in request.form.listvalues() for text in texts):
        return answer(422, "invalid", "A field of this form holds a character that text cannot.")
    return None


def _refuse_foreign_forms() -> Response | None:
    if request.method in SAFE_METHODS:
        return None
    origin = request.headers.get("Origin")
    own = (settings().base_url, request.host_url.rstrip("/"))
    foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    if foreign or (origin is not None and origin != "null" and origin not in own):
        return answer(403, "foreign-origin", "This form was sent from another site.")
    return None


def _add_headers(response: Response) -> Response:
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        return response  # the reader keeps the headers of the answer it has (RFC 9110 15.4.5)
    # `setdefault` would raise and catch an error inside for each header that is not there.
    present = {name.lower() for name, _ in response.headers}
    response.headers.extend(
        [(name, value) for name, value in HEADERS if name.lower() not in present]
    )
    if settings().https and "strict-transport-security" not in present:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def problem(status: int, slug: str, text: str, **more: object) -> Response:
    """Return an `application/problem+json` answer (RFC 9457)."""
    body = {
        "type": absolute(f"/api/problems/{slug}"),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": text,
        **more,
    }
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def answer(status: int, slug: str, text: str, **more: object) -> Response:
    """Return an error as JSON to the API and as a page to everybody else."""
    if request.path.startswith(API):
        return problem(status, slug, text, **more)
    try:
        page = render_template(
            "error.html", status=status, title=TITLES.get(status, "That did not work"), message=text
        )
    except SQLAlchemyError:
        page = text  # the page head reads the database, and that is what is broken
    return Response(page, status, content_type="text/html; charset=utf-8")


def _stay_on_host(response: Response) -> Response:
    """Let the redirect to the address with its slash name no host: a proxy's may be another."""
    if response.status_code == HTTPStatus.PERMANENT_REDIRECT:
        target = urlsplit(response.headers["Location"])
        query = f"?{target.query}" if target.query else ""
        response.headers["Location"] = target.path + query
    return response


def _refused(refusal: Refusal) -> Response:
    more = {"errors": refusal.errors} if isinstance(refusal, Invalid) else {}
    return answer(refusal.status, refusal.slug, refusal.text, **more)


def _http_error(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError):
        # The Host header is not ours: no page can be built, its links would have no base.
        return Response("This is not the address of this calendar.\n", 400, mimetype="text/plain")
    if isinstance(error, CSRFError):
        text = "This form had grown old. Please go back, reload the page and send it again."
        return answer(400, "form-expired", text)
    slug = HTTPStatus(error.code).phrase.lower().replace(" ", "-")
    response = answer(error.code, slug, WORDS.get(error.code, error.description or ""))
    for name, value in error.get_response().headers.items():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _database_error(error: Exception) -> Response:
    if isinstance(error, DBAPIError) and is_busy(error):
        response = answer(503, "busy", "Very many people are here just now. Please try again.")
    elif is_outage(error):
        log.error("database outage at %s: %s", masked(request.path), _cause(error))
        response = answer(503, "outage", "Our database is away just now. Please try again soon.")
    else:
        return _failed(error)
    response.headers["Retry-After"] = "2"
    return response


def _cause(error: Exception) -> object:
    """Return what the driver said: SQLAlchemy adds the statement and what people wrote."""
    return error.orig if isinstance(error, DBAPIError) else error


def _failed(error: Exception) -> Response:
    reference = tokens.new_ref()
    log.error("error %s at %s", reference, masked(request.path), exc_info=error)
    text = f"Something broke on our side, and we have noted it as {reference}."
    return answer(500, "internal-error", text)


def masked(path: str) -> str:
    """Return `path` for a log: one line of ASCII, with all that may be a private token hidden."""
    parts = ("..." if len(part) > LONGEST_PUBLIC_NAME else part for part in path.split("/"))
    return "/".join(part.encode("unicode_escape").decode() for part in parts)
