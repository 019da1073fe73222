"""The expansion equals plain dateutil, whatever the rule, the start and the window."""

from datetime import date, datetime, timedelta
from itertools import takewhile

import dateutil.rrule
import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduler.domain.recurrence import Period, RuleRefused, Timetable, occurrences
from scheduler.domain.rule_text import parse

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _some(values: st.SearchStrategy[int]) -> st.SearchStrategy[str]:
    numbers = st.lists(values, min_size=1, max_size=3, unique=True)
    return numbers.map(lambda some: ",".join(map(str, some)))


def _signed(most: int) -> st.SearchStrategy[int]:
    return st.integers(1, most).flatmap(lambda n: st.sampled_from((n, -n)))


def _weekdays(nth: st.SearchStrategy[int] | None) -> st.SearchStrategy[str]:
    days = st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True)
    if nth is None:
        return days.map(",".join)
    numbered = st.tuples(nth, st.sampled_from(DAYS)).map(lambda pair: f"{pair[0]}{pair[1]}")
    return days.map(",".join) | st.lists(numbered, min_size=1, max_size=3, unique=True).map(
        ",".join
    )


OPTIONAL = {
    "DAILY": {
        "BYMONTH": _some(st.integers(1, 12)),
        "BYMONTHDAY": _some(_signed(31)),
        "BYDAY": _weekdays(None),
        "BYSETPOS": _some(_signed(2)),
    },
    "WEEKLY": {
        "BYMONTH": _some(st.integers(1, 12)),
        "BYDAY": _weekdays(None),
        "BYSETPOS": _some(_signed(4)),
    },
    "MONTHLY": {
        "BYMONTH": _some(st.integers(1, 12)),
        "BYMONTHDAY": _some(_signed(31)),
        "BYDAY": _weekdays(_signed(5)),
        "BYSETPOS": _some(_signed(10)),
    },
    "YEARLY": {
        "BYMONTH": _some(st.integers(1, 12)),
        "BYMONTHDAY": _some(_signed(31)),
        "BYYEARDAY": _some(_signed(366)),
        "BYWEEKNO": _some(_signed(53)),
        "BYDAY": _weekdays(_signed(53)),
        "BYSETPOS": _some(_signed(40)),
    },
}

STARTS = st.datetimes(datetime(1996, 1, 1), datetime(2028, 12, 31)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(sorted(OPTIONAL)))
    parts = [f"FREQ={frequency}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 9))}")
    for name, values in OPTIONAL[frequency].items():
        if draw(st.integers(0, 2)) == 0:
            parts.append(f"{name}={draw(values)}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(DAYS))}")
    match draw(st.integers(0, 3)):
        case 0:
            parts.append(f"COUNT={draw(st.integers(1, 300))}")
        case 1:
            parts.append(f"UNTIL={draw(STARTS):%Y%m%dT%H%M%S}")
    rule = ";".join(draw(st.permutations(parts)))
    try:
        parse(rule)
    except RuleRefused:
        assume(False)
    return rule


def _plainly(rule: str, starts: datetime, first: date, last: date) -> list[date]:
    with pytest.MonkeyPatch.context() as patch:
        # dateutil looks for the next date until the calendar ends: let it end after the window.
        patch.setattr(dateutil.rrule.datetime, "MAXYEAR", max(last, starts.date()).year + 1)
        dates = (at.date() for at in rrulestr(rule, dtstart=starts))
        return [day for day in takewhile(lambda day: day <= last, dates) if day >= first]


@settings(deadline=None, max_examples=300)
@given(rules(), STARTS, st.integers(-400, 9000), st.integers(0, 800))
def test_occurrences_equal_plain_dateutil(rule: str, starts: datetime, after: int, days: int):
    first = starts.date() + timedelta(days=after)
    last = first + timedelta(days=days)
    timetable = Timetable("Europe/Berlin", (Period(starts, 60, rule),))

    slots = occurrences(timetable, first, last)

    assert [slot.date for slot in slots] == _plainly(rule, starts, first, last)
    assert [slot.starts for slot in slots] == [
        datetime.combine(slot.date, starts.time()) for slot in slots
    ]


@settings(deadline=None)
@given(rules(), STARTS, st.integers(0, 5000), st.integers(1, 200), st.integers(1, 200))
def test_a_window_equals_its_two_halves(
    rule: str, starts: datetime, after: int, half: int, other: int
):
    timetable = Timetable("Europe/Berlin", (Period(starts, 60, rule),))
    first = starts.date() + timedelta(days=after)
    middle = first + timedelta(days=half)
    last = middle + timedelta(days=other)

    whole = occurrences(timetable, first, last)

    assert whole == [
        *occurrences(timetable, first, middle - timedelta(days=1)),
        *occurrences(timetable, middle, last),
    ]
