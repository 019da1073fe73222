"""The shared slot cases: facts restated from other products' tests, or derived from IANA rules."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from booking.domain.bookings import Booked, BookingStatus
from booking.domain.horizon import AvailableDays, BusinessDays, Days
from booking.domain.hours import (
    windows,
)
from booking.domain.office_hours import Limits
from booking.domain.slots import Availability, open_starts
from booking.domain.timeofday import TimeOfDay
from core.zones import zone
from scheduler.domain.interval import Interval, merge
from scheduler.domain.walltime import wall
from tests import factories_hours as values

CASES = json.loads(Path(__file__).with_name("slot-cases.json").read_text("utf-8"))["cases"]
LONG_AGO = "2020-01-01T00:00:00Z"
STATUSES = {
    "accepted": BookingStatus.CONFIRMED,
    "cancelled": BookingStatus.CANCELLED,
    "pending": BookingStatus.PENDING,
    "rejected": BookingStatus.DECLINED,
}


def of_type(name):
    return [pytest.param(case, id=case["id"]) for case in CASES if case["type"] == name]


def at(text):
    return datetime.fromisoformat(text)


def written(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def minutes(values, key, default=0):
    return timedelta(minutes=values.get(key, default))


def opening(opens, closes):
    return values.opening(TimeOfDay.parse(opens), TimeOfDay.parse(closes))


def hours_of(case):
    if "host" not in case:
        return resolved(case["windows"])
    host = case["host"]
    assert host.keys() <= {"zone", "weekly", "overrides", "time_off", "travel", "cross_midnight"}
    return values.hours(
        zone(host["zone"]),
        weekly=tuple(
            values.weekly_hours(
                tuple(each["days"]), TimeOfDay.parse(each["from"]), TimeOfDay.parse(each["to"])
            )
            for each in host.get("weekly", [])
        ),
        dates=tuple(
            values.date_hours(
                date.fromisoformat(each["date"]), tuple(opening(*pair) for pair in each["windows"])
            )
            for each in host.get("overrides", [])
        ),
        time_off=tuple(
            values.time_off(date.fromisoformat(each["from"]), date.fromisoformat(each["to"]))
            for each in host.get("time_off", [])
        ),
        travel=tuple(
            values.travel(
                date.fromisoformat(each["from"]),
                date.fromisoformat(each["to"]) if each["to"] else None,
                zone(each["zone"]),
            )
            for each in host.get("travel", [])
        ),
    )


def resolved(pairs):
    """Windows given as instants of one UTC date are a host in UTC with hours on that date."""
    (day,) = {at(start).date() for start, _ in pairs}
    openings = tuple(opening(start[11:16], end[11:16]) for start, end in pairs)
    return values.hours(zone("UTC"), dates=(values.date_hours(day, openings),))


def offer_of(event):
    assert event.keys() <= {
        "duration", "interval", "min_notice", "buffer_before", "buffer_after", "limits",
        "booking_window",
    }  # fmt: skip
    assert event.get("limits", {}).keys() <= {"per_day"}
    return values.office_hours(
        "this",
        (minutes(event, "duration"),),
        minutes(event, "interval") if "interval" in event else None,
        minutes(event, "buffer_before"),
        minutes(event, "buffer_after"),
        notice=minutes(event, "min_notice"),
        horizon=horizon_of(event.get("booking_window")),
        limits=Limits(per_day=event.get("limits", {}).get("per_day")),
    )


def horizon_of(window):
    match window:
        case None:
            return values.date_range(date(2020, 1, 1), date(2030, 1, 1))
        case {"type": "rolling", "days": days, "count": "calendar"}:
            return Days(days=days)
        case {"type": "rolling", "days": days, "count": "business"}:
            return BusinessDays(business_days=days)
        case {"type": "rolling_available", "days": days}:
            return AvailableDays(available_days=days)
        case {"type": "range", "from": first, "to": last}:
            return values.date_range(date.fromisoformat(first), date.fromisoformat(last))


def situation_of(case):
    now = at(case.get("now", LONG_AGO))
    bookings, busy = [], []
    for each in case.get("busy", []):
        interval = Interval(at(each["start"]), at(each["end"]))
        if each["kind"] == "external":
            if not each.get("transparent"):  # a transparent event is never kept as a busy time
                busy.append(interval)
            continue
        held = each["kind"] == "hold"
        assert not held or (each["holder"] == "other" and at(each["expires"]) > now)
        bookings.append(
            Booked(
                interval,
                each.get("event", "this"),
                BookingStatus.HELD if held else STATUSES[each["status"]],
                minutes(each, "buffer_before"),
                minutes(each, "buffer_after"),
                pending_blocks=each.get("pending_blocks", True),
            )
        )
    return Availability(hours_of(case), offer_of(case["event"]), now, bookings, busy)


def observed(expect, starts, case):
    """What was found, in the words that the case uses for what it expects."""
    texts = [written(start) for start in starts]
    views = {
        "starts": lambda _: texts,
        "count": lambda _: len(texts),
        "first": lambda _: texts[0],
        "last": lambda _: texts[-1],
        "present": lambda wanted: [text for text in wanted if text in texts],
        "absent": lambda wanted: [text for text in wanted if text not in texts],
        "count_by_host_date": lambda wanted: counts(wanted, starts, case["host"]["zone"]),
        "by_guest_date": lambda wanted: {
            day: [
                written(start)
                for start in starts
                if wall(start, zone(case["guest_zone"])).date().isoformat() == day
            ]
            for day in wanted
        },
    }
    return {key: views[key](wanted) for key, wanted in expect.items()}


def counts(days, starts, name):
    found = Counter(wall(start, zone(name)).date().isoformat() for start in starts)
    return {day: found[day] for day in days}


@pytest.mark.parametrize("case", of_type("slots"))
def test_open_starts_agree_with_case(case):
    within = Interval(at(case["query"]["from"]), at(case["query"]["to"]))

    starts = open_starts(situation_of(case), within)

    assert observed(case["expect"], starts, case) == case["expect"]


@pytest.mark.parametrize("case", of_type("windows"))
def test_windows_agree_with_case(case):
    within = Interval(at(case["query"]["from"]), at(case["query"]["to"]))
    first, last = within.start.date() - timedelta(days=3), within.end.date() + timedelta(days=3)

    found = merge(window.interval for window in windows(hours_of(case), first, last))

    assert [
        [written(interval.start), written(interval.end)]
        for interval in found
        if interval.overlaps(within)
    ] == case["expect"]["windows"]


def test_cases_are_all_read():
    assert Counter(case["type"] for case in CASES) == {"slots": 55, "windows": 9}
    assert at(LONG_AGO).tzinfo == UTC
