"""A community in which every page of the site exists, and a reader who visits all of them."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from accounts import sign_in_links
from accounts.services import people
from booking.domain.bookings import BookingStatus
from booking.models import BookingRow
from booking.queries import bookings as booking_queries
from core.db.transaction import transaction
from scheduler.domain.recurrence import Period
from tests import pages
from tests.factories import add_event, add_organization, add_series, add_talk
from tests.factories_booking import WEEKDAYS, add_booking, add_host, add_offer

ADMIN = "admin@example.org"
READER = "reader@example.org"
NOT_PAGES = {"static", "healthz", "readyz", "bookings.invitation"}
LINK = re.compile(r"<a [^>]*?href=\"(/[^\"#]*)")


def fill(app: Flask, now: datetime, *, word: str = "Learning", link: str = "") -> list[str]:
    """Add one of everything, whose texts are all `word`; return the private pages' addresses.

    Events lie around `now`: scheduled, open, tentative, cancelled, moved, skipped, numbered,
    all-day, past and without a full date. `link` is the address of papers and meetings.
    """
    url = link or "https://example.org/"
    with app.app_context(), transaction() as session:
        people.make_admin(session, ADMIN, now)
        add_organization(session, word, email="hello@example.org", links={word[:40]: url})
        _add_events(session, now, word, url)
        booking, request = (
            booking_queries.by_ref(session, row.ref)
            for row in _add_bookings(session, now, word, url)
        )
        assert booking
        assert request
        path = booking_queries.manage_path(booking, app.config["SECRET_KEY"])
        answer = booking_queries.answer_path(request, app.config["SECRET_KEY"])
        start = f"{_weekday_after(now):%Y-%m-%d}T10:00:00Z"
        form = f"/office-hours/host-a/career-chat/?starts_at={start}&zone=UTC"
        people.ensure(session, READER, now)
        token = sign_in_links.create(session, READER, now, request="left unused")
    return [path, f"{path}absent", answer, form, f"/sign-in/{token}/"]


def sign_in(app: Flask, client: FlaskClient, now: datetime, email: str = ADMIN) -> FlaskClient:
    """Sign a client in by a fresh link."""
    with app.app_context(), transaction() as session:
        token = sign_in_links.create(session, email, now, request=f"whole site {email}")
    assert pages.submit(client, client.get(f"/sign-in/{token}/")).status_code == 303
    return client


def crawl(client: FlaskClient, starts: Sequence[str]) -> Iterator[TestResponse]:
    """Yield every HTML page that can be reached by links, once for each path."""
    waiting = list(starts)
    seen: set[str] = set()
    while waiting:
        address = waiting.pop(0)
        path = address.partition("?")[0]
        key = address if "starts_at" in address else path
        if key in seen:
            continue
        seen.add(key)
        answer = client.get(address)
        if answer.status_code in (301, 302, 303, 308) and answer.location.startswith("/"):
            waiting.append(answer.location)
        if answer.mimetype != "text/html" or answer.status_code >= 300:
            continue
        yield answer
        waiting += [unescape(found) for found in LINK.findall(answer.text)]


def endpoints(app: Flask) -> set[str]:
    """Return the endpoints of all HTML pages of the app."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.rule.startswith(("/api/v1", "/api/problems"))
        and not rule.rule.endswith((".ics", ".json"))
        and rule.endpoint not in NOT_PAGES
    }


def _add_events(session: Session, now: datetime, word: str, url: str) -> None:
    friday = now.date() + timedelta(days=(4 - now.weekday()) % 7 + 7)
    days = [friday + timedelta(weeks=week) for week in range(6)]
    fields = {"description": word, "short_name": word[:40], "join_url": url}
    first = datetime.combine(friday - timedelta(weeks=2), datetime.min.time()) + timedelta(hours=10)
    fridays = Period(first, 60, "FREQ=WEEKLY;BYDAY=FR", until=days[5])
    dlct = add_series(session, name=word, timetable=(fridays,), gaps=[(days[4], word)], **fields)
    texts = {"title": word, "speakers": [f"{word}, {word}"], "abstract": word, "topics": [word]}
    links = {"paper_url": url, "slides_url": url, "video_url": url}
    talk = add_event(session, dlct, f"{days[0]}", **texts, **links)
    add_talk(session, talk, position=1, title=word)
    moved = datetime.combine(days[1], datetime.min.time()) + timedelta(days=3, hours=10)
    add_event(session, dlct, f"{days[1]}", starts=moved, reason=word, **texts)
    add_event(session, dlct, f"{days[2]}", status="cancelled", reason=word, **texts)
    add_event(session, dlct, f"{days[5]}", status="tentative", title=word)
    add_event(session, dlct, f"{friday - timedelta(weeks=2)}", **texts, **links)
    add_event(session, dlct, "2019-05", **texts)
    jam = add_series(
        session, "jam", name=word, kind="jam", timetable=(), join_access="registered", **fields
    )
    starts = datetime.combine(days[0], datetime.min.time()) + timedelta(days=1, hours=10)
    add_event(session, jam, f"{starts:%Y-%m-%d}", starts=starts, extra=True, minutes=90, number=34)
    fair = add_series(
        session, "fair", name=word, kind="social", timetable=(), join_access="on_request", **fields
    )
    midnight = datetime.combine(days[3], datetime.min.time())
    add_event(session, fair, f"{days[3]}", starts=midnight, extra=True, all_day=True, days=2)


def _add_bookings(
    session: Session, now: datetime, word: str, url: str
) -> tuple[BookingRow, BookingRow]:
    """Add bookings; return a confirmed one ahead, and a request."""
    hours = {**WEEKDAYS, "time_off": [{"from": "2030-01-01", "to": "2030-01-02", "reason": word}]}
    host = add_host(
        session,
        hours=hours,
        zone="UTC",
        name=word,
        bio=word,
        topics=[word],
        languages=["en"],
        meeting_url=url,
    )
    question = {"label": word, "kind": "text", "required": False}
    offer = add_offer(session, host, title=word, description=word, questions=[question])
    day = _weekday_after(now, days=3)
    at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9)
    guest = {"guest_name": word, "answers": {word: word}}
    pending = at + timedelta(hours=1)
    request = add_booking(session, offer, pending, status=BookingStatus.PENDING, **guest)
    add_booking(session, offer, at - timedelta(weeks=2), **guest)
    return add_booking(session, offer, at, **guest), request


def _weekday_after(now: datetime, days: int = 2) -> date:
    day = now.date() + timedelta(days=days)
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
