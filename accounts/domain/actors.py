"""Who acts: the value that every permission check and every audit entry starts from."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class ActorKind(StrEnum):
    """How somebody proved what they may do."""

    ANYONE = "anyone"
    PERSON = "person"
    ADMIN = "admin"
    LINK = "link"
    COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who reads or changes something; services ask `policy` whether they may.

    `name` is what the audit log says: an address, "guest", "command line". A signed-in person has
    a `person_id` and an `email`. A private link has a `subject`, the one thing that it opens, such
    as "booking:3f2a".
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
        """Return whoever holds the private link to `subject`; `name` is "guest" or "speaker"."""
        return cls(ActorKind.LINK, name, subject=subject)

    @property
    def may_do_everything(self) -> bool:
        """Whether no permission is missing: an admin, or somebody at the server's command line."""
        return self.kind in (ActorKind.ADMIN, ActorKind.COMMAND_LINE)

    @property
    def is_signed_in(self) -> bool:
        """Whether this is a known person."""
        return self.person_id is not None

    def opens(self, subject: str) -> bool:
        """Whether this is the holder of the private link to `subject`."""
        return self.kind is ActorKind.LINK and self.subject == subject


ANYONE = Actor(ActorKind.ANYONE, "anyone")
COMMAND_LINE = Actor(ActorKind.COMMAND_LINE, "command line")
