"""Links that add an entry to a web calendar."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.office.com/calendar/0/deeplink/compose"


@dataclass(frozen=True, slots=True)
class LinkedEvent:
    """The entry to add; the instants are half-open."""

    title: str
    starts_at: datetime
    ends_at: datetime
    description: str = ""
    location: str = ""


def google(entry: LinkedEvent) -> str:
    """Return the address at which Google Calendar offers to add the entry."""
    dates = "/".join(
        f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" for at in (entry.starts_at, entry.ends_at)
    )
    return _address(
        GOOGLE,
        action="TEMPLATE",
        text=entry.title,
        dates=dates,
        details=entry.description,
        location=entry.location,
    )


def outlook(entry: LinkedEvent) -> str:
    """Return the address at which Outlook on the web offers to add the entry."""
    return _address(
        OUTLOOK,
        path="/calendar/action/compose",
        rru="addevent",
        subject=entry.title,
        startdt=f"{entry.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        enddt=f"{entry.ends_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        body=entry.description,
        location=entry.location,
    )


def _address(base: str, **query: str) -> str:
    filled = {name: value for name, value in query.items() if value}
    return f"{base}?{urlencode(filled, quote_via=quote)}"
