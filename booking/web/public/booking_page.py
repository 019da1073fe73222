"""A guest's private page of one booking: see, move, cancel. Reading it changes nothing."""

from datetime import datetime
from enum import StrEnum

from flask import Blueprint, make_response, redirect, render_template, request
from flask.sansio.blueprints import BlueprintSetupState
from sqlalchemy.orm import Session
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response

from accounts.web.context import organization
from booking import mail_contents, mails
from booking.domain import booking_requests
from booking.domain.bookings import OPEN, WAITING, Booking, BookingStatus
from booking.domain.office_hours import OfficeHours, ShareLink
from booking.domain.refusals import SlotTaken
from booking.queries import bookings as booking_queries
from booking.queries import hosts, office_hours, other_hosts
from booking.queries import proposals as proposal_queries
from booking.services import absence, bookings, proposals
from booking.web.public import forms, resend_page, slot_picker
from core import tokens
from core.db.base import db
from core.db.transaction import transaction
from core.fields import sentence
from core.http import current
from core.http.errors import with_retry_after
from core.http.security import private
from core.messages import mailboxes, times
from core.messages.mail import MailSettings
from core.refusals import Conflict, Invalid, NotFound, RateLimited, Refusal
from scheduler.domain import calendar_links
from scheduler.domain.calendar_links import LinkedEvent

pages = Blueprint("bookings", __name__, url_prefix="/bookings/<booking_link:token>")


class BookingLinkConverter(BaseConverter):
    """The token of a booking; in the link that was mailed, its proof is a second segment."""

    regex = rf"[^/]+(?:/[\w-]{{{tokens.PROOF_LENGTH}}})?"
    part_isolating = False


@pages.record_once
def add_converter(state: BlueprintSetupState) -> None:
    """Make the converter known before the routes that use it."""
    state.app.url_map.converters["booking_link"] = BookingLinkConverter


class PageState(StrEnum):
    """The state of a booking as the page shows it."""

    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    OVER = "over"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


@pages.before_request
def confirm_mailbox() -> None:
    """Confirm the guest's mailbox at every POST below the mailed link, even at a refused one."""
    token = (request.view_args or {}).get("token", "")
    if request.method == "POST" and booking_queries.is_mailed(token):
        with transaction() as session:
            secret_key = current.settings().secret_key
            bookings.confirm_mailbox(session, token, current.now(), secret_key=secret_key)


GOING_ON = (PageState.PENDING, PageState.CONFIRMED)


@pages.after_request
def keep_private(response: Response) -> Response:
    """Keep these pages out of caches and their addresses out of referrers, also on errors."""
    return private(response)


@pages.errorhandler(NotFound)
def not_found(refusal: NotFound) -> Response:
    """Show where a guest without a working link gets a new one."""
    page = render_template(
        "error.html",
        status=refusal.status,
        title="This link opens no booking",
        message="It may be mistyped, or a part of it was lost in a mail.",
        links=[("Send me my bookings again", resend_page.PATH), ("Office hours", "/office-hours/")],
    )
    return make_response(page, refusal.status)


@pages.get("/")
def show(token: str) -> str:
    """Show the booking."""
    return _page(token)


@pages.post("/")
def verify(token: str) -> Response:
    """Confirm a held booking by the button behind the mailed link."""
    try:
        with transaction() as session:
            bookings.verify(session, token, current.now(), secret_key=current.settings().secret_key)
    except Conflict as refusal:
        return _refused(token, refusal)
    return redirect(f"/bookings/{token}/?new=1", 303)


@pages.get("/invitation.ics")
def invitation(token: str) -> Response:
    """Respond with the calendar invite as a file."""
    session = db.session()
    booking = booking_queries.by_token(session, token, current.settings().secret_key)
    settings = MailSettings.of(current.settings())
    booked = office_hours.by_id(session, booking.office_hours_id)
    with_link = _shows_meeting(session, token, booking, booked)
    entry = mails.download(session, settings, booking, current.now(), with_link=with_link)
    response = make_response(entry)
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="booking.ics"'
    return response


@pages.post("/move")
def move(token: str) -> Response:
    """Move the booking; show the nearest free starts if the start is not open."""
    try:
        starts_at = booking_requests.parse_move({"starts_at": request.form.get("starts_at", "")})
        with transaction() as session:
            bookings.reschedule(
                session,
                token,
                starts_at,
                current.now(),
                secret_key=current.settings().secret_key,
                limited=current.settings().limits_requests,
            )
    except (Invalid, Conflict, RateLimited) as refusal:
        return _refused(token, refusal)
    return redirect(f"/bookings/{token}/?moved=1", 303)


@pages.post("/choose")
def choose(token: str) -> Response:
    """Move the booking to a start that the host proposed."""
    try:
        starts_at = booking_requests.parse_move({"starts_at": request.form.get("starts_at", "")})
        with transaction() as session:
            secret_key = current.settings().secret_key
            proposals.choose(session, token, starts_at, current.now(), secret_key=secret_key)
    except (Invalid, Conflict) as refusal:
        return _refused(token, refusal)
    return redirect(f"/bookings/{token}/?moved=1", 303)


@pages.post("/cancel")
def cancel(token: str) -> Response:
    """Cancel the booking."""
    try:
        reason = booking_requests.parse_reason({"reason": request.form.get("reason", "").strip()})
        with transaction() as session:
            bookings.cancel(
                session,
                token,
                current.now(),
                secret_key=current.settings().secret_key,
                reason=reason,
                limited=current.settings().limits_requests,
            )
    except (Invalid, Conflict) as refusal:
        return _refused(token, refusal)
    return redirect(f"/bookings/{token}/", 303)


@pages.get("/absent")
def ask_absence(token: str) -> str:
    """Show the booking with the form by which the guest tells that they cannot come."""
    return _page(token, tells=True)


@pages.post("/absent")
def report_absence(token: str) -> Response:
    """Tell the host that the guest cannot come."""
    try:
        reason = booking_requests.parse_reason({"reason": request.form.get("reason", "").strip()})
        with transaction() as session:
            secret_key = current.settings().secret_key
            absence.report(session, token, current.now(), secret_key=secret_key, reason=reason)
    except (Invalid, Conflict) as refusal:
        return _refused(token, refusal)
    return redirect(f"/bookings/{token}/", 303)


def _refused(token: str, refusal: Refusal) -> Response:
    errors = refusal.errors if isinstance(refusal, Invalid) else {}
    taken = isinstance(refusal, SlotTaken) or "starts_at" in errors
    page = _page(token, refused=None if errors else refusal.text, errors=errors, moves=taken)
    return with_retry_after(make_response(page, refusal.status), refusal)


def _page(
    token: str,
    *,
    refused: str | None = None,
    errors: dict[str, str] | None = None,
    moves: bool = False,
    tells: bool = False,
) -> str:
    session, now = db.session(), current.now()
    booking = booking_queries.by_token(session, token, current.settings().secret_key)
    host = hosts.by_id(session, booking.host_id)
    booked = office_hours.by_id(session, booking.office_hours_id)
    query = forms.parse_slot_query({**request.args.to_dict(), **request.form.to_dict()})
    picker = None
    if booking.may_change(now) and booking.status is not BookingStatus.HELD:
        picker = slot_picker.pick_slots(
            session,
            host,
            booked,
            query,
            now,
            zone=booking.guest_zone,
            clock=organization().hour_clock,
            moving=booking,
        )
    state = _state(booking)
    shows_meeting = _shows_meeting(session, token, booking, booked)
    meeting_url = host.meeting_url if state is PageState.CONFIRMED and shows_meeting else None
    entry = LinkedEvent(
        f"{booking.title} with {host.name}",
        booking.starts_at,
        booking.ends_at,
        _see(booking, now),
        meeting_url or "",
    )
    return render_template(
        "booking/booking.html",
        booking=booking,
        host=host,
        office_hours=booked,
        proposal=proposal_queries.open_for(session, booking, now),
        next_steps=None if state in GOING_ON else other_hosts.next_steps(session, host, booked),
        state=state.value,
        zones=list(dict.fromkeys((booking.guest_zone, host.zone_at(booking.starts_at)))),
        path=f"/bookings/{token}/",
        meeting_url=meeting_url,
        hides_meeting=bool(host.meeting_url) and not shows_meeting,
        is_mailed=booking_queries.is_mailed(token),
        asks_to_confirm=not mailboxes.is_confirmed(session, booking.guest_email),
        google_url=calendar_links.google(entry),
        outlook_url=calendar_links.outlook(entry),
        picker=picker,
        moves=moves or query.is_begun,
        tells=tells or "reason" in (errors or {}),
        asks_after_move=booking.status is BookingStatus.CONFIRMED and booked.asks_after_move,
        refused=refused,
        errors={name: sentence(words) for name, words in (errors or {}).items()},
        typed=request.form.to_dict(),
    )


def _shows_meeting(session: Session, token: str, booking: Booking, booked: OfficeHours) -> bool:
    """Whether the reader may see the meeting link: by the mailed link, or of a known mailbox."""
    if booking_queries.is_mailed(token) or booked.share_link is ShareLink.ALWAYS:
        return True
    return mailboxes.is_confirmed(session, booking.guest_email)


def _state(booking: Booking) -> PageState:
    if booking.status is BookingStatus.HELD and current.now() >= booking.held_until:
        return PageState.LAPSED
    if booking.status in OPEN and current.now() >= booking.ends_at:
        return PageState.LAPSED if booking.status in WAITING else PageState.OVER
    match booking.status:
        case BookingStatus.DONE | BookingStatus.NO_SHOW:
            return PageState.OVER
    return PageState(booking.status.value)


def _see(booking: Booking, now: datetime) -> str:
    """Return the line of a calendar entry that leads to this page, without the mailed proof."""
    path = booking_queries.manage_path(booking, current.settings().secret_key)
    address = current.absolute_url(path)
    if not booking.may_change(now):
        return f"See: {address}"
    deadline = times.point(booking.change_until, booking.guest_zone, organization().hour_clock)
    return mail_contents.change_line(address, deadline)
