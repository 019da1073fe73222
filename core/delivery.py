"""Delivery: claim a due message, compose it, send it outside of any transaction, mark it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session

from core.db import Instant, db, transaction
from core.life import Life
from core.mail import Door, Mailbox, Refused, Retry, Unreachable, build
from core.outbox import Composer, Message, State

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
UNREACHABLE_PAUSE = timedelta(minutes=1)
GIVE_UP = timedelta(hours=48)
COMPOSE_TRIES = 5
# A dead owner loses its row at once (core/life.py): this is for one that lives and is stuck.
LEASE = timedelta(hours=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Courier:
    """What delivery needs: the way out, who can write each kind, and who mail is from.

    `host` is the right side of the Message-IDs.
    """

    door: Door
    composers: Mapping[str, Composer]
    sender: Callable[[Session], Mailbox]
    host: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed message, ready to go."""

    id: int
    to: str
    content: EmailMessage


def deliver_due(courier: Courier, life: Life, now: datetime, limit: int | None = None) -> int:
    """Send what is due at `now`, the soonest useful first; return how many were sent.

    At most `limit` messages are taken up. An unreachable server ends the round. One `life` serves
    one thread. Must be called inside an app context and outside of a transaction.
    """
    if not _anything_to_do(now):
        return 0
    life.renew()
    with transaction() as session:
        _drop_stale(session, life, now)
    sent = taken = 0
    while limit is None or taken < limit:
        with transaction() as session:
            message = _next_due(session, life, now)
            parcel = _claim(session, message, courier, life, now) if message else None
        if message is None:
            break
        taken += 1
        if parcel is None:
            continue
        trouble = _send(courier.door, parcel)
        _mark(parcel, life, trouble, now)
        sent += trouble is None
        if isinstance(trouble, Unreachable):
            break
    return sent


def _anything_to_do(now: datetime) -> bool:
    """Ask without the lock that writers take: most rounds find nothing."""
    session = db.session()
    waiting = exists().where(
        Message.state == State.PENDING,
        or_(Message.next_attempt_at <= now, Message.useful_until <= now),
    )
    found = session.scalar(select(waiting))
    session.rollback()
    return bool(found)


def _free(session: Session, life: Life) -> ColumnElement[bool]:
    """Return the condition that nobody who lives has claimed the row.

    It names the dead, not the living: another worker may begin to live, and claim, meanwhile.
    """
    claimed = select(Message.claimed_by).where(
        Message.state == State.PENDING, Message.claimed_by.is_not(None)
    )
    owners = {owner for owner in session.scalars(claimed) if owner is not None}
    living = life.living(session, owners) if owners else set()
    # A claim of our own that we are not busy with was left behind by an error.
    dead = (owners - living) | (owners & {life.owner})
    return or_(
        Message.claimed_by.is_(None),
        Message.claimed_by.in_(dead),
        Message.lease_until <= _database_now(session),
    )


def _drop_stale(session: Session, life: Life, now: datetime) -> None:
    session.execute(
        update(Message)
        .where(Message.state == State.PENDING, Message.useful_until <= now, _free(session, life))
        .values(state=State.STALE, claimed_by=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )


def _next_due(session: Session, life: Life, now: datetime) -> Message | None:
    """Return the row to be sent next, locked: whoever failed before waits for the others."""
    return session.scalar(
        select(Message)
        .where(
            Message.state == State.PENDING,
            Message.next_attempt_at <= now,
            Message.useful_until > now,
            _free(session, life),
        )
        .order_by(Message.attempts > 0, Message.reminder, Message.useful_until, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _claim(
    session: Session, message: Message, courier: Courier, life: Life, now: datetime
) -> Parcel | None:
    """Compose the message and claim it; None if it is withdrawn or cannot be composed."""
    try:
        with session.begin_nested():
            parcel = _compose(session, message, courier, now)
    except Exception as error:
        # A poisoned message must not stop the others, whatever its composer raises.
        logger.exception("message %s of kind %s cannot be composed", message.id, message.kind)
        _postpone(message, now, f"{type(error).__name__}: {error}"[:500], COMPOSE_TRIES)
        return None
    if parcel is None:
        _settle(message, State.WITHDRAWN)
        return None
    message.claimed_by = life.owner
    message.lease_until = _database_now(session) + LEASE
    return parcel


def _compose(session: Session, message: Message, courier: Courier, now: datetime) -> Parcel | None:
    letter = courier.composers[message.kind](session, message, now)
    if letter is None:
        return None
    content = build(
        letter, key=message.key, sender=courier.sender(session), host=courier.host, now=now
    )
    return Parcel(message.id, letter.to, content)


def _send(door: Door, parcel: Parcel) -> Retry | Refused | None:
    """Send the message; return what went wrong, or None."""
    try:
        door.send(parcel.content, parcel.to)
    except (Retry, Refused) as trouble:
        return trouble
    return None


def _mark(parcel: Parcel, life: Life, trouble: Retry | Refused | None, now: datetime) -> None:
    """Write down what became of a claimed message."""
    with transaction() as session:
        message = session.get_one(Message, parcel.id, populate_existing=True, with_for_update=True)
        if trouble is None:
            message.attempts += 1
            message.sent_at = now
            _settle(message, State.SENT)
        elif message.claimed_by != life.owner:
            # We were stuck for longer than the lease, and another took it over.
            return
        elif isinstance(trouble, Unreachable):
            _put_back(message, now + UNREACHABLE_PAUSE, str(trouble))
        elif isinstance(trouble, Refused):
            message.attempts += 1
            _settle(message, State.FAILED, str(trouble))
        else:
            _postpone(message, now, str(trouble))


def _postpone(message: Message, now: datetime, error: str, tries: int | None = None) -> None:
    """Count an attempt that failed; try again after a growing pause, but not for ever."""
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
