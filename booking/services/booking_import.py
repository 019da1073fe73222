"""Import and export of bookings: grid, notice and limits are not applied; overlaps are refused."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from booking.domain import bookings
from booking.domain.bookings import BookingStatus
from booking.domain.hosts import Host
from booking.models import BookingRow, HostRow, OfficeHoursRow
from booking.queries import hosts
from booking.schemas import BookingSchema
from booking.services import writing
from booking.services.writing import BOOKINGS
from core import audit, tokens
from core.db.fast_sql import PendingInsert
from core.refusals import Invalid
from core.sections import ImportContext, Result
from scheduler.domain.interval import Interval

NAMED = ("answers", "reason", "absent_at")
SHOWN = ("starts_at", "ends_at", "status", "office_hours_id")
"""What calendars show of a booking, or what ends it."""
PLAIN = ("guest_name", "guest_email", "guest_zone", *NAMED, *SHOWN)
COLUMNS = [column.name for column in BOOKINGS.columns if column.name != "id"]


class BookingImport:
    """Write bookings of one locked host; stored ones are read once, new ones written together.

    No message is sent. `flush` writes what `put` has kept back.
    """

    def __init__(
        self, session: Session, host: HostRow, context: ImportContext, *, actor: Actor
    ) -> None:
        self.session, self.context, self.actor = session, context, actor
        self.host: Host = hosts.by_id(session, host.id)
        rows = session.scalars(select(OfficeHoursRow).where(OfficeHoursRow.host_id == host.id))
        self.office_hours = {row.slug: row for row in rows}
        self.new: list[BookingRow] = []
        self.entries: list[PendingInsert] = []
        self.by_uid: dict[str, BookingRow] = {}
        self.by_key: dict[tuple[object, ...], BookingRow] = {}
        self.blocking = BusyTimes()
        # A guest may cancel and book the same again: the booking that is still open is meant.
        stored = select(BookingRow).where(BookingRow.host_id == host.id)
        for row in session.scalars(stored.order_by(BookingRow.blocks, BookingRow.id)):
            self._index(row)

    def taken_uids(self, uids: Iterable[object]) -> set[str]:
        """Return which of the UIDs of a file belong to bookings of other hosts."""
        texts = [uid for uid in uids if isinstance(uid, str)]
        query = select(BookingRow.uid).where(
            BookingRow.uid.in_(texts), BookingRow.host_id != self.host.id
        )
        return set(self.session.scalars(query))

    def put(self, booking: BookingSchema) -> Result:
        """Write a booking. A new one gets a UID.

        Fields that the file leaves out stay as they are. A booking with a lower sequence than the
        stored one is outdated and changes nothing. Raises Invalid for unknown office hours and for
        an overlap.
        """
        offered = self.office_hours.get(booking.office_hours)
        if offered is None:
            words = f"{self.host.slug} has no office hours {booking.office_hours!r}"
            raise Invalid({"office_hours": words})
        row = self._known(offered, booking)
        if row is not None and booking.sequence is not None and booking.sequence < row.sequence:
            return Result.UNCHANGED
        status = booking.status
        if row is not None and "status" not in booking.model_fields_set:
            status = BookingStatus(row.status)
        blocks = bookings.blocks(status, pending_blocks=offered.pending_blocks)
        start = Interval(booking.starts_at, booking.starts_at + booking.minutes)
        if blocks and self.blocking.meets(start, row):
            raise Invalid({"starts_at": "overlaps another booking of this host"})
        if row is None:
            row, result = self._new(booking), Result.CREATED
        else:
            result = Result.UPDATED
            if row.id is not None or row not in self.new:
                self.flush()  # the database checks each row when it is written
                row = self._persistent(row)
        before = {name: getattr(row, name) for name in PLAIN}
        if (row.starts_at, row.ends_at) != (start.start, start.end):
            writing.place(row, self.host, start, self.context.now)
        _fill(row, offered, booking, status)
        row.blocks = blocks
        revision = row.sequence
        if result is Result.UPDATED and not _revise(row, before, booking, self.context.now):
            return Result.UNCHANGED
        if result is Result.CREATED or row.sequence > revision:
            row.entry = asdict(self.host.entry_of(offered.title))
        self._index(row)
        if result is Result.CREATED:
            self.new.append(row)
        else:
            self.session.flush()
        action, subject = f"booking {result}", f"booking:{row.ref}"
        self.entries.append(audit.entry(self.actor.name, action, subject, now=self.context.now))
        return result

    def flush(self) -> None:
        """Insert the new bookings and the entries of the audit log."""
        if self.new:
            rows = [{name: getattr(row, name) for name in COLUMNS} for row in self.new]
            self.session.execute(insert(BOOKINGS), rows)
        audit.record_all(self.session, self.entries)
        self.new, self.entries = [], []

    def _known(self, offered: OfficeHoursRow, booking: BookingSchema) -> BookingRow | None:
        """Return the row of a booking, by its UID or by office hours, start and guest."""
        if booking.uid is not None:
            return self.by_uid.get(booking.uid)
        return self.by_key.get((offered.id, booking.starts_at, booking.email.lower()))

    def _index(self, row: BookingRow) -> None:
        self.by_uid[row.uid] = row
        self.by_key[row.office_hours_id, row.starts_at, row.guest_email.lower()] = row
        self.blocking.set(row, Interval(row.starts_at, row.ends_at) if row.blocks else None)

    def _persistent(self, row: BookingRow) -> BookingRow:
        """Return the row as the session knows it: one that `flush` inserted is read again."""
        if row.id is not None:
            return row
        found = self.session.scalars(select(BookingRow).where(BookingRow.ref == row.ref)).one()
        self.blocking.set(row, None)
        self._index(found)
        return found

    def _new(self, booking: BookingSchema) -> BookingRow:
        return BookingRow(
            ref=tokens.new_ref(),
            uid=booking.uid or f"{uuid4()}@{self.context.domain}",
            host_id=self.host.id,
            status=booking.status,
            answers={},
            sequence=booking.sequence or 0,
            generation=1,
            created_at=self.context.now,
            revised_at=booking.changed_at or self.context.now,
        )


class BusyTimes:
    """Intervals that do not overlap, each of one row."""

    def __init__(self) -> None:
        self.starts: list[datetime] = []
        self.rows: list[BookingRow] = []
        self.intervals: dict[int, Interval] = {}

    def set(self, row: BookingRow, interval: Interval | None) -> None:
        """Let the row have this interval, and no other."""
        before = self.intervals.pop(id(row), None)
        if before is not None:
            at = bisect_left(self.starts, before.start)
            del self.starts[at], self.rows[at]
        if interval is not None:
            at = bisect_left(self.starts, interval.start)
            self.starts.insert(at, interval.start)
            self.rows.insert(at, row)
            self.intervals[id(row)] = interval

    def meets(self, interval: Interval, own: BookingRow | None) -> bool:
        """Whether the interval overlaps one that is not of the row `own`."""
        at = bisect_left(self.starts, interval.end)
        before = (row for row in reversed(self.rows[max(at - 2, 0) : at]) if row is not own)
        return any(self.intervals[id(row)].overlaps(interval) for row in islice(before, 1))


def exported(session: Session) -> dict[int, list[BookingSchema]]:
    """Return all bookings as a file writes them, by host and start."""
    found: dict[int, list[BookingSchema]] = defaultdict(list)
    query = (
        select(BookingRow, OfficeHoursRow.slug)
        .join(OfficeHoursRow, OfficeHoursRow.id == BookingRow.office_hours_id)
        .order_by(BookingRow.starts_at, BookingRow.uid)
    )
    for row, slug in session.execute(query):
        booking = BookingSchema.model_construct(
            office_hours=slug,
            starts_at=row.starts_at,
            minutes=row.ends_at - row.starts_at,
            name=row.guest_name,
            email=row.guest_email,
            zone=row.guest_zone,
            status=BookingStatus(row.status),
            answers=row.answers,
            reason=row.reason,
            absent_at=row.absent_at,
            uid=row.uid,
            sequence=row.sequence,
            changed_at=row.revised_at,
        )
        found[row.host_id].append(booking)
    return found


def _fill(
    row: BookingRow, offered: OfficeHoursRow, booking: BookingSchema, status: BookingStatus
) -> None:
    """Write the fields that the file names to the row."""
    row.office_hours_id = offered.id
    row.guest_name, row.guest_email = booking.name, booking.email
    row.guest_zone, row.status = booking.zone, status
    for name in NAMED:
        if name in booking.model_fields_set:
            setattr(row, name, getattr(booking, name))


def _revise(
    row: BookingRow, before: Mapping[str, object], booking: BookingSchema, now: datetime
) -> bool:
    """Raise the revision of a stored booking if calendars show the change; return if it changed."""
    changed = {name for name in before if before[name] != getattr(row, name)}
    sequence = max(row.sequence + (not changed.isdisjoint(SHOWN)), booking.sequence or 0)
    if sequence > row.sequence:
        row.sequence = sequence
        row.revised_at = booking.changed_at or now
        return True
    return bool(changed)
