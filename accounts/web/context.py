"""The template context of every page: the organization and the signed-in reader."""

from dataclasses import dataclass

from flask import Flask, g
from sqlalchemy.orm import Session

from accounts import queries
from accounts.schemas import Organization
from accounts.web.viewer import viewer
from core import parts
from core.db.base import db
from core.http import current


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


def _context() -> dict[str, object]:
    session = db.session()
    return {"organization": organization(), "viewer": _signed_in(session), "now": current.now()}


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
