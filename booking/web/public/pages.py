"""Pages for guests: the directory, a host's page, the booking form."""

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from accounts.web.context import organization, reader_zone
from accounts.web.viewer import actor, viewer
from booking.domain import booking_requests
from booking.domain.hosts import Host
from booking.domain.minutes import in_minutes
from booking.domain.office_hours import OfficeHours, OfficeHoursPath, Visibility
from booking.domain.refusals import GuestLimit, SlotTaken
from booking.queries import bookings as booking_queries
from booking.queries import hosts, next_starts, other_hosts
from booking.queries import office_hours as office_hours_queries
from booking.services import bookings, idempotency
from booking.services.bookings import BookingResult
from booking.web.public import forms, slot_picker
from booking.web.public.forms import NONCE, SlotQuery
from core import tokens
from core.db.base import db
from core.db.transaction import transaction
from core.fields import sentence
from core.http import current
from core.http.errors import with_retry_after
from core.refusals import Invalid, NotFound, RateLimited, Refusal, SignInNeeded

SENT_BEFORE = (
    "You have already sent this form, with another time or other answers. "
    "If you want a second booking, please send it again."
)

pages = Blueprint("booking", __name__)


@pages.get("/office-hours/")
def directory() -> str:
    """Show all hosts, or those of the topic in the address."""
    session = db.session()
    listed = hosts.directory(session, actor())
    topic = request.args.get("topic", "")
    shown = [each for each in listed if not topic or topic in each.host.topics]
    return render_template(
        "booking/directory.html",
        found=next_starts.next_starts(session, shown, current.now()),
        topics=sorted({name for each in listed for name in each.host.topics}, key=str.casefold),
        topic=topic,
        zone=_query().zone or reader_zone(),
    )


@pages.get("/office-hours/<host>/")
def show_host(host: str) -> str:
    """Show a host and the office hours that the reader may find."""
    session = db.session()
    listed = hosts.listing(session, host, actor())
    (found,) = next_starts.next_starts(session, [listed], current.now())
    zone = _query().zone or reader_zone()
    others = other_hosts.sharing_topics(session, found.host)
    return render_template("booking/host.html", found=found, others=others, zone=zone)


@pages.get("/office-hours/<host>/<slug>/")
def choose(host: str, slug: str) -> str:
    """Show the free starts, and the form for a chosen one; a GET books nothing."""
    found, office_hours = _office_hours(host, slug)
    reader = viewer()
    typed = {"name": reader.name or "", "email": reader.email} if reader else {}
    return _book_page(found, office_hours, _query(), typed)


@pages.post("/office-hours/<host>/<slug>/")
def book(host: str, slug: str) -> Response:
    """Book the start; a refused form keeps what was typed, another zone shows the time in it."""
    found, office_hours = _office_hours(host, slug)
    nonce = request.form.get(NONCE) or None
    try:
        forms.check_zone(request.form)
        booking_request = booking_requests.parse_form(request.form, office_hours.questions)
        with transaction() as session:
            result = bookings.book(
                session,
                OfficeHoursPath(host, slug),
                booking_request,
                current.now(),
                domain=current.settings().domain,
                actor=actor(),
                idempotency_key=nonce,
                limited=current.settings().limits_requests,
            )
    except (Invalid, SlotTaken, GuestLimit, RateLimited) as refusal:
        page = make_response(_refused(found, office_hours, refusal), refusal.status)
        return with_retry_after(page, refusal)
    return redirect(f"{_manage_path(result)}?new=1", 303)


def _refused(host: Host, office_hours: OfficeHours, refusal: Refusal) -> str:
    errors = dict(refusal.errors) if isinstance(refusal, Invalid) else {}
    typed = request.form.to_dict()
    if errors.pop(idempotency.FIELD, None):
        errors[""] = SENT_BEFORE
        typed[NONCE] = tokens.new_ref()
    query = forms.parse_slot_query({"zone": request.args.get("zone", ""), **typed})
    refused = None if isinstance(refusal, Invalid) else refusal
    return _book_page(host, office_hours, query, typed, errors, refused)


def _book_page(
    host: Host,
    office_hours: OfficeHours,
    query: SlotQuery,
    typed: dict[str, str],
    errors: dict[str, str] | None = None,
    refused: Refusal | None = None,
) -> str:
    session = db.session()
    picker = slot_picker.pick_slots(
        session,
        host,
        office_hours,
        query,
        current.now(),
        zone=reader_zone() or host.zone,
        clock=organization().hour_clock,
    )
    return render_template(
        "booking/book.html",
        host=host,
        office_hours=office_hours,
        path=host.path_of(office_hours),
        picker=picker,
        others=other_hosts.sharing_topics(session, host) if picker.none_because else (),
        answers=forms.answer_fields(office_hours.questions),
        nonce=typed.get(NONCE) or tokens.new_ref(),
        typed=typed,
        errors={name: sentence(words) for name, words in (errors or {}).items()},
        refused=refused.text if refused else None,
        is_over_limit=isinstance(refused, GuestLimit),
        is_form=picker.chosen is not None or request.method == "POST",
        change_until=picker.chosen and picker.chosen.at - office_hours.change_until,
        change_minutes=in_minutes(office_hours.change_until),
    )


def _office_hours(host_slug: str, slug: str) -> tuple[Host, OfficeHours]:
    """Return what can be booked here; raise NotFound, or SignInNeeded where that would help."""
    session, reader = db.session(), actor()
    host = hosts.by_slug(session, host_slug)
    try:
        return host, office_hours_queries.visible(session, host, slug, reader)
    except NotFound:
        for each in office_hours_queries.of_host(session, host):
            if (
                not reader.is_signed_in
                and each.slug == slug
                and each.visibility is Visibility.MEMBERS
            ):
                raise SignInNeeded from None
        raise


def _query() -> SlotQuery:
    return forms.parse_slot_query(request.args)


def _manage_path(result: BookingResult) -> str:
    return booking_queries.manage_path(result.booking, current.settings().secret_key)
