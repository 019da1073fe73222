"""The section `hosts` of the community file: hosts, their office hours and bookings."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.domain.actors import COMMAND_LINE
from accounts.models import PersonRow
from booking.models import HostRow, OfficeHoursRow
from booking.schemas import FILE_ONLY, BookingSchema, HostFileSchema
from booking.services import booking_import, hosts, office_hours
from booking.services.merging import Change, without_nulls
from core import sections
from core.refusals import Invalid
from core.sections import ImportContext, Outcome, Result, Section, refusal_outcome
from core.yaml import LinedDict


def read_hosts(session: Session, value: object, occasion: ImportContext) -> Iterator[Outcome]:
    """Apply the section: each host, then each of its office hours and bookings, by key."""
    for node, line in sections.items(value):
        if not isinstance(node, LinedDict):
            yield Outcome(Result.REFUSED, line, "host: must be keys such as `slug:`")
            continue
        yield from _read_one(session, node, line, occasion)


def write_hosts(session: Session) -> list[dict[str, object]]:
    """Return every host by slug, with office hours as they were made and bookings by start."""
    offered: dict[int, list[dict[str, object]]] = defaultdict(list)
    for offer in session.scalars(select(OfficeHoursRow).order_by(OfficeHoursRow.id)):
        offered[offer.host_id].append(office_hours.written(offer))
    booked = booking_import.written(session)
    query = select(HostRow, PersonRow.email).join(PersonRow, PersonRow.id == HostRow.person_id)
    return [
        without_nulls(
            HostFileSchema,
            {
                **hosts.written(row, email),
                "office_hours": offered.get(row.id),
                "bookings": booked.get(row.id),
            },
        )
        for row, email in session.execute(query.order_by(HostRow.slug))
    ]


SECTIONS = (Section("hosts", read_hosts, write_hosts),)


def _read_one(
    session: Session, node: LinedDict, line: int, occasion: ImportContext
) -> Iterator[Outcome]:
    what = f"host {node.get('slug')}"
    change = Change(occasion.now, COMMAND_LINE.name)
    own = {name: value for name, value in node.items() if name not in FILE_ONLY}
    try:
        host, result = hosts.save(session, hosts.lock(session, str(node.get("slug"))), own, change)
    except Invalid as refusal:
        yield refusal_outcome(node, refusal, what, line)
        return
    yield Outcome(result, line)

    def save_offer(piece: Mapping[str, object]) -> Result:
        return office_hours.save(session, host, piece, change)

    def save_booking(piece: Mapping[str, object]) -> Result:
        document = BookingSchema.model_validate(without_nulls(BookingSchema, piece))
        return booking_import.put(session, host, document, change, occasion.domain)

    yield from _read_each(node.get("office_hours"), f"{what}, office hours", "slug", save_offer)
    yield from _read_each(node.get("bookings"), f"{what}, booking", "starts_at", save_booking)


def _read_each(
    pieces: object, what: str, key: str, save: Callable[[Mapping[str, object]], Result]
) -> Iterator[Outcome]:
    """Yield how each piece of a list fared, refused ones by line."""
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
