"""Forms that are refused for a reason that is not in them: what was typed can be sent again."""

from flask import Response, render_template, request

from core.http import current
from core.http.current import API

TOKEN = "csrf_token"  # noqa: S105  # the name of an input


def can_be_kept() -> bool:
    """Whether the request is a form with values that was sent by a page of this site.

    Never true for a form of another site: its values would then be one press away from being sent.
    """
    own = (current.settings().base_url, request.host_url.rstrip("/"))
    is_ours = (
        request.headers.get("Sec-Fetch-Site") == "same-origin"
        or request.headers.get("Origin") in own
    )
    typed = any(name != TOKEN for name in request.form)
    return is_ours and typed and not request.files and not request.path.startswith(API)


def form_again(status: int, title: str) -> Response:
    """Return a page that keeps all values of the form of this request, with a button to send it."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != TOKEN]
    page = render_template("form-again.html", status=status, title=title, fields=fields)
    response = Response(page, status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
