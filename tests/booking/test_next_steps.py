"""After a no the guest's mail leads on: to the same office hours, and to others."""

import pytest
from sqlalchemy import update

from booking.models import HostRow, OfficeHoursRow
from core.db.transaction import transaction
from tests.factories_booking import add_host, add_offer
from tests.stage import GUEST, HOST

SAME = "http://127.0.0.1:8000/office-hours/host-a/career-chat/"
DIRECTORY = "http://127.0.0.1:8000/office-hours/"
TOPICS = ["rebuttals", "first paper"]


def cancelled(stage):
    stage.cancel()


def cancelled_by_host(stage):
    stage.cancel_as_host()


def declined(stage):
    stage.decline()


def lapsed(stage):
    stage.lapse(stage.booking.lapses_at)


NOES = [cancelled, cancelled_by_host, declined, lapsed]


def bodies(stage, recipient):
    mail = stage.mails(recipient)[-1]
    return [mail.get_body((part,)).get_content() for part in ("plain", "html")]


def share_topics(session, **fields):
    with transaction():
        session.execute(update(HostRow).values(topics=TOPICS))
        add_offer(session, add_host(session, "host-b", topics=TOPICS[:1], **fields))


@pytest.fixture
def asked(make_stage):
    stage = make_stage(approval=True)
    stage.book()
    stage.deliver()
    return stage


@pytest.mark.parametrize("no", NOES)
def test_guest_finds_the_same_office_hours_and_others_of_the_topics(asked, no):
    share_topics(asked.session)
    no(asked)
    asked.deliver()

    text, html = bodies(asked, GUEST)
    assert f"Find another time with Host A:\n{SAME}\n" in text.replace("\r\n", "\n")
    assert f"Host B (rebuttals): {DIRECTORY}host-b/" in text
    assert f'<a href="{SAME}"' in html
    assert f'<a href="{DIRECTORY}host-b/"' in html


@pytest.mark.parametrize("no", NOES)
def test_host_is_not_sent_elsewhere(asked, no):
    share_topics(asked.session)
    no(asked)
    asked.deliver()

    for body in bodies(asked, HOST):
        assert "office-hours/" not in body


@pytest.mark.parametrize("no", NOES)
@pytest.mark.parametrize(("row", "field"), [(OfficeHoursRow, "closed"), (HostRow, "paused")])
def test_office_hours_that_nobody_can_book_are_not_offered(asked, no, row, field):
    with transaction() as session:
        session.execute(update(row).values({field: True}))
    no(asked)
    asked.deliver()

    for body in bodies(asked, GUEST):
        assert (SAME in body, DIRECTORY in body) == (False, True)


@pytest.mark.parametrize("other", [{"paused": True}, {"topics": ["careers"]}])
def test_without_others_of_the_topics_the_directory_is_named(asked, other):
    with transaction() as session:
        session.execute(update(HostRow).values(topics=TOPICS))
        fields = {"topics": TOPICS, **other}
        add_offer(session, add_host(session, "host-b", **fields))
    asked.decline()
    asked.deliver()

    for body in bodies(asked, GUEST):
        assert ("host-b" in body, DIRECTORY in body) == (False, True)


@pytest.mark.parametrize("visibility", ["unlisted", "members"])
def test_office_hours_that_are_in_no_list_recommend_nobody(asked, visibility):
    with transaction() as session:
        session.execute(update(HostRow).values(topics=TOPICS))
        add_offer(session, add_host(session, "host-b", topics=TOPICS), visibility=visibility)
    asked.cancel()
    asked.deliver()

    for body in bodies(asked, GUEST):
        assert "host-b" not in body
