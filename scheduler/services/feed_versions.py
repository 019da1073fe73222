"""Versions of feeds: numbers that rise with each visible change; validators contain them."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.db.fast_sql import insert_or_ignore
from scheduler.models import FeedVersion, SeriesRow

CALENDAR = "calendar"
FEED_VERSIONS = FeedVersion.metadata.tables[FeedVersion.__tablename__]


def series_feed(slug: str) -> str:
    """Return the name under which the version of a series' feed is kept."""
    return f"series/{slug}"


def touch(session: Session, slugs: Iterable[str]) -> None:
    """Raise the version of the calendar and of the feeds of the series `slugs`.

    To be called in the transaction of each visible change. Missing rows are inserted in the order
    of their names, then every writer updates the calendar's row first: so no two writers wait for
    each other in a deadlock.
    """
    own = sorted(series_feed(slug) for slug in set(slugs))
    rows = [{"name": name, "version": 0} for name in (CALENDAR, *own)]
    insert_or_ignore(session, FEED_VERSIONS, *rows)
    for names in filter(None, ([CALENDAR], own)):
        session.execute(
            update(FeedVersion)
            .where(FeedVersion.name.in_(names))
            .values(version=FeedVersion.version + 1)
            .execution_options(synchronize_session=False)
        )


def touch_all(session: Session) -> None:
    """Raise every version: something in all feeds has changed, such as the organization's name."""
    touch(session, session.scalars(select(SeriesRow.slug)))
