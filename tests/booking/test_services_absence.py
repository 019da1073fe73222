"""What a guest who cannot come wrote: only the host reads it, about that time alone."""

import pytest
from sqlalchemy import select

from booking import jobs
from booking.domain.bookings import BookingStatus
from booking.models import BookingRow
from core.db.transaction import transaction
from core.messages import mailboxes
from tests.stage import DAY, GUEST, HOST, NOW, THU

LATE = 31 * 24 * 60
WORDS = "zyx is what the guest wrote"


@pytest.fixture
def absent(make_stage):
    def tell(**fields):
        stage = make_stage(change_until=LATE, **fields)
        stage.book()
        stage.deliver()
        stage.tell_absence(reason=WORDS)
        stage.deliver()
        return stage

    return tell


def said(stage, recipient):
    mail = stage.mails(recipient)[-1]
    return "".join(mail.get_body((part,)).get_content() for part in ("plain", "html"))


def move(stage):
    stage.move_as_host(THU)


def choose(stage):
    stage.propose(THU)
    stage.deliver()
    stage.choose(THU)


def cancel(stage):
    stage.cancel_as_host()


@pytest.mark.parametrize("is_confirmed", [True, False])
@pytest.mark.parametrize("change", [move, choose, cancel])
def test_words_of_an_absence_are_in_no_later_mail(absent, change, is_confirmed):
    stage = absent()
    if is_confirmed:
        with transaction() as session:
            mailboxes.confirm(session, GUEST, NOW)
    assert WORDS in said(stage, HOST)

    change(stage)
    stage.deliver()

    assert [WORDS in said(stage, each) for each in (GUEST, HOST)] == [False, False]


@pytest.mark.parametrize("change", [move, choose])
def test_absence_is_over_at_another_time(absent, change):
    stage = absent()

    change(stage)

    row = stage.session.scalars(select(BookingRow)).one()
    assert (row.starts_at, row.absent_at, row.reason) == (THU, None, None)


def test_host_is_not_reminded_of_a_request_whose_guest_cannot_come(absent):
    stage = absent(approval=True)

    with transaction() as session:
        assert jobs.enqueue_due(session, stage.now + DAY) == 0

    assert stage.lapse(stage.booking.lapses_at) == 1


def test_reminder_that_was_queued_before_the_absence_is_withdrawn(make_stage):
    stage = make_stage(change_until=LATE, approval=True)
    stage.book()
    stage.deliver()
    stage.now += DAY
    with transaction() as session:
        assert jobs.enqueue_due(session, stage.now) == 1
    stage.tell_absence()
    stage.deliver()

    subjects = [each["Subject"].partition(":")[0] for each in stage.mails(HOST)]
    assert sorted(subjects) == ["Cannot come", "Please approve"]


def test_absence_blocks_the_time_until_the_host_cancels(absent):
    stage = absent()
    assert stage.session.scalars(select(BookingRow.blocks)).all() == [True]

    stage.cancel_as_host()

    assert stage.booking.status is BookingStatus.CANCELLED
    assert stage.session.scalars(select(BookingRow.blocks)).all() == [False]
