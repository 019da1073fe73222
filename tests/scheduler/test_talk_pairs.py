"""Rows and the talks that they are about: by title and speakers, then title, then a speaker."""

import pytest

from scheduler.domain import talk_pairs
from scheduler.domain.talks import Speaker, Talk


def talk(title: str | None, *names: str) -> Talk:
    return Talk(title=title, speakers=tuple(Speaker(name=name) for name in names))


@pytest.mark.parametrize(
    ("wanted", "known", "found"),
    [
        ([talk("A", "Ada")], [talk("A", "Ada")], {0: 0}),
        ([talk("A"), talk("A", "Ada")], [talk("A", "Ada"), talk("A")], {0: 1, 1: 0}),
        ([talk("A", "Bob"), talk("A", "Ada")], [talk("A", "Ada"), talk("A", "Bob")], {0: 1, 1: 0}),
        ([talk("One  TALK")], [talk("Other"), talk("one talk", "Ada")], {0: 1}),
        ([talk("New", "Ada", "Bob")], [talk("Old", "Bob")], {0: 0}),
        ([talk("A"), talk("A")], [talk("A")], {0: 0}),
        ([talk("A"), talk("A")], [talk("A"), talk("A")], {0: 0, 1: 1}),
        ([talk("A")], [talk("B")], {}),
        ([talk(None)], [talk(None)], {}),
        ([talk(None, "Ada")], [talk("A")], {}),
    ],
)
def test_talks_are_found_once(wanted: list[Talk], known: list[Talk], found: dict[int, int]) -> None:
    assert dict(talk_pairs.pairs(list(enumerate(wanted)), list(enumerate(known)))) == found
