"""Reads of organizers: who may edit a series."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from operator import attrgetter

from sqlalchemy import select

from accounts.models import PersonRow
from scheduler.models import series_organizers
from scheduler.queries.loading import Reader


@dataclass(frozen=True, slots=True)
class Organizer:
    """Somebody who may edit a series; `email` is never shown in public."""

    person_id: int
    name: str | None
    email: str


def organizers_of(reader: Reader, series_ids: Collection[int]) -> Mapping[int, list[Organizer]]:
    """Return who may edit each series that somebody may edit, sorted by address."""
    rows = reader.execute(
        select(series_organizers.c.series_id, PersonRow.id, PersonRow.name, PersonRow.email)
        .join(series_organizers, series_organizers.c.person_id == PersonRow.id)
        .where(series_organizers.c.series_id.in_(series_ids))
    )
    people: dict[int, list[Organizer]] = defaultdict(list)
    for series_id, *person in rows:
        people[series_id].append(Organizer(*person))
    # Sorted here: databases differ in how they order texts.
    return {each: sorted(own, key=attrgetter("email")) for each, own in people.items()}
