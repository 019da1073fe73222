"""The request under way: its instant, the settings of its app, absolute addresses."""

from datetime import datetime

from flask import current_app, g

from core import clock
from core.config import Settings

API = "/api/"


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


def absolute_url(path: str) -> str:
    """Return the address of `path` for use outside of a page: under BASE_URL, never the Host."""
    return settings().base_url + path
