"""The order in which bookings go to other times, and which of them cannot."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from booking.domain.shifts import Shift, arrange
from scheduler.domain.interval import Interval

NINE = datetime(2026, 11, 12, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hour(number: float, length: float = 1) -> Interval:
    return Interval(NINE + number * HOUR, NINE + (number + length) * HOUR)


def shift(row_id: int, before: float, after: float) -> Shift:
    return Shift(row_id, hour(before), hour(after))


def ids(shifts: list[Shift]) -> list[int]:
    return [each.row_id for each in shifts]


def test_neighbors_that_go_later_begin_with_the_last():
    made, rest = arrange([shift(1, 0, 1), shift(2, 1, 2), shift(3, 2, 3)], [])
    assert (ids(made), rest) == ([3, 2, 1], [])


def test_neighbors_that_go_earlier_begin_with_the_first():
    made, rest = arrange([shift(2, 1, 0), shift(3, 2, 1), shift(1, 0, -1)], [])
    assert (ids(made), rest) == ([1, 2, 3], [])


def test_booking_before_one_that_stays_cannot_go_there():
    made, rest = arrange([shift(1, 0, 1), shift(2, 5, 6)], [hour(1)])
    assert (ids(made), ids(rest)) == ([2], [1])


def test_booking_before_one_that_cannot_go_cannot_go_either():
    made, rest = arrange([shift(1, 0, 1), shift(2, 1, 2)], [hour(2)])
    assert (made, ids(rest)) == ([], [2, 1])


def test_touching_bookings_do_not_overlap():
    made, rest = arrange([shift(1, 0, 1)], [hour(2), hour(0)])
    assert (ids(made), rest) == ([1], [])


def test_two_bookings_cannot_change_places():
    made, rest = arrange([shift(1, 0, 1), shift(2, 1, 0)], [])
    assert (made, ids(rest)) == ([], [1, 2])


@given(
    st.lists(st.integers(0, 20), unique=True, max_size=12),
    st.lists(st.sampled_from([-2, -1, -0.5, 0, 0.5, 1, 2]), min_size=12, max_size=12),
)
def test_no_step_ever_overlaps_and_what_stays_has_to(starts, by):
    moves = [shift(n, at, at + d) for n, (at, d) in enumerate(zip(starts, by, strict=False)) if d]
    others = [hour(at) for at, d in zip(starts, by, strict=False) if not d]
    made, rest = arrange(moves, others)

    assert sorted(ids(made) + ids(rest)) == ids(moves)
    taken = {each.row_id: each.before for each in moves}
    for step in made:
        taken[step.row_id] = step.after
        booked = sorted([*taken.values(), *others])
        assert not any(one.overlaps(two) for one, two in pairwise(booked))
    for each in rest:
        elsewhere = [at for row_id, at in taken.items() if row_id != each.row_id]
        assert any(each.after.overlaps(at) for at in [*elsewhere, *others])
