"""The outbox: messages are rows, written in the transaction of the change that they report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, ColumnElement, Enum, Index, Table, and_, delete, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db.base import Base
from core.db.fast_sql import PendingInsert, insert_or_ignore
from core.db.types import Instant

MAIL = "mail"
RETENTION = timedelta(days=90)


class State(StrEnum):
    """The state of a message."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    STALE = "stale"


class Message(Base):
    """One message to one recipient over one channel, useful in [due_at, useful_until).

    `key` identifies the message, so that it is queued once; that of a withdrawn one is free again.
    `subject` is what the message is about: messages about one subject reach a recipient in the
    order of their ids, and a newer one replaces those that were never claimed. Reminders are sent
    after other messages; they neither replace nor are replaced. `claimed_by` is the worker
    (core/messages/liveness.py) that is sending the message, at most until `lease_until`.
    `claimed_at` is the first claim; the recipient may have the message from then on.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "ix_messages_due",
            "next_attempt_at",
            postgresql_where=text("state = 'pending'"),
            sqlite_where=text("state = 'pending'"),
        ),
        Index("ix_messages_subject", "subject", "recipient"),
        Index("ix_messages_useful_until", "useful_until"),
        Index(
            "uq_messages_key",
            "key",
            unique=True,
            postgresql_where=text("state <> 'withdrawn'"),
            sqlite_where=text("state <> 'withdrawn'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    channel: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str | None]
    recipient: Mapped[str]
    payload: Mapped[dict[str, object]] = mapped_column(JSON)
    reminder: Mapped[bool]
    due_at: Mapped[datetime] = mapped_column(Instant)
    useful_until: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[State] = mapped_column(
        Enum(
            State,
            native_enum=False,
            create_constraint=True,
            name="state",
            length=16,
            values_callable=lambda states: [state.value for state in states],
        )
    )
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime] = mapped_column(Instant)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    claimed_by: Mapped[str | None]
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str]


MESSAGES: Table = Base.metadata.tables["messages"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be queued, with the fields of Message."""

    key: str
    kind: str
    recipient: str
    due_at: datetime
    useful_until: datetime
    subject: str | None = None
    payload: Mapping[str, object] = field(default_factory=dict)
    reminder: bool = False
    channel: str = MAIL


def key(*parts: object) -> str:
    """Return a key or subject: `parts` joined by colons, instants as 20261127T180000Z."""
    return ":".join(_key_part(part) for part in parts)


def enqueue(session: Session, draft: Draft, now: datetime) -> bool:
    """Queue a message in the caller's transaction; return False if its key is taken."""
    return insert_or_ignore(session, MESSAGES, _row(draft, now)) > 0


def message(draft: Draft, now: datetime) -> PendingInsert:
    """Return the row of a message, which is skipped if its key is taken."""
    return PendingInsert(MESSAGES, _row(draft, now), or_ignore=True)


def same_subject(message: Message) -> ColumnElement[bool]:
    """Return the condition that a message is to the same recipient about the same subject."""
    return and_(
        Message.subject.is_not(None),
        Message.subject == message.subject,
        Message.recipient == message.recipient,
    )


def claimed_before(session: Session, message: Message) -> Sequence[Message]:
    """Return the earlier messages about the subject that the recipient may have, in order.

    Reminders are left out.
    """
    return session.scalars(
        select(Message)
        .where(
            same_subject(message),
            Message.id < message.id,
            Message.claimed_at.is_not(None),
            ~Message.reminder,
        )
        .order_by(Message.id)
    ).all()


def failed_and_newest(session: Session, limit: int) -> list[Message]:
    """Return all failed messages, then the `limit` newest others; both newest first."""
    newest = select(Message).order_by(Message.id.desc())
    failed = session.scalars(newest.where(Message.state == State.FAILED))
    others = session.scalars(newest.where(Message.state != State.FAILED).limit(limit))
    return [*failed, *others]


def clean(session: Session, now: datetime) -> int:
    """Delete settled messages 90 days after the end of their use; return how many.

    A key must be kept as long as its message could be derived again, which is until its use ends.
    """
    result = session.execute(delete(Message).where(_is_old(now)))
    return int(result.rowcount)  # type: ignore[attr-defined]  # a CursorResult for every DML


def has_old(session: Session, now: datetime) -> bool:
    """Whether there are messages to delete."""
    return session.scalar(select(Message.id).where(_is_old(now)).limit(1)) is not None


def _is_old(now: datetime) -> ColumnElement[bool]:
    return and_(Message.state != State.PENDING, Message.useful_until < now - RETENTION)


def _row(draft: Draft, now: datetime) -> Mapping[str, object]:
    return {
        "key": draft.key,
        "channel": draft.channel,
        "kind": draft.kind,
        "subject": draft.subject,
        "recipient": draft.recipient,
        "payload": dict(draft.payload),
        "reminder": draft.reminder,
        "due_at": draft.due_at,
        "useful_until": draft.useful_until,
        "created_at": now,
        "state": State.PENDING,
        "attempts": 0,
        "next_attempt_at": draft.due_at,
        "error": "",
    }


def _key_part(part: object) -> str:
    if isinstance(part, datetime):
        return f"{part.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return str(part)
