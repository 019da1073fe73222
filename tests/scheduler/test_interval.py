"""Arithmetic on intervals of instants."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.interval import Interval, merge, subtract


def hours(start, end):
    """The interval between two hours of Thursday, 1 January 2026."""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    return Interval(day + timedelta(hours=start), day + timedelta(hours=end))


@pytest.mark.parametrize("end", [1, 0])
def test_interval_refuses_to_end_before_it_has_begun(end):
    with pytest.raises(ValueError):
        hours(1, end)


def test_interval_lasts_its_real_time():
    assert hours(1, 3).duration == timedelta(hours=2)


@pytest.mark.parametrize(
    ("other", "expected"),
    [((0, 1), False), ((0, 2), True), ((1, 3), True), ((2, 4), True), ((3, 4), False)],
)
def test_overlap_is_more_than_touching(other, expected):
    assert hours(1, 3).overlaps(hours(*other)) is expected
    assert hours(*other).overlaps(hours(1, 3)) is expected


@pytest.mark.parametrize(
    ("other", "expected"), [((1, 3), True), ((1, 2), True), ((0, 2), False), ((2, 4), False)]
)
def test_interval_contains_what_ends_with_it(other, expected):
    assert hours(1, 3).contains(hours(*other)) is expected


def test_merge_joins_what_overlaps_or_touches():
    assert merge([hours(5, 6), hours(1, 3), hours(3, 4), hours(0, 8), hours(9, 10)]) == [
        hours(0, 8),
        hours(9, 10),
    ]
    assert merge([]) == []


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [(2, 8)]),
        ([(0, 2), (8, 9)], [(2, 8)]),
        ([(3, 4), (5, 6)], [(2, 3), (4, 5), (6, 8)]),
        ([(5, 6), (0, 3)], [(3, 5), (6, 8)]),
        ([(6, 9)], [(2, 6)]),
        ([(0, 9)], []),
        ([(3, 5), (4, 6)], [(2, 3), (6, 8)]),
    ],
)
def test_subtract_leaves_what_nothing_takes(taken, left):
    assert subtract(hours(2, 8), [hours(*each) for each in taken]) == [
        hours(*each) for each in left
    ]
