"""Lines of a timetable: replaced by key or start, taken over in a track, refused on one date."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.zones import zone
from scheduler.domain import recurrence, timetable_lines
from scheduler.domain.recurrence import Period, Timetable
from scheduler.domain.timetable_lines import Collision, Takeover

BERLIN = zone("Europe/Berlin")
TUESDAY = datetime(2026, 1, 6, 14)
THURSDAY = datetime(2026, 1, 8, 10)
WEEK = timedelta(weeks=1)


def line(
    starts: datetime,
    rule: str | None = "FREQ=WEEKLY",
    *,
    track: str | None = None,
    key: str | None = None,
    until: date | None = None,
) -> Period:
    return Period(starts, 60, rule, until, track, key)


def berlin(*periods: Period) -> Timetable:
    return Timetable("Europe/Berlin", periods)


def days(timetable: Timetable, last: date) -> list[str]:
    slots = recurrence.occurrences(timetable, date(2026, 1, 1), last)
    return [f"{slot.starts:%a %d %H:%M}" for slot in slots]


def test_tracks_run_side_by_side_and_each_is_taken_over_for_itself():
    timetable = berlin(
        line(THURSDAY, track="late"),
        line(TUESDAY, track="early"),
        line(datetime(2026, 1, 20, 9), track="early"),
    )

    assert days(timetable, date(2026, 1, 31)) == [
        "Tue 06 14:00",
        "Thu 08 10:00",
        "Tue 13 14:00",
        "Thu 15 10:00",
        "Tue 20 09:00",
        "Thu 22 10:00",
        "Tue 27 09:00",
        "Thu 29 10:00",
    ]


def test_lines_without_a_track_are_a_track_of_their_own():
    timetable = berlin(line(TUESDAY), line(THURSDAY, track="late"))

    assert days(timetable, date(2026, 1, 15)) == [
        "Tue 06 14:00",
        "Thu 08 10:00",
        "Tue 13 14:00",
        "Thu 15 10:00",
    ]


FRIDAYS = line(datetime(2026, 1, 9, 10), key="fri")
EARLY = line(TUESDAY, track="early")


@pytest.mark.parametrize(
    ("before", "lines", "after"),
    [
        ([FRIDAYS], [line(datetime(2026, 1, 9, 11), key="fri")], ["09 11:00 fri"]),
        ([FRIDAYS], [line(datetime(2026, 1, 9, 11))], ["09 10:00 fri", "09 11:00 None"]),
        ([FRIDAYS], [line(datetime(2026, 1, 9, 10), "FREQ=DAILY")], ["09 10:00 fri"]),
        ([line(FRIDAYS.starts)], [FRIDAYS], ["09 10:00 fri"]),
        ([FRIDAYS], [line(FRIDAYS.starts, key="new")], ["09 10:00 new"]),
        ([EARLY], [line(TUESDAY)], ["06 14:00 None", "06 14:00 None early"]),
        ([EARLY], [line(TUESDAY, track="early", key="t")], ["06 14:00 t early"]),
        ([line(TUESDAY, key="t")], [EARLY], ["06 14:00 t early"]),
        ([line(TUESDAY)], [EARLY, line(TUESDAY)], ["06 14:00 None", "06 14:00 None early"]),
        (
            [FRIDAYS],
            [line(FRIDAYS.starts), line(datetime(2026, 1, 16, 9), key="fri")],
            ["09 10:00 None", "16 09:00 fri"],
        ),
    ],
)
def test_merged_replaces_by_key_else_by_track_and_start(
    before: list[Period], lines: list[Period], after: list[str]
):
    merged = timetable_lines.merged(before, lines)

    assert [
        f"{each.starts:%d %H:%M} {each.key}{f' {each.track}' if each.track else ''}"
        for each in merged
    ] == after
    assert timetable_lines.merged(merged, lines) == merged


def test_twice_finds_a_line_at_the_start_or_with_the_key_of_another():
    at_the_start = line(FRIDAYS.starts, "FREQ=DAILY")
    with_the_key = line(TUESDAY, key="fri")

    assert timetable_lines.twice([FRIDAYS, at_the_start]) == at_the_start
    assert timetable_lines.twice([FRIDAYS, with_the_key]) == with_the_key
    assert timetable_lines.twice([FRIDAYS, line(TUESDAY), EARLY]) is None


def test_collision_names_the_first_date_that_two_tracks_give():
    weekly, monthly = line(TUESDAY, track="a"), line(THURSDAY, "FREQ=MONTHLY;BYDAY=1TU", track="b")

    found = timetable_lines.collision(berlin(weekly, monthly))

    assert found == Collision(date(2026, 2, 3), weekly, monthly)
    assert timetable_lines.collision_words(found) == (
        "Track a and track b both give 2026-02-03. Tracks must not have a date in common."
    )


@pytest.mark.parametrize(
    ("one", "other", "day"),
    [
        ("FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", None),
        ("FREQ=WEEKLY;UNTIL=20260301", "FREQ=MONTHLY;BYMONTHDAY=10", "2026-02-10"),
        ("FREQ=WEEKLY;UNTIL=20260209", "FREQ=MONTHLY;BYMONTHDAY=10", None),
        ("FREQ=WEEKLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29"),
        ("FREQ=WEEKLY", "FREQ=YEARLY;INTERVAL=4;BYMONTH=12;BYMONTHDAY=25", "2046-12-25"),
    ],
)
def test_collision_is_found_however_far_ahead(one: str, other: str, day: str | None):
    timetable = berlin(line(TUESDAY, one, track="a"), line(THURSDAY, other))

    found = timetable_lines.collision(timetable)

    assert (found and str(found.date)) == day


def test_lines_of_one_track_do_not_collide_and_a_line_taken_over_gives_nothing_more():
    other = line(datetime(2026, 2, 3, 9), "FREQ=WEEKLY;BYDAY=TU", track="b")
    taken_over = line(datetime(2026, 1, 29, 10), "FREQ=WEEKLY;BYDAY=TH", track="a")

    assert timetable_lines.collision(berlin(line(TUESDAY), line(THURSDAY))) is None
    assert timetable_lines.collision(berlin(line(TUESDAY, track="a"), taken_over, other)) is None


SOME_LINES = st.builds(
    line,
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    st.sampled_from(
        ("FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=3", "FREQ=MONTHLY", "FREQ=DAILY;INTERVAL=9", None)
    ),
    track=st.sampled_from((None, "a", "b")),
    until=st.dates(date(2026, 12, 31), date(2028, 1, 1)),
)


@settings(max_examples=30)
@given(st.lists(SOME_LINES, min_size=1, max_size=5))
def test_collision_is_the_first_date_that_tracks_alone_have_in_common(lines: list[Period]):
    last = date(2028, 1, 1)
    tracks = {each.track for each in lines}
    alone = [
        {
            slot.date
            for slot in recurrence.occurrences(
                berlin(*(each for each in lines if each.track == track)), date(2026, 1, 1), last
            )
        }
        for track in tracks
    ]
    seen: set[date] = set()
    common = [day for dates in alone for day in dates if day in seen or seen.add(day)]

    found = timetable_lines.collision(berlin(*lines))

    assert (found and found.date) == min(common, default=None)
    if found is None:
        merged = recurrence.occurrences(berlin(*lines), date(2026, 1, 1), last)
        assert [slot.date for slot in merged] == sorted(seen)


def test_takeover_says_from_when_each_line_holds_and_what_both_gave():
    before, after = line(TUESDAY), line(datetime(2026, 2, 3, 15))

    (takeover,) = timetable_lines.takeovers(berlin(after, before))

    assert takeover == Takeover(
        before, after, tuple(date(2026, 2, 3) + each * WEEK for each in range(4))
    )
    assert timetable_lines.takeover_words(takeover) == (
        "the line that starts 2026-02-03T15:00 holds from 2026-02-03 on and the line that starts "
        "2026-01-06T14:00 holds until 2026-02-02; both gave 2026-02-03, 2026-02-10, 2026-02-17 "
        "and later dates. To correct a line give it a `key`, to keep both give one of them a "
        "`track`"
    )


def test_takeover_of_a_line_that_never_holds_and_of_one_with_other_dates():
    same_day = line(TUESDAY.replace(hour=15), "FREQ=WEEKLY;COUNT=2")
    (never,) = timetable_lines.takeovers(berlin(line(TUESDAY), same_day))
    (other,) = timetable_lines.takeovers(berlin(line(TUESDAY), line(THURSDAY)))

    assert "2026-01-06T14:00 never holds; both gave 2026-01-06, 2026-01-13. To" in (
        timetable_lines.takeover_words(never)
    )
    assert "2026-01-06T14:00 holds until 2026-01-07; they have no date in common. To" in (
        timetable_lines.takeover_words(other)
    )


def test_line_that_had_ended_is_not_taken_over():
    ended = line(TUESDAY, until=date(2026, 2, 1))

    assert timetable_lines.takeovers(berlin(ended, line(datetime(2026, 2, 3, 15)))) == []
    assert timetable_lines.takeovers(berlin(line(TUESDAY), line(THURSDAY, track="late"))) == []
