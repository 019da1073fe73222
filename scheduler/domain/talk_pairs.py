"""Which of the known talks a row of a table is about: by title and speakers."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from scheduler.domain.talks import Talk

Owner = TypeVar("Owner")
Place = TypeVar("Place", bound=Hashable)
Traits = Callable[[Talk], Iterator[Hashable]]


def pairs(
    wanted: Sequence[tuple[Owner, Talk]], known: Sequence[tuple[Place, Talk]]
) -> Iterator[tuple[Owner, Place]]:
    """Yield the owner of each wanted talk that is found, with the place of the known one.

    Talks that agree in title and speakers are found first, then by title, then by a speaker. A
    known talk is found once; talks without title and speakers are not found.
    """
    rest = list(wanted)
    taken: set[Place] = set()
    for traits in (_title_and_speakers, _title, _speakers):
        places: dict[Hashable, deque[Place]] = defaultdict(deque)
        for place, talk in known:
            if place not in taken:
                for trait in traits(talk):
                    places[trait].append(place)
        unfound = []
        for owner, talk in rest:
            found = _first(places, traits(talk), taken)
            if found is None:
                unfound.append((owner, talk))
            else:
                taken.add(found)
                yield owner, found
        rest = unfound


def _first(
    places: dict[Hashable, deque[Place]], traits: Iterable[Hashable], taken: set[Place]
) -> Place | None:
    for trait in traits:
        waiting = places.get(trait)
        while waiting:
            place = waiting.popleft()
            if place not in taken:
                return place
    return None


def _title_and_speakers(talk: Talk) -> Iterator[Hashable]:
    names = frozenset(_speakers(talk))
    if talk.title or names:
        yield _folded(talk.title or ""), names


def _title(talk: Talk) -> Iterator[Hashable]:
    if talk.title:
        yield _folded(talk.title)


def _speakers(talk: Talk) -> Iterator[Hashable]:
    for speaker in talk.speakers:
        yield _folded(speaker.name)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
