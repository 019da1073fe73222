"""What a programme says: moves, gaps, what is large, the rules in words, hours that shift."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.time_format import HourClock
from core.zones import zone
from scheduler.domain import occurrences, program, walltime
from scheduler.domain.events import Event, Gap, JoinAccess, Kind, Series, SeriesStatus
from scheduler.domain.interval import Interval
from scheduler.domain.occurrences import RowlessUntil, StoredEvent
from scheduler.domain.recurrence import Period, Timetable
from scheduler.domain.talks import Talk

NOW = datetime(2026, 10, 28, 12, 0, tzinfo=UTC)  # a Wednesday, before both clock changes
WINDOW = Interval(NOW, NOW + timedelta(weeks=4))
LOS_ANGELES = "America/Los_Angeles"
FRIDAYS = Period(datetime(2018, 1, 5, 10, 0), 60, "FREQ=WEEKLY;BYDAY=FR")


def series(*, kind=Kind.TALKS, periods=(FRIDAYS,), gaps=(), status=SeriesStatus.ACTIVE):
    return Series(
        id=1,
        uid="dlct@example.org",
        ref="0123456789ab",
        slug="dlct",
        name="Deep Learning",
        short_name="DLCT",
        kind=kind,
        timetable=Timetable(LOS_ANGELES, tuple(periods)),
        gaps=tuple(gaps),
        description="",
        join_url=None,
        join_access=JoinAccess.PUBLIC,
        status=status,
        color=0,
        revision=0,
        revised_at=NOW,
    )


def record(key, starts, *, moved=False, talk="A", **fields):
    at = walltime.instant(starts, zone(LOS_ANGELES))
    values = {
        "row_id": 1,
        "series_id": 1,
        "key": key,
        "uid": f"{key}@example.org",
        "date": date.fromisoformat(key[:10]),
        "starts": starts if moved else None,
        "minutes": None,
        "all_day": False,
        "days": 1,
        "starts_at": at,
        "ends_at": at + timedelta(hours=1),
        "number": None,
        "status": "scheduled",
        "reason": None,
        "sequence": 1,
        "revised_at": NOW,
        "talks": (Talk(title=talk),) if talk else (),
    }
    return StoredEvent(**{**values, **fields})


def lines(of, records=()):
    ahead = RowlessUntil(WINDOW.end, WINDOW.end)
    events = occurrences.events_around(of, records, WINDOW, NOW, ahead)
    return program.program_lines(of, events, WINDOW)


def said(found):
    return [(f"{line.at:%d %b}", line.state) for line in found]


def test_program_says_the_gap_where_the_rule_would_have_met():
    of = series(
        gaps=[
            Gap(date=date(2026, 11, 6), reason="holiday"),
            Gap(date=date(2026, 11, 5), reason="not a Friday"),
        ]
    )
    found = lines(of)
    assert said(found) == [
        ("30 Oct", "open"),
        ("06 Nov", "gap"),
        ("13 Nov", "open"),
        ("20 Nov", "open"),
    ]
    assert found[1].gap.reason == "holiday"


def test_program_shows_an_event_that_takes_place_in_a_gap():
    of = series(gaps=[Gap(date=date(2026, 11, 6), reason="holiday")])
    found = lines(of, [record("2026-11-06", datetime(2026, 11, 6, 10))])
    assert said(found)[1] == ("06 Nov", "scheduled")


def test_program_keeps_the_date_that_a_talk_left():
    moved = record("2026-11-06", datetime(2026, 11, 9, 10), moved=True)
    assert said(lines(series(), [moved])) == [
        ("30 Oct", "open"),
        ("06 Nov", "moved"),
        ("09 Nov", "scheduled"),
        ("13 Nov", "open"),
        ("20 Nov", "open"),
    ]


def test_program_keeps_the_date_of_a_talk_that_left_the_window():
    moved = record("2026-11-06", datetime(2027, 3, 1, 10), moved=True)
    assert ("06 Nov", "moved") in said(lines(series(), [moved]))


def test_program_has_one_line_for_a_talk_moved_within_its_day():
    moved = record("2026-11-06", datetime(2026, 11, 6, 15), moved=True)
    assert said(lines(series(), [moved]))[1:3] == [("06 Nov", "scheduled"), ("13 Nov", "open")]


def test_featured_is_the_first_that_takes_place():
    found = lines(
        series(),
        [
            record("2026-11-06", datetime(2026, 11, 6, 10), status="cancelled"),
            record("2026-11-13", datetime(2026, 11, 13, 10), talk="B"),
        ],
    )
    assert program.featured(found).event.talks[0].title == "B"
    assert program.featured(lines(series())) is None


def test_apart_lists_the_far_open_slots():
    shown, free = program.split_open_slots(lines(series()), NOW + timedelta(weeks=2))
    assert said(shown) == [("30 Oct", "open"), ("06 Nov", "open")]
    assert [event.key for event in free] == ["2026-11-13", "2026-11-20"]


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-10-30", 168), ("2026-11-06", 169), ("2026-11-13", 168)],
)
def test_previous_start_tells_the_real_time_since(day, hours):
    of = series()
    event = occurrences.event_from_rule(of, day, NOW)
    assert event.starts_at - occurrences.previous_start(event) == timedelta(hours=hours)


def test_previous_start_of_a_moved_event_is_none():
    moved = record("2026-11-06", datetime(2026, 11, 9, 10), moved=True)
    assert occurrences.previous_start(occurrences.event_from_row(series(), moved, NOW)) is None


def test_friday_at_ten_keeps_its_hour_over_every_clock_change():
    of = series()
    instants = {
        "2026-03-06": 18,
        "2026-03-13": 17,
        "2026-04-03": 17,
        "2026-10-30": 17,
        "2026-11-06": 18,
    }
    early = datetime(2026, 1, 1, tzinfo=UTC)
    found = {day: occurrences.event_from_rule(of, day, early).starts_at.hour for day in instants}
    assert found == instants


def test_all_day_event_on_its_own_date_has_not_moved():
    of = series()
    whole = record("2026-11-06", datetime(2026, 11, 6), all_day=True, moved=True)
    assert occurrences.event_from_row(of, whole, NOW).moved_from is None


def test_rhythms_are_those_that_hold_or_will():
    periods = (
        FRIDAYS,
        Period(datetime(2027, 1, 14, 18, 0), 90, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH"),
        Period(datetime(2020, 2, 1, 9, 0), 60),
    )
    assert program.rule_sentences(
        Timetable(LOS_ANGELES, periods[:2]), NOW.date(), HourClock.H24
    ) == [
        "Fridays at 10:00 in Los Angeles, 60 minutes",
        "from 14 January 2027: every second Thursday at 18:00 in Los Angeles, 90 minutes",
    ]
    assert (
        program.rule_sentences(Timetable(LOS_ANGELES, periods[2:]), NOW.date(), HourClock.H24) == []
    )


WEST = Period(datetime(2026, 1, 2, 17), 60, "FREQ=WEEKLY;INTERVAL=2", track="west")
EAST = Period(datetime(2026, 1, 9, 9), 60, "FREQ=WEEKLY;INTERVAL=2", track="east")


def test_rhythms_of_tracks_are_one_sentence_and_later_ones_follow():
    sundays = Period(datetime(2027, 1, 10, 9), 45, "FREQ=WEEKLY", track="east")
    assert program.rule_sentences(
        Timetable(LOS_ANGELES, (WEST, EAST, sundays)), NOW.date(), HourClock.H24
    ) == [
        "Fridays in turn at 17:00 and 09:00 in Los Angeles, 60 minutes",
        "from 10 January 2027: Sundays at 09:00 in Los Angeles, 45 minutes",
    ]


def test_previous_start_is_that_of_the_track():
    of = series(periods=(WEST, EAST))
    event = occurrences.event_from_rule(of, "2026-11-13", NOW)
    before = occurrences.previous_start(event)
    assert [
        f"{walltime.wall(at, zone(LOS_ANGELES)):%d %b %H:%M}" for at in (before, event.starts_at)
    ] == [
        "30 Oct 09:00",
        "13 Nov 09:00",
    ]


def test_by_year_takes_imprecise_dates_by_their_key():
    of = series()
    known = occurrences.event_from_row(of, record("2026-01-09", datetime(2026, 1, 9, 10)), NOW)
    vague = occurrences.event_from_row(
        of,
        record("2026-01-09", datetime(2026, 1, 9, 10))._replace(
            key="2021", date=None, starts_at=None, ends_at=None
        ),
        NOW,
    )
    years: list[tuple[str, list[Event]]] = program.by_year([known, vague])
    assert [(year, [event.key for event in events]) for year, events in years] == [
        ("2026", ["2026-01-09"]),
        ("2021", ["2021"]),
    ]
