"""New zone data: events to come keep their wall time, and calendars see a higher SEQUENCE."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from core import worker, zone_updates, zones
from core.audit import AuditEntry
from core.db.base import db
from core.db.transaction import transaction
from scheduler import feeds
from scheduler.domain.interval import Interval
from scheduler.domain.recurrence import Period
from scheduler.models import FeedVersion, SeriesRow
from scheduler.queries.events import events_between
from scheduler.queries.series import find_series
from scheduler.services.feed_versions import CALENDAR
from scheduler.services.zone_changes import DERIVATION
from tests import zone_data
from tests.factories import add_event, add_series
from tests.zone_data import ALWAYS_SUMMER, NEWER, OLDER, PACIFIC, VANCOUVER

NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
THURSDAYS = Period(datetime(2026, 1, 1, 10), 60, "FREQ=WEEKLY;BYDAY=TH")
SUMMER = Period(datetime(2026, 1, 1, 10), 60, "FREQ=WEEKLY;BYDAY=TH", date(2026, 10, 29))
JOB = zone_updates.job([DERIVATION])


@pytest.fixture(autouse=True)
def data(app, tmp_path):
    """The older release is in use; the newer one is there."""
    rules = {OLDER: PACIFIC, NEWER: ALWAYS_SUMMER}
    trees = {
        release: zone_data.write_release(tmp_path, release, {VANCOUVER: rule})
        for release, rule in rules.items()
    }

    def use(release):
        zones.use(zones.read(trees[release]))

    use(OLDER)
    yield use
    zones.use(zones.read())


def derive(app, now: datetime = NOW) -> int:
    runner = worker.JobRunner(app, now=lambda: now)
    done = runner.run(JOB)
    runner.close()
    return done


def seen(app, slug: str) -> dict[str, tuple]:
    """Return start, SEQUENCE and DTSTAMP of the events of eight weeks by key."""
    with app.app_context():
        session = db.session()
        series = find_series(session, slug)
        window = Interval(NOW, NOW + timedelta(weeks=8))
        found = events_between(
            session, [series], window, NOW, open_until=window.end, rowless_until=window.end
        )
        return {event.key: (event.starts_at, event.sequence, event.changed_at) for event in found}


def versions(app) -> dict[str, int]:
    with app.app_context():
        return {row.name: row.version for row in db.session.scalars(select(FeedVersion))}


def test_events_with_and_without_a_row_keep_their_wall_time(app, data):
    with app.app_context(), transaction() as session:
        series = add_series(session, "v", zone=VANCOUVER, timetable=[THURSDAYS], kind="group")
        add_event(session, series, "2026-11-12", title="Of the rule")
        add_event(session, series, "2026-11-19", starts=datetime(2026, 11, 20, 9), title="Moved")
        add_event(session, series, "2026-10-08", title="In summer time by both")
        add_event(session, series, "2026-01-08", title="Past")
        add_series(session, "la", timetable=[THURSDAYS], kind="group")
    assert derive(app) == 0
    before, others, told = seen(app, "v"), seen(app, "la"), versions(app)

    data(NEWER)
    assert derive(app) == 3  # two rows, and the occurrences without a row

    after = seen(app, "v")
    assert {key: before[key][0] - after[key][0] for key in before} == {
        key: HOUR if key > "2026-11-01" else timedelta() for key in before
    }
    assert {key: after[key][1] - before[key][1] for key in before} == {
        key: 2 if key in ("2026-11-12", "2026-11-19") else 1 for key in before
    }
    assert {each[2] for each in after.values()} == {NOW}
    assert seen(app, "la") == others
    assert versions(app) == {
        **told,
        CALENDAR: told[CALENDAR] + 1,
        "series/v": told["series/v"] + 1,
    }
    with app.app_context():
        actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert sorted(actions) == ["event moved", "event moved", "series moved"]

    assert derive(app) == 0
    data(OLDER)
    assert derive(app) == 0
    data(NEWER)
    assert seen(app, "v") == after


def test_series_without_a_moved_occurrence_keeps_its_revision(app, data):
    with app.app_context(), transaction() as session:
        add_series(session, "v", zone=VANCOUVER, timetable=[SUMMER], kind="group")
    derive(app)
    before, told = seen(app, "v"), versions(app)
    data(NEWER)
    assert derive(app) == 0
    assert (seen(app, "v"), versions(app)) == (before, told)


def test_all_day_event_begins_at_the_new_midnight(app, data):
    with app.app_context(), transaction() as session:
        series = add_series(session, "v", zone=VANCOUVER, timetable=[])
        add_event(
            session, series, "2026-11-12", starts=datetime(2026, 11, 12), all_day=True, extra=True
        )
    derive(app)
    data(NEWER)
    assert derive(app) == 1
    assert seen(app, "v")["2026-11-12"][:2] == (datetime(2026, 11, 12, 7, tzinfo=UTC), 2)


def test_revision_is_not_raised_for_what_feeds_do_not_show(app, data):
    far = NOW + feeds.WITHOUT_ROW + timedelta(days=60)
    once = Period(datetime.combine(far.date(), datetime.min.time()), 60)
    with app.app_context(), transaction() as session:
        add_series(session, "v", zone=VANCOUVER, timetable=[once], kind="group")
    derive(app)
    data(NEWER)
    assert derive(app) == 0
    with app.app_context():
        assert db.session.scalars(select(SeriesRow.revision)).one() == 0
