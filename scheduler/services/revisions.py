"""Identity and revision of series and events: a UID never changes, a SEQUENCE never falls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.fields import Schema
from core.refusals import Invalid
from scheduler.models import SeriesRow


@dataclass(frozen=True, slots=True)
class History:
    """Identity and revision that a file carries; a change by API carries none."""

    uid: str | None = None
    sequence: int | None = None
    changed_at: datetime | None = None


def raise_series(session: Session, series_id: int, *, by: int, at: datetime) -> None:
    """Raise the series' revision by `by`; `revised_at` becomes `at` unless it is later."""
    row = session.get_one(SeriesRow, series_id)
    row.revision += by
    row.revised_at = max(row.revised_at, at)


def refuse_changes(schema: Schema, stored: Mapping[str, object]) -> None:
    """Raise Invalid if the schema sets a field of `stored` to another value.

    None is stored where there is no value yet: the server makes it.
    """
    errors = {
        name: "cannot be chosen" if own is None else f"is {own} and cannot be changed"
        for name, own in stored.items()
        if name in schema.model_fields_set and getattr(schema, name) != own
    }
    if errors:
        raise Invalid(errors)
