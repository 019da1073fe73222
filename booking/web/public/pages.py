"""The guest's way to a booking: the directory, a host's page, the page that books."""

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from accounts.web.viewer import viewer
from booking import booking_requests, next_starts, queries
from booking.domain.hosts import Host, OfficeHours, OfficeHoursPath, Visibility
from booking.domain.refusals import GuestLimit, SlotTaken
from booking.services import bookings, idempotency
from booking.services.bookings import BookingResult
from booking.web.public import forms, slot_picker
from booking.web.public.forms import NONCE, SlotQuery
from core import tokens
from core.db.base import db
from core.db.transaction import transaction
from core.http import current
from core.refusals import Invalid, NotFound, Refusal, SignInNeeded

SENT_BEFORE = (
    "This form was sent before, and booked another time or with other words. "
    "If you want a second booking, please send it again."
)

pages = Blueprint("booking", __name__)


@pages.get("/office-hours/")
def directory() -> str:
    """Show all hosts, those of one topic if the address names it."""
    rows, reader = db.session(), viewer()
    listed = queries.directory(rows, reader)
    topic = request.args.get("topic", "")
    shown = [each for each in listed if not topic or topic in each.host.topics]
    return render_template(
        "booking/directory.html",
        found=next_starts.next_starts(rows, shown, current.now()),
        topics=sorted({name for each in listed for name in each.host.topics}, key=str.casefold),
        topic=topic,
        zone=_asked().zone or (reader.zone if reader else None),
    )


@pages.get("/office-hours/<host>/")
def show_host(host: str) -> str:
    """Show a host and the office hours that the reader may find."""
    rows, reader = db.session(), viewer()
    listed = queries.host_listing(rows, host, reader)
    (found,) = next_starts.next_starts(rows, [listed], current.now())
    zone = _asked().zone or (reader.zone if reader else None)
    return render_template("booking/host.html", found=found, zone=zone)


@pages.get("/office-hours/<host>/<slug>/")
def choose(host: str, slug: str) -> str:
    """Show the free starts, and the form for one that is chosen; a GET books nothing."""
    found, office_hours = _offer(host, slug)
    reader = viewer()
    typed = {"name": reader.name or "", "email": reader.email} if reader else {}
    return _book_page(found, office_hours, _asked(), typed)


@pages.post("/office-hours/<host>/<slug>/")
def book(host: str, slug: str) -> Answer:
    """Book the start; what was typed stays in the form if that cannot be."""
    found, office_hours = _offer(host, slug)
    nonce = request.form.get(NONCE) or None
    try:
        wanted = booking_requests.parse_form(request.form, office_hours.questions)
        with transaction() as rows:
            placed = bookings.book(
                rows,
                OfficeHoursPath(host, slug),
                wanted,
                current.now(),
                domain=current.settings().domain,
                actor=viewer(),
                idempotency_key=nonce,
            )
    except (Invalid, SlotTaken, GuestLimit) as refusal:
        return make_response(_refused(found, office_hours, refusal), refusal.status)
    return redirect(f"{_manage_path(placed)}?new=1", 303)


def _refused(host: Host, office_hours: OfficeHours, refusal: Refusal) -> str:
    errors = dict(refusal.errors) if isinstance(refusal, Invalid) else {}
    typed = request.form.to_dict()
    if errors.pop(idempotency.FIELD, None):
        errors[""] = SENT_BEFORE
        typed[NONCE] = tokens.new_ref()
    choice = forms.parse_slot_query({"zone": request.args.get("zone", ""), **typed})
    refused = None if isinstance(refusal, Invalid) else refusal.text
    return _book_page(host, office_hours, choice, typed, errors, refused)


def _book_page(
    host: Host,
    office_hours: OfficeHours,
    choice: SlotQuery,
    typed: dict[str, str],
    errors: dict[str, str] | None = None,
    refused: str | None = None,
) -> str:
    reader = viewer()
    chooser = slot_picker.pick_slots(
        db.session(),
        host,
        office_hours,
        choice,
        current.now(),
        zone=(reader and reader.zone) or host.zone,
    )
    return render_template(
        "booking/book.html",
        host=host,
        office_hours=office_hours,
        path=office_hours.path(host),
        chooser=chooser,
        answers=forms.answer_fields(office_hours.questions),
        nonce=typed.get(NONCE) or tokens.new_ref(),
        typed=typed,
        errors=errors or {},
        said=forms.sentences(errors or {}),
        refused=refused,
        is_form=chooser.chosen is not None or request.method == "POST",
    )


def _offer(host_slug: str, slug: str) -> tuple[Host, OfficeHours]:
    """Return what is to be booked; raise NotFound, or SignInNeeded where that would help."""
    rows, reader = db.session(), viewer()
    host = queries.host(rows, host_slug)
    try:
        return host, queries.office_hours(rows, host, slug, reader)
    except NotFound:
        for each in queries.office_hours_of(rows, host):
            if reader is None and each.slug == slug and each.visibility is Visibility.MEMBERS:
                raise SignInNeeded from None
        raise


def _asked() -> SlotQuery:
    return forms.parse_slot_query(request.args)


def _manage_path(placed: BookingResult) -> str:
    return queries.manage_path(placed.booking, current.settings().secret_key)
