"""Hosts in the community file: every field read and written back, bookings as facts."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from booking.domain.bookings import BookingStatus
from booking.domain.minutes import MINUTE
from booking.files import community
from booking.models import BookingRow, HostRow
from booking.queries import hosts as host_queries
from booking.queries import office_hours as office_hours_queries
from core import sections, yaml
from core.audit import AuditEntry
from core.db.transaction import transaction
from core.messages.outbox import Message
from core.sections import ImportContext, Result
from tests.factories_booking import NOW, at
from tests.statements import statements

FULL = """\
hosts:
- slug: host-a
  email: ada@example.org
  share_email: true
  name: Host A
  bio: Reads *papers*.
  topics: [first paper, optimisation]
  languages: [en, de]
  zone: America/Los_Angeles
  travel:
  - {from: 2026-01-03, to: 2026-01-05, zone: America/New_York}
  - {from: 2026-09-01, zone: Asia/Kolkata}
  weekly:
  - {days: [2, 4], from: "16:00", to: "24:00"}
  - {days: [4], from: "18:00", to: "19:00", every: 2, since: 2026-01-08}
  dates:
  - {date: 2026-08-03, windows: [{from: "10:00", to: "12:00"}]}
  - {date: 2026-08-04}
  time_off: [{from: 2026-08-01, to: 2026-08-31, reason: away}]
  paused: true
  limits: {per_day: 4, per_week: 10}
  calendars: [https://cal.example.org/busy.ics]
  meeting_url: https://meet.example.org/a
  office_hours:
  - slug: career-chat
    title: Career chat
    description: Ask *anything*
    minutes: [30, 60]
    interval: 15
    buffer_before: 5
    buffer_after: 10
    notice: 60
    horizon: {available_days: 3}
    limits: {per_day: 2, per_week: 4, per_guest_open: 1}
    change_until: 30
    approval: true
    verify_guest: true
    pending_blocks: false
    pending_minutes: 90
    approval_on_move: false
    visibility: unlisted
    questions:
    - {label: What about?, kind: long, required: true}
    - {label: Level, kind: choice, choices: [new, old]}
  - slug: reading
    title: Reading together
    horizon: {from: 2026-06-01, to: 2026-07-01}
    limits: {per_guest_open: null}
  bookings:
  - {office_hours: career-chat, starts_at: 2026-06-17T16:07:00Z, minutes: 30, name: Guest,
     email: guest@example.org, zone: Africa/Lagos, answers: {What about?: papers},
     status: confirmed, uid: b1@example.org, sequence: 3, changed_at: 2026-01-02T03:04:05Z,
     absent_at: 2026-06-17T12:00:00Z, reason: Ill}
"""


def load(text, now=NOW):
    with transaction() as session:
        return sections.read(
            session, community.SECTIONS, yaml.load(text), ImportContext(now, "example.org")
        )


def results(text):
    return [outcome.result for outcome in load(text)]


def told(text):
    return [(each.line, each.message) for each in load(text) if each.result is Result.REFUSED]


def written(session):
    session.rollback()
    return yaml.dump(sections.write(session, community.SECTIONS))


def host(extra="", bookings=""):
    return (
        "hosts:\n- slug: host-a\n  email: ada@example.org\n  name: Host A\n  zone: UTC\n"
        f"{extra}  office_hours: [{{slug: chat, title: Chat}}]\n{bookings}"
    )


def booking(**fields):
    named = {
        "office_hours": "chat",
        "starts_at": "2026-06-17T16:00:00Z",
        "minutes": "30",
        "name": "Guest",
        "email": "guest@example.org",
        "zone": "UTC",
        **fields,
    }
    return "  - {" + ", ".join(f"{name}: {value}" for name, value in named.items()) + "}\n"


def with_bookings(*bookings):
    return host(bookings="  bookings:\n" + "".join(bookings))


def test_every_field_is_read_and_written_back(session):
    assert results(FULL) == [Result.CREATED] * 4

    first = written(session)
    with transaction():
        session.query(BookingRow).delete()
        for row in session.scalars(select(HostRow)):
            session.delete(row)
    assert results(first) == [Result.CREATED] * 4
    assert written(session) == first
    assert yaml.load(first) == yaml.load(FULL)


def test_fields_reach_the_rules(session):
    load(FULL)

    found = host_queries.by_slug(session, "host-a")
    career, reading = office_hours_queries.of_host(session, found)
    assert [str(each) for each in (found.zone, found.travel[1].zone)] == [
        "America/Los_Angeles",
        "Asia/Kolkata",
    ]
    assert (found.paused, found.limits.per_week, career.limits.per_day) == (True, 10, 2)
    assert (career.limits.per_guest_open, reading.limits.per_guest_open) == (1, None)
    assert (career.approval, career.pending_blocks, career.visibility) == (True, False, "unlisted")
    assert (career.pending_minutes, reading.pending_minutes) == (90 * MINUTE, 60 * MINUTE)
    assert (career.approval_on_move, reading.approval_on_move) == (False, True)
    assert [question.label for question in career.questions] == ["What about?", "Level"]


def test_same_file_twice_changes_nothing(session):
    load(FULL)
    entries = len(session.scalars(select(AuditEntry)).all())

    assert results(FULL) == [Result.UNCHANGED] * 4
    assert len(session.scalars(select(AuditEntry)).all()) == entries
    assert session.scalars(select(Message)).all() == []


def test_what_a_file_leaves_out_stays(session):
    load(FULL)
    part = """\
hosts:
- slug: host-a
  time_off: [{from: 2026-12-20, to: 2026-12-31}]
  weekly: [{days: [1], from: "09:00", to: "10:00"}]
  bio: null
  office_hours: [{slug: career-chat, notice: 120}]
"""

    assert results(part) == [Result.UPDATED] * 2

    found = host_queries.by_slug(session, "host-a")
    offer = office_hours_queries.of_host(session, found)[0]
    assert [str(each.first) for each in found.time_off] == ["2026-08-01", "2026-12-20"]
    assert [each.days for each in found.weekly] == [(1,)]
    assert (found.bio, found.name, len(found.dates)) == ("", "Host A", 2)
    assert (offer.notice.total_seconds(), offer.title) == (7200, "Career chat")


def test_refused_pieces_are_told_by_line_and_the_good_kept(session):
    text = """\
hosts:
- slug: host-a
  email: ada@example.org
  name: Host A
  zone: UTC
  office_hours:
  - {slug: chat, title: Chat}
  - slug: talk
    title: Talk
    horizon: {days: 3, business_days: 4}
  bookings:
  - office_hours: chat
    starts_at: 2026-06-17T16:00:00Z
    minutes: 30
    name: Guest
    email: nobody
    zone: UTC
  - {office_hours: none, starts_at: 2026-06-17T16:00:00Z, minutes: 30, name: A, zone: UTC,
     email: a@b.cd}
  - 7
- slug: host-b
  email: ada@example.org
  name: Host B
  zone: Mars/Base
- {slug: host-c, name: Host C, zone: UTC}
"""

    assert told(text) == [
        (10, "host host-a, office hours talk: horizon: must be one of days, business_days, "
             "available_days, or from and to"),
        (16, "host host-a, booking 2026-06-17T16:00:00Z: email: Please give an e-mail address "
             "such as ada@example.org."),
        (18, "host host-a, booking 2026-06-17T16:00:00Z: office_hours: host-a has no office hours "
             "'none'"),
        (20, "host host-a, booking ?: must be an item of a list such as [{office_hours: …, "
             "starts_at: …, minutes: …, name: …, email: …, zone: …}]"),
        (24, "host host-b: zone: must be the name of a time zone such as Europe/Berlin"),
        (25, "host host-c: email: is required to create a host"),
    ]  # fmt: skip
    assert [each.slug for each in host_queries.every(session)] == ["host-a"]
    assert len(office_hours_queries.of_host(session, host_queries.by_slug(session, "host-a"))) == 1


@pytest.mark.parametrize(
    "hours",
    ['weekly: [{days: [1], from: "24:00", to: "01:00"}]', "weekly: [{days: [9], from: x, to: y}]"],
)
def test_hours_that_cannot_be_are_refused(session, hours):
    assert len(told(host(f"  {hours}\n"))) == 1


def test_overlap_is_refused_by_line(session):
    text = with_bookings(
        booking(),
        booking(starts_at="2026-06-17T16:29:00Z", email="b@example.org"),
        booking(starts_at="2026-06-17T16:30:00Z", email="c@example.org"),
        booking(starts_at="2026-06-17T16:10:00Z", email="d@example.org", status="cancelled"),
    )

    assert told(text) == [
        (9, "host host-a, booking 2026-06-17T16:29:00Z: starts_at: overlaps another booking of "
            "this host")
    ]  # fmt: skip
    assert len(session.scalars(select(BookingRow)).all()) == 3


def test_booking_is_found_by_office_hours_start_and_guest(session):
    load(with_bookings(booking()))
    with transaction():
        row = session.scalars(select(BookingRow)).one()
        row.status, row.blocks = "done", False

    assert results(with_bookings(booking(name="Somebody")))[2] is Result.UPDATED

    row = session.scalars(select(BookingRow)).one()
    assert (row.guest_name, row.status, row.sequence) == ("Somebody", "done", 0)
    assert row.uid.endswith("@example.org")


def test_booking_is_found_by_uid_and_moved(session):
    load(with_bookings(booking(uid="u@x")))
    later = with_bookings(booking(uid="u@x", starts_at="2026-06-18T16:00:00Z"))

    assert results(later)[2] is Result.UPDATED
    assert results(later)[2] is Result.UNCHANGED

    row = session.scalars(select(BookingRow)).one()
    assert (row.starts_at, row.sequence) == (at("2026-06-18 16:00"), 1)


def test_old_news_changes_nothing(session):
    load(with_bookings(booking(uid="u@x", sequence=2, status="cancelled")))

    old = with_bookings(booking(uid="u@x", sequence=1, status="confirmed"))
    assert results(old)[2] is Result.UNCHANGED
    assert session.scalars(select(BookingRow.status)).all() == [BookingStatus.CANCELLED]


@pytest.mark.parametrize("uid", ["u@x", "u" * 198 + "@x"])
def test_uid_of_another_host_is_refused(session, uid):
    load(with_bookings(booking(uid=uid)))

    other = with_bookings(booking(uid=uid)).replace("host-a", "host-b")
    assert [words for _, words in told(other)] == [
        "host host-b, booking 2026-06-17T16:00:00Z: uid: belongs to a booking of another host"
    ]


def test_host_is_kept_without_its_refused_hours(session):
    text = host(
        "  weekly:\n  - {days: [1], from: '09:00', to: '10:00'}\n  - {days: [8], from: x, to: y}\n"
        "  dates: [{date: 0001-01-01}, {date: 2026-08-04}]\n"
    )

    assert [line for line, _ in told(text)] == [8, 9]
    found = host_queries.by_slug(session, "host-a")
    assert [each.days for each in found.weekly] == [(1,)]
    assert [str(each.date) for each in found.dates] == ["2026-08-04"]


def test_stored_weekly_hours_stay_where_one_of_the_file_is_refused(session):
    load(host("  weekly: [{days: [1], from: '09:00', to: '10:00'}]\n"))

    later = "hosts:\n- slug: host-a\n  weekly: [{days: [2], from: '09:00', to: '10:00'}, 7]\n"

    assert [line for line, _ in told(later)] == [3]
    assert [each.days for each in host_queries.by_slug(session, "host-a").weekly] == [(1,)]


def test_parts_of_a_refused_host_are_named_too(session):
    text = with_bookings(booking(), booking(email="b@example.org")).replace(
        "zone: UTC\n", "zone: X\n"
    )

    assert [(line, words.partition(":")[0]) for line, words in told(text)] == [
        (5, "host host-a"),
        (6, "host host-a, office hours"),
        (8, "host host-a, booking"),
        (9, "host host-a, booking"),
    ]


@pytest.mark.parametrize("slug", ['"a\\0b"', "[1]", "~", "A B"])
def test_slug_that_no_row_can_have_is_refused(session, slug):
    text = host().replace("slug: chat", f"slug: {slug}")
    assert [line for line, _ in told(text)] == [6]
    assert len(told(text.replace("slug: host-a", f"slug: {slug}"))) == 2


def test_bookings_that_exchange_their_places_are_written_in_the_order_of_the_file(session):
    first, second = "2026-06-17T16:00:00Z", "2026-06-17T17:00:00Z"
    load(with_bookings(booking(uid="a@x"), booking(uid="b@x", starts_at=second)))

    text = with_bookings(
        booking(uid="b@x", starts_at="2026-06-17T18:00:00Z"),
        booking(uid="a@x", starts_at=second),
        booking(uid="c@x", starts_at=first),
        booking(uid="c@x", starts_at=first, name="Renamed"),
    )

    assert results(text)[2:] == [Result.UPDATED, Result.UPDATED, Result.CREATED, Result.UPDATED]
    rows = session.scalars(select(BookingRow).order_by(BookingRow.uid)).all()
    assert [(row.uid, row.starts_at.hour, row.guest_name) for row in rows] == [
        ("a@x", 17, "Guest"),
        ("b@x", 18, "Guest"),
        ("c@x", 16, "Renamed"),
    ]


def test_bookings_take_a_fixed_number_of_statements(app):
    sent_for = []
    with app.app_context():
        load(host())  # makes the person
    for count in (2, 20):
        starts = [f"2026-06-{day:02}T16:00:00Z" for day in range(1, count + 1)]
        text = with_bookings(*[booking(starts_at=each) for each in starts])
        with statements(app) as sent, app.app_context():
            load(text.replace("host-a", f"host-{count}"))
        sent_for.append(len(sent))
    assert sent_for[0] == sent_for[1]


SLUGS = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)
HOST = st.fixed_dictionaries(
    {},
    optional={
        "bio": TEXT.map(lambda text: f"{text}\n\n{text}"),
        "topics": st.lists(TEXT, max_size=3),
        "travel": st.just([{"from": "2026-01-03", "zone": "Asia/Tokyo"}]),
        "weekly": st.just([{"days": [1], "from": "22:00", "to": "02:00", "every": 1}]),
        "time_off": st.lists(
            st.fixed_dictionaries({"from": st.just("2026-08-01"), "to": st.just("2026-08-31")}),
            max_size=1,
        ),
        "paused": st.booleans(),
        "limits": st.fixed_dictionaries({}, optional={"per_day": st.integers(1, 9)}),
    },
)
OFFICE_HOURS = st.fixed_dictionaries(
    {"slug": SLUGS, "title": TEXT},
    optional={
        "minutes": st.lists(st.integers(1, 600), min_size=1, max_size=3),
        "notice": st.integers(0, 9999),
        "horizon": st.sampled_from([{"days": 5}, {"business_days": 0}, {"available_days": 3}]),
        "limits": st.fixed_dictionaries(
            {}, optional={"per_guest_open": st.none() | st.integers(1, 9)}
        ),
        "approval": st.booleans(),
        "questions": st.lists(
            st.fixed_dictionaries({"label": TEXT}), max_size=3, unique_by=lambda each: each["label"]
        ),
    },
)
BOOKED = st.fixed_dictionaries(
    {
        "starts_at": st.integers(0, 5).map(lambda hour: f"2026-06-17T{hour:02}:00:00Z"),
        "minutes": st.integers(1, 90),
        "name": TEXT,
        "email": st.sampled_from(["a@example.org", "b@example.org"]),
        "zone": st.just("Africa/Lagos"),
        "status": st.sampled_from([each.value for each in BookingStatus]),
    },
    optional={"answers": st.dictionaries(TEXT, TEXT, max_size=2), "reason": TEXT},
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(own=HOST, offered=OFFICE_HOURS, booked=st.lists(BOOKED, max_size=5))
def test_export_of_a_host_reads_back_to_the_same_export(sqlite_session, own, offered, booked):
    named = {"slug": "host-a", "email": "ada@example.org", "name": "A; B", "zone": "UTC"}
    bookings = [{**each, "office_hours": offered["slug"]} for each in booked]
    whole = {**named, **own, "office_hours": [offered], "bookings": bookings}
    load(yaml.dump({"hosts": [whole]}))

    first = written(sqlite_session)

    assert set(results(first)) == {Result.UNCHANGED}
    _remove_hosts(sqlite_session)
    assert set(results(first)) == {Result.CREATED}
    assert written(sqlite_session) == first
    _remove_hosts(sqlite_session)


def _remove_hosts(session):
    with transaction():
        session.query(BookingRow).delete()
        for row in session.scalars(select(HostRow)):
            session.delete(row)
