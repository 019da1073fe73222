"""The audit log: who changed what and when, written in the transaction of the change."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, Index, Table, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db.base import Base
from core.db.fast_sql import PendingInsert, insert_all
from core.db.types import Instant


class AuditEntry(Base):
    """One change; `actor` is the name of an `Actor`, such as an e-mail address or "guest"."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_subject", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)


ENTRIES: Table = Base.metadata.tables["audit_entries"]


def entry(
    actor: str, action: str, subject: str, *, now: datetime, **detail: object
) -> PendingInsert:
    """Return an entry to be inserted in the transaction of the change."""
    return PendingInsert(
        ENTRIES,
        {"at": now, "actor": actor, "action": action, "subject": subject, "detail": detail},
    )


def record(
    session: Session, actor: str, action: str, subject: str, *, now: datetime, **detail: object
) -> None:
    """Add an entry to the transaction of the change."""
    insert_all(session, entry(actor, action, subject, now=now, **detail))


def record_all(session: Session, entries: Sequence[PendingInsert]) -> None:
    """Add entries that `entry` returned in one statement, in the order given."""
    if entries:
        session.execute(insert(ENTRIES), [dict(each.values) for each in entries])


def recent(session: Session, count: int) -> list[AuditEntry]:
    """Return the last `count` entries, newest first."""
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(count)))
