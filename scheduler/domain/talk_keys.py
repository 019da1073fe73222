"""Keys of talks: stable within their event when anything else about a talk changes."""

import re
from collections.abc import Sequence

from scheduler.domain.talks import Talk

_NUMBERED = re.compile(r"t([1-9]\d{0,8})")


def keyed(before: Sequence[Talk], after: Sequence[Talk]) -> tuple[Talk, ...]:
    """Return the talks `after` that replace those of `before`, each with a key.

    A talk without a key takes that of the unclaimed talk with the same content. Else it is a new
    talk where others name keys of the event; where none does, it takes the next unclaimed key.
    A new key is "t" and a number above those of `before` and `after`.
    """
    talks = list(after)
    claimed = {talk.key for talk in after}
    unclaimed = [talk for talk in before if talk.key not in claimed]
    for position, talk in enumerate(talks):
        same = next(
            (each for each in unclaimed if each.model_copy(update={"key": ""}) == talk), None
        )
        if same is not None:
            unclaimed.remove(same)
            talks[position] = same
    if any(talk.key in claimed for talk in before):
        unclaimed = []
    number = max((_number(talk.key) for talk in (*before, *after)), default=0)
    for position, talk in enumerate(talks):
        if talk.key:
            continue
        if unclaimed:
            key = unclaimed.pop(0).key
        else:
            number += 1
            key = f"t{number}"
        talks[position] = talk.model_copy(update={"key": key})
    return tuple(talks)


def _number(key: str) -> int:
    match = _NUMBERED.fullmatch(key)
    return int(match[1]) if match else 0
