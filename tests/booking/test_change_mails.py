"""Every change of a booking in every state: who is mailed, in which words, with which entry.

A row says what guest and host had been mailed, the change, and the mail to each: its subject, its
first paragraph, and METHOD and STATUS of its entry. None is no mail.
"""

from dataclasses import dataclass

import pytest

from booking.domain.bookings import BookingStatus
from tests.stage import GUEST, HOST, HOUR, THU, TUE, WED, entry

WORDS_OF_ENTRIES = ("calendar entry", "calendar invite")
WED_SHORT, TUE_SHORT = "Wed 10 Jun 2026", "Tue 9 Jun 2026"


@dataclass(frozen=True)
class Told:
    """A mail: what it says is the case, and what it does to the calendar."""

    subject: str
    says: str
    method: str | None = None
    status: str | None = None


def requested(stage):
    stage.book(WED)


def approved(stage):
    stage.book(WED)
    stage.approve()


def moved_after_approval(stage):
    approved(stage)
    stage.deliver()
    stage.move(TUE)


def approved_again(stage):
    moved_after_approval(stage)
    stage.deliver()
    stage.approve()


def move(stage):
    stage.move(TUE if stage.booking.starts_at == WED else WED)


def move_as_host(stage):
    stage.move_as_host(TUE if stage.booking.starts_at == WED else WED)


def choose(stage):
    stage.propose(THU)
    stage.choose(THU)


def cancel(stage):
    stage.cancel()


def cancel_as_host(stage):
    stage.cancel_as_host()


def decline(stage):
    stage.decline()


def approve(stage):
    stage.approve()


def lapse(stage):
    stage.lapse(stage.booking.lapses_at)


ASKS, AGAIN = {"approval": True}, {"approval": True, "approval_on_move": True}
FREE_MOVES = {"approval": True, "approval_on_move": False}
ASKED_AGAIN_GUEST = (
    "You moved your booking, and Host A has been asked about the new time. It is not confirmed "
    "yet: you get another mail with the answer. The old time is given up, and the calendar entry "
    "is tentative until then."
)
ASKED_AGAIN_HOST = (
    "Ann Guest moved a booking that you had confirmed and asks for the new time. Please approve or "
    "decline it. The old time is given up, and the calendar entry is tentative until then."
)
PENDING, CONFIRMED = BookingStatus.PENDING, BookingStatus.CONFIRMED
CANCELLED, DECLINED = BookingStatus.CANCELLED, BookingStatus.DECLINED
LAPSED = BookingStatus.LAPSED
TENTATIVE, FIRM, OUT = ("REQUEST", "TENTATIVE"), ("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")

CHANGES = [
    (ASKS, requested, move, PENDING,
     Told("Asked for", "You moved your request, and Host A has been asked about the new time. It "
          "is not confirmed yet: you get another mail with the answer."),
     Told("Please approve", "Ann Guest moved a request and asks for the new time. Please approve "
          "or decline it.")),
    (ASKS, requested, cancel, CANCELLED,
     Told("Cancelled", "You cancelled this request, which was waiting for approval."),
     Told("Cancelled", "Ann Guest cancelled this request. It no longer waits for your answer.")),
    (ASKS, requested, cancel_as_host, CANCELLED,
     Told("Cancelled", "Host A cancelled this request, which was waiting for approval."),
     Told("Cancelled", "This request is cancelled, and Ann Guest has been told.")),
    (ASKS, requested, decline, DECLINED,
     Told("Declined", "Host A cannot take this booking. It no longer waits for approval."),
     Told("Declined", "You declined this booking, and Ann Guest has been told.")),
    (ASKS, requested, lapse, LAPSED,
     Told("Not approved in time", "Host A did not approve this request in time, so it has ended. "
          "Nobody expects you at this time."),
     Told("Not approved in time", "You did not approve this request in time, so it has ended. Ann "
          "Guest has been told, and the time is free again.")),
    (ASKS, requested, approve, CONFIRMED,
     Told("Confirmed", "Your booking is confirmed.", *FIRM),
     Told("Booked", "Ann Guest has a booking with you.", *FIRM)),
    (ASKS, requested, move_as_host, PENDING,
     Told("Asked for", "Host A moved your request to another time. It is not confirmed yet: you "
          "get another mail with the answer."),
     Told("Please approve", "You moved this request, and Ann Guest has been told. It still waits "
          "for your answer.")),
    (ASKS, requested, choose, CONFIRMED,
     Told("Confirmed", "Your booking is confirmed.", *FIRM),
     Told("Booked", "Ann Guest has a booking with you.", *FIRM)),
    ({}, requested, move_as_host, CONFIRMED,
     Told("Moved", "Host A moved this booking.", *FIRM),
     Told("Moved", "This booking has moved, and Ann Guest has been told.", *FIRM)),
    ({}, requested, choose, CONFIRMED,
     Told("Moved", "Your booking has moved.", *FIRM),
     Told("Moved", "Ann Guest moved a booking with you.", *FIRM)),
    (AGAIN, approved, move_as_host, CONFIRMED,
     Told("Moved", "Host A moved this booking.", *FIRM),
     Told("Moved", "This booking has moved, and Ann Guest has been told.", *FIRM)),
    (AGAIN, moved_after_approval, choose, CONFIRMED,
     Told("Confirmed", "Your booking is confirmed.", *FIRM),
     Told("Booked", "Ann Guest has a booking with you.", *FIRM)),
    (AGAIN, moved_after_approval, move_as_host, PENDING,
     Told("Asked for", "Host A moved your request to another time.", *TENTATIVE),
     Told("Please approve", "You moved this request, and Ann Guest has been told.", *TENTATIVE)),
    ({}, requested, move, CONFIRMED,
     Told("Moved", "Your booking has moved.", *FIRM),
     Told("Moved", "Ann Guest moved a booking with you.", *FIRM)),
    ({}, requested, cancel, CANCELLED,
     Told("Cancelled", "You cancelled this booking.", *OUT),
     Told("Cancelled", "Ann Guest cancelled this booking. The time is free again.", *OUT)),
    ({}, requested, cancel_as_host, CANCELLED,
     Told("Cancelled", "Host A cancelled this booking.", *OUT),
     Told("Cancelled", "This booking is cancelled, and Ann Guest has been told.", *OUT)),
    (AGAIN, approved, move, PENDING,
     Told("Asked for", ASKED_AGAIN_GUEST, *TENTATIVE),
     Told("Please approve", ASKED_AGAIN_HOST, *TENTATIVE)),
    (FREE_MOVES, approved, move, CONFIRMED,
     Told("Moved", "Your booking has moved.", *FIRM),
     Told("Moved", "Ann Guest moved a booking with you.", *FIRM)),
    (AGAIN, moved_after_approval, move, PENDING,
     Told("Asked for", "You moved your booking, and", *TENTATIVE),
     Told("Please approve", "Ann Guest moved a booking that you had confirmed", *TENTATIVE)),
    (AGAIN, moved_after_approval, approve, CONFIRMED,
     Told("Confirmed", "Your booking is confirmed.", *FIRM),
     Told("Booked", "Ann Guest has a booking with you.", *FIRM)),
    (AGAIN, moved_after_approval, decline, DECLINED,
     Told("Declined", "Host A cannot take this booking. It no longer waits for approval.", *OUT),
     Told("Declined", "You declined this booking, and Ann Guest has been told.", *OUT)),
    (AGAIN, moved_after_approval, cancel, CANCELLED,
     Told("Cancelled", "You cancelled this request, which was waiting for approval.", *OUT),
     Told("Cancelled", "Ann Guest cancelled this request. It no longer waits for your answer.",
          *OUT)),
    (AGAIN, moved_after_approval, lapse, LAPSED,
     Told("Not approved in time", "Host A did not approve this request in time", *OUT),
     Told("Not approved in time", "You did not approve this request in time", *OUT)),
    (AGAIN, approved_again, cancel, CANCELLED,
     Told("Cancelled", "You cancelled this booking.", *OUT),
     Told("Cancelled", "Ann Guest cancelled this booking. The time is free again.", *OUT)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("offer", "before", "change", "after", "to_guest", "to_host"),
    CHANGES,
    ids=[
        f"{change.__name__}-{before.__name__}-{after}" for _, before, change, after, *_ in CHANGES
    ],
)
def test_each_side_reads_what_is_true(make_stage, offer, before, change, after, to_guest, to_host):
    stage = make_stage(change_until=0, **offer)
    before(stage)
    stage.deliver()
    known = {each: len(stage.mails(each)) for each in (GUEST, HOST)}

    change(stage)
    stage.deliver()

    assert stage.booking.status is after
    for recipient, expected in ((GUEST, to_guest), (HOST, to_host)):
        mails = stage.mails(recipient)[known[recipient] :]
        assert [told(each, expected) for each in mails] == ([] if expected is None else [expected])


def told(content, expected):
    """Read a mail as far as `expected` quotes it; no words may speak of an entry that is not."""
    text, html = (content.get_body((part,)).get_content() for part in ("plain", "html"))
    paragraph = text.replace("\r\n", "\n").partition("\n\n")[0]
    method = entry(content, "METHOD")
    if method is None:
        assert not any(words in text + html for words in WORDS_OF_ENTRIES)
    plain = " ".join(html.replace("&#39;", "'").split())
    assert paragraph in plain
    return Told(
        content["Subject"].partition(":")[0],
        paragraph if expected is None else paragraph[: len(expected.says)],
        method,
        entry(content, "STATUS"),
    )


def test_undelivered_approval_leaves_no_entry_to_speak_of(make_stage):
    """The approval was replaced before it was sent, so nobody has an entry."""
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.deliver()
    stage.approve()
    stage.move(TUE)
    stage.deliver()

    for recipient in (GUEST, HOST):
        (_, again) = stage.mails(recipient)
        assert entry(again, "METHOD") is None
        assert "calendar" not in again.get_body(("plain",)).get_content()


def test_old_time_is_free_as_soon_as_an_approved_booking_moves(make_stage):
    stage = make_stage(approval=True)
    stage.book(WED)
    stage.approve()
    stage.move(TUE)
    moved = stage.booking

    stage.book(WED)

    assert (moved.status, stage.booking.status) == (PENDING, PENDING)
    assert moved.lapses_at == TUE - HOUR
