"""Security of requests and responses: hosts, origins, CSRF, cookies, headers."""

from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from werkzeug import wrappers
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from core.config import Settings
from core.http import current
from core.http.current import API
from core.http.errors import error_response
from core.refusals import NotFound

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

csrf = CSRFProtect()

R = TypeVar("R", bound=wrappers.Response)


class CookieSessions(SecureCookieSessionInterface):
    """Flask's sessions, without their cost for requests that have no cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session in the cookie, an empty one if there is no cookie."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class SlugConverter(BaseConverter):
    """A segment of a path that can be a slug: /dlct/, but not /robots.txt."""

    regex = "[A-Za-z0-9-]+"


def init_app(app: Flask, chosen: Settings) -> None:
    """Configure cookies, limits and proxies of the app, and check every request and response."""
    app.config.update(
        SECRET_KEY=chosen.secret_key,
        TRUSTED_HOSTS=chosen.trusted_hosts,
        MAX_CONTENT_LENGTH=1_000_000,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=2000,
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,  # the address of an asset contains its hash
        SESSION_COOKIE_NAME="__Host-convenor" if chosen.https else "convenor",
        SESSION_COOKIE_SECURE=chosen.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Instead of the Referer, which pages with tokens do not send, the Origin is checked below.
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = CookieSessions()
    if chosen.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way
            app.wsgi_app, x_for=chosen.proxies, x_proto=chosen.proxies
        )
    app.url_map.converters["word"] = SlugConverter
    app.before_request(_refuse_unprintable_paths)
    # Before CSRFProtect's own check, so that another site's form gets 403, not "expired".
    app.before_request(_refuse_foreign_forms)
    app.before_request(_refuse_nul)
    csrf.init_app(app)
    app.after_request(_make_redirect_relative)
    app.after_request(_add_headers)


def private(response: R) -> R:
    """Return the response of a page behind a private link: not cached, indexed or in a Referer."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _refuse_unprintable_paths() -> None:
    """Raise NotFound for unprintable paths: no slug has them, and PostgreSQL rejects NUL."""
    # Unknown routes and unknown hosts get their own errors after this.
    if request.routing_exception is None and not request.path.isprintable():
        raise NotFound


def _refuse_nul() -> Response | None:
    """Refuse a form with a NUL character, which PostgreSQL cannot store."""
    if request.method in SAFE_METHODS or request.path.startswith(API):
        return None
    if any("\0" in text for texts in request.form.listvalues() for text in texts):
        return error_response(
            422, "invalid", "A field of this form contains a character that cannot be saved."
        )
    return None


def _refuse_foreign_forms() -> Response | None:
    if request.method in SAFE_METHODS:
        return None
    origin = request.headers.get("Origin")
    own = (current.settings().base_url, request.host_url.rstrip("/"))
    foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    if foreign or (origin is not None and origin != "null" and origin not in own):
        return error_response(403, "foreign-origin", "This form was sent from another site.")
    return None


def _add_headers(response: Response) -> Response:
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        return response  # the client keeps the headers of its cached response (RFC 9110 15.4.5)
    # `setdefault` is slow: it raises and catches an error for each missing header.
    present = {name.lower() for name, _ in response.headers}
    response.headers.extend(
        [(name, value) for name, value in HEADERS if name.lower() not in present]
    )
    if current.settings().https and "strict-transport-security" not in present:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _make_redirect_relative(response: Response) -> Response:
    """Make the redirect to the path with a slash relative: a proxy may have another host."""
    if response.status_code == HTTPStatus.PERMANENT_REDIRECT:
        target = urlsplit(response.headers["Location"])
        query = f"?{target.query}" if target.query else ""
        response.headers["Location"] = target.path + query
    return response
