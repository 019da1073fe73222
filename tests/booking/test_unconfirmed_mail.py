"""Mail to a mailbox that nobody has confirmed contains nothing that its guest typed."""

import re
from datetime import timedelta
from functools import partial

import pytest

from accounts.domain.actors import Actor
from booking import jobs, mails
from booking.domain.office_hours import OfficeHoursPath
from booking.domain.proposals import ProposalSchema
from booking.queries import bookings as booking_queries
from booking.queries import hosts as host_queries
from booking.services import bookings, entry_changes, host_bookings, lapsing, proposals
from core.db.transaction import transaction
from core.messages import mail, mailboxes
from core.messages.mail import MailSettings
from core.messages.outbox import Message
from tests.factories import add_organization
from tests.factories_booking import NOW, add_host, add_offer, at, wanted
from tests.stage import edit_host

NINE, TEN = at("2026-06-03 07:00"), at("2026-06-03 08:00")
ANN = "ann@example.org"
NAME, ANSWER, GUESTS_REASON = "Zyxname Zyxfamily", "zyxanswer", "zyxreason"
HOSTS_REASON = "hostly words"
TYPED = re.compile("zyx", re.IGNORECASE)
KINDS = {
    "booking-held", "booking-confirmed", "booking-pending", "booking-moved", "booking-cancelled",
    "booking-declined", "booking-details", "booking-lapsed", "booking-proposed", "booking-reminder",
}  # fmt: skip


class Story:
    """A booking by a stranger, and what guest and host do with it."""

    def __init__(self, session, settings, **fields):
        self.session, self.settings = session, settings
        with transaction():
            add_organization(session)
            questions = [{"label": "Topic"}]
            offer = add_offer(session, add_host(session), questions=questions, **fields)
        with transaction():
            request = wanted(NINE, name=NAME, email=ANN, answers={"Topic": ANSWER})
            path = OfficeHoursPath("host-a", offer.slug)
            made = bookings.book(session, path, request, NOW, domain="example.org")
        self.ref = made.booking.id

    def by_link(self, verb, *arguments, mailed=False, **fields):
        booking = booking_queries.by_ref(self.session, self.ref)
        key = self.settings.secret_key
        path = (booking_queries.mailed_path if mailed else booking_queries.manage_path)(
            booking, key
        )
        token = path.removeprefix("/bookings/").removesuffix("/")
        with transaction():
            return verb(self.session, token, *arguments, NOW, secret_key=key, **fields)

    def by_host(self, verb, **fields):
        person_id = host_queries.by_slug(self.session, "host-a").person_id
        actor = Actor.person(person_id, "host-a@example.org")
        with transaction():
            verb(self.session, "host-a", self.ref, actor, NOW, **fields)

    def remind(self):
        with transaction():
            jobs.enqueue_due(self.session, at("2026-06-02 08:00"))

    def mails(self):
        """Compose every message at once as if it were sent, and return kind and bytes of each."""
        composers = mails.composers(MailSettings.of(self.settings))
        found = []
        with transaction():
            for message in self.session.query(Message).filter_by(recipient=ANN).order_by("id"):
                message.claimed_at = NOW
                composed = composers[message.kind](self.session, message, NOW)
                if composed is None:
                    continue
                content = mail.build(
                    composed, key="k", sender=("C", "c@example.org"), host="h", now=NOW
                )
                found.append((message.kind, content))
        return found


def readable(content) -> str:
    """Return the headers and every decoded part of a mail."""
    parts = [part.get_content() for part in content.walk() if not part.is_multipart()]
    texts = [part.decode() if isinstance(part, bytes) else part for part in parts]
    unfolded = [text.replace("\r\n ", "").replace("\n ", "") for text in texts]
    return "\n".join([*(f"{name}: {value}" for name, value in content.items()), *unfolded])


def held(story):
    pass


def verified_and_moved(story):
    story.by_link(bookings.verify, mailed=True)
    story.by_link(bookings.reschedule, TEN)


def moved(story):
    story.by_link(bookings.reschedule, TEN)


def cancelled(story):
    story.by_link(bookings.cancel, reason=GUESTS_REASON)


def declined(story):
    story.by_host(host_bookings.decline, reason=HOSTS_REASON)


def approved(story):
    story.by_host(host_bookings.approve)


def cancelled_by_host(story):
    story.by_host(host_bookings.cancel, reason=HOSTS_REASON)


def lapsed(story):
    with transaction():
        assert lapsing.lapse_due(story.session, at("2026-06-03 07:00")) == 1


def proposed(story):
    proposal = ProposalSchema(starts=(TEN,), reason=HOSTS_REASON)
    story.by_host(partial(propose, proposal=proposal))


def propose(session, host_slug, ref, actor, now, *, proposal):
    return proposals.propose(session, host_slug, ref, proposal, actor, now)


def details_changed(story):
    with transaction():
        edit_host(story.session, {"meeting_url": "https://meet.example.org/new"}, NOW)
    with transaction():
        assert entry_changes.send_due(story.session, NOW, timedelta()) == 1


def reminded(story):
    story.remind()


STORIES = [
    ({"verify_guest": True}, [held]),
    ({"verify_guest": True}, [cancelled_by_host]),
    ({"verify_guest": True, "approval": True}, [verified_and_moved]),
    ({"approval": True}, [moved, cancelled]),
    ({"approval": True}, [approved]),
    ({"approval": True}, [declined]),
    ({"approval": True}, [approved, moved, lapsed]),
    ({}, [moved, cancelled]),
    ({}, [cancelled_by_host]),
    ({}, [reminded]),
    ({}, [proposed]),
    ({}, [details_changed]),
]


@pytest.fixture
def tell(sqlite_session, sqlite_settings):
    return partial(Story, sqlite_session, sqlite_settings)


@pytest.mark.parametrize(("offer", "steps"), STORIES)
def test_nothing_typed_by_the_guest_is_in_any_mail(tell, offer, steps):
    story = tell(**offer)
    found = story.mails()
    for step in steps:
        step(story)
        found += story.mails()

    assert found
    for kind, content in found:
        assert TYPED.findall(readable(content)) == [], kind
        assert "Career chat with Host A" in readable(content)


def test_stories_tell_every_kind_of_mail(tell, sqlite_session, sqlite_settings):
    """A new kind of mail about a booking needs a story, or is listed with its reason."""
    no_guest_words = {"booking-clocks"}  # its reason is ours: test_services_zone_changes.py
    to_hosts_alone = {"booking-absent", "booking-request-reminder"}

    kinds = set(mails.composers(MailSettings.of(sqlite_settings)))
    assert kinds - no_guest_words - to_hosts_alone == KINDS


@pytest.mark.parametrize("kind", ["booking-cancelled", "booking-declined"])
def test_words_of_the_host_are_in_the_mail(tell, kind):
    story = tell(approval=kind == "booking-declined")
    story.mails()
    (declined if kind == "booking-declined" else cancelled_by_host)(story)

    content = dict(story.mails())[kind]

    for part in ("plain", "html"):
        assert HOSTS_REASON in content.get_body((part,)).get_content()


def test_confirmed_mailbox_reads_its_own_words(tell, sqlite_session):
    story = tell()
    with transaction():
        mailboxes.confirm(sqlite_session, ANN, NOW)
    story.mails()
    cancelled(story)

    content = dict(story.mails())["booking-cancelled"]

    assert str(content["To"]) == f"{NAME} <{ANN}>"
    for part in ("plain", "html"):
        assert GUESTS_REASON in content.get_body((part,)).get_content()


HELD = """\
One more step: please confirm this booking. The time is kept for you until Monday 1 June 2026, \
02:30 in New York (UTC-04:00).

What: Career chat with Host A
When: Wednesday 3 June 2026, 03:00 to 03:30 in New York (UTC-04:00)
      Wednesday 3 June 2026, 09:00 to 09:30 in Berlin (UTC+02:00)

Confirm it here:
LINK

If you did not ask for this, you can ignore this mail: the time becomes free by itself.

ML Collective sent this mail because you booked office hours there.
"""


def test_held_booking_is_one_mail_with_a_link_and_no_calendar_entry(tell, sqlite_settings):
    story = tell(verify_guest=True)
    booking = booking_queries.by_ref(story.session, story.ref)
    link = sqlite_settings.base_url + booking_queries.mailed_path(
        booking, sqlite_settings.secret_key
    )

    ((kind, content),) = story.mails()

    assert kind == "booking-held"
    assert content["Subject"] == (
        "Please confirm: Career chat with Host A, Wed 3 Jun 2026, 03:00 (New York)"
    )
    assert content.get_body(("plain",)).get_content() == HELD.replace("LINK", link)
    assert f'href="{link}"' in content.get_body(("html",)).get_content()
    types = [part.get_content_type() for part in content.walk()]
    assert types == ["multipart/alternative", "text/plain", "text/html"]
    assert [row.recipient for row in story.session.query(Message)] == [ANN]
