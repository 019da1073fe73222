"""The organization and people: one description for the file, the rows and the pages."""

from typing import ClassVar, Literal

from pydantic import Field

from core import time_format
from core.fields import Email, Name, Schema, ShortText, Url, ZoneName
from core.time_format import HourClock


class Organization(Schema):
    """The organization that runs this calendar; `organization` in the community file."""

    not_yet: ClassVar = frozenset(("zones", "deadlines", "webhooks"))

    name: Name
    url: Url | None = None
    email: Email | None = None
    zone: ZoneName = "UTC"
    code_of_conduct: Url | None = None
    links: dict[ShortText, Url] = {}
    clock: Literal[12, 24] | None = Field(
        default=None,
        description="The 12 or 24 hour clock on pages and in mails. Default: the usual clock of "
        "the country of `zone`, 24 if it has none.",
    )

    accounts: Literal["open", "invited"] = Field(
        default="open",
        description="`open`: anyone may sign in with an address, and has an account then. "
        "`invited`: only people who have an account, such as hosts and organizers.",
    )

    @property
    def hour_clock(self) -> HourClock:
        """The clock on pages and in mails."""
        return HourClock(self.clock) if self.clock else time_format.usual_clock(self.zone)


class Profile(Schema):
    """What people state about themselves on their own page."""

    name: ShortText | None = None
    zone: ZoneName | None = None


class PersonSchema(Schema):
    """An item of `people` in the community file; the key is `email`."""

    email: Email
    name: Name | None = None
    zone: ZoneName | None = None
    affiliation: ShortText | None = None
    admin: bool = False
