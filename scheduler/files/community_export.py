"""The section `series` of the community file: what import reads back to the same rows."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import true
from sqlalchemy.orm import Session

from scheduler.domain.events import Kind, Series
from scheduler.domain.occurrences import StoredEvent
from scheduler.queries.loading import load_events, load_series
from scheduler.queries.organizers import Organizer, organizers_of
from scheduler.schemas import PeriodSchema

Plain = dict[str, object]


def write_series(session: Session) -> list[Plain]:
    """Return every series in the order in which they were made, events by key."""
    every = load_series(session)
    organizers = organizers_of(session, [each.id for each in every])
    stored: dict[int, list[StoredEvent]] = defaultdict(list)
    for event in load_events(session, true()):
        stored[event.series_id].append(event)
    return [_series(each, organizers.get(each.id, []), stored[each.id]) for each in every]


def _known(fields: Mapping[str, object]) -> Plain:
    """Return the fields without None, empty texts and empty lists."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def _instant(at: datetime) -> str:
    """Return the instant as the file writes it."""
    return at.isoformat().replace("+00:00", "Z")


def _series(value: Series, organizers: list[Organizer], events: list[StoredEvent]) -> Plain:
    return _known(
        {
            "slug": value.slug,
            "uid": value.uid,
            "sequence": value.revision,
            "changed_at": _instant(value.revised_at),
            "name": value.name,
            "short_name": value.short_name if value.short_name != value.name else None,
            "kind": value.kind.value if value.kind is not Kind.TALKS else None,
            "zone": value.zone,
            "description": value.description,
            "organisers": [each.email for each in organizers],
            "join_url": value.join_url,
            "join_access": value.join_access.value,
            "location": value.location,
            "language": value.language,
            "registration_url": value.registration_url,
            "status": value.status.value,
            "color": value.color,
            "timetable": [
                PeriodSchema.model_construct(**asdict(period)).model_dump(
                    mode="json", exclude_none=True
                )
                for period in value.timetable.periods
            ],
            "gaps": [gap.model_dump(mode="json", exclude_defaults=True) for gap in value.gaps],
            "events": [_event(each) for each in sorted(events, key=_key)],
        }
    )


def _event(stored: StoredEvent) -> Plain:
    written = stored.written_date
    return _known(
        {
            "date": written,
            "key": stored.key if stored.key != written else None,
            "uid": stored.uid,
            "sequence": stored.sequence,
            "changed_at": _instant(stored.revised_at),
            "starts": stored.written_start,
            "minutes": stored.minutes,
            "all_day": stored.all_day or None,
            "days": stored.days if stored.days != 1 else None,
            "number": stored.number,
            "status": stored.status if stored.status != "scheduled" else None,
            "reason": stored.reason,
            **stored.details.model_dump(mode="json", exclude_defaults=True),
            "talks": [each.model_dump(mode="json", exclude_defaults=True) for each in stored.talks],
        }
    )


def _key(stored: StoredEvent) -> tuple[str, str]:
    return stored.key, stored.uid
