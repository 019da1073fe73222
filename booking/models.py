"""Models of hosts, office hours, bookings and idempotency keys."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.domain.bookings import BookingStatus
from core.db.base import Base
from core.db.types import Instant

STATUSES = ", ".join(f"'{status}'" for status in BookingStatus)
WAITING = text(f"status IN ('{BookingStatus.HELD}', '{BookingStatus.PENDING}')")
EPOCH = "1970-01-01 00:00:00"


class HostRow(Base):
    """A host. Columns have the names of the fields of `HostSchema`; `hours` keeps those of `Hours`.

    `calendars` are the private addresses of calendars whose times are busy. `entries_changed_since`
    and `entries_changed_at` are when what calendars say of bookings first and last changed since
    their guests were told.
    """

    __tablename__ = "hosts"
    __table_args__ = (
        CheckConstraint("per_day > 0", name="per_day"),
        CheckConstraint("per_week > 0", name="per_week"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    share_email: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str]
    bio: Mapped[str] = mapped_column(default="")
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    zone: Mapped[str]
    hours: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    paused: Mapped[bool] = mapped_column(default=False)
    per_day: Mapped[int | None]
    per_week: Mapped[int | None]
    meeting_url: Mapped[str | None]
    calendars: Mapped[list[str]] = mapped_column(JSON, default=list, server_default=text("'[]'"))
    entries_changed_since: Mapped[datetime | None] = mapped_column(Instant)
    entries_changed_at: Mapped[datetime | None] = mapped_column(Instant)


class OfficeHoursRow(Base):
    """What can be booked with a host: a column for each field of `OfficeHoursSchema`."""

    __tablename__ = "office_hours"
    __table_args__ = (
        UniqueConstraint("host_id", "slug"),
        CheckConstraint("visibility IN ('public', 'unlisted', 'members')", name="visibility"),
        CheckConstraint("share_link IN ('confirmed', 'always')", name="share_link"),
        CheckConstraint("buffer_before >= 0 AND buffer_after >= 0", name="buffers"),
        CheckConstraint("notice >= 0", name="notice"),
        CheckConstraint("change_until >= 0", name="change_until"),
        CheckConstraint("pending_minutes >= 0", name="pending_minutes"),
        CheckConstraint("interval > 0", name="interval"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id", ondelete="CASCADE"))
    slug: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    minutes: Mapped[list[int]] = mapped_column(JSON)
    interval: Mapped[int | None]
    buffer_before: Mapped[int]
    buffer_after: Mapped[int]
    notice: Mapped[int]
    horizon: Mapped[dict[str, object]] = mapped_column(JSON)
    per_day: Mapped[int | None]
    per_week: Mapped[int | None]
    per_guest_open: Mapped[int | None]
    change_until: Mapped[int]
    approval: Mapped[bool]
    verify_guest: Mapped[bool]
    pending_blocks: Mapped[bool]
    share_link: Mapped[str] = mapped_column(server_default="confirmed")
    pending_minutes: Mapped[int] = mapped_column(server_default=text("60"))
    approval_on_move: Mapped[bool] = mapped_column(server_default=true())
    visibility: Mapped[str]
    closed: Mapped[bool] = mapped_column(server_default=false())
    questions: Mapped[list[dict[str, object]]] = mapped_column(JSON)


class BookingRow(Base):
    """A guest's booking. The database refuses an overlap of bookings that have `blocks`.

    `starts` is wall time in `host_zone`, the zone that the host's clock had when it was made;
    `placed_at` is when the present start was chosen or, if that came later, when the host was asked
    for it or approved it: a request waits from then on, and reminders that were due before are not
    sent. `generation` is part of the private link. `entry` is what calendars say since `revised_at`
    (`EntryDetails`; empty in rows of older releases). `displaced_to` is where new zone data would
    put the start, if another booking is there: the host decides. `absent_at` is when the guest said
    that they cannot come, too late to cancel.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        Index("ix_bookings_host_id_starts_at", "host_id", "starts_at"),
        Index("ix_bookings_starts_at", "starts_at"),
        Index(
            "ix_bookings_waiting",
            "created_at",
            postgresql_where=WAITING,
            sqlite_where=WAITING,
        ),
        Index("ix_bookings_office_hours_id_guest_email", "office_hours_id", "guest_email"),
        CheckConstraint(f"status IN ({STATUSES})", name="status"),
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint(
            "blocks = (status IN ('held', 'confirmed') OR (status = 'pending' AND blocks))",
            name="blocks",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    uid: Mapped[str] = mapped_column(unique=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"))
    office_hours_id: Mapped[int] = mapped_column(ForeignKey("office_hours.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    starts: Mapped[datetime] = mapped_column(DateTime)
    host_zone: Mapped[str]
    status: Mapped[str]
    blocks: Mapped[bool]
    guest_name: Mapped[str]
    guest_email: Mapped[str]
    guest_zone: Mapped[str]
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    reason: Mapped[str | None]
    sequence: Mapped[int] = mapped_column(default=0)
    generation: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    placed_at: Mapped[datetime] = mapped_column(Instant)
    revised_at: Mapped[datetime] = mapped_column(Instant)
    entry: Mapped[dict[str, str | None]] = mapped_column(JSON, server_default=text("'{}'"))
    displaced_to: Mapped[datetime | None] = mapped_column(Instant)
    absent_at: Mapped[datetime | None] = mapped_column(Instant)


class ProposalRow(Base):
    """Other starts for a booking; a newer proposal replaces an older one. See `Proposal`."""

    __tablename__ = "proposals"

    booking_id: Mapped[int] = mapped_column(
        ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True
    )
    starts: Mapped[list[str]] = mapped_column(JSON)
    instead_of: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str | None]
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class IdempotencyKey(Base):
    """A request that made a booking, so that the same request again makes no second one.

    `status`, `starts_at` and `ends_at` are those of the first response.
    """

    __tablename__ = "idempotency_keys"

    office_hours_id: Mapped[int] = mapped_column(
        ForeignKey("office_hours.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    status: Mapped[str] = mapped_column(server_default="confirmed")
    starts_at: Mapped[datetime] = mapped_column(Instant, server_default=EPOCH)
    ends_at: Mapped[datetime] = mapped_column(Instant, server_default=EPOCH)
