"""How to subscribe: one address a feed, and how each calendar program takes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from scheduler.domain.events import Series

EVERYTHING = "calendar"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed to subscribe to; `anchor` names it on the page, `color` is that of its series."""

    anchor: str
    name: str
    url: str
    color: int | None = None

    @property
    def webcal(self) -> str:
        """The address that calendar programs on this device take over (Apple, Thunderbird)."""
        parts = urlsplit(self.url)
        return f"webcal://{parts.netloc}{parts.path}"

    @property
    def google(self) -> str:
        """The page of Google Calendar that asks whether to add it."""
        return "https://calendar.google.com/calendar/render?" + urlencode({"cid": self.webcal})

    @property
    def outlook(self) -> str:
        """The page of Outlook on the web that asks whether to add it."""
        asked = urlencode({"url": self.url, "name": self.name})
        return f"https://outlook.live.com/calendar/0/addfromweb?{asked}"

    @property
    def office(self) -> str:
        """The same for accounts of work and school."""
        asked = urlencode({"url": self.url, "name": self.name})
        return f"https://outlook.office.com/calendar/0/addfromweb?{asked}"


def feeds(every: Sequence[Series], base_url: str) -> list[Feed]:
    """Return the feed of everything and that of each series."""
    own = [
        Feed(series.slug, series.name, f"{base_url}/series/{series.slug}.ics", series.color)
        for series in every
    ]
    return [Feed(EVERYTHING, "Everything", f"{base_url}/calendar.ics"), *own]
