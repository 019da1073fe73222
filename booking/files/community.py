"""The section `hosts` of the community file: hosts, their office hours and bookings."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice

from sqlalchemy.orm import Session

from accounts.domain.actors import COMMAND_LINE
from booking.domain.hosts import HostSchema
from booking.domain.office_hours import OfficeHours, OfficeHoursSchema
from booking.models import HostRow
from booking.queries import hosts as host_queries
from booking.queries import office_hours as office_hours_queries
from booking.schemas import BookingSchema, HostFileSchema
from booking.services import booking_import, hosts, office_hours
from booking.services.booking_import import BookingImport
from booking.services.merging import MERGED, without_nulls
from core import sections, shapes
from core.fields import Schema, is_slug, validate
from core.refusals import Invalid
from core.sections import ImportContext, Item, Outcome, Result, Section, refusal_outcome
from core.yaml import LinedDict

BOOKINGS = "bookings"
BOOKINGS_AT_ONCE = 500
HOST_REFUSED = "its host was refused"
HOST_LISTS = tuple(shapes.list_items(HostSchema))
OFFICE_HOURS_LISTS = tuple(shapes.list_items(OfficeHoursSchema))


def read_hosts(session: Session, value: object, context: ImportContext) -> Iterator[Outcome]:
    """Apply the section: each host, then each of its office hours and bookings, by key."""
    for node, line in context.items(value, "hosts"):
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


SECTIONS = (Section("hosts", read_hosts, write_hosts, (BOOKINGS,)),)


def _without_defaults(value: Schema) -> dict[str, object]:
    return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _without_nulls(booking: BookingSchema) -> dict[str, object]:
    """Return a booking with its status, even the default one: an import must not keep another."""
    empty = None if booking.answers else {"answers"}
    return booking.model_dump(mode="json", exclude_none=True, exclude=empty)


def _read_one(
    session: Session, node: object, line: int, context: ImportContext
) -> Iterator[Outcome]:
    name = f"host {sections.name_of(node, 'slug')}"
    try:
        whole = sections.mapping(HostFileSchema, node)
    except Invalid as refusal:
        yield refusal_outcome(node, refusal, name, line)
        return
    slug = whole.get("slug")
    known = hosts.lock(session, slug) if is_slug(slug) else None

    def keeps_stored(_own: LinedDict, key: str) -> bool:
        return known is not None and key not in MERGED

    def write(own: LinedDict) -> tuple[HostRow, Result]:
        return hosts.save(session, known, own, context.now, actor=COMMAND_LINE)

    item = Item(name, line, HOST_LISTS, keeps_stored)
    own = whole.without(hosts.OFFICE_HOURS, BOOKINGS)
    offered, booked = whole.get(hosts.OFFICE_HOURS), whole.get(BOOKINGS)
    saved, refusals = sections.apply(own, item, write)
    yield from refusals
    if saved is None:
        yield from sections.unread(offered, f"{item.name}, office hours", HOST_REFUSED, context)
        yield from sections.unread(booked, f"{item.name}, booking", HOST_REFUSED, context)
        return
    host, result = saved
    yield Outcome(result, line)
    yield from _read_office_hours(session, host, offered, context)
    yield from _read_bookings(session, host, booked, context)


def _read_office_hours(
    session: Session, host: HostRow, value: object, context: ImportContext
) -> Iterator[Outcome]:
    def keeps_stored(own: LinedDict, _key: str) -> bool:
        slug = own.get("slug")
        return is_slug(slug) and office_hours.find_row(session, host, slug) is not None

    def write(own: LinedDict) -> Result:
        return office_hours.save(session, host, own, context.now, actor=COMMAND_LINE)

    if value is None:
        return
    for node, line in context.items(value, f"office hours of {host.slug}"):
        name = f"host {host.slug}, office hours {sections.name_of(node, 'slug')}"
        item = Item(name, line, OFFICE_HOURS_LISTS, keeps_stored)
        yield from _written(node, item, OfficeHoursSchema, write)


def _read_bookings(
    session: Session, host: HostRow, value: object, context: ImportContext
) -> Iterator[Outcome]:
    if value is None:
        return
    booked = BookingImport(session, host, context, actor=COMMAND_LINE)
    pieces = context.items(value, f"bookings of {host.slug}")
    while batch := list(islice(pieces, BOOKINGS_AT_ONCE)):
        taken = booked.taken_uids(node.get("uid") for node, _ in batch if isinstance(node, dict))

        def write(own: LinedDict, taken: set[str] = taken) -> Result:
            booking = validate(BookingSchema, without_nulls(BookingSchema, own))
            if booking.uid in taken:
                raise Invalid({"uid": "belongs to a booking of another host"})
            return booked.put(booking)

        for node, line in batch:
            name = sections.name_of(node, "starts_at")
            item = Item(f"host {host.slug}, booking {name}", line)
            yield from _written(node, item, BookingSchema, write)
        booked.flush()


def _written(
    node: object, item: Item, schema: type[Schema], write: Callable[[LinedDict], Result]
) -> Iterator[Outcome]:
    """Yield the outcome of an item and the refusals of its parts."""
    try:
        own = sections.mapping(schema, node)
    except Invalid as refusal:
        yield refusal_outcome(node, refusal, item.name, item.line)
        return
    result, refusals = sections.apply(own, item, write)
    yield from refusals
    if result is not None:
        yield Outcome(result, item.line)
