"""Import and export of the sections `organization` and `people` of the community file."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import queries
from accounts.domain.actors import COMMAND_LINE
from accounts.models import OrganizationRow, PersonRow
from accounts.schemas import Organization, PersonSchema
from accounts.services import people
from core import audit, sections
from core.db.transaction import lock_name
from core.fields import validate
from core.refusals import Invalid
from core.sections import ImportContext, Outcome, Result, Section, refusal_outcome
from core.yaml import LinedDict

PERSONAL = {"name": "name", "zone": "zone", "affiliation": "affiliation", "admin": "is_admin"}


def read_organization(session: Session, value: object, context: ImportContext) -> Iterable[Outcome]:
    """Set the fields of the organization that the file names; links are merged by name."""
    line = value.line if isinstance(value, LinedDict) else 1
    lock_name(session, "organization")
    row = session.get(OrganizationRow, 1)
    before = queries.organization_from_row(row) if row else None
    fields = {"name": before.name, **value} if before and isinstance(value, LinedDict) else value
    try:
        schema = validate(Organization, fields)
    except Invalid as refusal:
        return [refusal_outcome(value, refusal, "organization", line)]
    named = {name: getattr(schema, name) for name in schema.model_fields_set}
    known = before.links if before else {}
    after = (before or schema).model_copy(update={**named, "links": {**known, **schema.links}})
    if before == after:
        return [Outcome(Result.UNCHANGED, line)]
    if row is None:
        row = OrganizationRow(id=1)
        session.add(row)
    old, new = before.model_dump() if before else {}, after.model_dump()
    for name, field in new.items():
        setattr(row, name, field)
    detail: dict[str, object] = {
        name: [old.get(name), new[name]] for name in new if old.get(name) != new[name]
    }
    action = "organization changed" if before else "organization made"
    audit.record(session, COMMAND_LINE.name, action, "organization", now=context.now, **detail)
    return [Outcome(Result.UPDATED if before else Result.CREATED, line)]


def write_organization(session: Session) -> dict[str, object]:
    """Return the organization, an empty mapping if there is none yet."""
    row = session.get(OrganizationRow, 1)
    if row is None:
        return {}
    fields = queries.organization_from_row(row).model_dump()
    return {name: value for name, value in fields.items() if value not in (None, {})}


def read_people(session: Session, value: object, context: ImportContext) -> Iterator[Outcome]:
    """Create or change people by address. Only the command line imports, so it may make admins."""
    for node, line in context.items(value, "people"):
        try:
            schema = validate(PersonSchema, sections.mapping(PersonSchema, node))
        except Invalid as refusal:
            name = sections.name_of(node, "email")
            yield refusal_outcome(node, refusal, f"person {name}", line)
            continue
        yield Outcome(_put_person(session, schema, context), line)


def write_people(session: Session) -> list[Mapping[str, object]]:
    """Return all people, sorted by address."""
    return [
        {
            "email": person.email,
            **{
                field: getattr(person, column)
                for field, column in PERSONAL.items()
                if getattr(person, column)
            },
        }
        for person in session.scalars(select(PersonRow).order_by(PersonRow.email))
    ]


SECTIONS = (
    Section("organization", read_organization, write_organization),
    Section("people", read_people, write_people),
)


def _put_person(session: Session, schema: PersonSchema, context: ImportContext) -> Result:
    query = select(PersonRow).where(PersonRow.email == schema.email)
    row = session.scalar(query)
    known = row is not None or not people.add(session, schema.email, context.now)
    row = row or session.scalars(query).one()
    changed = [
        field
        for field, column in PERSONAL.items()
        if field in schema.model_fields_set and getattr(schema, field) != getattr(row, column)
    ]
    for field in changed:
        setattr(row, PERSONAL[field], getattr(schema, field))
    session.flush()  # later sections refer to this person
    if known and not changed:
        return Result.UNCHANGED
    audit.record(
        session,
        COMMAND_LINE.name,
        "person changed" if known else "person made",
        f"person:{schema.email}",
        now=context.now,
        fields=changed,
    )
    return Result.UPDATED if known else Result.CREATED
