"""When an event takes place whose time the rule does not give."""

from datetime import date, datetime, time

import pytest

from scheduler.domain import event_time
from scheduler.domain.event_time import EventTime
from scheduler.domain.recurrence import Period, Timetable

TUESDAYS = Period(datetime(2026, 1, 6, 14), 90, "FREQ=WEEKLY;BYDAY=TU", track="early")
THURSDAYS = Period(datetime(2026, 1, 8, 10), 45, "FREQ=WEEKLY;BYDAY=TH", track="late")
OLD = Period(datetime(2020, 1, 6, 18), 30, "FREQ=WEEKLY;BYDAY=MO", date(2020, 12, 31))


@pytest.mark.parametrize(
    ("periods", "day", "usual"),
    [
        ([], date(2026, 5, 6), None),
        ([TUESDAYS], date(2026, 5, 6), time(14)),
        ([TUESDAYS], date(2025, 5, 6), time(14)),
        ([OLD], date(2026, 5, 6), time(18)),
        ([OLD, TUESDAYS, THURSDAYS], date(2020, 5, 6), time(18)),
        ([TUESDAYS, THURSDAYS], date(2026, 5, 6), None),
        ([TUESDAYS, THURSDAYS], date(2026, 5, 5), time(14)),
        ([TUESDAYS, THURSDAYS], date(2026, 5, 7), time(10)),
        ([OLD, THURSDAYS], date(2026, 5, 6), time(10)),
    ],
)
def test_usual_start_is_known_where_one_hour_comes_into_question(
    periods: list[Period], day: date, usual: time | None
):
    assert event_time.usual_start(Timetable("UTC", tuple(periods)), day) == usual


@pytest.mark.parametrize(("hour", "minutes"), [(14, 90), (10, 45), (16, 90)])
def test_extra_event_lasts_as_long_as_the_line_of_its_hour(hour: int, minutes: int):
    timetable = Timetable("UTC", (THURSDAYS, TUESDAYS))
    extra = EventTime(date=None, starts=datetime(2026, 5, 6, hour))

    span = event_time.interval(extra, timetable)

    assert span is not None
    assert span.duration.total_seconds() == minutes * 60
