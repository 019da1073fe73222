"""Bytes parse back to what was written, and no text becomes anything but text."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from scheduler.ical import (
    CalendarEvent,
    CalendarInvite,
    CalendarUser,
    Method,
    calendar_invite,
    clean,
    feed,
    line,
)

ROOT = Path(__file__).parents[2]
STARTS_AT = datetime(2026, 6, 5, 17, tzinfo=UTC)
ENDS_AT = STARTS_AT + timedelta(hours=1)

# All of Unicode but controls (newline and tab stay), separators of lines and lone surrogates.
PLAIN = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029")
LINES = st.text(PLAIN | st.sampled_from("\n\t\\,;:\"'^Nn😀"))
ONE_LINE = st.text(PLAIN | st.sampled_from("\\,;:\"'^Nn😀"), min_size=1).map(str.strip)
ANYTHING = st.text(st.characters() | st.sampled_from("\r\n\x00\x0b\x0c\x1c\x7f\x85\u2028\ud800"))

HOSTILE = [
    f"a{separator}{payload}"
    for separator in (
        *("\r\n", "\r", "\n", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x00"),
        *("\r\n ", "\\n", "\\N", "\ud800", '"'),
    )
    for payload in (
        "BEGIN:VEVENT\r\nUID:evil\r\nEND:VEVENT",
        "END:VEVENT",
        "X-EVIL:1",
        "ATTENDEE:mailto:evil@example.org",
        ":mailto:evil@example.org",
        ";X-EVIL=1:mailto:evil@example.org",
    )
]

FEED_PROPERTIES = [
    *("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY"),
    *("DESCRIPTION", "LOCATION", "URL", "STATUS", "TRANSP", "CLASS", "CATEGORIES"),
]
INVITATION_PROPERTIES = [
    *("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY"),
    *("DESCRIPTION", "LOCATION", "URL", "ORGANIZER", "ATTENDEE", "STATUS", "TRANSP"),
]


def event_of(text: str) -> CalendarEvent:
    return CalendarEvent(
        uid=f"u{text}",
        sequence=0,
        changed_at=STARTS_AT,
        starts_at=STARTS_AT,
        ends_at=ENDS_AT,
        summary=text,
        description=f"d{text}",
        url=f"https://a.example/{text}",
        location=f"room {text}",
        categories=(f"c{text}", "second"),
    )


def feed_of(text: str) -> bytes:
    return feed(f"n{text}", f"d{text}", f"https://a.example/{text}", [event_of(text)])


def invitation_of(text: str) -> bytes:
    return calendar_invite(
        CalendarInvite(
            method=Method.REQUEST,
            uid=f"u{text}",
            sequence=0,
            changed_at=STARTS_AT,
            starts_at=STARTS_AT,
            ends_at=ENDS_AT,
            summary=text,
            organizer=CalendarUser(f"o{text}", "org@example.org"),
            attendees=(CalendarUser(f"g{text}", "guest@example.org"),),
            description=f"d{text}",
            url=f"https://a.example/{text}",
            location=f"room {text}",
        )
    )


def unfolded(body: bytes) -> list[str]:
    """The lines a reader sees, split at every line end that Python knows."""
    return body.replace(b"\r\n ", b"").decode().removesuffix("\r\n").splitlines()


def unescaped(text: str) -> str:
    """TEXT read by RFC 5545 3.3.11."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)


def names(lines: list[str]) -> list[str]:
    return [text.split(":")[0].split(";")[0] for text in lines]


def properties_of_only_event(body: bytes) -> list[str]:
    found = names(unfolded(body))
    assert found.count("BEGIN") == found.count("END") == 2  # VCALENDAR and one VEVENT
    return found[found.index("BEGIN", 1) + 1 : found.index("END")]


@settings(deadline=None)
@given(ONE_LINE, LINES, ONE_LINE, st.lists(ONE_LINE.filter(bool), min_size=1, max_size=3))
def test_feed_parses_back_to_its_texts(
    summary: str, description: str, name: str, categories: list[str]
):
    event = CalendarEvent(
        uid="u@example.org",
        sequence=7,
        changed_at=STARTS_AT,
        starts_at=STARTS_AT,
        ends_at=ENDS_AT,
        summary=summary,
        description=description,
        categories=tuple(categories),
    )

    calendar = Calendar.from_ical(feed(name, description, "", [event]))
    (entry,) = calendar.walk("VEVENT")

    # To icalendar the type of these is unknown, so it leaves the reading to us.
    assert [unescaped(calendar[key]) for key in ("NAME", "X-WR-CALNAME")] == [name, name]
    assert unescaped(calendar.get("X-WR-CALDESC", "")) == description
    assert calendar.get("DESCRIPTION", "") == description
    assert (entry["SUMMARY"], entry.get("DESCRIPTION", "")) == (summary, description)
    assert [str(category) for category in entry["CATEGORIES"].cats] == categories
    assert (entry.start, entry.end, entry["SEQUENCE"]) == (STARTS_AT, ENDS_AT, 7)
    assert entry["DTSTAMP"].dt == entry["LAST-MODIFIED"].dt == STARTS_AT


@settings(deadline=None, max_examples=200)
@given(ANYTHING)
def test_any_text_leaves_lines_properties_and_events_as_they_are(text: str):
    for body, expected in (
        (feed_of(text), FEED_PROPERTIES),
        (invitation_of(text), INVITATION_PROPERTIES),
    ):
        present = [name for name in expected if name != "SUMMARY" or line(text)]
        assert [name for name in properties_of_only_event(body) if name in present] == present
        assert set(properties_of_only_event(body)) == set(expected)
        assert max(map(len, body.split(b"\r\n"))) <= 75
        assert b"\r" not in body.replace(b"\r\n", b"")
        assert b"\n" not in body.replace(b"\r\n", b"")


@settings(deadline=None)
@given(ONE_LINE)
def test_names_of_people_parse_back_without_quotes_and_backslashes(name: str):
    calendar = Calendar.from_ical(invitation_of(name))
    (entry,) = calendar.walk("VEVENT")

    assert entry["ATTENDEE"] == "mailto:guest@example.org"
    assert entry["ATTENDEE"].params["CN"] == (f"g{name}".replace('"', "").replace("\\", "").strip())


@settings(deadline=None)
@given(ANYTHING)
def test_clean_text_is_clean(text: str):
    assert clean(clean(text)) == clean(text)
    assert len(line(text).splitlines()) <= 1
    clean(text).encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_event_and_no_property(text: str):
    for body, expected in (
        (feed_of(text), FEED_PROPERTIES),
        (invitation_of(text), INVITATION_PROPERTIES),
    ):
        calendar = Calendar.from_ical(body)
        (entry,) = calendar.walk("VEVENT")
        assert properties_of_only_event(body) == expected
        assert list(entry) == expected
        assert entry.errors == calendar.errors == []
    assert entry["ATTENDEE"] == "mailto:guest@example.org"
    assert list(entry["ATTENDEE"].params) == ["CUTYPE", "ROLE", "PARTSTAT", "RSVP", "CN"]


def test_hostile_text_is_as_harmless_without_asserts():
    program = (
        "import sys\n"
        "from tests.scheduler.test_ical_property import HOSTILE, feed_of, invitation_of\n"
        "for text in HOSTILE:\n"
        "    sys.stdout.buffer.write(feed_of(text) + invitation_of(text))\n"
    )

    run = subprocess.run(
        [sys.executable, "-O", "-c", program], cwd=ROOT, capture_output=True, check=True
    )

    assert run.stdout == b"".join(feed_of(text) + invitation_of(text) for text in HOSTILE)
