"""Bookings of one host that are to go to other times: in which order, and which of them cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.domain.interval import Interval


@dataclass(frozen=True, slots=True)
class Shift:
    """A booking, by the id of its row, that is to go from one time to another."""

    row_id: int
    before: Interval
    after: Interval


def arrange(shifts: Sequence[Shift], others: Sequence[Interval]) -> tuple[list[Shift], list[Shift]]:
    """Return the shifts that can be made one after the other, in that order, and the rest.

    No step overlaps the time that another booking has at that step, since the database judges each
    row alone. `others` are the times of bookings that stay. What is in the rest overlaps a booking
    when all the steps are made.
    """
    taken = {shift.row_id: shift.before for shift in shifts}
    # Those that go later are made from the last one on, those that go earlier from the first one.
    later = sorted((each for each in shifts if each.after > each.before), key=_start, reverse=True)
    earlier = sorted((each for each in shifts if each.after < each.before), key=_start)
    waiting = [*later, *earlier]
    made: list[Shift] = []
    count = -1
    while count < len(made):
        count = len(made)
        for shift in tuple(waiting):
            if not any(shift.after.overlaps(each) for each in others) and not any(
                shift.after.overlaps(each)
                for row_id, each in taken.items()
                if row_id != shift.row_id
            ):
                taken[shift.row_id] = shift.after
                made.append(shift)
                waiting.remove(shift)
    return made, waiting


def _start(shift: Shift) -> Interval:
    return shift.before
