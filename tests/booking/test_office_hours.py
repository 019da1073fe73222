"""Office hours and horizons as files and the API write them."""

from datetime import date, timedelta

import pytest

from booking.domain.horizon import AvailableDays, BusinessDays, Days, Horizon
from booking.domain.office_hours import OfficeHoursSchema
from core.fields import validate
from core.refusals import Invalid
from tests import factories_hours as values

TODAY = date(2026, 11, 27)  # a Friday
ONE_OF = "must be one of days, business_days, available_days, or from and to"


def office_hours(**fields: object) -> OfficeHoursSchema:
    return validate(OfficeHoursSchema, {"slug": "chat", "title": "Chat", **fields})


def test_defaults_are_left_out_and_lengths_are_minutes() -> None:
    found = office_hours(minutes=[20, 40], notice=90, limits={"per_day": 2})

    assert (found.minutes[1], found.notice) == (timedelta(minutes=40), timedelta(minutes=90))
    assert found.model_dump(mode="json", by_alias=True, exclude_defaults=True) == {
        "slug": "chat",
        "title": "Chat",
        "minutes": [20, 40],
        "notice": 90,
        "limits": {"per_day": 2},
    }


@pytest.mark.parametrize(
    ("written", "horizon"),
    [
        ({"days": 3}, Days(days=3)),
        ({"business_days": 3, "days": None}, BusinessDays(business_days=3)),
        ({"available_days": 3}, AvailableDays(available_days=3)),
        (
            {"from": "2026-12-01", "to": "2026-12-02"},
            values.date_range(date(2026, 12, 1), date(2026, 12, 2)),
        ),
    ],
)
def test_kind_of_a_horizon_is_told_by_its_keys(
    written: dict[str, object], horizon: Horizon
) -> None:
    assert office_hours(horizon=written).horizon == horizon


@pytest.mark.parametrize(
    ("written", "errors"),
    [
        ({}, {"horizon": ONE_OF}),
        (3, {"horizon": ONE_OF}),
        ({"days": 1, "business_days": 2}, {"horizon": ONE_OF}),
        ({"days": -1}, {"horizon.days": "must be 0 or more"}),
        ({"days": 731}, {"horizon.days": "must be 730 or less"}),
        ({"from": "2026-12-01"}, {"horizon.to": "is required"}),
        ({"from": "2026-12-02", "to": "2026-12-01"}, {"horizon.to": "lies before the first date"}),
        ({"days": 1, "color": 2}, {"horizon.color": "there is no such field"}),
    ],
)
def test_horizon_is_refused_by_field(written: object, errors: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        office_hours(horizon=written)

    assert refusal.value.errors == errors


@pytest.mark.parametrize(
    ("horizon", "first", "last", "free_dates"),
    [
        (Days(days=3), TODAY, date(2026, 11, 30), None),
        (BusinessDays(business_days=3), TODAY, date(2026, 12, 2), None),
        (AvailableDays(available_days=3), TODAY, date(2027, 11, 28), 3),
        (
            values.date_range(date(2026, 1, 1), date(2026, 1, 2)),
            *(date(2026, 1, 1), date(2026, 1, 2)),
            None,
        ),
    ],
)
def test_horizon_gives_its_dates(
    horizon: Horizon, first: date, last: date, free_dates: int | None
) -> None:
    found = (horizon.first_date(TODAY), horizon.last_date(TODAY), horizon.free_dates)
    assert found == (first, last, free_dates)


def test_schema_in_the_api_has_defaults_in_minutes() -> None:
    properties = OfficeHoursSchema.model_json_schema()["properties"]
    assert [properties[name]["default"] for name in ("minutes", "notice", "horizon")] == [
        *([30], 1440, {"days": 60}),
    ]
