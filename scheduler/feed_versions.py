"""What the validators of feeds are made of: numbers that rise with each visible change."""

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

    To be called in the transaction of each visible change. The calendar comes first, so that two
    writers wait for each other and never lock crosswise.
    """
    for name in (CALENDAR, *sorted(series_feed(slug) for slug in set(slugs))):
        insert_or_ignore(session, FEED_VERSIONS, {"name": name, "version": 0})
        session.execute(
            update(FeedVersion)
            .where(FeedVersion.name == name)
            .values(version=FeedVersion.version + 1)
            .execution_options(synchronize_session=False)
        )


def touch_all(session: Session) -> None:
    """Raise every version: what all feeds carry has changed, such as the organisation's name."""
    touch(session, session.scalars(select(SeriesRow.slug)))
