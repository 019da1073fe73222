"""Putting hosts and their office hours: whole keys are replaced, bookings stay."""

import pytest
from sqlalchemy import select

from accounts.domain.actors import Actor
from booking.domain.bookings import BookingStatus
from booking.domain.refusals import HasBookings
from booking.models import BookingRow, HostRow
from booking.queries import hosts as host_queries
from booking.queries import office_hours as office_hours_queries
from booking.services import hosts
from core.audit import AuditEntry
from core.db.transaction import transaction
from core.refusals import Invalid, NotAllowed
from core.sections import Result
from tests.factories import add_person
from tests.factories_booking import NOW, add_booking, at
from tests.statements import statements

NINE = at("2026-06-03 07:00")
ADMIN = Actor.person(998, "admin@example.org", is_admin=True)
HOST = {
    "email": "ada@example.org",
    "name": "Host A",
    "zone": "Europe/Berlin",
    "weekly": [{"days": [1], "from": "09:00", "to": "17:00"}],
    "time_off": [{"from": "2026-08-01", "to": "2026-08-31"}],
    "office_hours": [{"slug": "chat", "title": "Chat", "approval": True}],
}


def put(session, body, actor=ADMIN, slug="host-a"):
    with transaction():
        return hosts.put(session, slug, body, NOW, actor=actor)


def owner(session):
    host = host_queries.by_slug(session, "host-a")
    return Actor.person(host.person_id, host.email)


def offers(session):
    return office_hours_queries.of_host(session, host_queries.by_slug(session, "host-a"))


def test_put_makes_a_host_once(session):
    assert [put(session, HOST), put(session, HOST)] == [Result.CREATED, Result.UNCHANGED]

    assert [offer.slug for offer in offers(session)] == ["chat"]
    assert list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))) == [
        "host created",
        "office hours created",
    ]


def test_put_replaces_the_lists_it_names_and_leaves_the_rest(session):
    put(session, HOST)
    body = {"time_off": [{"from": "2026-12-20", "to": "2026-12-31"}], "bio": "Reads."}

    assert put(session, body, owner(session)) is Result.UPDATED

    host = host_queries.by_slug(session, "host-a")
    assert [f"{each.first}" for each in host.time_off] == ["2026-12-20"]
    assert (host.bio, len(host.weekly), len(offers(session))) == ("Reads.", 1, 1)


def test_put_of_null_is_the_default(session):
    put(session, {**HOST, "paused": True, "bio": "Reads."})

    put(session, {"paused": None, "bio": None, "time_off": None})

    host = host_queries.by_slug(session, "host-a")
    assert (host.paused, host.bio, host.time_off) == (False, "", ())


def test_put_replaces_office_hours_whole(session):
    put(session, HOST)

    put(session, {"office_hours": [{"slug": "chat", "title": "Talk"}, {"slug": "b", "title": "B"}]})
    assert [(each.slug, each.title, each.approval) for each in offers(session)] == [
        ("chat", "Talk", False),
        ("b", "B", False),
    ]
    put(session, {"office_hours": [{"slug": "b", "title": "B"}]})
    assert [each.slug for each in offers(session)] == ["b"]


def test_put_never_touches_bookings(session):
    put(session, HOST)
    with transaction():
        add_booking(session, offers(session)[0], NINE)

    put(session, {"zone": "Asia/Tokyo", "weekly": []})
    with pytest.raises(HasBookings, match=r"Chat has bookings, so it cannot be deleted\. Close it"):
        put(session, {"office_hours": []})

    assert session.scalars(select(BookingRow.starts_at)).all() == [NINE]


def test_bookings_that_await_approval_block_as_the_offer_says(session):
    put(session, HOST)
    chat = {"slug": "chat", "title": "Chat"}
    with transaction():
        pending = add_booking(session, offers(session)[0], NINE, status=BookingStatus.PENDING).id

    put(session, {"office_hours": [{**chat, "pending_blocks": False}]})
    assert session.get_one(BookingRow, pending).blocks is False
    with transaction():
        second = add_booking(session, offers(session)[0], NINE, status=BookingStatus.PENDING).id
    put(session, {"office_hours": [chat]})

    session.expire_all()
    assert [session.get_one(BookingRow, each).blocks for each in (pending, second)] == [True, False]


def test_only_host_and_admins_may_put(session):
    stranger = Actor.person(997, "eve@example.org")
    with pytest.raises(NotAllowed):
        put(session, HOST, stranger)
    put(session, HOST)
    with pytest.raises(NotAllowed):
        put(session, {"bio": "x"}, stranger)
    with pytest.raises(Invalid) as refusal:
        put(session, {"email": "eve@example.org"}, owner(session))

    assert refusal.value.errors.keys() == {"email"}


def test_private_calendars_are_kept_apart_from_the_hours(session):
    addresses = ["https://cal.example.org/busy.ics"]

    put(session, {**HOST, "calendars": addresses})
    put(session, {"bio": "Reads."})

    row = session.scalars(select(HostRow)).one()
    assert (row.calendars, sorted(row.hours)) == (addresses, ["time_off", "weekly"])
    assert host_queries.by_slug(session, "host-a").calendars == tuple(addresses)
    put(session, {"calendars": None})
    assert session.scalars(select(HostRow.calendars)).one() == []


def test_put_locks_the_host_once(app, session):
    put(session, HOST)

    with statements(app) as sent:
        put(session, {"bio": "Reads.", "office_hours": [{"slug": "chat", "title": "Talk"}]})

    whole_rows = [each for each in sent if "FROM hosts \nWHERE hosts.slug = " in each]
    assert len(whole_rows) == 1


def test_admin_gives_a_host_to_somebody_else(session):
    put(session, HOST)
    with transaction():
        other = add_person(session, "bob@example.org").id

    put(session, {"email": "bob@example.org"})

    assert host_queries.by_slug(session, "host-a").person_id == other


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"zone": "Mars"}, ["zone"]),
        ({"slug": "host-b"}, ["slug"]),
        ({"color": "red"}, ["color"]),
        ({"color": None}, ["color"]),
        ({"bookings": []}, ["bookings"]),
        ({"bookings": None}, ["bookings"]),
        ({"changed_at": "2026-01-02T03:04:05Z"}, ["changed_at"]),
        ({"limits": {"per_month": None}}, ["limits.per_month"]),
        ({"weekly": [{"days": [1], "from": "09:00", "to": "10:00", "color": None}]},
         ["weekly.0.color"]),
        ({"office_hours": [{"slug": "chat", "title": "C", "color": None}]},
         ["office_hours.0.color"]),
        ({"office_hours": [{"slug": "chat", "title": "C", "limits": {"color": 1}}]},
         ["office_hours.0.limits.color"]),
        ({"weekly": [{"days": [1], "from": "24:00", "to": "01:00"}]}, ["weekly.0.from"]),
        ({"weekly": [{"days": [8], "from": "9:00", "to": "10:00"}]},
         ["weekly.0.from", "weekly.0.days", "weekly.0.days.0"]),
        ({"office_hours": 7}, ["office_hours"]),
        ({"office_hours": [{"slug": "chat"}]}, ["office_hours.0.title"]),
        ({"office_hours": [{"slug": "chat", "title": "C", "minutes": [0]}]},
         ["office_hours.0.minutes", "office_hours.0.minutes.0"]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_field(session, body, fields):
    put(session, HOST)

    with pytest.raises(Invalid) as refusal:
        put(session, body)

    assert sorted(refusal.value.errors) == sorted(fields)
