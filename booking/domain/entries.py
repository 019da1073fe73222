"""What the calendar entry of a booking says besides its time."""

from dataclasses import dataclass
from typing import NamedTuple


class EntryChange(NamedTuple):
    """A detail that changed: "meeting_url", its old and its new text, "" for none."""

    detail: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EntryDetails:
    """What an entry says as of its last revision; `title` is that of the office hours.

    Hosts may change each of these later. Entries say it when they get a revision of their own, so
    that no two texts of one entry share SEQUENCE and DTSTAMP (RFC 5545 3.8.7.4, 3.8.7.2).
    """

    title: str
    host: str
    meeting_url: str | None

    def changes(self, before: "EntryDetails") -> list[EntryChange]:
        """Return what differs from `before`."""
        pairs = (
            EntryChange("meeting_url", before.meeting_url or "", self.meeting_url or ""),
            EntryChange("title", before.title, self.title),
            EntryChange("host", before.host, self.host),
        )
        return [change for change in pairs if change.before != change.after]
