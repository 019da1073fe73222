"""The section `series` of the community file: what import reads back to the same rows."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import true
from sqlalchemy.orm import Session

from scheduler.domain.events import Kind, Series
from scheduler.domain.occurrences import StoredEvent
from scheduler.queries.loading import load_events, load_series
from scheduler.queries.organizers import Organizer, organizers_of

Plain = dict[str, object]


def write_series(session: Session) -> list[Plain]:
    """Return every series in the order in which they were made, events by key."""
    every = load_series(session)
    organisers = organizers_of(session, [each.id for each in every])
    records: dict[int, list[StoredEvent]] = {}
    for record in load_events(session, true()):
        records.setdefault(record.series_id, []).append(record)
    return [_series(each, organisers.get(each.id, []), records.get(each.id, [])) for each in every]


def known(fields: Mapping[str, object]) -> Plain:
    """Return the fields that say something: None, empty texts and lists are left out."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def instant(at: datetime) -> str:
    """Return the instant as the file writes it."""
    return at.isoformat().replace("+00:00", "Z")


def _series(value: Series, organisers: list[Organizer], records: list[StoredEvent]) -> Plain:
    return known(
        {
            "slug": value.slug,
            "uid": value.uid,
            "sequence": value.revision,
            "changed_at": instant(value.revised_at),
            "name": value.name,
            "short_name": value.short_name if value.short_name != value.name else None,
            "kind": value.kind.value if value.kind is not Kind.TALKS else None,
            "zone": value.zone,
            "description": value.description,
            "organisers": [each.email for each in organisers],
            "join_url": value.join_url,
            "join_access": value.join_access.value,
            "status": value.status.value,
            "timetable": [
                known(
                    {
                        "starts": _wall(period.starts),
                        "minutes": period.minutes,
                        "rule": period.rule,
                        "until": period.until and period.until.isoformat(),
                    }
                )
                for period in value.timetable.periods
            ],
            "gaps": [gap.model_dump(mode="json", exclude_defaults=True) for gap in value.gaps],
            "events": [_event(record) for record in sorted(records, key=_key)],
        }
    )


def _event(record: StoredEvent) -> Plain:
    written = _date(record)
    return known(
        {
            "date": written,
            "key": record.key if record.key != written else None,
            "uid": record.uid,
            "sequence": record.sequence,
            "changed_at": instant(record.revised_at),
            "starts": _starts(record),
            "minutes": record.minutes,
            "all_day": record.all_day or None,
            "days": record.days if record.days != 1 else None,
            "number": record.number,
            "status": record.status if record.status != "scheduled" else None,
            "reason": record.reason,
            "talks": [each.model_dump(mode="json", exclude_defaults=True) for each in record.talks],
        }
    )


def _date(record: StoredEvent) -> str | None:
    """Return the rule's date, or as much as is known of one, None for an extra event."""
    if record.date is not None:
        return record.date.isoformat()
    return record.key if len(record.key) < len("2020-06-12") else None


def _starts(record: StoredEvent) -> str | None:
    if record.starts is None:
        return None
    return record.starts.date().isoformat() if record.all_day else _wall(record.starts)


def _wall(starts: datetime) -> str:
    return f"{starts:%Y-%m-%dT%H:%M}"


def _key(record: StoredEvent) -> tuple[str, str]:
    return record.key, record.uid
