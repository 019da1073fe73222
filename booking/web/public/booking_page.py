"""A guest's private page of one booking: see, move, cancel. Reading it changes nothing."""

from enum import StrEnum

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from booking import booking_requests, mails, queries
from booking.domain.bookings import Status
from booking.domain.hosts import OPEN, Booking, Host
from booking.domain.refusals import SlotTaken
from booking.services import bookings
from booking.web.public import forms, slot_picker
from core.db.base import db
from core.db.transaction import transaction
from core.http import current
from core.http.security import private
from core.messages.mail import MailSettings
from core.refusals import Conflict, Invalid, Refusal
from scheduler.domain import calendar_links
from scheduler.domain.calendar_links import LinkedEvent

pages = Blueprint("bookings", __name__, url_prefix="/bookings/<token>")


class PageState(StrEnum):
    """What the page says of a booking before all else."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    OVER = "over"
    DECLINED = "declined"
    CANCELLED = "cancelled"


@pages.after_request
def keep_private(response: Response) -> Response:
    """Let nobody keep these pages or learn their address, those of unknown links neither."""
    return private(response)


@pages.get("/")
def show(token: str) -> str:
    """Show the booking."""
    return _page(token)


@pages.get("/invitation.ics")
def invitation(token: str) -> Response:
    """Give the calendar entry as a file."""
    rows = db.session()
    booking = queries.booking_by_token(rows, token, current.settings().secret_key)
    response = make_response(mails.download(rows, MailSettings.of(current.settings()), booking))
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="booking.ics"'
    return response


@pages.post("/move")
def move(token: str) -> Answer:
    """Move the booking; near free starts are offered where that cannot be."""
    try:
        starts_at = booking_requests.parse_move({"starts_at": request.form.get("starts_at", "")})
        with transaction() as rows:
            bookings.reschedule(
                rows, token, starts_at, current.now(), secret_key=current.settings().secret_key
            )
    except (Invalid, Conflict) as refusal:
        return _refused(token, refusal)
    return redirect(f"/bookings/{token}/?moved=1", 303)


@pages.post("/cancel")
def cancel(token: str) -> Answer:
    """Cancel the booking."""
    try:
        reason = booking_requests.parse_reason({"reason": request.form.get("reason", "").strip()})
        with transaction() as rows:
            bookings.cancel(
                rows, token, current.now(), secret_key=current.settings().secret_key, reason=reason
            )
    except (Invalid, Conflict) as refusal:
        return _refused(token, refusal)
    return redirect(f"/bookings/{token}/", 303)


def _refused(token: str, refusal: Refusal) -> Answer:
    errors = refusal.errors if isinstance(refusal, Invalid) else {}
    taken = isinstance(refusal, SlotTaken) or "starts_at" in errors
    page = _page(token, refused=None if errors else refusal.text, errors=errors, moves=taken)
    return make_response(page, refusal.status)


def _page(
    token: str,
    *,
    refused: str | None = None,
    errors: dict[str, str] | None = None,
    moves: bool = False,
) -> str:
    rows, now = db.session(), current.now()
    booking = queries.booking_by_token(rows, token, current.settings().secret_key)
    host = queries.host_by_id(rows, booking.host_id)
    office_hours = queries.office_hours_by_id(rows, booking.office_hours_id)
    choice = forms.parse_slot_query({**request.args.to_dict(), **request.form.to_dict()})
    chooser = None
    if booking.may_change(now):
        chooser = slot_picker.pick_slots(
            rows, host, office_hours, choice, now, zone=booking.guest_zone, moving=booking
        )
    tells = _tells(booking)
    meeting_url = host.meeting_url if tells is PageState.CONFIRMED else None
    entry = _entry(booking, host, meeting_url, current.absolute_url(f"/bookings/{token}/"))
    return render_template(
        "booking/booking.html",
        booking=booking,
        host=host,
        tells=tells.value,
        zones=list(dict.fromkeys((booking.guest_zone, host.zone_at(booking.starts_at)))),
        path=f"/bookings/{token}/",
        again_path=office_hours.path(host),
        meeting_url=meeting_url,
        google_url=calendar_links.google(entry),
        outlook_url=calendar_links.outlook(entry),
        chooser=chooser,
        moves=moves or choice.is_begun,
        refused=refused,
        errors=errors or {},
        said=forms.sentences(errors or {}),
        typed=request.form.to_dict(),
    )


def _tells(booking: Booking) -> PageState:
    if booking.status in OPEN and current.now() >= booking.ends_at:
        return PageState.OVER
    match booking.status:
        case Status.HELD | Status.PENDING:
            return PageState.PENDING
        case Status.DONE | Status.NO_SHOW:
            return PageState.OVER
    return PageState(booking.status.value)


def _entry(booking: Booking, host: Host, meeting_url: str | None, address: str) -> LinkedEvent:
    """Return what a web calendar is to say of the booking."""
    return LinkedEvent(
        f"{booking.title} with {host.name}",
        booking.starts_at,
        booking.ends_at,
        f"Move or cancel: {address}",
        meeting_url or "",
    )
