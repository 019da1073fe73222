"""What each side of a booking is mailed, in order, whatever happens between delivery rounds."""

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from accounts.domain.actors import Actor
from accounts.models import PersonRow
from booking import jobs
from booking.domain.bookings import BookingStatus
from booking.domain.office_hours import OfficeHoursPath
from booking.models import BookingRow
from booking.queries import bookings as booking_queries
from booking.queries import hosts as host_queries
from booking.services import bookings, host_bookings
from core import parts
from core.db.base import db
from core.db.transaction import transaction
from core.messages import liveness, times
from core.messages.delivery import deliver_due
from core.messages.outbox import Message, State
from core.messages.transports import Retry, Unreachable
from core.time_format import HourClock
from tests.factories import add_organization
from tests.factories_booking import NOW, add_host, add_offer, at, wanted

WED, TUE, THU = at("2026-06-10 07:00"), at("2026-06-09 07:00"), at("2026-06-11 07:00")
GUEST, HOST = "ann@example.org", "host-a@example.org"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WED_HOST = "Wed 10 Jun 2026, 09:00 (Berlin)"
TUE_GUEST, WED_GUEST, THU_GUEST = (
    f"{day} Jun 2026, 03:00 (New York)" for day in ("Tue 9", "Wed 10", "Thu 11")
)


@dataclass
class Transport:
    """Keeps each mail once; `failure` is raised instead, after keeping it if it is `lost` later."""

    failure: Exception | None = None
    kept_before_failure: bool = False
    mails: dict[str, object] = field(default_factory=dict)

    def send(self, content, _to):
        if self.failure is None or self.kept_before_failure:
            self.mails.setdefault(content["Message-ID"], content)
        if self.failure is not None:
            raise self.failure


@dataclass(frozen=True)
class Received:
    """A mail as its recipient's calendar and eyes take it."""

    subject: str
    method: str | None = None
    sequence: int | None = None


class Stage:
    """One booking, what its guest and host do with it, and the mails that come of it."""

    def __init__(self, app, session, settings, offer, lock):
        self.session, self.settings, self.offer, self.lock = session, settings, offer, lock
        self.transport = Transport()
        mail = parts.of(app).channels["mail"]
        self.channels = {"mail": replace(mail, transport=self.transport)}
        self.now = NOW
        self.ref = ""

    @property
    def booking(self):
        return booking_queries.by_ref(self.session, self.ref)

    @property
    def owner(self):
        host = host_queries.by_id(self.session, self.offer.host_id)
        return Actor.person(host.person_id, host.email)

    def do(self, verb, *arguments, **fields):
        self.now += MINUTE
        with transaction() as session:
            return verb(session, *arguments, self.now, **fields)

    def book(self, starts_at=WED):
        address = OfficeHoursPath("host-a", self.offer.slug)
        made = self.do(bookings.book, address, wanted(starts_at), domain="example.org")
        self.ref = made.booking.id

    def by_link(self, verb, *arguments):
        secret_key = self.settings.secret_key
        token = booking_queries.link_token(self.booking, secret_key)
        return self.do(verb, token, *arguments, secret_key=secret_key)

    def move(self, starts_at):
        self.by_link(bookings.reschedule, starts_at)

    def cancel(self):
        self.by_link(bookings.cancel)

    def as_host(self, verb):
        self.do(verb, "host-a", self.ref, self.owner)

    def approve(self):
        self.as_host(host_bookings.approve)

    def decline(self):
        self.as_host(host_bookings.decline)

    def deliver(self, failure=None, *, kept=False):
        self.now += MINUTE
        self.transport.failure, self.transport.kept_before_failure = failure, kept
        return deliver_due(self.channels, self.lock, self.now)

    def received(self, recipient):
        return [_received(each) for each in self.mails(recipient)]

    def mails(self, recipient):
        return [each for each in self.transport.mails.values() if recipient in each["To"]]


def _entry(content, name):
    calendar = content.get_body(("calendar",))
    if calendar is None:
        return None
    lines = calendar.get_content().replace("\r\n ", "").splitlines()
    return next(line.partition(":")[2] for line in lines if line.startswith(f"{name}:"))


def _received(content):
    sequence = _entry(content, "SEQUENCE")
    return Received(
        content["Subject"], _entry(content, "METHOD"), None if sequence is None else int(sequence)
    )


@pytest.fixture
def make_stage(app, session, settings):
    lock = liveness.of_this_process(db.engine)

    def make(**fields):
        with transaction():
            add_organization(session)
            offer = add_offer(session, add_host(session), per_guest_open=None, **fields)
        return Stage(app, session, settings, offer, lock)

    yield make
    lock.release()


@pytest.fixture
def stage(make_stage):
    return make_stage()


def chat(prefix, when, other="Host A"):
    return f"{prefix}: Career chat with {other}, {when}"


def test_booked_moved_earlier_and_cancelled_before_a_round_is_one_mail(stage):
    stage.book(WED)
    stage.move(TUE)
    stage.cancel()
    assert stage.deliver() == 2

    assert stage.received(GUEST) == [Received(chat("Cancelled", TUE_GUEST))]
    tuesday = "Tue 9 Jun 2026, 09:00 (Berlin)"
    assert stage.received(HOST) == [Received(chat("Cancelled", tuesday, "Ann Guest"))]


def test_booked_and_moved_before_a_round_is_confirmed_at_the_new_time(stage):
    stage.book(WED)
    stage.move(TUE)
    assert stage.deliver() == 2

    assert stage.received(GUEST) == [Received(chat("Confirmed", TUE_GUEST), "REQUEST", 1)]
    (mail,) = stage.mails(GUEST)
    assert "It was:" not in mail.get_body(("plain",)).get_content()


def test_each_change_between_rounds_is_a_mail_in_its_order(stage):
    stage.book(WED)
    stage.deliver()
    stage.move(TUE)
    stage.deliver()
    stage.cancel()
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(chat("Moved", f"now {TUE_GUEST}"), "REQUEST", 1),
        Received(chat("Cancelled", TUE_GUEST), "CANCEL", 2),
    ]


def test_two_moves_before_a_round_are_one_from_what_the_recipient_knew(stage):
    stage.book(WED)
    stage.deliver()
    stage.move(TUE)
    stage.move(THU)
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(chat("Moved", f"now {THU_GUEST}"), "REQUEST", 2),
    ]
    was = [
        line
        for line in stage.mails(GUEST)[1].get_body(("plain",)).get_content().splitlines()
        if "It was" in line
    ]
    assert was == ["It was: Wednesday 10 June 2026, 03:00 in New York (UTC-04:00)"]


def test_move_and_back_before_a_round_is_no_news(stage):
    stage.book(WED)
    stage.deliver()
    stage.move(TUE)
    stage.move(WED)
    assert stage.deliver() == 0
    stage.move(THU)
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(chat("Moved", f"now {THU_GUEST}"), "REQUEST", 3),
    ]


def test_moved_and_cancelled_before_a_round_says_what_the_recipient_knew(stage):
    stage.book(WED)
    stage.deliver()
    stage.move(TUE)
    stage.cancel()
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(chat("Cancelled", TUE_GUEST), "CANCEL", 2),
    ]
    text = stage.mails(GUEST)[1].get_body(("plain",)).get_content()
    assert [line for line in text.splitlines() if "It was" in line] == [
        "It was: Wednesday 10 June 2026, 03:00 in New York (UTC-04:00)"
    ]


def test_requested_and_approved_before_a_round_is_one_mail(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.approve()
    assert stage.deliver() == 2

    assert stage.received(GUEST) == [Received(chat("Confirmed", WED_GUEST), "REQUEST", 0)]
    assert stage.received(HOST) == [Received(chat("Booked", WED_HOST, "Ann Guest"), "REQUEST", 0)]


def test_requested_and_declined_before_a_round_asks_nobody(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.decline()
    assert stage.deliver() == 1

    assert stage.received(GUEST) == [Received(chat("Declined", WED_GUEST))]
    assert stage.received(HOST) == []


def test_request_that_moved_before_it_was_approved_is_confirmed_with_both_times(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.deliver()
    stage.move(TUE)
    stage.approve()
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Asked for", WED_GUEST)),
        Received(chat("Confirmed", TUE_GUEST), "REQUEST", 1),
    ]
    text = stage.mails(GUEST)[1].get_body(("plain",)).get_content()
    assert "It was: Wednesday 10 June 2026, 03:00 in New York (UTC-04:00)\n" in text


def test_request_that_moved_before_a_round_asks_for_the_new_time(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.move(TUE)
    stage.deliver()

    assert stage.received(GUEST) == [Received(chat("Asked for", TUE_GUEST))]


def test_cancelled_request_takes_no_entry_away(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.deliver()
    stage.cancel()
    stage.deliver()

    assert stage.received(GUEST) == [
        Received(chat("Asked for", WED_GUEST)),
        Received(chat("Cancelled", WED_GUEST)),
    ]


@pytest.mark.parametrize("kept", [False, True])
def test_cancellation_waits_for_a_request_that_is_being_retried(stage, kept):
    stage.book(WED)
    stage.deliver(Retry("the dialogue broke off"), kept=kept)
    stage.cancel()
    stage.now -= MINUTE  # the pause is a minute
    assert stage.deliver() == 4

    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(chat("Cancelled", WED_GUEST), "CANCEL", 1),
    ]


def test_request_that_never_left_is_replaced(stage):
    stage.book(WED)
    stage.deliver(Unreachable("connection refused"))
    stage.cancel()
    stage.deliver()

    assert stage.received(GUEST) == [Received(chat("Cancelled", WED_GUEST))]


def test_host_with_a_new_address_is_told_the_whole(stage):
    stage.book(WED)
    stage.deliver()
    with transaction() as session:
        session.scalars(
            select(PersonRow).where(PersonRow.email == HOST)
        ).one().email = "h@example.org"
    stage.move(TUE)
    stage.deliver()
    stage.cancel()
    stage.deliver()

    tuesday = "Tue 9 Jun 2026, 09:00 (Berlin)"
    assert stage.received("h@example.org") == [
        Received(chat("Booked", tuesday, "Ann Guest"), "REQUEST", 1),
        Received(chat("Cancelled", tuesday, "Ann Guest"), "CANCEL", 2),
    ]


def test_host_who_is_the_guest_gets_both_mails(stage):
    with transaction() as session:
        session.scalars(select(PersonRow).where(PersonRow.email == HOST)).one().email = GUEST
    stage.book(WED)

    assert stage.deliver() == 2


def test_stamp_does_not_go_backwards_when_clocks_differ(stage):
    stage.book(WED)
    stage.deliver()
    stage.now -= HOUR
    stage.move(TUE)
    stage.now += HOUR
    stage.deliver()

    stamps = [_entry(each, "DTSTAMP") for each in stage.mails(GUEST)]
    assert stamps == ["20260601T060100Z", "20260601T060100Z"]


def test_reminder_goes_after_the_mail_about_the_booking(stage):
    stage.book(WED)
    stage.deliver(Retry("450 busy"))
    stage.now = WED - DAY
    with transaction() as session:
        assert jobs.enqueue_due(session, stage.now) == 2
    stage.deliver()

    reminder = f"Career chat with Host A, {WED_GUEST}"
    assert stage.received(GUEST) == [
        Received(chat("Confirmed", WED_GUEST), "REQUEST", 0),
        Received(reminder),
    ]


def test_reminder_that_becomes_true_again_is_sent(stage):
    """Nobody chose the start anew: the zone's rules changed, and changed back."""
    stage.book(WED)
    stage.deliver()

    def put(starts_at):
        with transaction() as session:
            row = session.scalars(select(BookingRow)).one()
            row.starts_at, row.ends_at = starts_at, starts_at + timedelta(minutes=30)

    def remind():
        with transaction() as session:
            return jobs.enqueue_due(session, stage.now)

    stage.now = WED - DAY
    assert remind() == 2
    put(THU)
    assert stage.deliver() == 0
    put(WED)
    assert [remind(), remind(), stage.deliver()] == [2, 0, 2]

    query = select(Message.state).where(Message.reminder).order_by(Message.id)
    states = stage.session.scalars(query).all()
    assert states == [State.WITHDRAWN, State.WITHDRAWN, State.SENT, State.SENT]
    assert stage.received(GUEST)[1:] == [Received(f"Career chat with Host A, {WED_GUEST}")]


SAYS = {
    "Asked for": BookingStatus.PENDING,
    "Please approve": BookingStatus.PENDING,
    "Confirmed": BookingStatus.CONFIRMED,
    "Booked": BookingStatus.CONFIRMED,
    "Cancelled": BookingStatus.CANCELLED,
    "Declined": BookingStatus.DECLINED,
}
ZONES = {GUEST: "America/New_York", HOST: "Europe/Berlin"}
STARTS = [at(f"2026-06-{day:02} {hour:02}:00") for day in (9, 10, 11, 12) for hour in (7, 9, 12)]
OUTCOMES = [
    (None, False),
    (Unreachable("connection refused"), False),
    (Retry("450 busy"), False),
    (Retry("the dialogue broke off"), True),
]


@pytest.mark.parametrize("seed", range(30))
def test_mails_stay_in_order_and_the_last_one_is_true(make_stage, seed):
    chance = random.Random(seed)
    stage = make_stage(approval=chance.random() < 0.5, change_until=0)
    stage.book(chance.choice(STARTS))
    for _ in range(chance.randrange(1, 12)):
        status = stage.booking.status
        acts = [partial(stage.deliver, failure, kept=kept) for failure, kept in OUTCOMES]
        if status in (BookingStatus.PENDING, BookingStatus.CONFIRMED):
            acts += [partial(stage.move, chance.choice(STARTS)) for _ in range(3)]
            acts += [stage.cancel] if chance.random() < 0.3 else []
        if status is BookingStatus.PENDING:
            acts += [stage.approve] * 2 + [stage.decline]
        chance.choice(acts)()
    for _ in range(6):
        stage.now += HOUR
        stage.deliver()

    booking = stage.booking
    ended = booking.status in (BookingStatus.CANCELLED, BookingStatus.DECLINED)
    for recipient in (GUEST, HOST):
        mails = stage.mails(recipient)
        entries = [each for each in mails if _entry(each, "METHOD")]
        sequences = [int(_entry(each, "SEQUENCE")) for each in entries]
        stamps = [_entry(each, "DTSTAMP") for each in entries]
        methods = [_entry(each, "METHOD") for each in entries]
        assert sequences == sorted(set(sequences))
        assert stamps == sorted(stamps)
        assert methods.count("CANCEL") == (1 if ended and "REQUEST" in methods else 0)
        if methods and not ended:
            assert _entry(entries[-1], "DTSTART") == f"{booking.starts_at:%Y%m%dT%H%M%SZ}"
        if recipient == HOST and booking.status is BookingStatus.DECLINED:
            continue  # the host declined, and gets no mail about it
        prefix = mails[-1]["Subject"].partition(":")[0]
        moved = BookingStatus.CONFIRMED if methods else BookingStatus.PENDING
        assert SAYS.get(prefix, moved) is booking.status
        when = times.short(booking.starts_at, ZONES[recipient], HourClock.H24)
        assert mails[-1]["Subject"].endswith(f" {when}")
