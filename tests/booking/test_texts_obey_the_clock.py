"""After the deadline nothing that a guest reads offers to move or cancel: all mails and entries.

Each story queues mails while the booking can still be changed; they are written when it cannot.
"""

import re

import pytest
from sqlalchemy import select, update

from booking import jobs, mails, resent_links
from booking.models import OfficeHoursRow
from booking.queries import hosts as host_queries
from booking.services import zone_changes
from core.db.transaction import transaction
from core.messages.mail import MailSettings
from core.messages.outbox import Message, State
from tests.stage import DAY, GUEST, HOUR, THU, TUE, WED

OFFERS = re.compile(
    r"\b(move|moves|cancel|cancels|change|reschedule)\b|you can until|\(until ", re.IGNORECASE
)
TO_HOSTS = {"booking-absent", "booking-request-reminder"}
MONTH = 31 * 24 * 60


def held(stage):
    stage.book()


def confirmed(stage):
    stage.book()


pending = confirmed


def approved(stage):
    stage.book()
    stage.approve()


def moved(stage):
    stage.book()
    stage.deliver()
    stage.move(TUE)


def moved_by_host(stage):
    stage.book()
    stage.deliver()
    stage.move_as_host(THU)


def asked_again(stage):
    approved(stage)
    stage.deliver()
    stage.move(TUE)


def cancelled(stage):
    stage.book()
    stage.deliver()
    stage.cancel()


def cancelled_by_host(stage):
    stage.book()
    stage.deliver()
    stage.cancel_as_host()


def declined(stage):
    stage.book()
    stage.decline()


def lapsed(stage):
    stage.book()
    stage.lapse(stage.booking.lapses_at)


def proposed(stage):
    stage.book()
    stage.deliver()
    stage.propose(THU)


def reminded_a_day_before(stage):
    confirmed(stage)
    stage.deliver()
    remind(stage, WED - DAY)


def reminded_an_hour_before(stage):
    confirmed(stage)
    stage.deliver()
    remind(stage, WED - HOUR)


def remind(stage, now):
    stage.now = now
    with transaction() as session:
        jobs.enqueue_due(session, now)


def other_clocks(stage):
    stage.book()
    stage.deliver()
    booking = stage.booking
    host = host_queries.by_id(stage.session, booking.host_id)
    stage.do(
        lambda session, now: zone_changes.tell(session, host, booking, booking, now, by="clocks")
    )


def details_changed(stage):
    stage.book()
    stage.deliver()
    stage.edit_host(meeting_url="https://meet.example.org/new")
    stage.send_entries(stage.now + HOUR)


def sent_again(stage):
    stage.book()
    stage.deliver()
    stage.do(lambda session, now: resent_links.ask(session, GUEST, now, network=None))


ASKS = {"approval": True}
STORIES = [
    ("booking-held", {"verify_guest": True}, held),
    ("booking-confirmed", {}, confirmed),
    ("booking-confirmed", ASKS, approved),
    ("booking-pending", ASKS, pending),
    ("booking-moved", {}, moved),
    ("booking-moved", ASKS, moved),
    ("booking-moved", {}, moved_by_host),
    ("booking-moved", ASKS, moved_by_host),
    ("booking-moved", ASKS, asked_again),
    ("booking-cancelled", {}, cancelled),
    ("booking-cancelled", ASKS, cancelled_by_host),
    ("booking-declined", ASKS, declined),
    ("booking-lapsed", ASKS, lapsed),
    ("booking-proposed", {}, proposed),
    ("booking-proposed", ASKS, proposed),
    ("booking-reminder", {}, reminded_a_day_before),
    ("booking-reminder", {}, reminded_an_hour_before),
    ("booking-clocks", {}, other_clocks),
    ("booking-details", {}, details_changed),
    ("bookings-again", {}, sent_again),
    ("bookings-again", ASKS, sent_again),
]


def written(stage, kind):
    """Deliver; return the mail to the guest, which is of this kind."""
    sent = len(stage.mails(GUEST))
    stage.deliver()
    query = select(Message.kind).where(Message.recipient == GUEST, Message.state == State.SENT)
    assert stage.session.scalars(query.order_by(Message.id.desc())).first() == kind
    (mail,) = stage.mails(GUEST)[sent:]
    return mail


def spoken(mail):
    """All that a mail says, its calendar entry included, without addresses and markup."""
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    text = "\n".join([mail["Subject"], *parts]).replace("\r\n ", "").replace("\n ", " ")
    text = re.sub(r"https?://[^\s\"<>\\]+|<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)
    return re.sub(r"^METHOD:CANCEL", "", text, flags=re.MULTILINE)


def pass_deadline(stage):
    with transaction() as session:
        session.execute(update(OfficeHoursRow).values(change_until=MONTH))


IDS = [f"{kind}-{story.__name__}" for kind, _, story in STORIES]


@pytest.mark.parametrize(("kind", "offer", "story"), STORIES, ids=IDS)
def test_no_mail_or_entry_offers_a_change_after_the_deadline(make_stage, kind, offer, story):
    stage = make_stage(change_until=0, **offer)
    story(stage)
    pass_deadline(stage)

    said = spoken(written(stage, kind))

    assert OFFERS.findall(said) == []


OFFER_A_CHANGE = {
    "booking-confirmed", "booking-pending", "booking-moved", "booking-reminder", "booking-clocks",
    "booking-details", "bookings-again",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "offer", "story"), STORIES, ids=IDS)
def test_before_the_deadline_the_same_mails_offer_it(make_stage, kind, offer, story):
    stage = make_stage(change_until=0, **offer)
    story(stage)

    said = spoken(written(stage, kind))

    assert bool(OFFERS.findall(said)) is (kind in OFFER_A_CHANGE)


def test_stories_tell_every_kind_of_mail_to_guests(settings):
    known = {*mails.composers(MailSettings.of(settings)), resent_links.KIND}

    assert {kind for kind, *_ in STORIES} == known - TO_HOSTS
