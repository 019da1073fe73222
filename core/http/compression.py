"""Compression of responses by gzip (RFC 9110 8.4.1.3).

Feeds are not compressed: their ETag is strong and promises equal bytes. A response to a request
with a session cookie is not compressed either, except for static files: its length would tell an
attacker on the network something about the secrets in it, such as the CSRF token (BREACH,
CVE-2013-3587). Without that cookie each page has new secrets, so many responses tell nothing.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, current_app, request

COMPRESSED = frozenset(
    {"text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"}
)
LEAST_BYTES = 500
STATIC = "static"


def init_app(app: Flask) -> None:
    """Compress responses of the app."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.status_code != 200 or response.mimetype not in COMPRESSED:
        return response
    is_static = request.endpoint == STATIC
    if not is_static and current_app.config["SESSION_COOKIE_NAME"] in request.cookies:
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or response.content_encoding:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < LEAST_BYTES:
        return response
    response.set_data(_static_gzip(body) if is_static else gzip.compress(body, 5, mtime=0))
    response.content_encoding = "gzip"
    etag, _ = response.get_etag()
    if etag is not None:
        response.set_etag(etag, weak=True)  # of the uncompressed bytes
    return response


@lru_cache(maxsize=32)
def _static_gzip(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
