"""What is on, read from rows: which events a window holds, and in how many statements."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import literal_column, update

from core.db.transaction import transaction
from scheduler.domain.events import EventStatus, Gap
from scheduler.domain.interval import Interval
from scheduler.domain.talks import Speaker, Talk
from scheduler.models import TalkRow, series_organizers
from scheduler.queries.events import (
    events_between,
    find_event,
    find_event_by_id,
    find_next_event,
    key_on,
    neighbors,
    past_events,
    undated_events,
)
from scheduler.queries.loading import load_series
from scheduler.queries.organizers import organizers_of
from scheduler.queries.series import find_series, series_organized_by
from tests.factories import MADE_AT, add_event, add_person, add_series, add_talk
from tests.statements import statements

NOW = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)  # a Wednesday
JUNE = Interval(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))


def on(session, series, window=JUNE):
    return events_between(
        session,
        series,
        window,
        NOW,
        open_until=NOW + timedelta(weeks=26),
        rowless_until=NOW + timedelta(days=366),
    )


def lines(events):
    return [(each.key, str(each.status), each.title) for each in events]


def test_events_between_holds_talks_open_slots_and_no_gap(session):
    with transaction() as rows:
        dlct = add_series(rows, gaps=[(date(2026, 6, 19), "Juneteenth")])
        add_event(rows, dlct, "2026-06-12", title="Few-shot learners", speakers=["Ada, MIT"])
    series = load_series(session)
    assert lines(on(session, series)) == [
        ("2026-06-05", "open", "DLCT: open slot"),
        ("2026-06-12", "scheduled", "DLCT: Few-shot learners (Ada)"),
        ("2026-06-26", "open", "DLCT: open slot"),
    ]
    assert series[0].gaps == (Gap(date=date(2026, 6, 19), reason="Juneteenth"),)


def test_moved_event_keeps_its_key_and_says_where_it_was(session):
    with transaction() as rows:
        dlct = add_series(rows)
        add_event(rows, dlct, "2026-06-12", starts=datetime(2026, 6, 8, 10, 0), speakers=["Ada"])
    moved = on(session, load_series(session))[1]
    assert (moved.key, moved.starts_at, moved.moved_from) == (
        "2026-06-12",
        datetime(2026, 6, 8, 17, 0, tzinfo=UTC),
        datetime(2026, 6, 12, 17, 0, tzinfo=UTC),
    )


def test_event_moved_out_of_the_window_leaves_no_open_slot_behind(session):
    with transaction() as rows:
        dlct = add_series(rows)
        add_event(rows, dlct, "2026-06-12", starts=datetime(2026, 9, 1, 10, 0), speakers=["Ada"])
    assert [each.key for each in on(session, load_series(session))] == [
        "2026-06-05",
        "2026-06-19",
        "2026-06-26",
    ]


def test_cancelled_event_frees_its_date_for_a_second_one(session):
    with transaction() as rows:
        dlct = add_series(rows)
        add_event(rows, dlct, "2026-06-12", title="A", status="cancelled", reason="Ill")
        add_event(rows, dlct, "2026-06-12-2", title="B")
    found = on(session, load_series(session))
    assert lines(found)[1:3] == [
        ("2026-06-12", "cancelled", "DLCT: A"),
        ("2026-06-12-2", "scheduled", "DLCT: B"),
    ]


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_series_that_is_not_active_gives_no_event_without_a_row(session, status):
    with transaction() as rows:
        dlct = add_series(rows, status=status)
        add_event(rows, dlct, "2026-06-12", title="A")
    assert [each.key for each in on(session, load_series(session))] == ["2026-06-12"]


def test_series_of_another_kind_is_scheduled_without_rows_in_the_past_too(session):
    with transaction() as rows:
        add_series(rows, "hall", name="Town hall", kind="social")
    window = Interval(datetime(2026, 5, 27, tzinfo=UTC), datetime(2026, 6, 7, tzinfo=UTC))
    assert lines(on(session, load_series(session), window)) == [
        ("2026-05-29", "scheduled", "Town hall"),
        ("2026-06-05", "scheduled", "Town hall"),
    ]


def test_event_is_the_same_before_and_after_it_gets_a_row(session):
    with transaction() as rows:
        dlct = add_series(rows, revision=3)
    series = find_series(session, "dlct")
    before = find_event(session, series, "2026-06-12", NOW)
    with transaction() as rows:
        add_event(rows, dlct, "2026-06-12", title="A")
    after = find_event(session, series, "2026-06-12", NOW)
    assert (before.id, before.uid, before.starts_at) == (after.id, after.uid, after.starts_at)
    assert (before.sequence, after.sequence) == (3, 4)
    assert find_event_by_id(session, before.id, NOW) == after


@pytest.mark.parametrize(
    "key", ["2026-06-11", "20260612", "nonsense", "2026-W24-5", "2026-06-12-2"]
)
def test_event_of_a_date_the_rule_does_not_give_is_none(session, key):
    with transaction() as rows:
        add_series(rows)
    assert find_event(session, find_series(session, "dlct"), key, NOW) is None


def test_past_slot_that_nobody_took_is_none(session):
    with transaction() as rows:
        add_series(rows)
    assert find_event(session, find_series(session, "dlct"), "2026-05-29", NOW) is None


def test_event_by_id_refuses_what_only_looks_like_one(session):
    with transaction() as rows:
        dlct = add_series(rows)
    assert find_event_by_id(session, f"{dlct.ref}x2026-06-12", NOW) is None
    assert find_event_by_id(session, "", NOW) is None


def test_key_on_finds_the_event_that_moved_there(session):
    with transaction() as rows:
        dlct = add_series(rows)
        add_event(rows, dlct, "2026-06-12", starts=datetime(2026, 6, 8, 23, 30), title="A")
    series = find_series(session, "dlct")
    assert key_on(session, series, date(2026, 6, 8)) == "2026-06-12"
    assert key_on(session, series, date(2026, 6, 9)) is None


def test_archive_is_newest_first_with_imprecise_dates_in_place(session):
    with transaction() as rows:
        dlct = add_series(rows)
        for key in ("2021", "2021-05-07", "2023-04", "2026-05-29", "2026-06-12"):
            add_event(rows, dlct, key, title=key)
    series = find_series(session, "dlct")
    assert [each.key for each in past_events(session, series, NOW)] == [
        "2026-05-29",
        "2023-04",
        "2021-05-07",
        "2021",
    ]


def test_next_event_is_the_one_that_is_on(session):
    with transaction() as rows:
        dlct = add_series(rows)
        add_event(rows, dlct, "2026-06-05", title="A", status="cancelled")
    series = find_series(session, "dlct")
    during = datetime(2026, 6, 12, 17, 30, tzinfo=UTC)
    assert find_next_event(session, series, NOW).key == "2026-06-12"
    assert find_next_event(session, series, during).key == "2026-06-19"


def test_next_event_looks_as_far_as_it_takes(session):
    with transaction() as rows:
        jam = add_series(rows, "jam", name="Research Jam", kind="jam", timetable=())
        add_event(rows, jam, "2027-03-05", starts=datetime(2027, 3, 5, 9), extra=True, number=36)
    series = find_series(session, "jam")
    assert find_next_event(session, series, NOW).title == "Research Jam #36"


def test_neighbours_are_the_nearest_that_stand(session):
    with transaction() as rows:
        dlct = add_series(rows)
        add_event(rows, dlct, "2019-05-03", title="Old")
        add_event(rows, dlct, "2026-06-12", title="A")
        add_event(rows, dlct, "2026-06-19", title="B", status="cancelled")
    series = find_series(session, "dlct")
    old = find_event(session, series, "2019-05-03", NOW)
    now = find_event(session, series, "2026-06-12", NOW)
    before, after = neighbors(session, series, Interval(now.starts_at, now.ends_at), NOW)
    assert (before.key, after.key) == ("2026-06-05", "2026-06-26")
    before, after = neighbors(session, series, Interval(old.starts_at, old.ends_at), NOW)
    assert (before, after.key) == (None, "2026-06-05")


def test_event_carries_all_that_is_known_of_its_talks(session):
    with transaction() as rows:
        dlct = add_series(rows)
        row = add_event(rows, dlct, "2026-06-12", title="B", position=1, topics=["ä", "scaling"])
        add_talk(rows, row, title="A", position=0, speakers=["Ada, London", "Bob"], video_at=924)
    event = find_event(session, find_series(session, "dlct"), "2026-06-12", NOW)
    assert event.talks == (
        Talk(
            title="A",
            speakers=(Speaker(name="Ada", affiliation="London"), Speaker(name="Bob")),
            video_at=924,
            key="t1",
        ),
        Talk(title="B", topics=("ä", "scaling"), key="t2"),
    )
    assert event.changed_at == MADE_AT


def test_organisers_are_named(session):
    with transaction() as rows:
        person = add_person(rows, name="Ada")
        dlct = add_series(rows)
        rows.execute(series_organizers.insert().values(series_id=dlct.id, person_id=person.id))
    found = organizers_of(session, [dlct.id])
    assert [each.email for each in found[dlct.id]] == ["ada@example.org"]
    assert [each.slug for each in series_organized_by(session, person.id)] == ["dlct"]


@pytest.mark.parametrize("many", [1, 30])
def test_window_takes_as_many_statements_for_one_event_as_for_thirty(
    sqlite_app, sqlite_session, many
):
    with transaction() as rows:
        for number in range(3):
            series = add_series(rows, f"series-{number}")
            for week in range(many):
                day = date(2026, 6, 5) + timedelta(weeks=week)
                row = add_event(rows, series, day.isoformat(), title="A", speakers=["Ada", "Bob"])
                add_talk(rows, row, title="B", position=1)
    with statements(sqlite_app) as sent:
        found = on(sqlite_session, load_series(sqlite_session))
    assert len(found) == 12
    assert found[0].status is (EventStatus.SCHEDULED)
    assert len(sent) == 6


def test_undated_events_are_found_without_reading_the_archive(sqlite_session):
    with transaction() as rows:
        dlct = add_series(rows)
        unreadable = add_event(rows, dlct, "2024-01-05", title="Old").id
        rows.execute(
            update(TalkRow)
            .where(TalkRow.event_id == unreadable)
            .values(topics=literal_column("'['"))
        )
        for key in ("2021", "2023-04"):
            add_event(rows, dlct, key, title=key)

    found = undated_events(sqlite_session, find_series(sqlite_session, "dlct"), NOW)

    assert [event.key for event in found] == ["2023-04", "2021"]
