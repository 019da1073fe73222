"""Which color a new series gets."""

import pytest

from scheduler.domain.colors import COLORS, least_used


@pytest.mark.parametrize(
    ("used", "color"),
    [([], 0), ([0], 1), ([1, 1, 2], 0), (range(12), 0), ([*range(12), *range(5)], 5)],
)
def test_least_used_color_is_chosen(used: list[int], color: int) -> None:
    assert least_used(used) == color


def test_neighbors_differ_however_many_there_are() -> None:
    used: list[int] = []
    for _ in range(40):
        used.append(least_used(used))
    assert set(used[:12]) == set(range(len(COLORS)))
    assert all(len({*used[at : at + 12]}) == 12 for at in range(len(used) - 12))
