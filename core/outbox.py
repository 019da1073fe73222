"""Messages as rows: written in the transaction of the fact that they tell of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, Enum, Index, Table, delete, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base, Instant, New, insert_unless_there
from core.mail import Letter

KEPT = timedelta(days=90)


class State(StrEnum):
    """What became of a message."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    STALE = "stale"


class Message(Base):
    """One message to one person; the key says what it is, so that it is queued only once.

    It helps in [due_at, useful_until). `reminder` ones go after the rest. `claimed_by` is the
    owner (core/life.py) that is sending it, at the longest until `lease_until`.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "ix_messages_due",
            "next_attempt_at",
            postgresql_where=text("state = 'pending'"),
            sqlite_where=text("state = 'pending'"),
        ),
        Index("ix_messages_useful_until", "useful_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
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
    claimed_by: Mapped[str | None]
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str]


MESSAGES: Table = Base.metadata.tables["messages"]
Composer = Callable[[Session, Message, datetime], Letter | None]
"""Says at `now` what the message reads, from the state as it is; None: it is no longer true.

It runs in the transaction of the claim, and may write (a sign-in link's token).
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be queued; the fields mean what they mean in Message."""

    key: str
    kind: str
    recipient: str
    due_at: datetime
    useful_until: datetime
    payload: Mapping[str, object] = field(default_factory=dict)
    reminder: bool = False


def key(*parts: object) -> str:
    """Return `parts` as an outbox key: joined by colons, instants in UTC as 20261127T180000Z."""
    return ":".join(_key_part(part) for part in parts)


def enqueue(session: Session, draft: Draft, now: datetime) -> bool:
    """Queue a message in the caller's transaction; return False if its key is there already."""
    return insert_unless_there(session, MESSAGES, _row(draft, now)) > 0


def message(draft: Draft, now: datetime) -> New:
    """Return a message that is still to be queued, unless its key is there already."""
    return New(MESSAGES, _row(draft, now), unless_there=True)


def _row(draft: Draft, now: datetime) -> Mapping[str, object]:
    return {
        "key": draft.key,
        "kind": draft.kind,
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


def recent(session: Session, limit: int) -> Sequence[Message]:
    """Return the newest messages, those that failed first."""
    newest = select(Message).order_by(Message.state != State.FAILED, Message.id.desc())
    return session.scalars(newest.limit(limit)).all()


def clean(session: Session, now: datetime) -> int:
    """Delete what was settled and has been of no use for 90 days; return how many.

    A key must stay while its message could be derived again, which it cannot when useless.
    """
    result = session.execute(
        delete(Message).where(Message.state != State.PENDING, Message.useful_until < now - KEPT)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a CursorResult for every DML


def _key_part(part: object) -> str:
    if isinstance(part, datetime):
        return f"{part.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return str(part)
