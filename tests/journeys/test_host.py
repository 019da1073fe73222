"""A host at their own pages: hours, offers, bookings; and those who have no business there."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask, before_render_template
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from booking.domain.bookings import BookingStatus
from booking.domain.hosts import Host
from booking.models import BookingRow
from booking.queries import bookings as booking_queries
from booking.queries import hosts as host_queries
from booking.queries import office_hours as office_hours_queries
from booking.services import bookings
from core import parts
from core.audit import AuditEntry
from core.db.base import db
from core.db.engine import WRITES
from core.db.transaction import transaction
from core.messages.outbox import Message
from scheduler.domain.recurrence import Period
from scheduler.models import series_organizers
from tests import pages
from tests.conftest import SECRET_KEY
from tests.factories import add_person, add_series
from tests.factories_booking import add_booking, add_host, add_offer
from tests.journeys.test_api_bookings import statements

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Berlin
ADA, EVE = "ada@example.org", "eve@example.org"
TUESDAYS = {"weekly": [{"days": [2], "from": "16:00", "to": "17:00"}]}


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def ada(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        add_person(session, EVE, name="Eve")
        add_offer(session, add_host(session, "ada", email=ADA, name="Ada", hours=TUESDAYS))


def sign_in(client: FlaskClient, runner: FlaskCliRunner, email: str = ADA) -> FlaskClient:
    link = runner.invoke(args=["user", "link", email]).output.strip()
    path = link.removeprefix("http://127.0.0.1:8000")
    assert pages.submit(client, client.get(path)).status_code == 303
    return client


@pytest.fixture
def signed_in(client: FlaskClient, runner: FlaskCliRunner) -> FlaskClient:
    return sign_in(client, runner)


def send(
    client: FlaskClient, path: str, change: str, values: Mapping[str, str | list[str]]
) -> TestResponse:
    """Send the form of a page that asks for `change`, with all that it carries."""
    fitting = [
        form
        for form in pages.forms(client.get(path))
        if form.values.get("change") == [change]
        and all(form.values.get(name) == [values[name]] for name in ("key",) if name in values)
    ]
    return client.post(fitting[0].action or path, data={**fitting[0].values, **values})


def host(app: Flask) -> Host:
    with app.app_context():
        return host_queries.by_slug(db.session(), "ada")


def booking(app: Flask, ref: str) -> BookingRow:
    with app.app_context():
        return db.session.scalars(select(BookingRow).where(BookingRow.ref == ref)).one()


def book(app: Flask, starts_at: datetime, **fields: object) -> str:
    with app.app_context(), transaction() as session:
        offer = office_hours_queries.of_host(session, host_queries.by_slug(session, "ada"))[0]
        return add_booking(session, offer, starts_at, **fields).ref


def actions(app: Flask) -> list[tuple[str, str, str]]:
    """Return who did what in booking."""
    changes = select(AuditEntry).where(AuditEntry.action != "signed in").order_by(AuditEntry.id)
    with app.app_context():
        return [(each.actor, each.action, each.subject) for each in db.session.scalars(changes)]


def test_host_is_led_to_the_week_and_sees_it_in_words(signed_in: FlaskClient) -> None:
    answer = signed_in.get("/host/")
    assert (answer.status_code, answer.location) == (303, "/host/ada/")
    page = signed_in.get("/host/ada/")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "Tuesdays 16:00 to 17:00" in pages.text(page)
    assert 'aria-label="Tuesday 24 November: open 16:00 to 17:00"' in page.text
    assert 'aria-label="Monday 30 November: closed"' in page.text


def test_week_shows_bookings_and_the_events_of_the_host(app: Flask, signed_in: FlaskClient) -> None:
    book(app, datetime(2026, 11, 24, 15, 0, tzinfo=UTC), guest_name="Bo")
    with app.app_context(), transaction() as session:
        weekly = Period(datetime(2026, 1, 7, 18, 0), 60, "FREQ=WEEKLY;BYDAY=WE")
        row = add_series(session, "town-hall", kind="group", timetable=[weekly], zone="UTC")
        ada = host_queries.by_slug(session, "ada").person_id
        session.execute(series_organizers.insert().values(series_id=row.id, person_id=ada))
    page = signed_in.get("/host/ada/").text
    assert (
        'aria-label="Tuesday 24 November: open 16:00 to 17:00; booked 16:00 to 16:30, Bo"' in page
    )
    assert 'aria-label="Wednesday 25 November: your own event 19:00 to 20:00"' in page


def test_host_adds_changes_and_removes_weekly_hours(app: Flask, signed_in: FlaskClient) -> None:
    path = "/host/ada/"
    new = {"weekly.days": ["4"], "weekly.from": "18:00", "weekly.to": "19:00"}
    added = send(
        signed_in, path, "weekly", {**new, "weekly.every": "2", "weekly.since": "2026-11-26"}
    )
    assert (added.status_code, added.location) == (303, path)
    page = signed_in.get(path)
    assert "Your weekly hours are saved." in pages.text(page)
    assert "every second Thursday 18:00 to 19:00, next on 26 Nov" in pages.text(page)
    assert "Your weekly hours are saved." not in pages.text(signed_in.get(path))

    key = "4 18:00 19:00 2 2026-11-26"
    edit = f"{path}?edit=weekly&line={key}"
    assert send(signed_in, edit, "weekly", {"weekly.to": "20:00"}).status_code == 303
    assert [str(each.closes) for each in host(app).weekly] == ["17:00", "20:00"]

    removed = send(signed_in, path, "remove-weekly", {"key": "2 16:00 17:00 1"})
    assert removed.status_code == 303
    assert [str(each.closes) for each in host(app).weekly] == ["20:00"]
    assert actions(app) == [(ADA, "host updated", "host:ada")] * 3


def test_refused_hours_come_back_as_they_were_typed(app: Flask, signed_in: FlaskClient) -> None:
    values = {
        "weekly.days": ["1", "3"],
        "weekly.from": "18:00",
        "weekly.to": "late",
        "weekly.every": "2",
    }
    page = send(signed_in, "/host/ada/", "weekly", values)

    assert page.status_code == 422
    assert "This must be a time of day such as 16:00, not 'late'." in pages.text(page)
    assert "This must be a date in a week that is open, unless it is every week." in pages.text(
        page
    )
    form = next(form for form in pages.forms(page) if form.values.get("change") == ["weekly"])
    kept = {name: form.values[name] for name in values}
    assert kept == {
        "weekly.days": ["1", "3"],
        "weekly.from": ["18:00"],
        "weekly.to": ["late"],
        "weekly.every": ["2"],
    }
    assert len(host(app).weekly) == 1
    assert actions(app) == []


def test_pages_are_rendered_when_the_write_lock_is_free(app: Flask, signed_in: FlaskClient) -> None:
    ref = book(app, datetime(2026, 11, 25, 15, 0, tzinfo=UTC), status=BookingStatus.CANCELLED)
    with app.app_context():
        found = booking_queries.by_ref(db.session(), ref)
        private = booking_queries.manage_path(found, parts.of(app).settings.secret_key)
    rendered = []

    def note(_app: Flask, **_: object) -> None:
        rendered.append(bool(db.session().info.get(WRITES)))

    refused = {
        "/host/": {"slug": "ada", "name": "Ada", "zone": "UTC"},
        "/host/ada/": {"change": "weekly", "weekly.days": ["1"], "weekly.from": "late"},
        "/host/ada/about/": {"name": ""},
        "/host/ada/office-hours/": {"title": "Career chat", "slug": "career-chat", "minutes": "30"},
        "/host/ada/office-hours/career-chat/": {"title": ""},
        "/host/ada/bookings/": {"change": "decline", "booking": ref},
        "/office-hours/ada/career-chat/": {"starts_at": "2026-11-24T15:00:00Z", "minutes": "30"},
        f"{private}move": {"starts_at": "2026-12-01T15:00:00Z"},
        f"{private}cancel": {"reason": "x" * 400},
    }
    about = pages.forms(signed_in.get("/host/ada/about/"))
    token = {
        "csrf_token": next(form for form in about if form.method == "post").values["csrf_token"]
    }

    with before_render_template.connected_to(note, app):
        statuses = [
            signed_in.post(path, data={**token, **fields}).status_code
            for path, fields in refused.items()
        ]

    assert (statuses, set(rendered)) == ([422, 422, 422, 422, 422, 409, 422, 409, 422], {False})


def test_change_of_hours_locks_the_host_once(app: Flask, signed_in: FlaskClient) -> None:
    with statements(app) as sent:
        send(signed_in, "/host/ada/", "limits", {"limits.per_day": "3"})

    assert host(app).limits.per_day == 3
    locks = [each for each in sent if "FROM hosts \nWHERE hosts.slug = " in each]
    assert len(locks) == 1


def test_host_keeps_dates_time_off_travel_limits_and_pause(
    app: Flask, signed_in: FlaskClient
) -> None:
    path = "/host/ada/"
    windows = {"dates.windows.0.from": "10:00", "dates.windows.0.to": "12:00"}
    sent = [
        send(signed_in, path, "dates", {"dates.date": "2026-12-03", **windows}),
        send(signed_in, path, "dates", {"dates.date": "2026-12-24", "dates.closed": "1"}),
        send(
            signed_in,
            path,
            "time_off",
            {"time_off.from": "2026-12-28", "time_off.to": "2026-12-31"},
        ),
        send(
            signed_in,
            path,
            "travel",
            {"travel.from": "2026-12-10", "travel.to": "", "travel.zone": "Asia/Tokyo"},
        ),
        send(signed_in, path, "limits", {"limits.per_day": "2", "limits.per_week": ""}),
        send(signed_in, path, "pause", {}),
    ]
    assert [answer.status_code for answer in sent] == [303] * 6
    found = host(app)
    assert (found.paused, found.limits.per_day, found.limits.per_week) == (True, 2, None)
    page = pages.text(signed_in.get(path))
    for words in (
        "Thu 3 Dec 2026: 10:00 to 12:00",
        "Thu 24 Dec 2026: closed",
        "Mon 28 Dec 2026 to Thu 31 Dec 2026",
        "from Thu 10 Dec 2026 on: Tokyo",
        "At most 2 a day",
        "You are paused: nobody can book you.",
    ):
        assert words in page

    for kind, key in (
        ("dates", "2026-12-03"),
        ("time_off", "2026-12-28"),
        ("travel", "2026-12-10"),
    ):
        assert send(signed_in, path, f"remove-{kind}", {"key": key}).status_code == 303
    assert send(signed_in, path, "go-on", {}).status_code == 303
    found = host(app)
    assert (len(found.dates), found.time_off, found.travel) == (1, (), ())
    assert not found.paused


def test_host_adds_an_offer_and_changes_it(app: Flask, signed_in: FlaskClient) -> None:
    page = signed_in.get("/host/ada/office-hours/")
    typed = {"title": "Paper feedback", "minutes": "20, 45", "questions.0.label": "Which paper?"}
    answer = pages.submit(signed_in, page, typed)
    assert (answer.status_code, answer.location) == (303, "/host/ada/")

    path = "/host/ada/office-hours/paper-feedback/"
    changed = pages.submit(
        signed_in,
        signed_in.get(path),
        {
            "notice": "2",
            "notice_unit": "days",
            "limits.per_guest_open": "",
            "approval": "1",
            "approval_on_move": "",
            "pending_minutes": "90",
            "pending_minutes_unit": "minutes",
        },
    )
    assert (changed.status_code, changed.location) == (303, path)
    with app.app_context():
        offer = office_hours_queries.of_host(db.session(), host(app))[1]
    assert [each.total_seconds() / 60 for each in offer.minutes] == [20, 45]
    assert (offer.notice.days, offer.limits.per_guest_open, offer.approval) == (2, None, True)
    assert (offer.pending_minutes, offer.approval_on_move) == (timedelta(minutes=90), False)
    assert [question.label for question in offer.questions] == ["Which paper?"]

    pages.submit(signed_in, signed_in.get(path), {"questions.0.label": ""})
    with app.app_context():
        offer = office_hours_queries.of_host(db.session(), host(app))[1]
    assert offer.questions == ()


def test_host_closes_and_opens_office_hours_and_deletes_those_without_bookings(
    app: Flask, signed_in: FlaskClient
) -> None:
    path, public = "/host/ada/office-hours/career-chat/", "/office-hours/ada/career-chat/"
    ref = book(app, datetime(2026, 12, 1, 15, 0, tzinfo=UTC))

    pages.submit(signed_in, signed_in.get(path), {"closed": "1"})
    closed = pages.text(signed_in.get(public))
    listed = pages.text(signed_in.get("/office-hours/ada/"))
    pages.submit(signed_in, signed_in.get(path), {"closed": ""})
    reopened = pages.text(signed_in.get(public))
    refused = signed_in.post(f"{path}delete", data=_token(signed_in.get(path)))
    with app.app_context(), transaction() as session:
        session.execute(delete(BookingRow).where(BookingRow.ref == ref))
    deleted = pages.submit(signed_in, signed_in.get(path), action="/delete")

    sentence = "These office hours are closed: nobody can book them at the moment."
    assert (sentence in closed, sentence in listed, sentence in reopened) == (True, True, False)
    assert "Choose a time" not in listed
    assert (refused.status_code, "Close it instead" in pages.text(refused)) == (409, True)
    assert (deleted.status_code, signed_in.get(public).status_code) == (303, 404)


def _token(page: TestResponse) -> dict[str, str | list[str]]:
    return {"csrf_token": pages.forms(page)[-1].values["csrf_token"]}


def test_refused_offer_comes_back_as_it_was_typed(app: Flask, signed_in: FlaskClient) -> None:
    page = signed_in.get("/host/ada/office-hours/")
    typed = {"title": "Career chat", "slug": "career-chat", "description": "Kept."}
    taken = pages.submit(signed_in, page, typed)
    assert taken.status_code == 422
    assert "This address is taken: please choose another." in pages.text(taken)
    wrong = pages.submit(signed_in, taken, {"slug": "", "title": "Other", "minutes": "long"})
    assert wrong.status_code == 422
    (form,) = [form for form in pages.forms(wrong) if form.method == "post"]
    kept = [form.values[name] for name in ("title", "minutes", "description")]
    assert kept == [["Other"], ["long"], ["Kept."]]
    with app.app_context():
        assert len(office_hours_queries.of_host(db.session(), host(app))) == 1


def test_host_answers_those_who_wait(app: Flask, signed_in: FlaskClient) -> None:
    first = book(app, datetime(2026, 11, 25, 15, 0, tzinfo=UTC), status=BookingStatus.PENDING)
    second = book(app, datetime(2026, 11, 26, 15, 0, tzinfo=UTC), status=BookingStatus.PENDING)
    assert "2 bookings wait for your answer." in pages.text(signed_in.get("/host/ada/"))
    page = signed_in.get("/host/ada/bookings/")
    assert "Wed 25 Nov 16:00 – 16:30 Berlin" in pages.text(page)
    assert "For Guest: Wed 25 Nov 2026, 16:00 in Lagos" in pages.text(page)

    approve = {"booking": first, "change": "approve"}
    decline = {"booking": second, "change": "decline", "reason": "I am away"}
    sent = [pages.submit(signed_in, page, values) for values in (approve, decline)]
    assert [(answer.status_code, answer.location) for answer in sent] == [
        (303, "/host/ada/bookings/")
    ] * 2
    assert booking(app, first).status == "confirmed"
    assert (booking(app, second).status, booking(app, second).reason) == ("declined", "I am away")
    with app.app_context():
        kinds = set(db.session.scalars(select(Message.kind)))
    assert {"booking-confirmed", "booking-declined"} <= kinds


def test_host_answers_by_the_link_in_the_mail_without_signing_in(
    app: Flask, client: FlaskClient
) -> None:
    ref = book(app, datetime(2026, 12, 1, 15, 0, tzinfo=UTC), status=BookingStatus.PENDING)
    book(app, datetime(2026, 12, 1, 9, 0, tzinfo=UTC), guest_name="Cy", email="cy@example.org")
    declined = book(app, datetime(2026, 12, 8, 15, 0, tzinfo=UTC), status=BookingStatus.PENDING)
    paths = [answer_path(app, each) for each in (ref, declined)]

    page = client.get(paths[0])
    again = client.get(paths[0])
    text = pages.text(page)

    assert (page.status_code, text == pages.text(again)) == (200, True)
    assert "Your other bookings that day 10:00 – 10:30" in text
    assert ("Cy" in text, "cy@example.org" in text) == (False, False)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert booking(app, ref).status == "pending"

    pages.submit(client, page, action="/approve")
    pages.submit(client, client.get(paths[1]), {"reason": "No time"}, action="/decline")

    assert (booking(app, ref).status, booking(app, declined).status) == ("confirmed", "declined")
    assert ("host", "booking approved", f"booking:{ref}") in actions(app)
    over = client.get(paths[0])
    assert "You approved it. There is nothing to answer any more." in pages.text(over)
    assert [form for form in pages.forms(over) if "answer" in form.action] == []
    for private in ("@example.org", "Your other bookings that day"):
        assert (private in text, private in pages.text(over)) == (True, False)
    assert client.get(paths[0][:-4] + "abc/").status_code == 404


def answer_path(app: Flask, ref: str) -> str:
    with app.app_context():
        found = booking_queries.by_ref(db.session(), ref)
        assert found is not None
        return booking_queries.answer_path(found, SECRET_KEY)


def test_host_moves_a_booking_or_lets_the_guest_choose(
    app: Flask, signed_in: FlaskClient, client: FlaskClient
) -> None:
    ref = book(app, datetime(2026, 12, 1, 15, 0, tzinfo=UTC), guest_name="Ben")
    path = f"/host/ada/bookings/{ref}/"
    assert f'href="{path}"' in signed_in.get("/host/ada/bookings/").text
    page = signed_in.get(path)
    near = "2026-12-01T15:30:00Z"
    assert near in page.text

    none = pages.submit(signed_in, page, {"change": "move"})
    moved = pages.submit(signed_in, page, {"change": "move", "own": "2026-12-02T20:00"})
    page = signed_in.get(path)
    proposed = pages.submit(
        signed_in, page, {"change": "propose", "starts": [near], "reason": "Sorry, Ben."}
    )

    assert (none.status_code, "Please choose one time to move to." in pages.text(none)) == (422, 1)
    assert (moved.status_code, proposed.status_code) == (303, 303)
    assert booking(app, ref).starts_at == datetime(2026, 12, 2, 19, 0, tzinfo=UTC)
    with app.app_context():
        found = booking_queries.by_ref(db.session(), ref)
        assert found is not None
        guest = booking_queries.manage_path(found, SECRET_KEY)
    page = client.get(guest)
    assert "Ada asks for another time “Sorry, Ben.”" in pages.text(page)

    wrong = pages.submit(client, page, {"starts_at": "2026-12-03T15:00:00Z"}, action="/choose")
    chosen = pages.submit(client, page, {"starts_at": near}, action="/choose")

    assert (wrong.status_code, chosen.status_code) == (422, 303)
    assert booking(app, ref).starts_at == datetime(2026, 12, 1, 15, 30, tzinfo=UTC)
    assert "asks for another time" not in pages.text(client.get(guest))


def test_time_off_without_days_says_that_they_are_required(signed_in: FlaskClient) -> None:
    empty = {"time_off.from": "", "time_off.to": ""}
    refused = send(signed_in, "/host/ada/", "time_off", empty)

    assert "First day away: This is required. Last day away: This is required." in pages.text(
        refused
    )


def test_time_off_names_the_bookings_on_its_days_and_cancels_those_chosen(
    app: Flask, signed_in: FlaskClient
) -> None:
    path = "/host/ada/"
    off = {"time_off.from": "2026-12-01", "time_off.to": "2026-12-08"}
    first = book(app, datetime(2026, 12, 1, 15, 0, tzinfo=UTC), guest_name="Ben")
    second = book(app, datetime(2026, 12, 8, 15, 0, tzinfo=UTC), guest_name="Cy")
    book(app, datetime(2026, 12, 15, 15, 0, tzinfo=UTC), guest_name="Dee")
    assert "You are away, but booked" not in pages.text(signed_in.get(path))

    answer = send(signed_in, path, "time_off", off)
    page = signed_in.get(answer.location)
    text = pages.text(page).partition("You are away, but booked")[2].partition("Message")[0]

    assert "Ben , Tue 1 Dec 2026, 16:00 in Berlin: Career chat" in text
    assert "Cy , Tue 8 Dec 2026, 16:00 in Berlin: Career chat" in text
    assert "Dee" not in text
    empty = pages.submit(signed_in, page, {"change": "cancel"}, action="/bookings/")
    assert (empty.status_code, "Please choose a booking first." in pages.text(empty)) == (422, True)

    chosen = {"change": "cancel", "booking": [first, second], "reason": "I am ill."}
    pages.submit(signed_in, page, chosen, action="/bookings/")

    assert [(booking(app, ref).status, booking(app, ref).reason) for ref in (first, second)] == [
        ("cancelled", "I am ill.")
    ] * 2
    assert "You are away, but booked" not in pages.text(signed_in.get(path))


def test_host_cancels_and_notes_what_came_of_bookings(app: Flask, signed_in: FlaskClient) -> None:
    coming = book(app, datetime(2026, 11, 25, 15, 0, tzinfo=UTC))
    past = book(app, datetime(2026, 11, 20, 15, 0, tzinfo=UTC))
    page = signed_in.get("/host/ada/bookings/")

    early = pages.submit(signed_in, page, {"booking": coming, "change": "done"})
    assert early.status_code == 409
    assert "This booking is still to come." in pages.text(early)
    pages.submit(signed_in, page, {"booking": coming, "change": "cancel", "reason": "Ill, sorry"})
    pages.submit(signed_in, page, {"booking": past, "change": "no-show"})
    assert (booking(app, coming).status, booking(app, past).status) == ("cancelled", "no_show")
    pages.submit(signed_in, page, {"booking": past, "change": "done"})
    assert booking(app, past).status == "done"
    late = pages.submit(signed_in, page, {"booking": past, "change": "cancel"})
    assert late.status_code == 409


def test_host_decides_on_a_booking_that_the_clocks_put_on_another(
    app: Flask, signed_in: FlaskClient
) -> None:
    at = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
    kept = book(app, at, displaced_to=at - timedelta(hours=1))
    book(app, at - timedelta(hours=1), guest_name="Other")
    page = signed_in.get("/host/ada/bookings/")
    text = pages.text(page)
    assert "The clocks changed: please decide" in text
    assert "Would move to Wed 25 Nov 2026, 15:00 Berlin." in text
    assert text.count("Keep 16:00") == 1

    sent = pages.submit(signed_in, page, {"booking": kept, "change": "keep"})
    assert (sent.status_code, sent.location) == (303, "/host/ada/bookings/")

    row = booking(app, kept)
    assert (row.starts_at, row.displaced_to, row.sequence) == (at, None, 1)
    assert "please decide" not in pages.text(signed_in.get("/host/ada/bookings/"))
    with app.app_context():
        messages = db.session.scalars(select(Message).where(Message.kind == "booking-clocks"))
        reasons = [message.payload["reason"] for message in messages]
    words = (
        "The rules of the clocks in Berlin changed. The booking stays at 15:00 UTC, "
        "which is now 16:00 in Berlin."
    )
    assert reasons == [words, words]


def test_guest_who_moves_a_displaced_booking_leaves_nothing_to_decide(
    app: Flask, client: FlaskClient
) -> None:
    at = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
    ref = book(app, at, displaced_to=at + timedelta(minutes=30))
    with app.app_context(), transaction() as session:
        found = booking_queries.by_ref(session, ref)
        token = booking_queries.link_token(found, SECRET_KEY)
        later = at + timedelta(days=7)
        bookings.reschedule(session, token, later, NOW, secret_key=SECRET_KEY)
    assert (booking(app, ref).starts_at, booking(app, ref).displaced_to) == (later, None)


def test_bookings_older_than_half_a_year_are_shown_when_asked_for(
    app: Flask, signed_in: FlaskClient
) -> None:
    book(app, datetime(2026, 4, 1, 15, 0, tzinfo=UTC), guest_name="Long Ago")
    path = "/host/ada/bookings/"
    assert "Long Ago" not in pages.text(signed_in.get(path))
    assert "Long Ago" in pages.text(signed_in.get(f"{path}?all=1"))


def test_host_says_who_they_are(app: Flask, signed_in: FlaskClient) -> None:
    path = "/host/ada/about/"
    typed = {"topics": "first paper, grad school,", "languages": "en", "zone": "Asia/Kolkata"}
    answer = pages.submit(signed_in, signed_in.get(path), {**typed, "share_email": "1"})
    assert (answer.status_code, answer.location) == (303, path)
    found = host(app)
    assert found.topics == ("first paper", "grad school")
    assert (found.zone, found.share_email, found.name) == ("Asia/Kolkata", True, "Ada")

    wrong = pages.submit(signed_in, signed_in.get(path), {"name": "", "meeting_url": "zoom"})
    assert wrong.status_code == 422
    assert "This must be a web address that begins with https:// or http://." in pages.text(wrong)
    assert 'value="zoom"' in wrong.text


def test_anyone_with_an_account_can_become_a_host(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner
) -> None:
    sign_in(client, runner, EVE)
    page = client.get("/host/")
    assert "Become a host" in pages.text(page)
    assert 'href="/host/"' not in page.text
    taken = pages.submit(client, page, {"slug": "ada", "zone": "Africa/Lagos"})
    assert taken.status_code == 422
    assert "This address is taken" in pages.text(taken)
    made = pages.submit(client, page, {"name": "Eve Ning", "zone": "Africa/Lagos"})
    assert (made.status_code, made.location) == (303, "/host/eve-ning/")
    page = client.get("/host/eve-ning/")
    assert "Nothing yet, so nobody can book you." in pages.text(page)
    assert 'href="/host/"' in page.text
    assert actions(app) == [(EVE, "host created", "host:eve-ning")]


PAGES = ("", "about/", "bookings/", "office-hours/", "office-hours/career-chat/")


def test_pages_of_others_are_like_pages_of_nobody(
    client: FlaskClient, runner: FlaskCliRunner
) -> None:
    sign_in(client, runner, EVE)
    for page in PAGES:
        others, nobodys = client.get(f"/host/ada/{page}"), client.get(f"/host/nobody/{page}")
        assert (others.status_code, others.data) == (404, nobodys.data)


def test_others_cannot_change_a_host(
    app: Flask, client: FlaskClient, runner: FlaskCliRunner
) -> None:
    ref = book(app, datetime(2026, 11, 25, 15, 0, tzinfo=UTC))
    sign_in(client, runner, EVE)
    carried = pages.forms(client.get("/host/"))[0].values
    token = {"csrf_token": carried["csrf_token"]}
    sent = [
        client.post("/host/ada/", data={**token, "change": "pause"}),
        client.post("/host/ada/about/", data={**token, "name": "Eve", "zone": "UTC"}),
        client.post("/host/ada/office-hours/", data={**token, "title": "x", "minutes": "30"}),
        client.post("/host/ada/office-hours/career-chat/", data={**token, "title": "x"}),
        client.post("/host/ada/bookings/", data={**token, "booking": ref, "change": "cancel"}),
    ]
    assert [answer.status_code for answer in sent] == [404] * 5
    assert actions(app) == []


def test_host_cannot_touch_the_bookings_of_another(app: Flask, signed_in: FlaskClient) -> None:
    with app.app_context(), transaction() as session:
        other = add_offer(session, add_host(session, "bo", hours=TUESDAYS))
        ref = add_booking(session, other, datetime(2026, 11, 25, 15, 0, tzinfo=UTC)).ref
    page = signed_in.get("/host/ada/")
    token = {"csrf_token": pages.forms(page)[0].values["csrf_token"]}
    for change in ("cancel", "approve", "burn"):
        values = {**token, "booking": ref, "change": change}
        assert signed_in.post("/host/ada/bookings/", data=values).status_code == 404
    assert booking(app, ref).status == "confirmed"


def test_admin_finds_every_host(app: Flask, client: FlaskClient, runner: FlaskCliRunner) -> None:
    runner.invoke(args=["user", "add", "root@example.org", "--admin"])
    sign_in(client, runner, "root@example.org")
    assert 'href="/host/ada/"' in client.get("/host/").text
    assert send(client, "/host/ada/", "pause", {}).status_code == 303
    assert host(app).paused
    assert host(app).email == ADA


def test_stranger_is_asked_to_sign_in(client: FlaskClient) -> None:
    for path in ("/host/", "/host/ada/", "/host/nobody/", "/host/ada/bookings/"):
        answer = client.get(path)
        assert (answer.status_code, answer.location.split("?")[0]) == (303, "/sign-in/")
