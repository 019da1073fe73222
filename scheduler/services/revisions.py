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
    """What a file knows of the past of a series or event; a change by API knows nothing."""

    uid: str | None = None
    sequence: int | None = None
    changed_at: datetime | None = None


def raise_series(session: Session, series_id: int, *, by: int, at: datetime) -> None:
    """Raise the series' revision `by` so much; it was revised at `at` if not later already."""
    row = session.get_one(SeriesRow, series_id)
    row.revision += by
    row.revised_at = max(row.revised_at, at)


def refuse_changes(document: Schema, stored: Mapping[str, object]) -> None:
    """Raise Invalid where the document names a field of `stored` with another value.

    None is stored where there is no value yet: the server makes it.
    """
    errors = {
        name: "cannot be chosen" if own is None else f"is {own} and cannot be changed"
        for name, own in stored.items()
        if name in document.model_fields_set and getattr(document, name) != own
    }
    if errors:
        raise Invalid(errors)
