"""The current request: its instant, the settings of its app, absolute addresses."""

from datetime import datetime

from flask import Flask, current_app, g

from core import clock, parts
from core.config import Settings

API = "/api/"


def app() -> Flask:
    """Return the running app itself, which can be a key where a proxy cannot."""
    found: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # of LocalProxy
    return found


def settings() -> Settings:
    """Return the settings of the running app."""
    return parts.current().settings


def now() -> datetime:
    """Return the instant of this request, read once per request."""
    if "now" not in g:
        g.now = clock.now()
    at: datetime = g.now
    return at


def absolute_url(path: str) -> str:
    """Return the absolute address of `path`, under BASE_URL whatever the Host header says."""
    return settings().base_url + path
