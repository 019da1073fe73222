"""Field types: refused input and error texts."""

import pytest
from pydantic import ValidationError

from booking.schemas import HostSchema
from core.fields import errors_by_field
from scheduler.schemas import SeriesSchema

HOST = {"slug": "ada", "name": "Ada", "zone": "Europe/London"}
SERIES = {"slug": "dlct", "name": "DLCT", "zone": "Europe/London"}
AUGUST = {"from": "2026-08-01", "to": "2026-08-31"}


@pytest.mark.parametrize(
    ("field", "item"),
    [
        ("dates", {"date": "2026-08-03"}),
        ("time_off", AUGUST),
        ("travel", {**AUGUST, "zone": "UTC"}),
    ],
)
def test_host_with_the_same_key_twice_is_refused(field: str, item: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refusal:
        HostSchema.model_validate({**HOST, field: [item, item]})

    (words,) = errors_by_field(refusal.value).values()
    assert words.endswith(" is listed twice")


def test_series_with_a_gap_twice_is_refused() -> None:
    with pytest.raises(ValidationError) as refusal:
        SeriesSchema.model_validate({**SERIES, "gaps": [{"date": "2026-08-03"}] * 2})

    assert errors_by_field(refusal.value) == {"gaps": "2026-08-03 is listed twice"}


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u2028", "\x85", "\x00"])
def test_name_with_an_invisible_mark_is_refused(mark: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        HostSchema.model_validate({**HOST, "name": f"Ada{mark}gpj.exe"})

    assert errors_by_field(refusal.value) == {"name": "must be one line without control characters"}
