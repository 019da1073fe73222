"""A host changes what calendars say of bookings: each future one gets one revision for all."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking import mails
from booking.domain.entries import EntryChange, EntryDetails
from booking.queries import bookings as booking_queries
from booking.services import bookings, entry_changes
from core.db.transaction import transaction
from core.messages.mail import MailSettings
from core.messages.transports import Retry
from core.refusals import Refusal
from tests.stage import (
    DAY,
    GUEST,
    HOST,
    HOUR,
    MINUTE,
    TUE,
    TUE_GUEST,
    WED,
    WED_GUEST,
    WED_HOST,
    Received,
    chat,
    entry,
)

OLD = "https://meet.example.org/host-a"
NEW, NEWER = "https://meet.example.org/new", "https://meet.example.org/newer"
WAIT = 5 * MINUTE
WORKERS = 4


@pytest.fixture
def booked(stage):
    stage.book(WED)
    stage.deliver()
    stage.transport.mails.clear()
    return stage


def send(stage, at):
    """Run the job at `at` and deliver; return how many bookings it revised."""
    done = stage.send_entries(at)
    stage.deliver()
    return done


def download(stage):
    """Return the guest's entry as the page gives it, as lines."""
    settings = MailSettings.of(stage.settings)
    return mails.download(stage.session, settings, stage.booking, stage.now, with_link=True)


def value(calendar, name):
    lines = calendar.decode().replace("\r\n ", "").splitlines()
    return next(
        line.partition(":")[2] for line in lines if line.partition(";")[0].partition(":")[0] == name
    )


def text(mail):
    return mail.get_body(("plain",)).get_content().replace("\r", "")


def test_new_meeting_link_reaches_both_calendars_once(booked):
    before = download(booked)
    booked.edit_host(meeting_url=NEW)
    edited = booked.now

    assert send(booked, edited + WAIT - MINUTE) == 0
    assert download(booked) == before
    assert [send(booked, edited + WAIT), send(booked, edited + HOUR)] == [1, 0]

    assert booked.received(GUEST) == [Received(chat("New meeting link", WED_GUEST), "REQUEST", 1)]
    assert booked.received(HOST) == [
        Received(chat("New meeting link", WED_HOST, "Ann Guest"), "REQUEST", 1)
    ]
    (mail,) = booked.mails(GUEST)
    assert entry(mail, "LOCATION") == NEW
    assert entry(mail, "DTSTAMP") > value(before, "DTSTAMP")
    assert text(mail).startswith(
        "Host A changed the meeting link of this booking. The time stays as it is.\n\n"
    )
    assert f"Where: {NEW}\nThe meeting link was: {OLD}\n" in text(mail)
    assert (value(download(booked), "LOCATION"), value(download(booked), "SEQUENCE")) == (NEW, "1")


def test_several_edits_are_told_together(booked):
    booked.edit_host(meeting_url=NEW)
    first = booked.now
    booked.edit_host(meeting_url=NEWER, name="Professor A")
    booked.retitle("Long chat")

    assert send(booked, first + WAIT) == 0  # the last was later
    assert send(booked, booked.now + WAIT) == 1

    (mail,) = booked.mails(GUEST)
    assert mail["Subject"] == f"Changed: Long chat with Professor A, {WED_GUEST}"
    assert entry(mail, "SUMMARY") == "Long chat with Professor A"
    assert (
        "Professor A changed the meeting link, the title and the name of the host of this booking."
        in text(mail)
    )
    assert (
        f"Where: {NEWER}\nThe meeting link was: {OLD}\nThe title was: Career chat\n"
        "The name of the host was: Host A\n"
    ) in text(mail)


def test_edits_without_end_are_told_half_an_hour_after_the_first(booked):
    booked.edit_host(meeting_url=f"{NEW}0")
    first = booked.now
    for number in range(1, 8):
        booked.now = first + number * 4 * MINUTE
        booked.edit_host(meeting_url=f"{NEW}{number}")
        assert send(booked, booked.now) == 0
    assert send(booked, first + 30 * MINUTE) == 1
    (mail,) = booked.mails(GUEST)
    assert entry(mail, "LOCATION") == f"{NEW}7"


def test_edit_shortly_before_the_start_is_told_at_once(booked):
    booked.book(WED + DAY)
    booked.deliver()
    booked.transport.mails.clear()
    booked.now = WED - 2 * HOUR
    booked.edit_host(meeting_url=NEW)
    edited = booked.now

    assert send(booked, edited) == 1
    assert [each.subject for each in booked.received(GUEST)] == [
        chat("New meeting link", WED_GUEST)
    ]
    assert [send(booked, edited + WAIT), send(booked, edited + DAY)] == [1, 0]
    assert len(booked.mails(GUEST)) == 2


def test_edit_that_is_undone_is_told_to_nobody(booked):
    before = download(booked)
    booked.edit_host(meeting_url=NEW)
    booked.edit_host(meeting_url=OLD)

    assert send(booked, booked.now + WAIT) == 0
    assert (booked.mails(GUEST), download(booked)) == ([], before)

    booked.edit_host(meeting_url=NEW)
    assert send(booked, booked.now + WAIT - MINUTE) == 0  # the delay begins anew


def test_link_that_goes_away_is_told(booked):
    booked.edit_host(meeting_url=None)
    assert send(booked, booked.now + WAIT) == 1
    (mail,) = booked.mails(GUEST)
    assert mail["Subject"] == chat("Changed", WED_GUEST)
    assert f"\nThe meeting link was: {OLD}\n" in text(mail)
    assert "LOCATION" not in mail.get_body(("calendar",)).get_content()


def test_moved_booking_has_the_new_link_in_the_mail_about_its_move(booked):
    booked.edit_host(meeting_url=NEW)
    booked.move(TUE)
    booked.deliver()

    assert send(booked, booked.now + WAIT) == 0
    assert booked.received(GUEST) == [
        Received(f"Moved: Career chat with Host A, now {TUE_GUEST}", "REQUEST", 1)
    ]
    (mail,) = booked.mails(GUEST)
    assert entry(mail, "LOCATION") == NEW
    assert f"The meeting link was: {OLD}\n" in text(mail)


def test_change_in_the_same_minute_as_the_booking_is_its_confirmation(stage):
    stage.book(WED)
    stage.edit_host(meeting_url=NEW)
    assert send(stage, stage.now + WAIT) == 1
    assert stage.received(GUEST) == [Received(chat("Confirmed", WED_GUEST), "REQUEST", 1)]
    (mail,) = stage.mails(GUEST)
    assert entry(mail, "LOCATION") == NEW


def test_move_that_was_not_mailed_yet_is_told_with_the_change(booked):
    booked.move(TUE)
    booked.edit_host(meeting_url=NEW)
    assert send(booked, booked.now + WAIT) == 1
    assert booked.received(GUEST) == [
        Received(f"Moved: Career chat with Host A, now {TUE_GUEST}", "REQUEST", 2)
    ]


def test_what_has_no_entry_is_not_revised(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.deliver()
    stage.edit_host(meeting_url=NEW)
    assert send(stage, stage.now + WAIT) == 0
    stage.approve()
    stage.deliver()
    (mail,) = stage.mails(GUEST)[1:]
    assert (entry(mail, "LOCATION"), entry(mail, "SEQUENCE")) == (NEW, "0")


@pytest.mark.parametrize("end", ["cancel", "cancel_as_host"])
def test_ended_booking_is_not_revised(booked, end):
    booked.edit_host(meeting_url=NEW)
    getattr(booked, end)()
    assert send(booked, booked.now + WAIT) == 0
    assert [each.method for each in booked.received(GUEST)] == ["CANCEL"]


def test_guest_who_cannot_come_and_past_bookings_are_left_alone(booked):
    booked.now = WED - HOUR
    booked.tell_absence()
    booked.edit_host(meeting_url=NEW)
    assert booked.send_entries(WED - MINUTE) == 0
    booked.now = WED + DAY
    booked.edit_host(meeting_url=NEWER)
    assert booked.send_entries(booked.now + WAIT) == 0


def test_other_edits_of_a_host_reach_no_calendar(booked):
    booked.edit_host(bio="Another bio", topics=("maps",))
    assert booked.send_entries(booked.now + DAY) == 0


def test_mail_that_was_lost_is_sent_again_as_it_was(booked):
    booked.edit_host(meeting_url=NEW)
    booked.send_entries(booked.now + WAIT)
    booked.deliver(Retry("450 busy"))
    booked.edit_host(meeting_url=NEWER)
    booked.now += 20 * MINUTE
    booked.deliver()

    (first,) = booked.mails(GUEST)
    assert (entry(first, "LOCATION"), entry(first, "SEQUENCE")) == (NEW, "1")
    assert send(booked, booked.now) == 1
    assert [entry(each, "SEQUENCE") for each in booked.mails(GUEST)] == ["1", "2"]


EDITS = st.one_of(
    st.sampled_from([OLD, NEW, NEWER, None]).map(lambda url: ("edit_host", {"meeting_url": url})),
    st.sampled_from(["Career chat", "Long chat"]).map(lambda title: ("retitle", title)),
    st.sampled_from([TUE, WED, WED + DAY]).map(lambda at: ("move", at)),
    st.sampled_from([0, 3, 5, 40, 12000]).map(lambda minutes: ("send_entries", minutes)),
    st.just(("deliver", None)),
)


def test_entry_after_the_deadline_is_a_revision_of_its_own(booked):
    before = download(booked)
    booked.now = booked.booking.change_until + MINUTE
    after = download(booked)
    assert (b"See or change" in before, b"See or change" in after) == (True, False)
    assert value(after, "SEQUENCE") == value(before, "SEQUENCE")
    assert value(after, "DTSTAMP") > value(before, "DTSTAMP")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits=st.lists(EDITS, min_size=4, max_size=10))
def test_no_two_texts_of_an_entry_share_sequence_and_stamp(booked, edits):
    said = {}

    def look():
        calendar = download(booked)
        key = value(calendar, "SEQUENCE"), value(calendar, "DTSTAMP")
        assert said.setdefault(key, calendar) == calendar

    for verb, argument in edits:
        if verb == "send_entries":
            booked.send_entries(booked.now + argument * MINUTE)
        elif verb == "edit_host":
            booked.edit_host(**argument)
        elif verb == "deliver":
            booked.deliver()
        else:
            with suppress(Refusal):  # too late, or the start has passed
                getattr(booked, verb)(argument)
        look()
    stamps = {}
    for mail in booked.mails(GUEST):
        calendar = mail.get_body(("calendar",)).get_content()
        key = entry(mail, "SEQUENCE"), entry(mail, "DTSTAMP")
        assert stamps.setdefault(key, calendar) == calendar


def test_workers_and_a_guest_who_cancels_at_once_make_no_two_revisions(app, booked):
    booked.edit_host(meeting_url=NEW)
    now = booked.now + WAIT
    token = booking_queries.link_token(booked.booking, booked.settings.secret_key)
    barrier = Barrier(WORKERS + 1)

    def work(number):
        with app.app_context():
            barrier.wait()
            with transaction() as session:
                if number:
                    return entry_changes.send_due(session, now, WAIT)
                key = booked.settings.secret_key
                return bookings.cancel(session, token, now, secret_key=key).sequence

    with ThreadPoolExecutor(WORKERS + 1) as pool:
        sequence, *sent = pool.map(work, range(WORKERS + 1))

    assert sum(sent) in (0, 1)
    assert sequence == 1 + sum(sent)
    booked.session.rollback()
    booked.now = now
    booked.deliver()
    # The end replaces the new link, which was not mailed yet.
    assert [each.method for each in booked.received(GUEST)] == ["CANCEL"]


def test_changes_are_named_in_order():
    before = EntryDetails("A", "Ada", None)
    assert EntryDetails("B", "Ada", NEW).changes(before) == [
        EntryChange("meeting_url", "", NEW), EntryChange("title", "A", "B"),
    ]  # fmt: skip
    assert before.changes(before) == []
