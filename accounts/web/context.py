"""What every page knows: the organisation, and who is signed in with which areas open to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from accounts import queries
from accounts.documents import Community
from accounts.web.viewer import viewer
from core import web
from core.db import db

Area = Callable[[Session, int], bool]
"""Whether the person of an id has something in an area of the site."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The signed-in reader as the page head shows them."""

    name: str
    email: str
    zone: str | None
    is_admin: bool
    areas: frozenset[str]

    @property
    def organises(self) -> bool:
        """Whether there are series to organise."""
        return self.is_admin or "organises" in self.areas

    @property
    def hosts(self) -> bool:
        """Whether there are office hours to look after."""
        return "hosts" in self.areas


def init_app(app: Flask, areas: Mapping[str, Area]) -> None:
    """Give every template `organization`, `viewer` and `now`."""
    app.extensions["convenor.areas"] = areas
    app.context_processor(_context)


def _context() -> dict[str, object]:
    session = db.session()
    return {"organization": organization(), "viewer": _signed_in(session), "now": web.now()}


def organization() -> Community:
    """Return the organization, read once a request."""
    if "organization" not in g:
        g.organization = queries.community(db.session())
        g.hour_clock = g.organization.hour_clock
    found: Community = g.organization
    return found


def _signed_in(session: Session) -> SignedIn | None:
    found = viewer()
    if found is None:
        return None
    areas: Mapping[str, Area] = current_app.extensions["convenor.areas"]
    open_to = frozenset(name for name, has in areas.items() if has(session, found.person_id))
    return SignedIn(found.called, found.email, found.zone, found.is_admin, open_to)
