"""Actors: who does something, for permission checks and audit entries."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class ActorKind(StrEnum):
    """How an actor was identified."""

    ANYONE = "anyone"
    PERSON = "person"
    ADMIN = "admin"
    LINK = "link"
    COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who reads or changes something; services check permissions with their `policy` module.

    `name` is the actor in the audit log: an address, "guest", "command line". A signed-in person
    has a `person_id` and an `email`. A private link has a `subject`, the one thing that it opens,
    such as "booking:3f2a".
    """

    kind: ActorKind
    name: str
    person_id: int | None = None
    email: str | None = None
    subject: str | None = None

    @classmethod
    def person(cls, person_id: int, email: str, *, is_admin: bool = False) -> Self:
        """Return a signed-in person, or the owner of an API token."""
        kind = ActorKind.ADMIN if is_admin else ActorKind.PERSON
        return cls(kind, email, person_id=person_id, email=email)

    @classmethod
    def link(cls, name: str, subject: str) -> Self:
        """Return the holder of the private link to `subject`; `name` is "guest" or "speaker"."""
        return cls(ActorKind.LINK, name, subject=subject)

    @property
    def may_do_everything(self) -> bool:
        """Whether the actor has every permission: an admin, or the command line."""
        return self.kind in (ActorKind.ADMIN, ActorKind.COMMAND_LINE)

    @property
    def is_signed_in(self) -> bool:
        """Whether the actor is a signed-in person."""
        return self.person_id is not None

    def opens(self, subject: str) -> bool:
        """Whether the actor holds the private link to `subject`."""
        return self.kind is ActorKind.LINK and self.subject == subject


ANYONE = Actor(ActorKind.ANYONE, "anyone")
COMMAND_LINE = Actor(ActorKind.COMMAND_LINE, "command line")
