"""Calendar feeds: what they hold, and how they answer."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import time_machine
from recurring_ical_events import of as occurrences_of
from sqlalchemy import event as listener

from core.db.base import db
from core.db.transaction import transaction
from scheduler.models import EventRow, SeriesRow
from scheduler.services.feed_versions import touch, touch_all
from tests.factories import add_event, add_organization, add_series
from tests.factories_scheduler import put_series

NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)  # a Wednesday
MOST_EVENTS = 1000


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def filled(app):
    with app.app_context(), transaction() as rows:
        add_organization(rows)
        dlct = add_series(rows)
        add_event(
            rows,
            dlct,
            "2026-06-12",
            title="Few-shot; learners, 🎉",
            speakers=["Ada Lovelace, London"],
            abstract="Line one\nline two",
            paper_url="https://example.org/paper",
        )
    return app


def summaries(response):
    lines = response.text.replace("\r\n ", "").split("\r\n")
    return [line.removeprefix("SUMMARY:") for line in lines if line.startswith("SUMMARY:")]


def property_of(response, name):
    lines = response.text.replace("\r\n ", "").split("\r\n")
    return [line for line in lines if line.startswith(name)]


def change(app, key, **fields):
    with app.app_context(), transaction() as rows:
        row = rows.query(EventRow).filter_by(key=key).one()
        for name, value in fields.items():
            setattr(row, name, value)
        row.sequence += 1
        touch(rows, ["dlct"])


def test_feed_says_talk_and_open_slots(filled, client):
    response = client.get("/series/dlct.ics")
    assert response.status_code == 200
    assert response.content_type == "text/calendar; charset=utf-8"
    assert summaries(response)[:3] == [
        "DLCT: open slot",
        "DLCT: Few-shot\\; learners\\, 🎉 (Ada Lovelace)",
        "DLCT: open slot",
    ]
    assert len(summaries(response)) == 26


def test_feed_of_one_event_is_whole(filled, client):
    response = client.get("/series/dlct/2026-06-12.ics")
    ref = "http://127.0.0.1:8000/events/" + property_of(response, "LOCATION")[0].split("/")[-2]
    assert response.text.replace("\r\n ", "").split("\r\n") == [
        "BEGIN:VCALENDAR",
        "PRODID:-//Convenor//Convenor 1//EN",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        property_of(response, "UID")[0],
        "DTSTAMP:20260102T090000Z",
        "LAST-MODIFIED:20260102T090000Z",
        "SEQUENCE:1",
        "DTSTART:20260612T170000Z",
        "DTEND:20260612T180000Z",
        "SUMMARY:DLCT: Few-shot\\; learners\\, 🎉 (Ada Lovelace)",
        "DESCRIPTION:Few-shot\\; learners\\, 🎉\\nAda Lovelace\\, London\\n\\n"
        "Line one\\nline two\\n\\nPaper: https://example.org/paper\\n\\n"
        "Deep Learning: Classics and Trends\\n"
        "http://127.0.0.1:8000/series/dlct/2026-06-12/",
        f"LOCATION:{ref}/join",
        f"CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=Join:{ref}/join",
        "URL:http://127.0.0.1:8000/series/dlct/2026-06-12/",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "CLASS:PUBLIC",
        "CATEGORIES:DLCT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_long_abstract_is_shortened_in_any_script(filled, client):
    abstract = "GPT-4 的研究：" + "深" * 1990
    with filled.app_context(), transaction() as rows:
        dlct = rows.query(SeriesRow).one()
        add_event(rows, dlct, "2026-07-03", title="GPT-4", abstract=abstract)
    response = client.get("/series/dlct/2026-07-03.ics")
    written = icalendar.Calendar.from_ical(response.data).events[0]["description"].split("\n\n")
    assert written[1] == abstract[:1498] + "…"


@pytest.mark.parametrize(
    "address", ["/calendar.ics", "/series/news.ics", "/calendar.ics?cancelled=hide&alarm=PT30M"]
)
def test_feed_without_events_has_the_zone_utc(app, client, address):
    with app.app_context(), transaction() as rows:
        add_organization(rows)
        add_series(rows, "news", kind="group", timetable=())
    calendar = icalendar.Calendar.from_ical(client.get(address).data)
    assert [each.name for each in calendar.subcomponents] == ["VTIMEZONE"]
    assert calendar.timezones[0].tz_name == "Etc/UTC"


ROOM = "Room 4, 1 Main St"


@pytest.mark.parametrize(
    ("location", "join_url", "place", "conferences"),
    [
        (None, None, None, 0),
        (ROOM, None, ROOM, 0),
        (None, "https://meet.example.org/x", "join", 1),
        (ROOM, "https://meet.example.org/x", ROOM, 1),
    ],
)
def test_location_is_the_room_else_where_to_join(
    app, client, location, join_url, place, conferences
):
    with app.app_context(), transaction() as rows:
        add_organization(rows)
        dlct = add_series(rows, location=location, join_url=join_url)
        add_event(rows, dlct, "2026-06-12", title="Here")
    entry = icalendar.Calendar.from_ical(client.get("/series/dlct/2026-06-12.ics").data).events[0]
    found = str(entry.get("location", "")) or None
    assert (found.rpartition("/")[2] if found and not location else found) == place
    assert len([name for name in entry if name == "CONFERENCE"]) == conferences
    if conferences:
        assert str(entry["conference"]).endswith("/join")


def test_changed_link_changes_no_byte_and_a_changed_room_does(app, client):
    def put(**fields):
        with app.app_context():
            put_series(
                datetime(2026, 6, 3, 13, tzinfo=UTC), events=[{"date": "2026-06-12", **fields}]
            )
        return client.get("/series/dlct.ics").data, client.get("/series/dlct/2026-06-12.ics").data

    with app.app_context(), transaction() as rows:
        add_organization(rows)
    with app.app_context():
        put_series(join_url="https://meet.example.org/a")
    first = put(join_url="https://meet.example.org/b", location=ROOM)
    assert put(join_url="https://meet.example.org/c") == first
    with app.app_context():
        put_series(join_url="https://meet.example.org/d")
    assert put(join_url=None) == first
    feed, single = put(location="Room 5")
    assert (feed != first[0], single != first[1]) == (True, True)
    assert b"SEQUENCE:2" in single


def test_entry_says_when_each_talk_starts_and_where_to_sign_up(app, client):
    talks = [
        {"title": "A", "minutes": 20},
        {"title": "B", "links": [{"label": "Notes", "url": "https://example.org/notes"}]},
    ]
    own = {"registration_url": "https://example.org/sign-up", "talks": talks}
    links = [{"label": "Program", "url": "https://example.org/program"}]
    with app.app_context(), transaction() as rows:
        add_organization(rows)
    with app.app_context():
        put_series(events=[{"date": "2026-06-12", "links": links, **own}])
    entry = icalendar.Calendar.from_ical(client.get("/series/dlct/2026-06-12.ics").data).events[0]
    assert str(entry["description"]).split("\n\n")[:-1] == [
        "10:00 in Los Angeles\nA",
        "10:20 in Los Angeles\nB",
        "Notes: https://example.org/notes",
        "Sign up: https://example.org/sign-up",
        "Program: https://example.org/program",
    ]


def test_open_slot_is_tentative_and_takes_no_time(filled, client):
    response = client.get("/series/dlct/2026-06-19.ics")
    assert property_of(response, "STATUS") == ["STATUS:TENTATIVE"]
    assert property_of(response, "TRANSP") == ["TRANSP:TRANSPARENT"]


@pytest.mark.parametrize(
    "address", ["/calendar.ics", "/series/dlct.ics", "/series/dlct/2026-06-12.ics"]
)
def test_unchanged_feed_is_answered_without_a_body(filled, client, address):
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (
        304,
        b"",
        first.headers["ETag"],
    )
    assert client.get(address).data == first.data


def test_feed_is_public_and_sets_no_cookie(filled, client):
    response = client.get("/calendar.ics")
    assert response.headers["Cache-Control"].startswith("public")
    assert response.headers["Content-Disposition"] == 'inline; filename="calendar.ics"'
    assert not response.headers["ETag"].startswith("W/")
    assert "Set-Cookie" not in response.headers
    assert "Content-Encoding" not in response.headers


def test_head_says_what_get_would(filled, client):
    got, head = client.get("/calendar.ics"), client.head("/calendar.ics")
    assert head.data == b""
    for name in ("ETag", "Content-Length", "Content-Type"):
        assert head.headers[name] == got.headers[name]


def test_visible_change_changes_the_validator_and_the_bytes(filled, client):
    before = client.get("/calendar.ics")
    change(filled, "2026-06-12", status="cancelled", reason="The speaker is ill")
    after = client.get("/calendar.ics", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert summaries(after)[1] == "Cancelled: DLCT: Few-shot\\; learners\\, 🎉 (Ada Lovelace)"


def test_moved_event_keeps_its_uid_with_a_higher_sequence(filled, client):
    before = client.get("/series/dlct/2026-06-12.ics")
    moved_at = datetime(2026, 6, 8, 17, 0, tzinfo=UTC)
    change(
        filled,
        "2026-06-12",
        starts=datetime(2026, 6, 8, 10, 0),
        starts_at=moved_at,
        ends_at=moved_at + timedelta(hours=1),
    )
    after = client.get("/series/dlct/2026-06-12.ics")
    assert property_of(after, "UID") == property_of(before, "UID")
    assert property_of(after, "SEQUENCE") == ["SEQUENCE:2"]
    assert property_of(after, "DTSTART") == ["DTSTART:20260608T170000Z"]


@pytest.mark.parametrize(
    ("starts", "reason", "words"),
    [
        (datetime(2026, 6, 8, 10), "A holiday", "Moved from Friday 12 June 2026: A holiday"),
        (datetime(2026, 6, 8, 10), None, "Moved from Friday 12 June 2026."),
        (datetime(2026, 6, 12, 23), "Later, for Asia", "Moved to another hour: Later, for Asia"),
        (None, "The room changed", "The room changed"),
    ],
)
def test_entry_says_why_the_event_was_moved(filled, client, starts, reason, words):
    change(filled, "2026-06-12", starts=starts, reason=reason)
    response = client.get("/series/dlct/2026-06-12.ics")
    entry = icalendar.Calendar.from_ical(response.data).events[0]
    assert entry["description"].split("\n\n")[0] == words


def test_another_series_leaves_the_feed_of_this_one_alone(filled, client):
    with filled.app_context(), transaction() as rows:
        add_series(rows, "jam", name="Research Jam", kind="jam", timetable=())
    series, everything = client.get("/series/dlct.ics"), client.get("/calendar.ics")
    with filled.app_context(), transaction() as rows:
        touch(rows, ["jam"])
    assert client.get("/series/dlct.ics").headers["ETag"] == series.headers["ETag"]
    assert client.get("/calendar.ics").headers["ETag"] != everything.headers["ETag"]


def test_next_day_has_another_validator(filled, client):
    today = client.get("/calendar.ics").headers["ETag"]
    with time_machine.travel(NOW + timedelta(hours=11), tick=False):
        assert client.get("/calendar.ics").headers["ETag"] == today
    with time_machine.travel(NOW + timedelta(hours=13), tick=False):
        assert client.get("/calendar.ics").headers["ETag"] != today


def test_cancelled_is_shown_as_the_subscriber_chooses(filled, client):
    change(filled, "2026-06-12", status="cancelled")
    kept, hidden, marked = (
        client.get(f"/series/dlct.ics?cancelled={choice}") for choice in ("keep", "hide", "mark")
    )
    assert property_of(kept, "STATUS:CANCELLED") == ["STATUS:CANCELLED"]
    assert [line for line in summaries(hidden) if "Few-shot" in line] == []
    assert property_of(marked, "STATUS:CONFIRMED") == ["STATUS:CONFIRMED"]
    assert [line for line in summaries(marked) if line.startswith("Cancelled: ")] == [
        "Cancelled: DLCT: Few-shot\\; learners\\, 🎉 (Ada Lovelace)"
    ]


def test_alarm_is_there_only_when_asked_for(filled, client):
    assert property_of(client.get("/series/dlct.ics"), "TRIGGER") == []
    alarmed = client.get("/series/dlct.ics?alarm=PT30M")
    assert set(property_of(alarmed, "TRIGGER")) == {"TRIGGER:-PT30M"}


@pytest.mark.parametrize(
    "query", ["alarm=PT0M", "alarm=P29D", "alarm=soon", "alarm=PT", "cancelled=no", "past=some"]
)
def test_option_that_cannot_be_meant_is_refused(filled, client, query):
    assert client.get(f"/calendar.ics?{query}").status_code == 422


@pytest.mark.parametrize("address", ["/series/none.ics", "/series/dlct/2026-06-13.ics"])
def test_feed_of_nothing_is_not_found(filled, client, address):
    assert client.get(address).status_code == 404


def test_window_ends_and_begins_where_it_should(filled, client):
    with filled.app_context(), transaction() as rows:
        hall = add_series(rows, "hall", name="Town hall", kind="social")
        for key, title in (
            ("2026-02-27", "too old"),
            ("2026-03-06", "old enough"),
            ("2028-06-02", "far enough"),
            ("2028-06-09", "too far"),
        ):
            add_event(rows, hall, key, title=title)
    starts = property_of(client.get("/series/hall.ics"), "DTSTART:")
    assert (starts[0], starts[-1]) == ("DTSTART:20260306T180000Z", "DTSTART:20280602T170000Z")
    assert starts[-2] == "DTSTART:20270528T170000Z"
    archive = property_of(client.get("/series/hall.ics?past=all"), "DTSTART:")
    assert archive[0] == "DTSTART:20180105T180000Z"


def test_long_cancelled_events_leave_and_gaps_and_vague_dates_never_come(filled, client):
    with filled.app_context(), transaction() as rows:
        jam = add_series(rows, "jam", kind="jam", gaps=[(date(2026, 6, 19), "holiday")])
        add_event(rows, jam, "2026-05-01", title="gone", status="cancelled")
        add_event(rows, jam, "2026-05-08", title="still there", status="cancelled")
        add_event(rows, jam, "2026-04", title="some day")
    feed = client.get("/series/jam.ics")
    assert [line for line in summaries(feed) if "open" not in line] == [
        "Cancelled: JAM: still there"
    ]
    assert [line for line in property_of(feed, "DTSTART:") if "20260619" in line] == []


def test_feed_holds_the_thousand_events_nearest_to_now(sqlite_app, sqlite_client):
    with sqlite_app.app_context(), transaction() as rows:
        add_organization(rows)
        series = add_series(rows, timetable=())
        for number in range(1100):
            day = date(2026, 3, 10) + timedelta(hours=12 * number)
            add_event(
                rows,
                series,
                f"{day}-{number % 2 + 2}",
                starts=datetime.combine(day, datetime.min.time()).replace(hour=6 + number % 2),
                title=f"{number}",
                extra=True,
            )
    starts = property_of(sqlite_client.get("/calendar.ics"), "DTSTART:")
    assert len(starts) == MOST_EVENTS
    assert starts == sorted(starts)
    assert starts[0] == "DTSTART:20260310T130000Z"


def test_feed_stays_under_a_megabyte(sqlite_app, sqlite_client):
    with sqlite_app.app_context(), transaction() as rows:
        add_organization(rows)
        series = add_series(rows, timetable=())
        for number in range(700):
            day = date(2026, 6, 4) + timedelta(days=number)
            wall = datetime.combine(day, datetime.min.time())
            add_event(rows, series, f"{day}", starts=wall, abstract="word " * 400, extra=True)
    response = sqlite_client.get("/calendar.ics")
    assert 900_000 < len(response.data) <= 1_000_000
    assert property_of(response, "DTSTART:")[0] == "DTSTART:20260604T070000Z"


def test_feed_is_read_by_another_program_as_it_was_meant(filled, client):
    with filled.app_context(), transaction() as rows:
        series = rows.query(SeriesRow).one()
        wall = datetime(2026, 6, 16)
        add_event(rows, series, "2026-06-16", starts=wall, all_day=True, days=2, extra=True)
        touch_all(rows)
    calendar = icalendar.Calendar.from_ical(client.get("/calendar.ics").data)
    found = occurrences_of(calendar).between(date(2026, 6, 10), date(2026, 6, 20))
    assert sorted((str(each["DTSTART"].dt), str(each["DTEND"].dt)) for each in found) == [
        ("2026-06-12 17:00:00+00:00", "2026-06-12 18:00:00+00:00"),
        ("2026-06-16", "2026-06-18"),
        ("2026-06-19 17:00:00+00:00", "2026-06-19 18:00:00+00:00"),
    ]


def test_poll_of_an_unchanged_feed_takes_one_connection_and_no_statement_but_its_own(
    filled, client
):
    etag = client.get("/calendar.ics").headers["ETag"]
    seen = []

    def connection_taken(*_):
        seen.append("connection")

    def statement_sent(*_):
        seen.append("statement")

    with filled.app_context():
        engine = db.engine
    listener.listen(engine, "checkout", connection_taken)
    listener.listen(engine, "before_cursor_execute", statement_sent)
    assert client.get("/calendar.ics", headers={"If-None-Match": etag}).status_code == 304
    assert seen == ["connection"]
