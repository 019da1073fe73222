"""Keys of talks: stable within their event when anything else about a talk changes."""

import re
from collections.abc import Sequence

from scheduler.domain.talks import Speaker, Talk

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
    known = {talk.key: talk.speakers for talk in before}
    return tuple(_with_addresses(talk, known.get(talk.key, ())) for talk in talks)


def _with_addresses(talk: Talk, before: Sequence[Speaker]) -> Talk:
    """Return the talk with the addresses of speakers `before` whose address was left out.

    Nobody is shown an address, so that what is sent back does not have it.
    """
    known = {speaker.name: speaker.email for speaker in before if speaker.email}
    if not known:
        return talk
    speakers = tuple(
        speaker
        if "email" in speaker.model_fields_set
        else speaker.model_copy(update={"email": known.get(speaker.name)})
        for speaker in talk.speakers
    )
    return talk.model_copy(update={"speakers": speakers})


def _number(key: str) -> int:
    match = _NUMBERED.fullmatch(key)
    return int(match[1]) if match else 0
