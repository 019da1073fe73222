"""Feeds and invitations as whole bytes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from scheduler.ical import (
    CalendarEvent,
    CalendarInvite,
    CalendarUser,
    Method,
    Status,
    calendar_invite,
    feed,
    vevent,
)

CHANGED_AT = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)  # a Monday
STARTS_AT = datetime(2026, 6, 5, 17, tzinfo=UTC)  # a Friday

TALK = CalendarEvent(
    uid="5f0c8a52-0000-5000-8000-000000000001@convenor.example",
    sequence=3,
    changed_at=CHANGED_AT,
    starts_at=STARTS_AT,
    ends_at=STARTS_AT + timedelta(hours=1),
    summary="DLCT: Grokking, again; or \\Nabla 🎉 (Ana Pérez)",
    description="Speaker: Ana Pérez\n\nhttps://convenor.example/series/dlct/2026-06-05/",
    url="https://convenor.example/series/dlct/2026-06-05/",
    conference="https://convenor.example/events/dlct-2026-06-05/join",
    categories=("DLCT", "classics, trends"),
)
OPEN = CalendarEvent(
    uid="5f0c8a52-0000-5000-8000-000000000002@convenor.example",
    sequence=1,
    changed_at=CHANGED_AT,
    starts_at=STARTS_AT + timedelta(days=7),
    ends_at=STARTS_AT + timedelta(days=7, hours=1),
    summary="DLCT: open slot",
    status=Status.TENTATIVE,
    transparent=True,
)
RETREAT = CalendarEvent(
    uid="5f0c8a52-0000-5000-8000-000000000003@convenor.example",
    sequence=0,
    changed_at=CHANGED_AT,
    starts_at=date(2026, 7, 1),
    ends_at=date(2026, 7, 3),
    summary="Cancelled: Retreat",
    status=Status.CANCELLED,
    transparent=True,
)
BOOKING = CalendarInvite(
    method=Method.REQUEST,
    uid="b-1@convenor.example",
    sequence=1,
    changed_at=CHANGED_AT,
    starts_at=STARTS_AT,
    ends_at=STARTS_AT + timedelta(minutes=30),
    summary="Career chat: Host A and Guest",
    organizer=CalendarUser("Host A: ML, “Lab”", "hello@convenor.example"),
    attendees=(CalendarUser('Guest "G" O\'Hara', "guest@example.org"),),
    description="18:00 in Berlin\n10:00 in Los Angeles",
    url="https://convenor.example/bookings/t0ken/",
    location="https://meet.example/host-a",
)


def crlf(text: str) -> bytes:
    return text.lstrip("\n").replace("\n", "\r\n").encode()


HEAD = """
BEGIN:VCALENDAR
PRODID:-//Convenor//Convenor 1//EN
VERSION:2.0
CALSCALE:GREGORIAN
NAME:Deep Learning: Classics and Trends
X-WR-CALNAME:Deep Learning: Classics and Trends
DESCRIPTION:Fridays\\, 10:00
X-WR-CALDESC:Fridays\\, 10:00
REFRESH-INTERVAL;VALUE=DURATION:PT4H
X-PUBLISHED-TTL:PT4H
SOURCE;VALUE=URI:https://convenor.example/series/dlct.ics
"""


def dlct(*events: CalendarEvent, alarm: timedelta | None = None) -> bytes:
    return feed(
        "Deep Learning: Classics and Trends",
        "Fridays, 10:00",
        "https://convenor.example/series/dlct.ics",
        events,
        alarm,
    )


def test_feed_is_one_vevent_an_event():
    assert dlct(TALK, OPEN, RETREAT) == crlf(
        HEAD
        + """BEGIN:VEVENT
UID:5f0c8a52-0000-5000-8000-000000000001@convenor.example
DTSTAMP:20260601T123000Z
LAST-MODIFIED:20260601T123000Z
SEQUENCE:3
DTSTART:20260605T170000Z
DTEND:20260605T180000Z
SUMMARY:DLCT: Grokking\\, again\\; or \\\\Nabla 🎉 (Ana Pérez)
DESCRIPTION:Speaker: Ana Pérez\\n\\nhttps://convenor.example/series/dlct/20
 26-06-05/
LOCATION:https://convenor.example/events/dlct-2026-06-05/join
CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=Join:https://convenor.example/eve
 nts/dlct-2026-06-05/join
URL:https://convenor.example/series/dlct/2026-06-05/
STATUS:CONFIRMED
TRANSP:OPAQUE
CLASS:PUBLIC
CATEGORIES:DLCT,classics\\, trends
END:VEVENT
BEGIN:VEVENT
UID:5f0c8a52-0000-5000-8000-000000000002@convenor.example
DTSTAMP:20260601T123000Z
LAST-MODIFIED:20260601T123000Z
SEQUENCE:1
DTSTART:20260612T170000Z
DTEND:20260612T180000Z
SUMMARY:DLCT: open slot
STATUS:TENTATIVE
TRANSP:TRANSPARENT
CLASS:PUBLIC
END:VEVENT
BEGIN:VEVENT
UID:5f0c8a52-0000-5000-8000-000000000003@convenor.example
DTSTAMP:20260601T123000Z
LAST-MODIFIED:20260601T123000Z
SEQUENCE:0
DTSTART;VALUE=DATE:20260701
DTEND;VALUE=DATE:20260703
SUMMARY:Cancelled: Retreat
STATUS:CANCELLED
TRANSP:TRANSPARENT
CLASS:PUBLIC
END:VEVENT
END:VCALENDAR
"""
    )


def test_feed_without_events_has_one_component():
    assert dlct() == crlf(
        HEAD
        + """BEGIN:VTIMEZONE
TZID:Etc/UTC
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0000
TZOFFSETTO:+0000
TZNAME:UTC
END:STANDARD
END:VTIMEZONE
END:VCALENDAR
"""
    )


def test_feed_adds_an_alarm_where_asked_but_not_to_the_cancelled():
    alarm = crlf(
        "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Starts soon\nTRIGGER:-PT30M\nEND:VALARM\n"
        "END:VEVENT\n"
    )

    body = dlct(OPEN, RETREAT, alarm=timedelta(minutes=30))

    assert body == crlf(HEAD) + vevent(OPEN).replace(b"END:VEVENT\r\n", alarm) + vevent(
        RETREAT
    ) + crlf("END:VCALENDAR\n")


def test_request_names_organizer_and_attendee():
    assert calendar_invite(BOOKING) == crlf(
        """
BEGIN:VCALENDAR
PRODID:-//Convenor//Convenor 1//EN
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
UID:b-1@convenor.example
DTSTAMP:20260601T123000Z
LAST-MODIFIED:20260601T123000Z
SEQUENCE:1
DTSTART:20260605T170000Z
DTEND:20260605T173000Z
SUMMARY:Career chat: Host A and Guest
DESCRIPTION:18:00 in Berlin\\n10:00 in Los Angeles
LOCATION:https://meet.example/host-a
CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=Join:https://meet.example/host-a
URL:https://convenor.example/bookings/t0ken/
ORGANIZER;CN="Host A: ML, “Lab”":mailto:hello@convenor.example
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FAL
 SE;CN="Guest G O'Hara":mailto:guest@example.org
STATUS:CONFIRMED
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""
    )


def test_cancel_is_cancelled_for_the_same_people():
    cancel = replace(BOOKING, method=Method.CANCEL, sequence=2, description="", location="", url="")

    assert calendar_invite(cancel) == crlf(
        """
BEGIN:VCALENDAR
PRODID:-//Convenor//Convenor 1//EN
VERSION:2.0
METHOD:CANCEL
BEGIN:VEVENT
UID:b-1@convenor.example
DTSTAMP:20260601T123000Z
LAST-MODIFIED:20260601T123000Z
SEQUENCE:2
DTSTART:20260605T170000Z
DTEND:20260605T173000Z
SUMMARY:Career chat: Host A and Guest
ORGANIZER;CN="Host A: ML, “Lab”":mailto:hello@convenor.example
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FAL
 SE;CN="Guest G O'Hara":mailto:guest@example.org
STATUS:CANCELLED
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""
    )


def test_download_has_no_method_and_no_people():
    body = calendar_invite(replace(BOOKING, method=None, description="", location="", url=""))

    assert body == crlf(
        """
BEGIN:VCALENDAR
PRODID:-//Convenor//Convenor 1//EN
VERSION:2.0
BEGIN:VEVENT
UID:b-1@convenor.example
DTSTAMP:20260601T123000Z
LAST-MODIFIED:20260601T123000Z
SEQUENCE:1
DTSTART:20260605T170000Z
DTEND:20260605T173000Z
SUMMARY:Career chat: Host A and Guest
STATUS:CONFIRMED
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""
    )


def test_vevent_of_the_same_instants_in_another_zone_is_the_same():
    east = timezone(timedelta(hours=2))
    elsewhere = replace(
        TALK,
        changed_at=CHANGED_AT.astimezone(east),
        starts_at=TALK.starts_at.astimezone(east),
        ends_at=TALK.ends_at.astimezone(east),
    )
    vevent.cache_clear()
    written = vevent(elsewhere)
    vevent.cache_clear()

    assert vevent(TALK) == written


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_at": STARTS_AT},
        {"ends_at": date(2026, 6, 6)},
        {"starts_at": datetime(2026, 6, 5, 17)},
        {"changed_at": datetime(2026, 6, 5, 17)},
        {"starts_at": date(2026, 6, 5), "ends_at": date(2026, 6, 5)},
    ],
)
def test_vevent_refuses_impossible_times(wrong: dict[str, date]):
    with pytest.raises(ValueError):
        vevent(replace(TALK, **wrong))


@pytest.mark.parametrize(
    "address",
    ["", "guest", "a@b\r\nATTENDEE:mailto:c@d", "a b@c", "a@b,c@d", 'a@b"', "a@b\x85", "a@b;X=1"],
)
def test_invitation_refuses_what_is_not_an_address(address: str):
    with pytest.raises(ValueError):
        calendar_invite(replace(BOOKING, attendees=(CalendarUser("Guest", address),)))


def test_invitation_refuses_a_cancelled_request():
    with pytest.raises(ValueError):
        calendar_invite(replace(BOOKING, status=Status.CANCELLED))
