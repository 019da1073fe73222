"""A visitor without an account: what is next, a series, an event for ever, how to join."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from core.db.transaction import transaction
from scheduler.models import EventRow, SeriesRow
from tests import pages
from tests.factories import add_event, add_organization, add_series, add_talk
from tests.factories_scheduler import put_series
from tests.statements import statements

NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)  # a Wednesday
PAGES = ("/", "/events/", "/series/dlct/", "/series/dlct/2026-06-12/", "/subscribe/")


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def filled(app):
    with app.app_context(), transaction() as rows:
        add_organization(rows, email="hello@example.org")
        dlct = add_series(
            rows, gaps=[(date(2026, 6, 19), "Juneteenth")], description="Open to *all*."
        )
        add_event(
            rows,
            dlct,
            "2026-06-12",
            title="Few-shot <learners>",
            speakers=["Ada Lovelace, London"],
            abstract="We **show** it. <script>alert(1)</script>",
            paper_url="https://example.org/paper",
        )
        add_event(rows, dlct, "2026-07-03", starts=datetime(2026, 7, 6, 10), title="Scaling laws")
        add_event(rows, dlct, "2026-07-10", title="Off", status="cancelled", reason="Ill")
        add_event(rows, dlct, "2020-06-12", slides_url="https://example.org/slides", video_at=924)
        add_event(rows, dlct, "2021", title="SimSiam", speakers=["Xinlei Chen"])
        jam = add_series(
            rows,
            "jam",
            name="Research Jam",
            kind="jam",
            timetable=(),
            join_access="registered",
        )
        add_event(rows, jam, "2026-06-17", starts=datetime(2026, 6, 17, 10), extra=True, number=33)
    return app


def test_first_page_says_what_is_next_and_how_to_join(filled, client):
    page = client.get("/")
    words = pages.text(page)
    assert "Few-shot <learners> Ada Lovelace, London paper · DLCT" in words
    assert "10:00 – 11:00 Los Angeles" in words or "10:00–11:00 Los Angeles" in words.replace(
        " – ", "–"
    )
    assert "in 9 days Join Add to calendar" in words
    assert 'href="https://example.org/paper"' in page.text


def test_first_page_says_open_slots_gaps_moves_and_cancellations(filled, client):
    words = pages.text(client.get("/"))
    for said in (
        "No one has this Friday yet. Know someone?",
        "No meeting: Juneteenth",
        "Scaling laws Moved to Mon 6 Jul",
        "moved from Fri 3 Jul 2026, 10:00",
        "Off Cancelled Ill",
        "Research Jam #33",
    ):
        assert said in words


@pytest.mark.parametrize("address", PAGES)
def test_public_page_sets_no_cookie(filled, client, address):
    response = client.get(address)
    assert (response.status_code, response.headers.get("Set-Cookie")) == (200, None)


def test_events_page_has_a_section_for_each_series_and_for_office_hours(filled, client):
    page = client.get("/events/")
    assert [f'id="{anchor}"' in page.text for anchor in ("dlct", "jam", "mloh")] == [True] * 3
    assert "Fridays at 10:00 in Los Angeles, 60 minutes." in pages.text(page)


def test_series_page_says_what_is_not_known(filled, client):
    words = pages.text(client.get("/series/dlct/"))
    assert "2021 2021 SimSiam Xinlei Chen 2020" in words
    assert "Fri 12 Jun title unknown speaker unknown slides" in words


def test_pages_say_why_an_event_was_moved(filled, client):
    with filled.app_context(), transaction() as rows:
        row = rows.query(EventRow).filter_by(key="2026-07-03").one()
        row.reason = "The speaker travels"
    event = pages.text(client.get("/series/dlct/2026-07-03/"))
    assert "Moved from Fri 3 Jul 2026, 10:00 in Los Angeles: The speaker travels" in event
    for address in ("/", "/series/dlct/"):
        words = pages.text(client.get(address))
        assert "Scaling laws Moved to Mon 6 Jul The speaker travels" in words
        assert "moved from Fri 3 Jul 2026, 10:00 : The speaker travels" in words


def test_reason_of_a_cancelled_event_is_not_that_of_its_move(filled, client):
    with filled.app_context(), transaction() as rows:
        row = rows.query(EventRow).filter_by(key="2026-07-03").one()
        row.status, row.reason = "cancelled", "Ill"
    words = pages.text(client.get("/series/dlct/2026-07-03/"))
    assert words.count("Ill") == 1
    assert "Cancelled Ill" in words


def test_gap_is_a_page_with_its_reason_and_neighbors(filled, client):
    page = client.get("/series/dlct/2026-06-19/")
    words = pages.text(page)
    assert page.status_code == 200
    assert "No meeting Juneteenth" in words
    assert "Before: Friday 12 June 2026 Few-shot <learners> After: Friday 26 June 2026" in words
    assert 'href="/series/dlct/2026-06-19/"' in client.get("/series/dlct/").text
    entry = client.get("/series/dlct/2026-06-19.ics")
    assert (entry.status_code, "does not meet on 2026-06-19" in entry.text) == (404, True)


def test_date_of_a_gap_leads_to_what_was_moved_there(filled, client):
    with filled.app_context(), transaction() as rows:
        dlct = rows.query(SeriesRow).filter_by(slug="dlct").one()
        add_event(rows, dlct, "2026-06-26", starts=datetime(2026, 6, 19, 10), title="Here")
    response = client.get("/series/dlct/2026-06-19/")
    assert (response.status_code, response.location) == (302, "/series/dlct/2026-06-26/")


@pytest.mark.parametrize("kind", ["jam", "group", "social", "service"])
@pytest.mark.parametrize("number", [None, 3])
def test_pages_expect_no_speaker_where_there_is_none(filled, client, kind, number):
    with filled.app_context(), transaction() as rows:
        club = add_series(rows, "club", name="Book club", kind=kind)
        for key in ("2026-05-29", "2026-06-12"):
            row = add_event(rows, club, key, number=number)
            add_talk(rows, row, title="TAPL chapter 3")
        add_event(rows, club, "2026-05-22", number=number)
    for address in (
        "/series/club/",
        *(f"/series/club/{key}/" for key in ("2026-05-29", "2026-06-12")),
    ):
        words = pages.text(client.get(address))
        assert "TAPL chapter 3" in words
        assert "peaker" not in words
        assert "unknown" not in words


@pytest.mark.parametrize(
    ("address", "status", "target"),
    [
        ("/dlct/", 301, "/series/dlct/"),
        ("/DLCT/", 301, "/series/dlct/"),
        ("/series/dlct/next", 302, "/series/dlct/2026-06-05/"),
        ("/series/jam/next", 302, "/series/jam/2026-06-17/"),
        ("/series/dlct/2026-07-06/", 302, "/series/dlct/2026-07-03/"),
    ],
)
def test_short_addresses_lead_to_the_page(filled, client, address, status, target):
    response = client.get(address)
    assert (response.status_code, response.location) == (status, target)


@pytest.mark.parametrize(
    "address",
    [
        "/nobody/",
        "/series/nobody/",
        "/series/dlct/2026-06-13/",
        "/series/dlct/x/",
        "/events/x/join",
    ],
)
def test_unknown_address_is_not_found(filled, client, address):
    assert client.get(address).status_code == 404


def test_event_page_shows_the_abstract_as_safe_prose(filled, client):
    page = client.get("/series/dlct/2026-06-12/")
    assert "<strong>show</strong>" in page.text
    assert "<script>alert" not in page.text
    assert "Few-shot &lt;learners&gt;" in page.text


def test_moved_event_says_where_it_was(filled, client):
    words = pages.text(client.get("/series/dlct/2026-07-03/"))
    assert "Monday 6 July 2026" in words
    assert "Moved from Fri 3 Jul 2026, 10:00 in Los Angeles" in words


def test_cancelled_event_stays_and_offers_nothing_to_join(filled, client):
    page = client.get("/series/dlct/2026-07-10/")
    assert "Cancelled Ill" in pages.text(page)
    assert "/join" not in page.text
    assert "Add to calendar" not in page.text


def join_address(client, page):
    text = client.get(page).text
    begin = text.index("/events/", text.index("poster"))
    return text[begin : text.index('"', begin)]


def test_join_leads_anybody_to_a_public_meeting(filled, client):
    response = client.get(join_address(client, "/series/dlct/2026-06-12/"))
    assert (response.status_code, response.location) == (302, "https://meet.example.org/dlct")


def test_join_asks_for_a_sign_in_where_the_series_does(filled, client):
    address = join_address(client, "/series/jam/2026-06-17/")
    response = client.get(address)
    assert response.status_code == 303
    assert response.location == "/sign-in/?next=/series/jam/2026-06-17/"
    assert "meet.example.org" not in client.get("/series/jam/2026-06-17/").text


def test_join_says_whom_to_ask(filled, client):
    with filled.app_context(), transaction() as rows:
        lab = add_series(rows, "lab", name="Lab", kind="group", join_access="on_request")
        add_event(rows, lab, "2026-06-12", title="A")
    page = client.get(join_address(client, "/series/lab/2026-06-12/"))
    assert "Please write to hello@example.org" in pages.text(page)
    assert "meet.example.org" not in page.text


def test_join_of_a_past_event_leads_to_its_page(filled, client):
    ref = join_address(client, "/series/dlct/2026-06-12/").removesuffix("2026-06-12/join")
    assert client.get(f"{ref}2020-06-12/join").location == "/series/dlct/2020-06-12/"


def test_subscribe_page_gives_each_feed_in_four_ways(filled, client):
    page = client.get("/subscribe/")
    for address in (
        "http://127.0.0.1:8000/series/dlct.ics",
        "webcal://127.0.0.1:8000/series/dlct.ics",
        "cid=webcal%3A%2F%2F127.0.0.1%3A8000%2Fseries%2Fdlct.ics",
        "addfromweb?url=http%3A%2F%2F127.0.0.1%3A8000%2Fcalendar.ics",
    ):
        assert address in page.text


def test_empty_community_has_pages_too(client):
    assert [client.get(address).status_code for address in ("/", "/events/", "/subscribe/")] == [
        200,
        200,
        200,
    ]


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("/", 9),
        ("/events/", 9),
        ("/series/dlct/", 10),
        ("/series/dlct/2026-06-05/", 16),
        ("/subscribe/", 4),
    ],
)
def test_page_takes_as_many_statements_for_one_row_as_for_thirty(
    sqlite_app, sqlite_client, address, count
):
    taken = []
    for weeks in (range(1), range(1, 30)):
        with sqlite_app.app_context(), transaction() as rows:
            if weeks.start == 0:
                add_organization(rows)
                dlct = add_series(rows)
            for week in weeks:
                for first in (date(2026, 6, 5), date(2025, 6, 6)):
                    day = first + timedelta(weeks=week)
                    row = add_event(rows, dlct, f"{day}", title="A", speakers=["Ada", "Bob"])
                    add_talk(rows, row, title="B", position=1)
        with statements(sqlite_app) as sent:
            assert sqlite_client.get(address).status_code == 200
        taken.append(len(sent))
    assert taken == [count, count]


def test_missing_slash_is_mended_on_the_host_the_reader_came_by(client):
    answer = client.get("/subscribe?series=dlct")

    assert (answer.status_code, answer.headers["Location"]) == (308, "/subscribe/?series=dlct")


def test_files_that_are_not_there_are_not_taken_for_a_series(client):
    answers = [client.get(f"/{name}").status_code for name in ("robots.txt", "favicon.ico", "x_y")]

    assert answers == [404, 404, 404]


def test_zone_in_a_cookie_is_written_first_and_kept_apart_by_caches(filled, client):
    client.set_cookie("zone", "Asia/Tokyo")

    page = client.get("/series/dlct/2026-06-12/")

    assert "Cookie" in page.vary
    assert "Fri 12 Jun Sat 13 for you" in pages.text(page)
    assert "Sat 02:00 – 03:00 your time , Tokyo 10:00 – 11:00 Los Angeles" in pages.text(page)


@pytest.mark.parametrize("zone", ["Mars/Base", '"><script>', ""])
def test_unknown_zone_in_a_cookie_is_ignored(filled, client, zone):
    plain = client.get("/").text
    client.set_cookie("zone", zone)

    page = client.get("/")

    assert page.text == plain
    assert "Cookie" in page.vary


def _event_words(app, client, zone, starts):
    with app.app_context(), transaction() as rows:
        add_organization(rows)
        series = add_series(rows, zone=zone, timetable=())
        key = f"{starts:%Y-%m-%d}"
        add_event(rows, series, key, starts=starts, extra=True, title="Late")
    return " ".join(pages.text(client.get(f"/series/dlct/{key}/")).split())


def test_event_in_a_repeated_hour_names_both_offsets(app, client):
    words = _event_words(app, client, "America/New_York", datetime(2026, 11, 1, 1, 30))
    assert "01:30 (UTC-04:00) –01:30 (UTC-05:00) New York" in words.replace(") – ", ") –")


def test_event_anywhere_on_earth_is_said_in_words(app, client):
    words = _event_words(app, client, "Etc/GMT+12", datetime(2026, 12, 10, 23, 59))
    assert "23:59" in words
    assert "UTC\u221212 (anywhere on earth)" in words
    assert "GMT" not in words


def test_event_page_says_where_who_and_when_each_talk_starts(filled, client):
    talks = [
        {"title": "A", "minutes": 20, "speakers": [{"name": "Ada", "bio": "Wrote *notes*."}]},
        {"title": "B", "links": [{"label": "Second recording", "url": "https://example.org/2"}]},
    ]
    own = {
        "location": "Room 5",
        "chair": {"name": "Grace", "email": "grace@example.org"},
        "registration_url": "https://example.org/sign-up",
        "links": [{"label": "Program", "url": "https://example.org/p"}],
        "language": "fr",
        "talks": talks,
    }
    with filled.app_context():
        put_series(events=[{"date": "2026-06-26", **own}])
    page = client.get("/series/dlct/2026-06-26/")
    words = pages.text(page)
    for said in (
        *("Room 5", "Chair: Grace", "In French", "10:00 Los Angeles 20 minutes A Ada"),
        *(
            "10:20 Los Angeles B Speaker to be announced",
            "About Ada Wrote notes",
            "Second recording",
            "Program",
        ),
    ):
        assert said in words
    assert 'href="https://example.org/sign-up"' in page.text
    assert "grace@example.org" not in page.text


def test_event_page_has_no_empty_part_for_a_talk_whose_title_is_all(filled, client):
    assert "poster-talk" not in client.get("/series/dlct/2026-07-03/").text
    assert "poster-talk" in client.get("/series/dlct/2026-06-12/").text


def test_event_page_names_the_speakers_of_each_of_several_talks_once(filled, client):
    talks = [
        {"title": title, "speakers": [{"name": name}]}
        for title, name in (("A", "Ada"), ("B", "Grace"))
    ]
    with filled.app_context():
        put_series(events=[{"date": "2026-06-26", "talks": talks}])
    words = pages.text(client.get("/series/dlct/2026-06-26/"))

    assert [words.count(name) for name in ("Ada", "Grace")] == [1, 1]
    assert ("A Ada" in words, "B Grace" in words) == (True, True)


def test_join_leads_to_the_own_link_of_an_event_by_the_same_rule(filled, client):
    link = "https://meet.example.org/own"
    with filled.app_context():
        own = {"join_url": link, "talks": [{"title": "A"}]}
        put_series(join_url=None, events=[{"date": "2026-06-26", **own}])
    address = next(
        part.split('"')[0]
        for part in client.get("/series/dlct/2026-06-26/").text.split('href="')
        if part.startswith("/events/") and "/join" in part
    )
    assert client.get(address).location == link
    with filled.app_context():
        put_series(join_access="on_request")
    page = client.get(address)
    assert (page.status_code, link in page.text) == (200, False)
    assert "given on request" in pages.text(page)


def test_series_page_says_the_room_and_the_language(filled, client):
    with filled.app_context():
        put_series(location="Room 4", language="de", registration_url="https://example.org/all")
    page = client.get("/series/dlct/")
    assert "Room 4 · In German · Sign up" in pages.text(page)
    assert 'href="https://example.org/all"' in page.text
