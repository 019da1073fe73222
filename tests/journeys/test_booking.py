"""A guest's way by HTTP: finding a host, booking, moving, cancelling, and being refused kindly."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import delete, func, select
from werkzeug.test import TestResponse

from booking.domain.bookings import BookingStatus
from booking.models import BookingRow, HostRow, OfficeHoursRow
from booking.queries import hosts as host_queries
from booking.queries import office_hours as office_hours_queries
from core.db.base import db
from core.db.transaction import transaction
from core.messages.outbox import Message
from tests import pages
from tests.factories_booking import NOW, WEEKDAYS, add_booking, add_host, add_offer, at
from tests.statements import statements

PAGE = "/office-hours/host-a/career-chat/"
WEDNESDAY = "2026-06-03T08:00:00Z"  # 10:00 in Berlin, 09:00 in Lagos
LATER = "2026-06-04T08:00:00Z"
SPEAKING = {"label": "What is it about?", "kind": "long", "required": True}
ANN = {
    "starts_at": WEDNESDAY,
    "name": "Ann Guest",
    "email": "ann@example.org",
    "zone": "Africa/Lagos",
    "answer-1": "My first paper,\nand how to begin.",
}


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def community(app: Flask) -> None:
    """Two hosts; Host A has office hours for all, for those with the address, for members."""
    with app.app_context(), transaction() as session:
        host = add_host(
            session, topics=["first paper", "rebuttals"], languages=["en"], bio="Reads *drafts*."
        )
        add_offer(session, host, questions=[SPEAKING])
        add_offer(session, host, "secret", title="For friends", visibility="unlisted")
        add_offer(session, host, "members", title="For members", visibility="members")
        add_host(session, "host-b", paused=True, topics=["careers"])


def book(client: FlaskClient, page: TestResponse | None = None, **changed: str) -> TestResponse:
    return pages.submit(client, page or client.get(PAGE), {**ANN, **changed}, action=PAGE)


def manage_path(answer: TestResponse) -> str:
    assert answer.status_code == 303
    assert answer.location.endswith("/?new=1")
    return answer.location.removesuffix("?new=1")


def booked(app: Flask) -> list[tuple[str, str, str]]:
    """Return start, status and guest of every booking."""
    query = select(BookingRow.starts_at, BookingRow.status, BookingRow.guest_name)
    with app.app_context():
        return [
            (f"{starts_at:%Y-%m-%dT%H:%M:%SZ}", status, name)
            for starts_at, status, name in db.session.execute(query.order_by(BookingRow.id))
        ]


def test_directory_names_hosts_topics_and_the_next_free_start(client: FlaskClient) -> None:
    words = pages.text(client.get("/office-hours/"))

    assert (
        "Host A first paper, rebuttals Speaks English Next free: Tue 2 Jun, 09:00 Berlin" in words
    )
    assert "Host B careers Paused takes no bookings at the moment" in words


def test_directory_speaks_the_zone_of_the_address(client: FlaskClient) -> None:
    words = pages.text(client.get("/office-hours/?zone=Asia/Kolkata"))

    assert "Next free: Tue 2 Jun, 12:30 Kolkata" in words


def test_directory_of_a_topic_has_its_hosts_alone(client: FlaskClient) -> None:
    page = client.get("/office-hours/?topic=careers")

    assert re.findall(r'class="host-name"><a href="([^"]+)"', page.text) == [
        "/office-hours/host-b/"
    ]
    assert "Nobody has “chess”" in pages.text(client.get("/office-hours/?topic=chess"))


def test_directory_without_hosts_invites(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), transaction() as session:
        session.execute(delete(OfficeHoursRow))
        session.execute(delete(HostRow))

    assert "Nobody gives office hours yet." in pages.text(client.get("/office-hours/"))


def test_host_page_offers_what_is_public_and_nothing_private(client: FlaskClient) -> None:
    page = client.get("/office-hours/host-a/")

    assert re.findall(r'entry-title"><a href="([^"]+)"', page.text) == [PAGE]
    assert "Reads <em>drafts</em>." in page.text
    for private in ("host-a@example.org", "meet.example.org", "For friends", "For members"):
        assert private not in page.text


def test_unlisted_office_hour_is_there_by_its_address(client: FlaskClient) -> None:
    page = client.get("/office-hours/host-a/secret/")

    assert page.status_code == 200


def test_members_office_hour_asks_to_sign_in(client: FlaskClient, runner: FlaskCliRunner) -> None:
    path = "/office-hours/host-a/members/"
    before = client.get(path)
    assert (before.status_code, before.location) == (303, f"/sign-in/?next={path}")

    runner.invoke(args=["user", "add", "ann@example.org"])
    link = re.search(
        r"http://[^/]+(/sign-in/\S+)",
        runner.invoke(args=["user", "link", "ann@example.org"]).output,
    )
    assert link
    pages.submit(client, client.get(link[1]))

    page = client.get(path)
    assert page.status_code == 200
    assert 'value="ann@example.org"' in page.text
    assert "For members" in pages.text(client.get("/office-hours/host-a/"))


@pytest.mark.parametrize(
    "path",
    ["/office-hours/nobody/", "/office-hours/host-a/nothing/", "/bookings/nonsense/",
     "/bookings/" + "a" * 48 + "/", "/bookings/nonsense/invitation.ics"],
)  # fmt: skip
def test_unknown_page_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_month_is_a_table_of_buttons_that_say_how_many_starts(client: FlaskClient) -> None:
    page = client.get(PAGE, query_string={"zone": "Africa/Lagos"})

    buttons = re.findall(r'<button[^>]* class="day.*?</button>', page.text, re.S)
    labels = [" ".join(re.sub(r"<[^>]+>", "", button).split()) for button in buttons]
    assert labels[:2] == ["Tuesday 2 June 2026, 16 starts", "Wednesday 3 June 2026, 16 starts"]
    assert labels[-1] == "Tuesday 30 June 2026, 16 starts"


def test_start_shows_the_guests_clock_beside_the_hosts(client: FlaskClient) -> None:
    page = client.get(PAGE, query_string={"zone": "America/Los_Angeles", "day": "2026-06-03"})

    column = page.text.split('aria-labelledby="day-shown"')[1].split("</section>")[0]
    words = re.sub(r"<[^>]+>", "", column).split()
    assert " ".join(words)[:52] == "> Wednesday 3 June 00:00 for you, 09:00 Berlin 00:30"[:52]


def test_month_turns_no_further_than_there_are_starts(client: FlaskClient) -> None:
    def turns(month: str) -> list[str]:
        page = client.get(PAGE, query_string={"month": month})
        return re.findall(r'class="month-turn" name="month" value="([^"]+)"', page.text)

    assert turns("2026-06") == ["2026-07"]
    assert turns("2026-07") == ["2026-06"]
    assert turns("2099-01") == ["2026-06"]


@pytest.mark.parametrize(
    "query",
    ["zone=Mars/Base", "day=2026-02-31", "day=soon", "month=13", "starts_at=tomorrow",
     "minutes=-5", "minutes=1e9", "starts_at=9999-12-31T23:59:59Z", "day=0001-01-01",
     "month=2026-06%00", "zone=" + "a" * 500],
)  # fmt: skip
def test_nonsense_in_the_address_shows_the_page(client: FlaskClient, query: str) -> None:
    assert client.get(f"{PAGE}?{query}").status_code == 200


def test_guest_books_by_month_day_and_start(app: Flask, client: FlaskClient) -> None:
    form = client.get(PAGE, query_string={"zone": "Africa/Lagos", "starts_at": WEDNESDAY})
    words = pages.text(form)
    assert "Wednesday 3 June 2026 09:00 in Lagos (UTC+01:00) 10:00 Berlin, for Host A" in words
    answer = pages.submit(
        client, form, {key: ANN[key] for key in ("name", "email", "answer-1")}, action=PAGE
    )

    page = client.get(manage_path(answer) + "?new=1")

    words = pages.text(page)
    assert "Booked. A calendar invite is on its way to ann@example.org." in words
    assert "Wednesday 3 June 2026, 09:00 – 09:30 in Lagos (UTC+01:00)" in words
    assert "Wednesday 3 June 2026, 10:00 – 10:30 in Berlin (UTC+02:00), for Host A" in words
    assert "Where The meeting link is in the mail to ann@example.org." in words
    assert booked(app) == [(WEDNESDAY, "confirmed", "Ann Guest")]


def test_guest_books_from_the_plain_list(app: Flask, client: FlaskClient) -> None:
    page = client.get(PAGE)
    starts = re.findall(r'<option value="(2026[^"]+)"', page.text)
    assert starts[0] == "2026-06-02T07:00:00Z"

    answer = book(client, page, starts_at=starts[1])

    assert answer.status_code == 303
    assert booked(app) == [("2026-06-02T07:30:00Z", "confirmed", "Ann Guest")]


def test_form_sent_again_is_one_booking_and_the_same_page(app: Flask, client: FlaskClient) -> None:
    page = client.get(PAGE)

    answers = [book(client, page) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert booked(app) == [(WEDNESDAY, "confirmed", "Ann Guest")]


def test_form_sent_again_with_another_time_asks_first(app: Flask, client: FlaskClient) -> None:
    page = client.get(PAGE)
    book(client, page)

    refused = book(client, page, starts_at=LATER)

    assert refused.status_code == 422
    assert "You have already sent this form" in pages.text(refused)
    assert pages.submit(client, refused, action=PAGE).status_code == 303
    assert [start for start, _, _ in booked(app)] == [WEDNESDAY, LATER]


def test_what_is_wrong_is_said_and_what_was_typed_stays(app: Flask, client: FlaskClient) -> None:
    refused = book(client, name="Ann www.evil.test/x", email="nobody", **{"answer-1": " "})

    assert refused.status_code == 422
    form = next(each for each in pages.forms(refused) if each.method == "post")
    assert form.values["name"] == ["Ann www.evil.test/x"]
    assert form.values["starts_at"] == [WEDNESDAY]
    assert 'aria-describedby="field-email-hint field-email-error"' in refused.text
    assert booked(app) == []
    mended = {"name": "Ann", "email": "ann@example.org", "answer-1": "A paper"}
    assert pages.submit(client, refused, mended, action=PAGE).status_code == 303


def test_name_with_an_address_and_unanswered_question_are_refused(client: FlaskClient) -> None:
    refused = book(client, name="Ann www.evil.test/x", **{"answer-1": " "})

    assert refused.status_code == 422
    words = pages.text(refused)
    assert "This must be a name, without web addresses" in words
    assert "This needs an answer" in words


def test_taken_start_offers_the_nearest_and_keeps_what_was_typed(
    app: Flask, client: FlaskClient
) -> None:
    page = client.get(PAGE)
    book(app.test_client(), name="Bea", email="bea@example.org")

    refused = book(client, page)

    assert refused.status_code == 409
    assert "That time is no longer available." in pages.text(refused)
    near = re.findall(r'class="start" name="starts_at" value="([^"]+)">Book', refused.text)
    assert near == [
        "2026-06-03T07:00:00Z",
        "2026-06-03T07:30:00Z",
        "2026-06-03T08:30:00Z",
        "2026-06-03T09:00:00Z",
        "2026-06-03T09:30:00Z",
    ]
    again = pages.submit(client, refused, {"starts_at": near[2]}, action=PAGE)
    assert again.status_code == 303
    assert booked(app)[1] == (near[2], "confirmed", "Ann Guest")


def test_guest_with_enough_bookings_is_told_so(client: FlaskClient) -> None:
    book(client)
    book(client, starts_at=LATER)

    refused = book(client, starts_at="2026-06-05T08:00:00Z")

    assert refused.status_code == 409
    assert "You already have 2 bookings here that are still to come." in pages.text(refused)


def test_paused_host_offers_no_starts(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), transaction() as session:
        add_offer(session, add_host(session, "host-c", paused=True))

    page = client.get("/office-hours/host-c/career-chat/")

    assert "Host C takes no bookings at the moment." in pages.text(page)
    assert [form for form in pages.forms(page) if form.method == "post"] == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"closed": True}, "These office hours are closed: nobody can book them at the moment."),
        (
            {"horizon": {"from": "2026-05-01", "to": "2026-05-31"}},
            "The dates on which this could be booked are over.",
        ),
        (
            {"horizon": {"days": 2}, "notice": 7 * 24 * 60},
            "please book at least 7 days before the start.",
        ),
        ({"minutes": [1000]}, "Host C has no hours in the time that can be booked."),
        ({"per_week": 1, "horizon": {"days": 2}}, "Every time that can be booked is taken."),
    ],
)
def test_page_says_why_nothing_is_free_and_whom_else_to_ask(
    app: Flask, client: FlaskClient, fields: dict[str, object], sentence: str
) -> None:
    with app.app_context(), transaction() as session:
        offer = add_offer(session, add_host(session, "host-c", topics=["rebuttals"]), **fields)
        add_booking(session, offer, NOW + timedelta(days=2), status=BookingStatus.DONE)

    page = client.get("/office-hours/host-c/career-chat/")

    assert sentence in pages.text(page)
    assert "Others with the same topics: Host A rebuttals" in pages.text(page)
    assert [form for form in pages.forms(page) if form.method == "post"] == []


def test_form_without_its_token_books_nothing(app: Flask, client: FlaskClient) -> None:
    assert client.post(PAGE, data=ANN).status_code == 400
    assert booked(app) == []


def test_private_page_is_kept_by_nobody(client: FlaskClient) -> None:
    path = manage_path(book(client))

    for each in (path, f"{path}invitation.ics", "/bookings/nonsense/"):
        headers = client.get(each).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex"


def test_reading_a_booking_changes_nothing(app: Flask, client: FlaskClient) -> None:
    path = manage_path(book(client))
    with app.app_context():
        queued = db.session.scalar(select(func.count()).select_from(Message))

    for query in ("", "?day=2026-06-04", f"?starts_at={LATER}", "?reason=x", "invitation.ics"):
        assert client.get(path + query).status_code == 200
    assert client.get(f"{path}move").status_code == 405
    assert client.get(f"{path}cancel").status_code == 405

    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Message)) == queued
    assert booked(app) == [(WEDNESDAY, "confirmed", "Ann Guest")]


def test_guest_moves_by_the_same_choice(app: Flask, client: FlaskClient) -> None:
    path = manage_path(book(client))
    chosen = client.get(path, query_string={"starts_at": LATER})

    moved = pages.submit(client, chosen, action="/move")

    assert (moved.status_code, moved.location) == (303, f"{path}?moved=1")
    words = pages.text(client.get(moved.location))
    assert "Moved. The calendar entry for this time is on its way to " in words
    assert "Thursday 4 June 2026, 09:00 – 09:30 in Lagos (UTC+01:00)" in words
    assert booked(app) == [(LATER, "confirmed", "Ann Guest")]


def test_move_to_a_taken_start_offers_the_nearest(app: Flask, client: FlaskClient) -> None:
    path = manage_path(book(client))
    page = client.get(path)
    book(client, starts_at=LATER, email="bea@example.org", name="Bea")

    refused = pages.submit(client, page, {"starts_at": LATER}, action="/move")

    assert refused.status_code == 409
    near = re.findall(r'name="starts_at" value="([^"]+)">Move to', refused.text)
    assert near[2] == "2026-06-04T08:30:00Z"
    moved = pages.submit(client, refused, {"starts_at": near[2]}, action="/move")
    assert moved.status_code == 303
    assert [start for start, _, _ in booked(app)] == [near[2], LATER]


def test_move_to_nonsense_is_refused_in_words(client: FlaskClient) -> None:
    path = manage_path(book(client))

    refused = pages.submit(client, client.get(path), {"starts_at": "soon"}, action="/move")

    assert refused.status_code == 422
    assert "Start: This must be a date and time" in pages.text(refused)


def test_guest_cancels_and_the_start_is_free_at_once(app: Flask, client: FlaskClient) -> None:
    path = manage_path(book(client))
    assert WEDNESDAY not in client.get(f"{PAGE}?day=2026-06-03").text

    done = pages.submit(client, client.get(path), {"reason": "I am ill."}, action="/cancel")

    assert (done.status_code, done.location) == (303, path)
    words = pages.text(client.get(path))
    assert "This booking was cancelled and its time is free for others. “I am ill.”" in words
    assert "meet.example.org" not in words
    assert WEDNESDAY in client.get(f"{PAGE}?day=2026-06-03").text
    assert booked(app) == [(WEDNESDAY, "cancelled", "Ann Guest")]


def test_cancelling_twice_stays_cancelled(client: FlaskClient) -> None:
    path = manage_path(book(client))
    page = client.get(path)

    answers = [pages.submit(client, page, action="/cancel") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]


def test_deadline_is_said_and_held(app: Flask, client: FlaskClient) -> None:
    path = manage_path(book(client))
    page = client.get(path)
    assert "until Tuesday 2 June 2026, 21:00 in Lagos" in pages.text(page)

    with time_machine.travel(at("2026-06-02 20:01"), tick=False):
        late = [pages.submit(client, page, action=action) for action in ("/move", "/cancel")]
        words = pages.text(client.get(path))

    assert [answer.status_code for answer in late] == [422, 409]
    assert "It is too late to move or cancel" in pages.text(late[1])
    assert "It could be moved or cancelled here until Tuesday 2 June 2026, 21:00 in Lagos" in words
    assert booked(app) == [(WEDNESDAY, "confirmed", "Ann Guest")]


def test_booking_that_is_over_says_so(client: FlaskClient) -> None:
    path = manage_path(book(client))

    with time_machine.travel(at("2026-06-03 09:00"), tick=False):
        words = pages.text(client.get(path))

    assert "This is over Career chat with Host A We hope it helped." in words
    assert "Cancel this booking" not in words


def test_pending_booking_keeps_the_meeting_link_back(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), transaction() as session:
        add_offer(session, add_host(session, "host-c"), approval=True)
    page = client.get("/office-hours/host-c/career-chat/")
    answer = pages.submit(client, page, {**ANN, "answer-1": ""}, action="/office-hours/host-c/")

    page = client.get(answer.location)

    words = pages.text(page)
    assert "Host C has been asked. The time is yours once they agree." in words
    assert "meet.example.org" not in page.text


def test_calendar_file_holds_the_booking(client: FlaskClient) -> None:
    path = manage_path(book(client))

    answer = client.get(f"{path}invitation.ics")

    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "DTSTART:20260603T080000Z\r\n" in answer.text
    assert "METHOD" not in answer.text


def test_directory_takes_as_many_statements_for_thirty_hosts(
    app: Flask, client: FlaskClient
) -> None:
    with statements(app) as few:
        assert client.get("/office-hours/").status_code == 200
    with app.app_context(), transaction() as session:
        for number in range(30):
            host = add_host(session, f"more-{number}", hours=WEEKDAYS)
            add_booking(session, add_offer(session, host), at("2026-06-03 08:00"))

    with statements(app) as many:
        assert client.get("/office-hours/").status_code == 200
    assert len(many) == len(few)


def test_next_free_start_of_each_host_leaves_out_what_is_booked(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context(), transaction() as session:
        for slug, booked_at in (("host-c", "2026-06-02 07:00"), ("host-d", "2026-06-02 08:00")):
            add_booking(session, add_offer(session, add_host(session, slug)), at(booked_at))

    words = pages.text(client.get("/office-hours/"))

    assert "Host C Next free: Tue 2 Jun, 09:30 Berlin" in words
    assert "Host D Next free: Tue 2 Jun, 09:00 Berlin" in words


def test_agenda_holds_own_bookings_as_guest_and_as_host(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner
) -> None:
    path = manage_path(book(client, email="host-b@example.org", name="Host B"))
    with app.app_context(), transaction() as session:
        host_b = host_queries.by_slug(session, "host-b")
        add_booking(session, add_offer(session, host_b), at("2026-06-05 08:00"), guest_name="Cy")
    made = runner.invoke(args=["user", "link", "host-b@example.org"])
    link = re.search(r"http://[^/]+(/sign-in/\S+)", made.output)
    assert link
    pages.submit(client, client.get(link[1]))

    page = client.get("/me/")

    section = page.text.split('id="bookings"')[1].split("</section>")[0]
    assert re.findall(r'<a href="([^"]+)">([^<]+ with [^<]+)</a>', section) == [
        (path, "Career chat with Host A"),
        ("/host/", "Career chat with Cy"),
    ]


def test_first_page_says_who_is_free_first(client: FlaskClient) -> None:
    words = pages.text(client.get("/"))

    assert "Talk to someone All office hours Host A" in words
    assert "Next free: Tue 2 Jun, 09:00 Berlin" in words
    assert "Host B" not in words


def test_internationalized_address_is_shown_as_its_owner_writes_it(client: FlaskClient) -> None:
    made = book(client, email="ann@bücher.example")

    words = pages.text(client.get(manage_path(made)))
    assert "Ann Guest, ann@bücher.example" in words
    assert "xn--" not in words


def test_another_zone_in_the_last_step_shows_the_time_before_anything_is_booked(
    app: Flask, client: FlaskClient
) -> None:
    page = client.get(f"{PAGE}?zone=Asia/Tokyo&starts_at={WEDNESDAY}")
    assert "Book Wed 3 Jun, 17:00 in Tokyo" in pages.text(page)

    shown = book(client, page, zone="America/Los_Angeles")

    assert shown.status_code == 422
    assert booked(app) == []
    words = pages.text(shown)
    assert "The time is now shown in Los Angeles. Please check it and book." in words
    assert "Wednesday 3 June 2026 01:00 in Los Angeles (UTC-07:00)" in words
    assert "Book Wed 3 Jun, 01:00 in Los Angeles" in words
    form = next(each for each in pages.forms(shown) if each.method == "post")
    assert form.values["name"] == ["Ann Guest"]
    assert pages.submit(client, shown, {}, action=PAGE).status_code == 303
    assert booked(app) == [(WEDNESDAY, "confirmed", "Ann Guest")]


def test_another_zone_beside_the_nearest_starts_shows_them_before_anything_is_booked(
    app: Flask, client: FlaskClient
) -> None:
    page = client.get(f"{PAGE}?zone=Asia/Tokyo&starts_at={WEDNESDAY}")
    with app.app_context(), transaction() as session:
        host = host_queries.by_slug(session, "host-a")
        (offer, *_) = office_hours_queries.of_host(session, host)
        add_booking(session, offer, at("2026-06-03 08:00"))
    taken = book(client, page, zone="Asia/Tokyo")
    assert "Book Wed 3 Jun, 16:30 in Tokyo" in pages.text(taken)

    shown = pages.submit(
        client, taken, {"zone": "Africa/Lagos", "starts_at": "2026-06-03T07:30:00Z"}, action=PAGE
    )

    assert shown.status_code == 422
    assert len(booked(app)) == 1
    assert "Book Wed 3 Jun, 08:30 in Lagos" in pages.text(shown)


def test_starts_of_a_repeated_hour_have_their_offset(app: Flask, client: FlaskClient) -> None:
    sunday = {"dates": [{"date": "2026-10-25", "windows": [{"from": "00:00", "to": "04:00"}]}]}
    with app.app_context(), transaction() as session:
        host = add_host(session, "host-l", zone="Europe/London", hours=sunday)
        add_offer(session, host, minutes=[60])
    path = "/office-hours/host-l/career-chat/"
    with time_machine.travel(at("2026-10-20 08:00"), tick=False):
        page = client.get(f"{path}?zone=Europe/London&day=2026-10-25")
        second = client.get(f"{path}?zone=Europe/London&starts_at=2026-10-25T01:00:00Z")

    buttons = re.findall(r'class="start" name="starts_at"[^>]*>([^<]*)<', page.text)
    assert buttons[:5] == ["00:00", "01:00 (UTC+01:00)", "01:00 (UTC+00:00)", "02:00", "03:00"]
    words = pages.text(second)
    assert "Sunday 25 October 2026 01:00 (UTC+00:00) in London" in words
    assert "Book Sun 25 Oct, 01:00 (UTC+00:00) in London" in words
