"""A request is answered, given up, moved and lapses at the same moment: its story stays one story.

Each round all press at once. Whatever comes first, each later one changes the booking as it is by
then or is refused in words; nothing comes after an end, and each change is mailed once.
"""

import threading
from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from accounts.domain.actors import Actor
from booking.domain.bookings import ENDED, BookingStatus
from booking.domain.proposals import ProposalSchema
from booking.models import BookingRow
from booking.queries import bookings as queries
from booking.services import bookings, host_bookings, lapsing, proposals
from core.audit import AuditEntry
from core.db.base import db
from core.db.transaction import transaction
from core.messages.outbox import Message
from core.refusals import Refusal
from tests.conftest import SECRET_KEY
from tests.factories import add_organization
from tests.factories_booking import NOW, add_booking, add_host, add_offer, at

ROUNDS = 8
START, OTHER = at("2026-06-03 08:00"), at("2026-06-10 08:00")
STEP = timedelta(hours=1)
LAPSES = START - timedelta(hours=1)  # the first of the rounds; pending_minutes is 60
RESULTS = {
    "booking approved": BookingStatus.CONFIRMED,
    "booking moved": BookingStatus.CONFIRMED,
    "booking declined": BookingStatus.DECLINED,
    "booking cancelled": BookingStatus.CANCELLED,
    "booking lapsed": BookingStatus.LAPSED,
}


def requests(app):
    """Add a request a round, each with other times to choose from; return their ids."""
    refs = []
    with app.app_context(), transaction() as session:
        add_organization(session)
        host = add_host(session)
        offer = add_offer(session, host, approval=True, notice=0, change_until=0)
        owner = Actor.person(host.person_id, host.email)
        for number in range(ROUNDS):
            row = add_booking(
                session, offer, START + number * STEP, status=BookingStatus.PENDING, placed_at=NOW
            )
            refs.append(row.ref)
    for number, ref in enumerate(refs):
        with app.app_context(), transaction() as session:
            other = ProposalSchema(starts=(OTHER + number * STEP,))
            proposals.propose(session, "host-a", ref, other, owner, LAPSES + number * STEP - STEP)
    return owner, refs


def actions(owner, ref, number):
    now = LAPSES + number * STEP

    def link(session):
        return queries.link_token(queries.by_ref(session, ref), SECRET_KEY)

    early = now - timedelta(seconds=1)
    return {
        "approve": lambda s: host_bookings.approve(s, "host-a", ref, owner, early),
        "decline": lambda s: host_bookings.decline(s, "host-a", ref, owner, early),
        "cancel": lambda s: bookings.cancel(s, link(s), early, secret_key=SECRET_KEY),
        "choose": lambda s: proposals.choose(
            s, link(s), OTHER + number * STEP, early, secret_key=SECRET_KEY
        ),
        "lapse": lambda s: lapsing.lapse(s, ref, now),
        "lapse again": lambda s: lapsing.lapse(s, ref, now),
    }


def press_at_once(app, presses):
    """Run all in threads, each in its transaction; return what failed without a refusal."""
    barrier, broken = threading.Barrier(len(presses)), []

    def run(name, press):
        try:
            with app.app_context():
                db.session()
                barrier.wait(30)
                with transaction() as session:
                    press(session)
        except Refusal:
            pass
        except Exception as error:
            broken.append(f"{name}: {error!r}")

    threads = [threading.Thread(target=run, args=pair) for pair in presses.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return broken


def test_answers_at_once_leave_one_story(app):
    owner, refs = requests(app)

    broken = [
        fault
        for number, ref in enumerate(refs)
        for fault in press_at_once(app, actions(owner, ref, number))
    ]

    assert broken == []
    with app.app_context():
        session = db.session()
        for ref in refs:
            row = session.scalars(select(BookingRow).where(BookingRow.ref == ref)).one()
            entries = select(AuditEntry.action).where(AuditEntry.subject == f"booking:{ref}")
            found = session.scalars(entries.order_by(AuditEntry.id)).all()
            changes = [each for each in found if each in RESULTS]
            states = [RESULTS[each] for each in changes]
            assert row.status == states[-1], changes
            assert row.blocks is (row.status == BookingStatus.CONFIRMED)
            assert [each for each in states[:-1] if each in ENDED] == [], changes
            keys = session.scalars(select(Message.key).where(Message.key.contains(ref))).all()
            told = Counter(each.rpartition(":")[2] for each in keys if "proposed" not in each)
            assert told == {"guest": len(changes), "host": len(changes)}, (changes, keys)
