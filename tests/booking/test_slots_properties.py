"""Open starts against a slow reading of the rule, minute by minute, in zones that jump."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.domain.bookings import Booked, BookingStatus
from booking.domain.horizon import AvailableDays, BusinessDays, DateRange, Days
from booking.domain.hours import (
    windows,
)
from booking.domain.office_hours import Limits
from booking.domain.slots import Availability, is_open, open_starts
from booking.domain.timeofday import TimeOfDay
from core.zones import zone
from scheduler.domain.interval import Interval
from scheduler.domain.walltime import midnight
from tests import factories_hours as values

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# A date on which, or beside which, the clocks of the zone change; and a date for those that do not.
CHANGES = {
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "Asia/Kolkata": (date(2026, 3, 8), date(2026, 10, 25)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Africa/Cairo": (date(2024, 4, 26), date(2024, 10, 31)),
    "Asia/Kathmandu": (date(2026, 11, 1), date(1986, 1, 1)),
    "America/St_Johns": (date(2010, 3, 14), date(2010, 11, 7)),  # one minute after midnight
    "Pacific/Apia": (date(2011, 12, 30), date(2011, 9, 24)),  # a date that never was
    "America/Havana": (date(2026, 3, 8), date(2026, 11, 1)),  # at midnight
}
JUMPING = [(name, day) for name, days in CHANGES.items() for day in days]


# --- The slow reading --------------------------------------------------------------------------


@cache
def offsets(name, day):
    """The offsets from UTC in force from two days before `day` to four after, in order."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - 2 * DAY
    found = []
    for halves in range(6 * 48):
        offset = (at + halves * 30 * MINUTE).astimezone(zone(name)).utcoffset()
        if offset not in found[-1:]:
            found.append(offset)
    return found


@cache
def slow_instant(name, day, wall, *, last=False):
    """The first or last instant at which clocks show `wall`, a time near `day`."""
    tried = [(wall - offset).replace(tzinfo=UTC) for offset in offsets(name, day)]
    right = sorted(at for at in tried if shown(name, at) == wall)
    if right:
        return right[-1 if last else 0]
    (moved,) = [
        at
        for at, (old, new) in zip(tried, pairwise(offsets(name, day)), strict=False)
        if new > old and shown(name, at) == wall + (new - old)
    ]
    return moved


def shown(name, at):
    return at.astimezone(zone(name)).replace(tzinfo=None)


def slow_openings(hours, day):
    """What `day` opens, as (opens, closes) in wall time."""
    if any(off.first <= day <= off.last for off in hours.time_off):
        return []
    found = [
        (each.opens, each.closes)
        for each in hours.weekly
        if day.isoweekday() in each.days
        and (each.since is None or weeks_since(each.since, day) % each.every == 0)
    ]
    for each in hours.dates:
        if each.date == day:
            found = [(window.opens, window.closes) for window in each.windows]
    return found


def weeks_since(since, day):
    start_of = [each - timedelta(days=each.isoweekday() - 1) for each in (since, day)]
    return (start_of[1] - start_of[0]).days // 7


def slow_zone(hours, day):
    name = hours.zone
    for each in sorted(hours.travel, key=lambda each: each.first):
        if each.first <= day and (each.last is None or day <= each.last):
            name = each.zone
    return name


def slow_zone_at(hours, at):
    name = hours.zone
    for each in sorted(hours.travel, key=lambda each: each.first):
        there = at.astimezone(zone(each.zone)).date()
        if each.first <= there and (each.last is None or there <= each.last):
            name = each.zone
    return name


@dataclass
class Minute:
    """An open minute: where its grid begins, and whose clock it goes by."""

    grid_at: datetime
    zone: str


def slow_minutes(hours, first, last):
    """Instant -> Minute for each open minute of the host-local dates `first` to `last`."""
    opened = {}
    day = first
    while day <= last:
        name = slow_zone(hours, day)
        of_day = set()
        for opens, closes in slow_openings(hours, day):
            begins = datetime(day.year, day.month, day.day)
            ends = begins + closes.minutes * MINUTE
            if closes <= opens:
                ends += DAY
            at = slow_instant(name, day, begins + opens.minutes * MINUTE)
            end = slow_instant(name, day, ends, last=True)
            after = day + DAY
            if any(each.date == after for each in hours.dates) or any(
                off.first <= after <= off.last for off in hours.time_off
            ):
                end = min(end, slow_instant(name, day, begins + DAY))
            while at < end:
                of_day.add(at)
                at += MINUTE
        grid_at = None
        for at in sorted(of_day):
            if at - MINUTE not in of_day:
                grid_at = at
            opened.setdefault(at, Minute(grid_at, name))
        day += DAY
    return opened


def slow_starts(situation, within, duration):
    """Every minute of `within` that the contract's words let a booking start at."""
    if situation.paused or situation.office_hours.closed:
        return []
    available = isinstance(situation.office_hours.horizon, AvailableDays)
    whole_week = situation.office_hours.limits.per_week or situation.host_limits.per_week
    around = (9 if whole_week else 3) * DAY
    earliest = min(situation.now, within.start) if available else within.start
    opened = slow_minutes(situation.hours, earliest.date() - around, within.end.date() + around)
    today = date_at(situation.hours, situation.now)
    found = []
    for at in sorted(at for at in opened if earliest <= at < within.end):
        day = at.astimezone(zone(opened[at].zone)).date()
        if (
            (at - opened[at].grid_at) % (situation.office_hours.interval or duration) == timedelta()
            and all(at + n * MINUTE in opened for n in range(duration // MINUTE))
            and at >= situation.now + situation.office_hours.notice
            and slow_free(situation, at, at + duration)
            and slow_within_limits(situation, opened, day)
            and (available or slow_in_horizon(situation.office_hours.horizon, today, day))
        ):
            found.append((at, day))
    if available:
        days = sorted({day for _, day in found if today <= day})[
            : situation.office_hours.horizon.available_days
        ]
        found = [(at, day) for at, day in found if day in days]
    return [at for at, _ in found if at >= within.start]


def slow_free(situation, start, end):
    offer = situation.office_hours
    for busy in situation.busy:
        if start - offer.buffer_before < busy.end and busy.start < end + offer.buffer_after:
            return False
    for each in situation.bookings:
        blocks = each.status in ("held", "confirmed") or (
            each.status == "pending" and each.pending_blocks
        )
        if not blocks:
            continue
        others = each.interval
        room_before = max(each.buffer_after, offer.buffer_before)
        room_after = max(offer.buffer_after, each.buffer_before)
        if not (others.end + room_before <= start or end + room_after <= others.start):
            return False
    return True


def slow_within_limits(situation, opened, day):
    week = day.isocalendar()[:2]
    counted = [
        (each, booking_date(situation.hours, opened, each.interval.start))
        for each in situation.bookings
        if each.status not in ("declined", "cancelled", "lapsed")
    ]
    for limits, slugs in (
        (situation.office_hours.limits, (situation.office_hours.slug,)),
        (situation.host_limits, ("this", "other")),
    ):
        on = [other for each, other in counted if each.office_hours in slugs]
        if limits.per_day is not None and Counter(on)[day] >= limits.per_day:
            return False
        weeks = Counter(other.isocalendar()[:2] for other in on)
        if limits.per_week is not None and weeks[week] >= limits.per_week:
            return False
    return True


def booking_date(hours, opened, at):
    minute = at.replace(second=0, microsecond=0)
    if minute in opened:
        return at.astimezone(zone(opened[minute].zone)).date()
    return date_at(hours, at)


def date_at(hours, at):
    return at.astimezone(zone(slow_zone_at(hours, at))).date()


def slow_in_horizon(horizon, today, day):
    match horizon:
        case Days(days=count):
            return today <= day <= today + count * DAY
        case DateRange(first=first, last=last):
            return first <= day <= last
        case BusinessDays(business_days=count):
            last = today
            while count:
                last += DAY
                count -= last.isoweekday() <= 5
            return today <= day <= last


# --- What is thrown at it ----------------------------------------------------------------------

times = st.sampled_from([0, 1, 20, 60, 90, 105, 120, 135, 150, 180, 540, 725, 1020, 1320, 1410])
openings = st.builds(
    lambda opens, closes: values.opening(TimeOfDay(opens), TimeOfDay(closes)),
    times,
    st.one_of(times, st.just(1440)),
)


@st.composite
def hosts(draw, name, day):
    """Hours around `day`."""
    near = st.integers(-3, 3).map(lambda days: day + timedelta(days=days))
    weekly = st.builds(
        lambda each, days, every: values.weekly_hours(
            tuple(days), each.opens, each.closes, every, day - 4 * 7 * DAY
        ),
        openings,
        st.lists(st.integers(1, 7), min_size=3, max_size=7, unique=True),
        st.sampled_from([1, 1, 2]),
    )
    dates = st.builds(values.date_hours, near, st.lists(openings, max_size=2).map(tuple))
    off = st.builds(lambda at, days: values.time_off(at, at + days * DAY), near, st.integers(0, 1))
    travel = st.builds(
        lambda at, days, there: values.travel(
            at, None if days is None else at + days * DAY, zone(there)
        ),
        near,
        st.sampled_from([None, 0, 1, 2]),
        st.sampled_from([*CHANGES, "Pacific/Kiritimati", "Pacific/Pago_Pago"]),
    )
    return values.hours(
        zone(name),
        weekly=tuple(draw(st.lists(weekly, min_size=1, max_size=2))),
        dates=tuple(draw(st.lists(dates, max_size=1))),
        time_off=tuple(draw(st.lists(off, max_size=1))),
        travel=tuple(draw(st.lists(travel, max_size=2, unique_by=lambda each: each.first))),
    )


@st.composite
def situations(draw):
    """A situation around a clock change, and up to two days of it to ask for."""
    name, day = draw(st.sampled_from(JUMPING))
    middle = datetime(day.year, day.month, day.day, tzinfo=UTC)
    start = middle + draw(st.integers(-24, 18)) * 60 * MINUTE
    within = Interval(start, start + draw(st.integers(6, 48)) * 60 * MINUTE)
    rarely = st.sampled_from([False, False, False, True])
    buffers = st.sampled_from([0, 5, 10, 35]).map(lambda each: each * MINUTE)
    spans = st.builds(
        lambda at, duration: Interval(start + at * MINUTE, start + (at + duration) * MINUTE),
        st.integers(-36, 1000).map(lambda fives: fives * 5),
        st.sampled_from([5, 30, 60, 200]),
    )
    booked = st.builds(
        Booked, spans, st.sampled_from(["this", "other"]), st.sampled_from(list(BookingStatus)),
        buffers, buffers, st.booleans(),
    )  # fmt: skip
    horizons = st.one_of(
        st.builds(lambda count: Days(days=count), st.integers(0, 8)),
        st.builds(lambda count: BusinessDays(business_days=count), st.integers(0, 6)),
        st.builds(
            lambda days: values.date_range(day - days * DAY, day + days * DAY), st.integers(0, 3)
        ),
        st.builds(lambda count: AvailableDays(available_days=count), st.integers(1, 4)),
    )
    limits = st.builds(
        lambda day, week: Limits(per_day=day, per_week=week),
        st.sampled_from([None, 1, 2]),
        st.sampled_from([None, 2, 3]),
    )
    offer = values.office_hours(
        "this",
        (draw(st.sampled_from([15, 30, 50, 90])) * MINUTE,),
        draw(st.sampled_from([None, 5, 7, 20, 60]).map(lambda each: each and each * MINUTE)),
        draw(buffers),
        draw(buffers),
        draw(st.integers(0, 30)) * 60 * MINUTE if draw(rarely) else timedelta(),
        draw(horizons) if draw(st.booleans()) else Days(days=60),
        draw(limits) if draw(rarely) else Limits(),
    )
    situation = Availability(
        draw(hosts(name, day)),
        offer,
        start + draw(st.integers(-96, 8)) * 60 * MINUTE,
        tuple(draw(st.lists(booked, max_size=8))),
        tuple(draw(st.lists(spans, max_size=3))),
        draw(limits) if draw(rarely) else Limits(),
    )
    return situation, within


def few(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@few(80)
@given(situations())
def test_open_starts_are_those_of_the_slow_reading(asked):
    situation, within = asked
    (duration,) = situation.office_hours.minutes

    assert open_starts(situation, within) == slow_starts(situation, within, duration)


@few(100)
@given(situations())
def test_open_starts_are_sorted_and_never_in_busy_time_or_outside_the_windows(asked):
    situation, within = asked
    (duration,) = situation.office_hours.minutes
    starts = open_starts(situation, within)
    around = windows(situation.hours, within.start.date() - 4 * DAY, within.end.date() + 4 * DAY)
    taken = [*situation.busy, *(each.interval for each in situation.bookings if each.blocks)]

    assert starts == sorted(set(starts))
    for start in starts:
        meeting = Interval(start, start + duration)
        assert within.start <= start < within.end
        assert [other for other in taken if other.overlaps(meeting)] == []
        assert covered(meeting, around) == duration


def covered(meeting, around):
    """How much of `meeting` is open time; no two windows share any."""
    return sum(
        (
            min(meeting.end, window.interval.end) - max(meeting.start, window.interval.start)
            for window in around
            if window.interval.overlaps(meeting)
        ),
        timedelta(),
    )


@few(60)
@given(situations(), st.sampled_from(sorted(CHANGES)))
def test_open_starts_are_the_same_by_the_dates_of_any_guest_zone(asked, guest):
    situation, within = asked
    day = within.start.astimezone(zone(guest)).date() - DAY
    dates = [midnight(day + days * DAY, zone(guest)) for days in range(6)]
    by_date = [
        start
        for begins, ends in pairwise(dates)
        if begins < ends  # Apia had no 30 December 2011
        for start in open_starts(situation, Interval(begins, ends))
    ]

    assert [at for at in by_date if within.start <= at < within.end] == open_starts(*asked)


@few(60)
@given(situations(), st.integers(1, 2879))
def test_open_starts_are_the_same_for_any_split_and_one_by_one(asked, minutes):
    situation, within = asked
    starts = open_starts(situation, within)
    cut_at = within.start + minutes * MINUTE

    assert [start for start in starts[:4] if not is_open(situation, start)] == []
    if cut_at < within.end:
        parts = Interval(within.start, cut_at), Interval(cut_at, within.end)
        assert [start for part in parts for start in open_starts(situation, part)] == starts


@few(60)
@given(situations(), st.integers(1, 3000))
def test_time_that_passes_only_takes_starts_away(asked, minutes):
    situation, within = asked
    horizon = values.date_range(date(1980, 1, 1), date(2030, 1, 1))  # the others roll with time
    before = replace(
        situation, office_hours=situation.office_hours.model_copy(update={"horizon": horizon})
    )
    after = replace(before, now=before.now + minutes * MINUTE)
    opens_at = after.now + after.office_hours.notice

    assert open_starts(after, within) == [
        start for start in open_starts(before, within) if start >= opens_at
    ]
