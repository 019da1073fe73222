"""The mails about a booking as guest and host read them, with their calendar entries."""

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import delete, select, update

from accounts.models import OrganizationRow
from booking import jobs, mails
from booking.domain.bookings import BookingStatus
from booking.domain.office_hours import OfficeHoursPath
from booking.models import BookingRow, HostRow
from booking.queries import bookings as booking_queries
from booking.services import bookings
from core.db.transaction import transaction
from core.messages import mail, mailboxes
from core.messages.mail import MailSettings
from core.messages.outbox import Message, State
from tests.factories import add_organization
from tests.factories_booking import NOW, add_booking, add_host, add_offer, at, wanted

NINE = at("2026-06-03 07:00")
TEN = at("2026-06-03 08:00")
POST = ("ML Collective", "post@mlc.example")
ANSWERS = {"What about?": "First paper\n<b>bold</b>"}
QUESTIONS = [{"label": "What about?", "kind": "long"}]

CONFIRMED_TO_GUEST = """\
Your booking is confirmed.

What: Career chat with Host A
When: Wednesday 3 June 2026, 03:00 to 03:30 in New York (UTC-04:00)
      Wednesday 3 June 2026, 09:00 to 09:30 in Berlin (UTC+02:00)
Where: https://meet.example.org/host-a

You answered:

What about?
> First paper
> <b>bold</b>

Move or cancel it here, until Tuesday 2 June 2026, 15:00 in New York (UTC-04:00):
http://127.0.0.1:8000/bookings/TOKEN/

The calendar entry comes with this mail. If your calendar does not show it:
Google: https://calendar.google.com/calendar/render?action=TEMPLATE&text=Career%20chat%20with\
%20Host%20A&dates=20260603T070000Z%2F20260603T073000Z&location=https%3A%2F%2Fmeet.example.org\
%2Fhost-a
Outlook: https://outlook.office.com/calendar/0/deeplink/compose?path=%2Fcalendar%2Faction\
%2Fcompose&rru=addevent&subject=Career%20chat%20with%20Host%20A&startdt=2026-06-03T07%3A00%3A00Z\
&enddt=2026-06-03T07%3A30%3A00Z&location=https%3A%2F%2Fmeet.example.org%2Fhost-a

ML Collective sent this mail because you booked office hours there.
"""

MOVED_TO_HOST = """\
Ann Guest moved a booking with you.

What: Career chat
Guest: Ann Guest, ann@example.org
When: Wednesday 3 June 2026, 10:00 to 10:30 in Berlin (UTC+02:00)
      Wednesday 3 June 2026, 04:00 to 04:30 in New York (UTC-04:00)
It was: Wednesday 3 June 2026, 09:00 in Berlin (UTC+02:00)
        Wednesday 3 June 2026, 03:00 in New York (UTC-04:00)
Where: https://meet.example.org/host-a

Ann Guest answered:

What about?
> First paper
> <b>bold</b>

Your bookings:
http://127.0.0.1:8000/host/

ML Collective sent this mail because you give office hours there.
"""

CANCELLED_TO_GUEST = """\
You cancelled this booking.

What: Career chat with Host A
When: Wednesday 3 June 2026, 03:00 to 03:30 in New York (UTC-04:00)
      Wednesday 3 June 2026, 09:00 to 09:30 in Berlin (UTC+02:00)

You wrote:
> ill

Find another time with Host A:
http://127.0.0.1:8000/office-hours/host-a/career-chat/

Others may have time for you:
http://127.0.0.1:8000/office-hours/

ML Collective sent this mail because you booked office hours there.
"""


@pytest.fixture
def session(sqlite_session):
    """The words depend on no database: one will do."""
    return sqlite_session


@pytest.fixture
def settings(sqlite_settings):
    return sqlite_settings


def make(session, host=None, **fields):
    """Book as a guest whose mailbox is confirmed."""
    with transaction():
        mailboxes.confirm(session, "ann@example.org", NOW)
        add_organization(session, email=POST[1])
        offer = add_offer(session, add_host(session, **(host or {})), questions=QUESTIONS, **fields)
    with transaction():
        request = wanted(NINE, answers=ANSWERS)
        return bookings.book(
            session, OfficeHoursPath("host-a", offer.slug), request, NOW, domain="example.org"
        ).booking


def token(settings, booking):
    path = booking_queries.mailed_path(booking, settings.secret_key)
    return path.removeprefix("/bookings/").removesuffix("/")


def deliver(session):
    """Note that everything queued so far was claimed and sent."""
    with transaction():
        session.execute(update(Message).values(claimed_at=NOW, state=State.SENT))


def compose(session, settings, kind):
    """The mails of a kind, to the guest and to the host, as they are composed now."""
    composer = mails.composers(MailSettings.of(settings))[kind]
    query = select(Message).where(Message.kind == kind).order_by(Message.id)
    with transaction():
        return [composer(session, message, NOW) for message in session.scalars(query)]


def unfolded(calendar: bytes) -> str:
    return calendar.decode().replace("\r\n ", "").replace("\r\n", "\n")


def test_guest_reads_all_of_a_confirmed_booking(session, settings):
    booking = make(session)

    letter, _ = compose(session, settings, "booking-confirmed")

    text = letter.text.replace(token(settings, booking), "TOKEN")
    assert text == CONFIRMED_TO_GUEST
    assert letter.subject == "Confirmed: Career chat with Host A, Wed 3 Jun 2026, 03:00 (New York)"
    assert (letter.to, letter.to_name, letter.reply_to) == ("ann@example.org", "Ann Guest", POST)


def shown(html: str) -> str:
    """Return the text of an HTML mail with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("</head>")[2]).split())


@pytest.mark.parametrize(
    ("place", "date", "why"),
    [
        (0, "Tue 2 Jun Career chat with Host A Tuesday 2 June 2026, 21:00", "you booked"),
        (1, "Wed 3 Jun Career chat with Ann Guest, ann@example.org Wednesday", "you give"),
    ],
    ids=["guest", "host"],
)
def test_mail_shows_the_date_in_the_readers_zone_and_says_who_sent_it_and_why(
    session, settings, place, date, why
):
    with transaction():
        add_organization(session, email=POST[1])
        offer = add_offer(session, add_host(session))
    with transaction():
        request = wanted(NINE, zone="Pacific/Honolulu")
        bookings.book(
            session, OfficeHoursPath("host-a", offer.slug), request, NOW, domain="example.org"
        )

    html = shown(compose(session, settings, "booking-confirmed")[place].html)

    assert date in html
    assert html.endswith(f"ML Collective sent this mail because {why} office hours there.")


def test_guest_is_invited(session, settings):
    booking = make(session)

    letter, _ = compose(session, settings, "booking-confirmed")

    link = f"http://127.0.0.1:8000/bookings/{token(settings, booking)}/"
    assert letter.method == "REQUEST"
    assert unfolded(letter.calendar) == "\n".join(
        (
            "BEGIN:VCALENDAR",
            "PRODID:-//Convenor//Convenor 1//EN",
            "VERSION:2.0",
            "METHOD:REQUEST",
            "BEGIN:VEVENT",
            f"UID:{booking.uid}",
            "DTSTAMP:20260601T060000Z",
            "LAST-MODIFIED:20260601T060000Z",
            "SEQUENCE:0",
            "DTSTART:20260603T070000Z",
            "DTEND:20260603T073000Z",
            "SUMMARY:Career chat with Host A",
            r"DESCRIPTION:Wednesday 3 June 2026\, 03:00 to 03:30 in New York (UTC-04:00)\n"
            r"Wednesday 3 June 2026\, 09:00 to 09:30 in Berlin (UTC+02:00)\n"
            rf"Join: https://meet.example.org/host-a\nSee or change: {link} "
            r"(until Tuesday 2 June 2026\, 15:00 in New York (UTC-04:00))",
            "LOCATION:https://meet.example.org/host-a",
            "CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=Join:https://meet.example.org/host-a",
            f"URL:{link}",
            'ORGANIZER;CN="Host A":mailto:post@mlc.example',
            "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE;"
            'CN="Ann Guest":mailto:ann@example.org',
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )


def test_mail_has_the_shape_of_an_invitation(session, settings):
    make(session)
    letter, _ = compose(session, settings, "booking-confirmed")

    built = mail.build(letter, key="k", sender=POST, host="example.org", now=NOW)

    types = [part.get_content_type() for part in built.walk()]
    assert types == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    calendar = next(part for part in built.walk() if part.get_content_type() == "text/calendar")
    assert isinstance(calendar, EmailMessage)
    assert calendar.get_param("method") == "REQUEST"


def test_host_reads_answers_and_both_times_of_a_move(session, settings):
    booking = make(session)
    deliver(session)
    with transaction():
        bookings.reschedule(
            session, token(settings, booking), TEN, NOW, secret_key=settings.secret_key
        )

    to_guest, to_host = compose(session, settings, "booking-moved")

    assert to_host.text == MOVED_TO_HOST
    assert (
        to_host.subject == "Moved: Career chat with Ann Guest, now Wed 3 Jun 2026, 10:00 (Berlin)"
    )
    assert (to_host.to, to_host.reply_to) == (
        "host-a@example.org",
        ("Ann Guest", "ann@example.org"),
    )
    assert "&lt;b&gt;bold&lt;/b&gt;" in to_host.html
    assert "&lt;b&gt;bold&lt;/b&gt;" in to_guest.html
    for letter in (to_guest, to_host):
        assert re.findall("METHOD:.*|SEQUENCE:.*|DTSTART:.*", unfolded(letter.calendar)) == [
            "METHOD:REQUEST",
            "SEQUENCE:1",
            "DTSTART:20260603T080000Z",
        ]


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_entry_of_the_host_has_the_guests_address_and_answers(session, settings, is_confirmed):
    make(session)
    if not is_confirmed:
        with transaction():
            session.execute(delete(mailboxes.ConfirmedMailbox))

    to_guest, to_host = compose(session, settings, "booking-confirmed")

    (text,) = re.findall(r"^DESCRIPTION:(.*)$", unfolded(to_host.calendar), re.MULTILINE)
    assert text.split(r"\n")[-5:] == [
        "Join: https://meet.example.org/host-a",
        r"Guest: Ann Guest\, ann@example.org",
        "What about?: First paper",
        "<b>bold</b>",
        "Your bookings: http://127.0.0.1:8000/host/",
    ]
    assert "First paper" not in unfolded(to_guest.calendar)


def test_mail_that_is_sent_again_tells_its_own_change(session, settings):
    booking = make(session)
    deliver(session)
    with transaction():
        bookings.reschedule(
            session, token(settings, booking), TEN, NOW, secret_key=settings.secret_key
        )

    letter, _ = compose(session, settings, "booking-confirmed")

    text = letter.text.replace(token(settings, booking), "TOKEN")
    assert text == CONFIRMED_TO_GUEST
    assert "SEQUENCE:0\n" in unfolded(letter.calendar)


def test_cancellation_takes_the_entry_away(session, settings):
    booking = make(session)
    deliver(session)
    with transaction():
        bookings.cancel(
            session, token(settings, booking), NOW, secret_key=settings.secret_key, reason="ill"
        )

    to_guest, to_host = compose(session, settings, "booking-cancelled")

    assert to_guest.text == CANCELLED_TO_GUEST
    assert to_host.text.startswith("Ann Guest cancelled this booking. The time is free again.\n")
    assert "Ann Guest wrote:\n> ill\n" in to_host.text
    for letter in (to_guest, to_host):
        assert letter.method == "CANCEL"
        assert "meet.example.org" not in letter.text + letter.html + unfolded(letter.calendar)
        assert re.findall("METHOD:.*|SEQUENCE:.*|STATUS:.*", unfolded(letter.calendar)) == [
            "METHOD:CANCEL",
            "SEQUENCE:1",
            "STATUS:CANCELLED",
        ]


def test_request_for_approval_has_no_entry_and_no_meeting_link(session, settings):
    make(session, approval=True)

    to_guest, to_host = compose(session, settings, "booking-pending")

    for letter in (to_guest, to_host):
        assert (letter.calendar, letter.method) == (None, None)
        assert "meet.example.org" not in letter.text + letter.html
    assert to_host.subject.startswith("Please approve: Career chat with Ann Guest")


def test_hosts_own_address_is_shared_only_on_their_word(session, settings):
    make(session)
    letter, _ = compose(session, settings, "booking-confirmed")
    assert "host-a@example.org" not in letter.text + letter.html + unfolded(letter.calendar)

    with transaction():
        session.scalars(select(HostRow)).one().share_email = True
    letter, _ = compose(session, settings, "booking-confirmed")
    assert letter.reply_to == ("Host A", "host-a@example.org")

    with transaction():
        session.scalars(select(HostRow)).one().share_email = False
        session.scalars(select(OrganizationRow)).one().email = None
    letter, _ = compose(session, settings, "booking-confirmed")
    assert letter.reply_to is None
    assert 'ORGANIZER;CN="Host A":mailto:convenor@localhost' in unfolded(letter.calendar)


def test_mail_about_a_booking_that_is_gone_is_withdrawn(session, settings):
    booking = make(session)
    with transaction():
        session.delete(session.scalars(select(BookingRow)).one())

    assert compose(session, settings, "booking-confirmed") == [None, None]
    assert booking.status is BookingStatus.CONFIRMED


def test_times_across_midnight_name_both_dates(session, settings):
    with transaction():
        add_organization(session)
        hours = {"weekly": [{"days": [2], "from": "23:45", "to": "01:00"}]}
        offer = add_offer(session, add_host(session, hours=hours, zone="UTC"))
    with transaction():
        request = wanted(at("2026-06-02 23:45"), zone="UTC")
        bookings.book(
            session,
            OfficeHoursPath("host-a", offer.slug),
            request,
            at("2026-06-01 06:00"),
            domain="example.org",
        )

    letter, _ = compose(session, settings, "booking-confirmed")

    assert letter.text.splitlines()[3] == (
        "When: Tuesday 2 June 2026, 23:45 to Wednesday 3 June 2026, 00:15 in UTC"
    )
    assert letter.text.splitlines()[4] == "Where: https://meet.example.org/host-a"


def test_download_is_a_file_without_method(session, settings):
    booking = make(session)

    entry = mails.download(session, MailSettings.of(settings), booking, NOW, with_link=True)

    assert "METHOD" not in unfolded(entry)
    assert f"UID:{booking.uid}\n" in unfolded(entry)
    assert "LOCATION:https://meet.example.org/host-a\n" in unfolded(entry)


def test_download_of_what_awaits_approval_hides_the_meeting(session, settings):
    booking = make(session, approval=True)

    assert "meet.example.org" not in unfolded(
        mails.download(session, MailSettings.of(settings), booking, NOW, with_link=True)
    )


def test_message_helps_until_the_booking_ends(session):
    booking = make(session)

    assert {message.useful_until for message in session.scalars(select(Message))} == {
        booking.ends_at
    }


@pytest.mark.parametrize("status", [BookingStatus.CANCELLED, BookingStatus.DONE])
def test_imported_bookings_are_told_to_nobody(session, status):
    with transaction():
        add_booking(session, add_offer(session, add_host(session)), NINE, status=status)

    assert session.scalars(select(Message)).all() == []


def test_mail_that_is_tried_again_after_a_move_states_the_deadline_of_its_own_start(
    session, settings
):
    make(session)
    deliver(session)  # claimed, and not sent yet as far as the server is concerned
    with transaction():
        session.execute(update(BookingRow).values(starts_at=TEN, ends_at=at("2026-06-03 08:30")))

    letter, _ = compose(session, settings, "booking-confirmed")

    until = [line for line in letter.text.splitlines() if line.startswith("Move or cancel it")]
    assert until == [
        "Move or cancel it here, until Tuesday 2 June 2026, 15:00 in New York (UTC-04:00):"
    ]


DEADLINE = at("2026-06-02 19:00")  # twelve hours before NINE
BEFORE_DEADLINE = DEADLINE - timedelta(minutes=1)
AFTER_DEADLINE = DEADLINE + timedelta(minutes=1)
OFFERS_A_CHANGE = re.compile("move|change|until", re.IGNORECASE)


def compose_at(session, settings, now, message):
    composer = mails.composers(MailSettings.of(settings))[message.kind]
    with transaction():
        return composer(session, message, now)


def reminders(session, now):
    with transaction():
        jobs.enqueue_due(session, now)
    query = select(Message).where(Message.kind == "booking-reminder").order_by(Message.id.desc())
    return {each.payload["role"]: each for each in session.scalars(query)}


def spoken(letter):
    """All that a mail says, its calendar entry included, without addresses."""
    entry = "" if letter.calendar is None else unfolded(letter.calendar)
    return re.sub(r"https?://[^\s\"<>\\]+", "", letter.text + letter.html + entry)


@pytest.mark.parametrize("kind", ["booking-confirmed", "booking-pending", "booking-moved"])
def test_no_mail_offers_a_change_after_the_deadline(session, settings, kind):
    booking = make(session, approval=kind == "booking-pending")
    if kind == "booking-moved":
        deliver(session)
        with transaction():
            bookings.reschedule(
                session, token(settings, booking), TEN, NOW, secret_key=settings.secret_key
            )
    query = select(Message).where(Message.kind == kind).order_by(Message.id)
    message = session.scalars(query).first()

    early = compose_at(session, settings, BEFORE_DEADLINE, message)
    late = compose_at(session, settings, at("2026-06-03 06:30"), message)

    assert "Move or cancel it here, until" in early.text
    assert re.findall("Move or cancel|See or change|Possible until", spoken(late)) == []
    assert "Can't make it? Tell Host A:\n" in late.text
    assert 'absent" style="color:inherit">Tell Host A</a>' in late.html


def test_reminder_of_the_hour_says_how_long_it_is_and_joins(session, settings):
    booking = make(session)
    deliver(session)
    found = reminders(session, NINE - timedelta(hours=1))

    def subject(minutes, role="guest"):
        now = NINE - timedelta(minutes=minutes)
        return compose_at(session, settings, now, found[role]).subject

    when = "Wed 3 Jun 2026, 03:00 (New York)"
    assert [subject(minutes).partition(":")[0] for minutes in (60, 59.5, 59, 35, 34.2, 6)] == [
        "In one hour", "In one hour", "In 59 minutes", "In 35 minutes", "In 35 minutes",
        "In 6 minutes",
    ]  # fmt: skip
    assert subject(60) == f"In one hour: Career chat with Host A, {when}"
    assert subject(60, "host") == (
        "In one hour: Career chat with Ann Guest, Wed 3 Jun 2026, 09:00 (Berlin)"
    )
    letter = compose_at(session, settings, NINE - timedelta(minutes=60), found["guest"])
    link = f"http://127.0.0.1:8000{booking_queries.mailed_path(booking, settings.secret_key)}"
    assert letter.text.endswith(
        "\n\nJoin: https://meet.example.org/host-a\n\n"
        f"Can't make it? Tell Host A:\n{link}absent\n\n"
        "ML Collective sent this mail because you booked office hours there.\n"
    )
    assert '<a href="https://meet.example.org/host-a"' in letter.html
    assert ">Join</a>" in letter.html
    assert OFFERS_A_CHANGE.findall(letter.text.replace(link, "")) == []


def test_reminder_of_the_hour_offers_a_change_while_it_is_possible(session, settings):
    make(session, change_until=0)
    deliver(session)
    found = reminders(session, NINE - timedelta(hours=1))

    letter = compose_at(session, settings, NINE - timedelta(hours=1), found["guest"])

    assert (
        "Can't make it? Move or cancel it here, until Wednesday 3 June 2026, 03:00 in New York "
        "(UTC-04:00):\n"
    ) in letter.text


def test_reminder_of_the_day_says_no_hours(session, settings):
    make(session)
    deliver(session)
    found = reminders(session, NINE - timedelta(days=1))

    letter = compose_at(session, settings, NINE - timedelta(hours=3), found["guest"])

    assert letter.subject == "Career chat with Host A, Wed 3 Jun 2026, 03:00 (New York)"


@pytest.mark.parametrize(
    ("now", "line"),
    [
        (BEFORE_DEADLINE, "See or change: LINK (until Tuesday 2 June 2026, 15:00 in New York"),
        (AFTER_DEADLINE, "See: LINK"),
    ],
)
def test_entry_says_until_when_it_can_be_changed(session, settings, now, line):
    booking = make(session)

    entry = unfolded(
        mails.download(session, MailSettings.of(settings), booking, now, with_link=True)
    )

    link = f"http://127.0.0.1:8000{booking_queries.manage_path(booking, settings.secret_key)}"
    assert line in entry.replace("\\", "").replace(link, "LINK")


@pytest.mark.parametrize(
    ("status", "expected"),
    [("pending", "TENTATIVE"), ("confirmed", "CONFIRMED"), ("lapsed", "CANCELLED")],
)
def test_download_has_the_status_of_the_booking(session, settings, status, expected):
    make(session)
    with transaction():
        session.execute(update(BookingRow).values(status=status, blocks=status == "confirmed"))
    booking = booking_queries.by_ref(session, session.scalars(select(BookingRow.ref)).one())

    entry = unfolded(
        mails.download(session, MailSettings.of(settings), booking, NOW, with_link=True)
    )

    assert f"STATUS:{expected}\n" in entry


def test_messages_of_an_older_release_are_read(session, settings):
    """They have a method instead of a status, and tell whether there is an entry."""
    booking = make(session)
    with transaction():
        for message in session.scalars(select(Message)):
            payload = {name: value for name, value in message.payload.items() if name != "status"}
            message.payload = {**payload, "method": "REQUEST"}
    deliver(session)
    with transaction():
        bookings.cancel(session, token(settings, booking), NOW, secret_key=settings.secret_key)

    confirmed, _ = compose(session, settings, "booking-confirmed")
    cancelled, _ = compose(session, settings, "booking-cancelled")

    assert (confirmed.method, cancelled.method) == ("REQUEST", "CANCEL")
