"""The section `hosts` of the community file: hosts, their office hours and bookings."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from pydantic import ValidationError
from sqlalchemy.orm import Session

from accounts.domain.actors import COMMAND_LINE
from booking.domain.office_hours import OfficeHours
from booking.queries import hosts as host_queries
from booking.queries import office_hours as office_hours_queries
from booking.schemas import FILE_ONLY, BookingSchema
from booking.services import booking_import, hosts, office_hours
from booking.services.merging import without_nulls
from core import sections
from core.fields import Schema
from core.refusals import Invalid
from core.sections import ImportContext, Outcome, Result, Section, refusal_outcome
from core.yaml import LinedDict


def read_hosts(session: Session, value: object, context: ImportContext) -> Iterator[Outcome]:
    """Apply the section: each host, then each of its office hours and bookings, by key."""
    for node, line in sections.items(value):
        if not isinstance(node, LinedDict):
            yield Outcome(Result.REFUSED, line, "host: must be keys such as `slug:`")
            continue
        yield from _read_one(session, node, line, context)


def write_hosts(session: Session) -> list[dict[str, object]]:
    """Return every host by slug, with office hours as they were made and bookings by start."""
    offered: dict[int, list[OfficeHours]] = defaultdict(list)
    for each in office_hours_queries.every(session):
        offered[each.host_id].append(each)
    booked = booking_import.exported(session)
    found = []
    for host in sorted(host_queries.every(session), key=lambda each: each.slug):
        parts = {
            "office_hours": [_without_defaults(each) for each in offered[host.id]],
            "bookings": [_without_nulls(each) for each in booked[host.id]],
        }
        found.append(
            {**_without_defaults(host), **{key: part for key, part in parts.items() if part}}
        )
    return found


SECTIONS = (Section("hosts", read_hosts, write_hosts),)


def _without_defaults(value: Schema) -> dict[str, object]:
    return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _without_nulls(booking: BookingSchema) -> dict[str, object]:
    """Return a booking with its status, even the default one: an import must not keep another."""
    empty = None if booking.answers else {"answers"}
    return booking.model_dump(mode="json", exclude_none=True, exclude=empty)


def _read_one(
    session: Session, node: LinedDict, line: int, context: ImportContext
) -> Iterator[Outcome]:
    what, now = f"host {node.get('slug')}", context.now
    own = {
        name: value
        for name, value in node.items()
        if name not in FILE_ONLY and name != hosts.OFFICE_HOURS
    }
    try:
        known = hosts.lock(session, str(node.get("slug")))
        host, result = hosts.save(session, known, own, now, actor=COMMAND_LINE)
    except Invalid as refusal:
        yield refusal_outcome(node, refusal, what, line)
        return
    yield Outcome(result, line)

    def save_office_hours(piece: Mapping[str, object]) -> Result:
        return office_hours.save(session, host, piece, now, actor=COMMAND_LINE)

    def save_booking(piece: Mapping[str, object]) -> Result:
        booking = BookingSchema.model_validate(without_nulls(BookingSchema, piece))
        return booking_import.put(
            session, host, booking, now, actor=COMMAND_LINE, domain=context.domain
        )

    offered = node.get(hosts.OFFICE_HOURS)
    yield from _read_each(offered, f"{what}, office hours", "slug", save_office_hours)
    yield from _read_each(node.get("bookings"), f"{what}, booking", "starts_at", save_booking)


def _read_each(
    pieces: object, what: str, key: str, save: Callable[[Mapping[str, object]], Result]
) -> Iterator[Outcome]:
    """Yield the outcome of each piece of a list, refused ones by line."""
    if pieces is None:
        return
    for piece, line in sections.items(pieces):
        if not isinstance(piece, LinedDict):
            yield Outcome(Result.REFUSED, line, f"{what}: must be keys such as `{key}:`")
            continue
        try:
            yield Outcome(save(piece), line)
        except (ValidationError, Invalid) as refusal:
            yield refusal_outcome(piece, refusal, f"{what} {piece.get(key)}", line)
