"""Reads of series: by their slug, and by who organizes them."""

from sqlalchemy import select

from scheduler.domain.events import Series
from scheduler.models import SeriesRow, series_organizers
from scheduler.queries.loading import Reader, load_series


def find_series(reader: Reader, slug: str) -> Series | None:
    """Return the series of that slug, None if there is none."""
    return next(iter(load_series(reader, SeriesRow.slug == slug)), None)


def series_organized_by(reader: Reader, person_id: int) -> list[Series]:
    """Return the series that the person may edit as an organizer."""
    own = select(series_organizers.c.series_id).where(series_organizers.c.person_id == person_id)
    return load_series(reader, SeriesRow.id.in_(own))
