"""The template context of every page: the organization and the signed-in reader."""

from dataclasses import dataclass

from flask import Flask, Response, after_this_request, g, request
from sqlalchemy.orm import Session

from accounts import queries
from accounts.schemas import Organization
from accounts.web.viewer import viewer
from core import parts, zones
from core.db.base import db
from core.http import current

ZONE_COOKIE = "zone"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The signed-in reader in the page head."""

    name: str
    email: str
    zone: str | None
    is_admin: bool
    areas: frozenset[str]

    @property
    def organizes(self) -> bool:
        """Whether the reader organizes a series."""
        return self.is_admin or "organizes" in self.areas

    @property
    def hosts(self) -> bool:
        """Whether the reader is a host."""
        return "hosts" in self.areas


def init_app(app: Flask) -> None:
    """Give every template `organization`, `viewer` and `now`."""
    app.context_processor(_context)


def reader_zone() -> str | None:
    """Return the reader's zone: of the account, else of the cookie that times.js sets."""
    reader = viewer()
    if reader is not None and reader.zone:
        return reader.zone
    named = request.cookies.get(ZONE_COOKIE, "")
    return named if zones.is_known(named) else None


def _context() -> dict[str, object]:
    session = db.session()
    reader = viewer()
    g.reader_zone = reader_zone() or ""
    after_this_request(_vary_by_cookie)
    return {
        "organization": organization(),
        "viewer": _signed_in(session),
        "now": current.now(),
        "zone_of": "account" if reader and reader.zone else "cookie",
    }


def _vary_by_cookie(response: Response) -> Response:
    """Tell caches that a page depends on cookies: who reads it, in which zone."""
    response.vary.add("Cookie")
    return response


def organization() -> Organization:
    """Return the organization, read once per request."""
    if "organization" not in g:
        g.organization = queries.organization(db.session())
        g.hour_clock = g.organization.hour_clock
    found: Organization = g.organization
    return found


def _signed_in(session: Session) -> SignedIn | None:
    found = viewer()
    if found is None:
        return None
    areas = frozenset(
        name for name, check in parts.current().areas.items() if check(session, found.person_id)
    )
    return SignedIn(found.display_name, found.email, found.zone, found.is_admin, areas)
