"""Reads of hosts, offers and bookings: who sees what, in a fixed number of statements."""

from datetime import timedelta

import pytest

from accounts.domain.actors import ANYONE, Actor
from booking.domain.bookings import BookingStatus
from booking.queries import bookings as booking_queries
from booking.queries import hosts as host_queries
from booking.queries import office_hours as office_hours_queries
from booking.services import booking_context
from core.db.transaction import transaction
from core.refusals import NotFound
from tests.factories_booking import NOW, add_booking, add_host, add_offer, address, at, wanted
from tests.statements import statements

NINE = at("2026-06-03 07:00")
HALF_HOUR = timedelta(minutes=30)
SECRET = "s" * 40
MEMBER = Actor.person(999, "member@example.org")


@pytest.mark.parametrize("count", [1, 30])
def test_directory_costs_two_statements(app, session, count):
    with transaction():
        for number in range(count):
            add_offer(session, add_host(session, f"host-{number:02}"))
    session.rollback()

    with statements(app) as sent:
        listed = host_queries.directory(session, ANYONE)

    assert len(sent) == 2
    assert [len(each.office_hours) for each in listed] == [1] * count


def test_directory_lists_what_the_reader_may_find(session):
    with transaction():
        host = add_host(session)
        for visibility in ("public", "unlisted", "members"):
            add_offer(session, host, visibility, visibility=visibility)

    def slugs(actor):
        return [
            offer.slug
            for each in host_queries.directory(session, actor)
            for offer in each.office_hours
        ]

    assert slugs(ANYONE) == ["public"]
    assert slugs(MEMBER) == ["public", "members"]


def test_office_hours_are_found_by_who_may_see_them(session):
    with transaction():
        host = add_host(session)
        for visibility in ("unlisted", "members"):
            add_offer(session, host, visibility, visibility=visibility)

    assert office_hours_queries.visible(session, host, "unlisted", ANYONE).slug == "unlisted"
    assert office_hours_queries.visible(session, host, "members", MEMBER).slug == "members"
    for slug in ("members", "none"):
        with pytest.raises(NotFound):
            office_hours_queries.visible(session, host, slug, ANYONE)


def test_managed_host_is_not_there_for_others(session):
    with transaction():
        host = add_host(session)
    owner = Actor.person(host.person_id, host.email)

    assert host_queries.managed(session, "host-a", owner) == host
    assert host_queries.of_person(session, owner.person_id) == [host]
    for slug, actor in (("host-a", MEMBER), ("host-a", ANYONE), ("none", owner)):
        with pytest.raises(NotFound):
            host_queries.managed(session, slug, actor)


def test_bookings_of_host_are_paged_by_start_and_id(session):
    with transaction():
        offer = add_offer(session, add_host(session))
        made = [
            add_booking(
                session, offer, NINE + number // 2 * HALF_HOUR, status=BookingStatus.CANCELLED
            ).ref
            for number in range(5)
        ]
    host = host_queries.by_slug(session, "host-a")

    first = booking_queries.of_host(session, host, limit=2)
    after = (first[-1].starts_at, first[-1].id)
    rest = booking_queries.of_host(session, host, after=after)

    assert sorted(each.id for each in [*first, *rest]) == sorted(made)
    assert [each.starts_at for each in rest] == [NINE + HALF_HOUR] * 2 + [NINE + 2 * HALF_HOUR]


def test_bookings_of_host_are_those_that_meet_the_time(session):
    with transaction():
        offer = add_offer(session, add_host(session))
        for number in range(4):
            add_booking(session, offer, NINE + number * HALF_HOUR)
        add_booking(session, offer, NINE, status=BookingStatus.CANCELLED)
    host = host_queries.by_slug(session, "host-a")
    since = NINE + timedelta(minutes=45)

    found = booking_queries.of_host(
        session, host, since, NINE + 3 * HALF_HOUR, statuses=[BookingStatus.CONFIRMED]
    )

    assert [each.starts_at for each in found] == [NINE + HALF_HOUR, NINE + 2 * HALF_HOUR]


def test_booking_is_opened_by_its_own_link_alone(session):
    with transaction():
        offer = add_offer(session, add_host(session))
        first, second = (add_booking(session, offer, NINE + n * HALF_HOUR).ref for n in range(2))
    booking = booking_queries.by_ref(session, first)
    token = booking_queries.link_token(booking, SECRET)

    assert booking_queries.by_token(session, token, SECRET) == booking
    assert booking_queries.manage_path(booking, SECRET) == f"/bookings/{token}/"
    for wrong in (second + token[16:], token[:16], token + "x", "é" * 48, ""):
        with pytest.raises(NotFound):
            booking_queries.by_token(session, wrong, SECRET)


def test_open_bookings_of_a_guest_are_those_to_come(session):
    with transaction():
        offer = add_offer(session, add_host(session))
        other = add_offer(session, host_queries.by_slug(session, "host-a"), "other")
        ann = {"email": "ann@example.org"}
        add_booking(session, offer, NINE, **ann)
        add_booking(session, offer, NINE + HALF_HOUR, status=BookingStatus.PENDING, **ann)
        add_booking(session, offer, NINE + 2 * HALF_HOUR, status=BookingStatus.CANCELLED, **ann)
        add_booking(session, offer, at("2026-05-04 07:00"), **ann)
        add_booking(session, offer, NINE + 3 * HALF_HOUR)
        add_booking(session, other, NINE + 4 * HALF_HOUR, **ann)

    asked = wanted(at("2026-06-04 07:00"), email="ann@example.org")
    visit = booking_context.read(session, address(session, offer), asked, None, NOW)

    assert visit.open_bookings == 2
