"""When each talk of an event starts."""

from collections.abc import Iterator, Sequence

from scheduler.domain.talks import Talk


def offsets(talks: Sequence[Talk], first: int | None) -> Iterator[int | None]:
    """Yield by how many minutes each talk starts after the event does, None where not known.

    A talk starts at its own offset, else after the talks before it. `first` is the offset of a
    first talk that has none.
    """
    offset = first
    for talk in talks:
        if talk.offset is not None:
            offset = talk.offset
        yield offset
        offset = None if offset is None or talk.minutes is None else offset + talk.minutes


def are_known(talks: Sequence[Talk]) -> bool:
    """Whether the start of a talk says more than the start of the event."""
    planned = any(talk.minutes is not None for talk in talks) and len(talks) > 1
    return planned or any(talk.offset is not None for talk in talks)
