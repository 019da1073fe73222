"""Delivery: claim a due message, compose it, send it outside of any transaction, mark it.

Messages about one subject reach a recipient in the order in which they were queued. A message that
was never claimed is withdrawn when a newer one replaces it; a message that is being retried holds
back the later ones.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from core.db.base import db
from core.db.transaction import transaction
from core.db.types import Instant
from core.messages.liveness import WorkerLock
from core.messages.outbox import Message, State, same_subject
from core.messages.transports import Refused, Retry, Unreachable

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
UNREACHABLE_PAUSE = timedelta(minutes=1)
GIVE_UP = timedelta(hours=48)
COMPOSE_TRIES = 5
# A dead owner loses its claims at once (liveness.py): the lease is for a live worker that is stuck.
LEASE = timedelta(hours=1)

logger = logging.getLogger(__name__)


class Channel(Protocol):
    """A way to reach people; it composes messages in its own format and sends them."""

    def prepare(
        self, session: Session, message: Message, now: datetime
    ) -> Callable[[], None] | None:
        """Return a function that sends the composed message, None if it is no longer true.

        That function raises Retry, Unreachable or Refused if the message cannot be sent.
        """


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed message that is ready to be sent; `first` if it was never claimed before."""

    id: int
    channel: str
    first: bool
    send: Callable[[], None]


def deliver_due(
    channels: Mapping[str, Channel], lock: WorkerLock, now: datetime, limit: int | None = None
) -> int:
    """Send what is due at `now`, the soonest useful first; return how many were sent.

    At most `limit` messages are claimed. An unreachable server ends the round of its channel. A
    `lock` belongs to one thread. Call it inside an app context and outside of a transaction.
    """
    if not _anything_to_do(now):
        return 0
    lock.acquire()
    with transaction() as session:
        _drop_stale(session, lock, now)
    sent = taken = 0
    unreachable: set[str] = set()
    while limit is None or taken < limit:
        with transaction() as session:
            message = _next_due(session, lock, unreachable, now)
            outgoing = _claim(session, message, channels, lock, now) if message else None
        if message is None:
            break
        taken += 1
        if outgoing is None:
            continue
        failure = _send(outgoing)
        _mark(outgoing, lock, failure, now)
        sent += failure is None
        if isinstance(failure, Unreachable):
            unreachable.add(outgoing.channel)
    return sent


def _anything_to_do(now: datetime) -> bool:
    """Check without taking the write lock, because most rounds find nothing."""
    session = db.session()
    waiting = exists().where(
        Message.state == State.PENDING,
        or_(Message.next_attempt_at <= now, Message.useful_until <= now),
    )
    found = session.scalar(select(waiting))
    session.rollback()
    return bool(found)


def _free(session: Session, lock: WorkerLock) -> ColumnElement[bool]:
    """Return the condition that no other live worker has claimed the row.

    It lists the dead owners, because another worker may start and claim a row in the meantime.
    """
    claimed = select(Message.claimed_by).where(
        Message.state == State.PENDING, Message.claimed_by.is_not(None)
    )
    owners = {owner for owner in session.scalars(claimed) if owner is not None}
    alive = lock.alive(session, owners) if owners else set()
    # An error left our own claim behind: this worker sends one message at a time.
    dead = (owners - alive) | (owners & {lock.owner})
    return or_(
        Message.claimed_by.is_(None),
        Message.claimed_by.in_(dead),
        Message.lease_until <= _database_now(session),
    )


def _drop_stale(session: Session, lock: WorkerLock, now: datetime) -> None:
    session.execute(
        update(Message)
        .where(Message.state == State.PENDING, Message.useful_until <= now, _free(session, lock))
        .values(state=State.STALE, claimed_by=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def _next_due(
    session: Session, lock: WorkerLock, unreachable: Collection[str], now: datetime
) -> Message | None:
    """Return the next row to send, locked; first attempts go before retries."""
    return session.scalar(
        select(Message)
        .where(
            Message.state == State.PENDING,
            Message.next_attempt_at <= now,
            Message.useful_until > now,
            Message.channel.not_in(unreachable),
            _free(session, lock),
            ~_held_back(now),
        )
        .order_by(Message.attempts > 0, Message.reminder, Message.useful_until, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _held_back(now: datetime) -> ColumnElement[bool]:
    """Return the condition that an earlier message about the subject has to go first.

    A message that was never claimed holds back reminders only, because other messages replace it.
    """
    earlier = aliased(Message)
    return exists().where(
        earlier.subject == Message.subject,
        earlier.recipient == Message.recipient,
        earlier.id < Message.id,
        earlier.state == State.PENDING,
        or_(
            earlier.claimed_at.is_not(None),
            and_(Message.reminder, earlier.due_at <= now),
        ),
    )


def _claim(
    session: Session,
    message: Message,
    channels: Mapping[str, Channel],
    lock: WorkerLock,
    now: datetime,
) -> Outgoing | None:
    """Compose and claim the message; return None if it is withdrawn, held back or fails."""
    if not _replace_earlier(session, message):
        return None
    if message.claimed_at is None and _is_replaced(session, message):
        _settle(message, State.WITHDRAWN)
        return None
    try:
        with session.begin_nested():
            send = channels[message.channel].prepare(session, message, now)
    except Exception as error:
        # A message whose composer raises must not block the others.
        logger.exception("message %s of kind %s cannot be composed", message.id, message.kind)
        _postpone(message, now, f"{type(error).__name__}: {error}"[:500], COMPOSE_TRIES)
        return None
    if send is None:
        _settle(message, State.WITHDRAWN)
        return None
    first = message.claimed_at is None
    message.claimed_at = message.claimed_at or now
    message.claimed_by = lock.owner
    message.lease_until = _database_now(session) + LEASE
    return Outgoing(message.id, message.channel, first, send)


def _replace_earlier(session: Session, message: Message) -> bool:
    """Withdraw what the message replaces; return False if an earlier one was claimed meanwhile.

    Locking the earlier rows waits for a worker that is claiming one of them right now.
    """
    earlier = session.scalars(
        select(Message)
        .where(
            same_subject(message),
            Message.id < message.id,
            Message.state == State.PENDING,
        )
        .order_by(Message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if any(each.claimed_at is not None for each in earlier):
        return False
    for each in earlier:
        if not (message.reminder or each.reminder):
            _settle(each, State.WITHDRAWN)
    return True


def _is_replaced(session: Session, message: Message) -> bool:
    """Whether a newer message about the subject replaces this one."""
    newer = exists().where(
        same_subject(message),
        Message.id > message.id,
        ~Message.reminder,
    )
    return not message.reminder and bool(session.scalar(select(newer)))


def _send(outgoing: Outgoing) -> Retry | Refused | None:
    """Send the message; return the failure, None if it was sent."""
    try:
        outgoing.send()
    except (Retry, Refused) as failure:
        return failure
    return None


def _mark(
    outgoing: Outgoing, lock: WorkerLock, failure: Retry | Refused | None, now: datetime
) -> None:
    """Record the outcome of sending a claimed message."""
    with transaction() as session:
        message = session.get_one(
            Message, outgoing.id, populate_existing=True, with_for_update=True
        )
        if failure is None:
            message.attempts += 1
            message.sent_at = now
            _settle(message, State.SENT)
        elif message.claimed_by != lock.owner:
            # The lease expired while we were stuck, and another worker took the message over.
            return
        elif isinstance(failure, Unreachable):
            if outgoing.first:
                message.claimed_at = None
            _put_back(message, now + UNREACHABLE_PAUSE, str(failure))
        elif isinstance(failure, Refused):
            message.attempts += 1
            _settle(message, State.FAILED, str(failure))
        else:
            _postpone(message, now, str(failure))


def _postpone(message: Message, now: datetime, error: str, tries: int | None = None) -> None:
    """Count a failed attempt; retry after a growing pause, for at most two days."""
    pause = PAUSES[min(message.attempts, len(PAUSES) - 1)]
    message.attempts += 1
    if message.attempts == tries or now + pause > message.due_at + GIVE_UP:
        _settle(message, State.FAILED, error)
    else:
        _put_back(message, now + pause, error)


def _put_back(message: Message, next_attempt_at: datetime, error: str) -> None:
    message.next_attempt_at = next_attempt_at
    message.error = error
    message.claimed_by = message.lease_until = None


def _settle(message: Message, state: State, error: str = "") -> None:
    message.state = state
    message.error = error
    message.claimed_by = message.lease_until = None


def _database_now(session: Session) -> datetime:
    return session.execute(select(func.now(type_=Instant))).scalar_one()
