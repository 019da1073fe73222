"""When each talk of an event starts."""

import pytest

from scheduler.domain import talk_times
from scheduler.domain.talks import Talk


def talk(offset: int | None = None, minutes: int | None = None) -> Talk:
    return Talk(offset=offset, minutes=minutes)


@pytest.mark.parametrize(
    ("talks", "first", "offsets", "known"),
    [
        ([], 0, [], False),
        ([talk()], 0, [0], False),
        ([talk(minutes=20)], 0, [0], False),
        ([talk(15)], 0, [15], True),
        ([talk(), talk()], 0, [0, None], False),
        ([talk(minutes=10), talk(minutes=5), talk()], 0, [0, 10, 15], True),
        ([talk(15, 10), talk(minutes=5), talk(60), talk()], 0, [15, 25, 60, None], True),
        ([talk(minutes=10), talk(), talk(40, 5), talk()], None, [None, None, 40, 45], True),
    ],
)
def test_talk_starts_at_its_offset_else_after_the_talks_before_it(
    talks: list[Talk], first: int | None, offsets: list[int | None], known: bool
):
    assert list(talk_times.offsets(talks, first)) == offsets
    assert talk_times.are_known(talks) is known
