"""What an event says beside its time, status and talks, where it differs from its series."""

import re
from typing import Annotated

from pydantic import AfterValidator

from core.fields import Email, Name, Schema, Url
from scheduler.domain.links import Links
from scheduler.domain.talks import OptionalLine

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


def _language(text: str) -> str:
    if not LANGUAGE.fullmatch(text):
        raise ValueError("must be the code of a language, such as en or pt-BR")
    return text


Language = Annotated[str, AfterValidator(_language)]
"""A language tag (RFC 5646)."""


class Chair(Schema):
    """Who chairs an event; `email` is never shown."""

    name: Name
    email: Email | None = None


class EventDetails(Schema):
    """Details of one event; None is what the series says.

    `location` is a room, `join_url` a meeting link, `registration_url` where one signs up
    elsewhere.
    """

    location: OptionalLine = None
    join_url: Url | None = None
    registration_url: Url | None = None
    chair: Chair | None = None
    language: Language | None = None
    links: Links = ()

    def without_addresses(self) -> "EventDetails":
        """Return the details without the address of the chair."""
        if self.chair is None:
            return self
        return self.model_copy(update={"chair": self.chair.model_copy(update={"email": None})})


NO_DETAILS = EventDetails()
