"""Pages of a list of events, which is read in spans of a year and more."""

from datetime import UTC, datetime, timedelta

from core.db.transaction import transaction
from scheduler.domain.interval import Interval
from scheduler.queries import listing
from scheduler.queries.listing import FIRST_SPAN, EventFilter
from scheduler.queries.loading import load_series
from tests.factories import add_event, add_series

NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)  # a Wednesday


def test_event_across_the_edge_of_a_span_is_listed_once(session):
    edge = NOW + FIRST_SPAN
    with transaction() as rows:
        retreat = add_series(rows, "retreat", zone="UTC", timetable=())
        starts = (edge - timedelta(hours=1)).replace(tzinfo=None)
        add_event(rows, retreat, f"{starts:%Y-%m-%d}", starts=starts, minutes=120, extra=True)
    matching = EventFilter(load_series(session), Interval(NOW, edge + timedelta(days=30)))

    found, following = listing.page(session, matching, NOW, after=None, limit=100)

    assert ([event.starts_at for event in found], following) == ([edge - timedelta(hours=1)], None)
