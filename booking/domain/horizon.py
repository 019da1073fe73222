"""How far ahead office hours can be booked, in host-local dates. Each kind is one model.

A new kind is a model here, its line in `Horizon`, and its inputs in the form.
"""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Discriminator, Field, Tag, ValidationInfo, field_validator

from core.fields import IsoDate, Schema

MOST_DAYS_AHEAD = 366
"""How far `AvailableDays` looks for dates with a free start."""

_DAY = timedelta(days=1)


class _Kind(Schema):
    """A kind of horizon; `kind` names it in forms."""

    kind: ClassVar[str]

    @property
    def free_dates(self) -> int | None:
        """How many of the dates count, the first ones with a free start; None is all of them."""
        return None

    def first_date(self, today: date) -> date:
        """Return the first date that can be booked."""
        return today

    @abstractmethod
    def last_date(self, today: date) -> date:
        """Return the last date that can be booked, however many are free."""


class Days(_Kind):
    """Today and the `days` dates after it."""

    kind = "days"

    days: Annotated[int, Field(ge=0, le=730)]

    def last_date(self, today: date) -> date:
        """Return the date so many days ahead."""
        return today + self.days * _DAY


class BusinessDays(_Kind):
    """Today, the `business_days` weekdays after it, and the weekends between."""

    kind = "business_days"

    business_days: Annotated[int, Field(ge=0, le=500)]

    def last_date(self, today: date) -> date:
        """Return the date of the last weekday that counts, or today for 0."""
        weeks, rest = divmod(self.business_days, 5)
        day = today
        if rest == 0 and weeks:
            weeks, rest = weeks - 1, 5
        while rest:
            day += _DAY
            rest -= day.weekday() < 5
        return day + timedelta(weeks=weeks)


class AvailableDays(_Kind):
    """The first `available_days` dates, at most 366 days ahead, that have a free start."""

    kind = "available_days"

    available_days: Annotated[int, Field(ge=1, le=MOST_DAYS_AHEAD)]

    @property
    def free_dates(self) -> int | None:
        """How many dates with a free start count."""
        return self.available_days

    def last_date(self, today: date) -> date:
        """Return the last date on which free starts are looked for."""
        return today + MOST_DAYS_AHEAD * _DAY


class DateRange(_Kind):
    """The dates from `first` to `last`, both included."""

    kind = "range"

    first: IsoDate = Field(alias="from")
    last: IsoDate = Field(alias="to")

    @field_validator("last")
    @classmethod
    def _not_before_first(cls, last: date, info: ValidationInfo) -> date:
        return not_before_first(last, info)

    def first_date(self, today: date) -> date:
        """Return the first of the dates."""
        return self.first

    def last_date(self, today: date) -> date:
        """Return the last of the dates."""
        return self.last


_KINDS: tuple[type[_Kind], ...] = (Days, BusinessDays, AvailableDays, DateRange)
_KIND_OF_KEY: Mapping[str, str] = {
    field.alias or name: f"[{each.kind}]"
    for each in _KINDS
    for name, field in each.model_fields.items()
}


def not_before_first(last: date, info: ValidationInfo) -> date:
    """Return the last date of a range whose `first` was read before; raise ValueError."""
    if "first" in info.data and last < info.data["first"]:
        raise ValueError("lies before the first date")
    return last


def _without_nulls(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return {name: each for name, each in value.items() if each is not None}


def _tag(value: object) -> str | None:
    """Return the tag of the kind whose keys are there; None for none and for several."""
    if isinstance(value, _Kind):
        return f"[{value.kind}]"
    if not isinstance(value, Mapping):
        return None
    tags = {_KIND_OF_KEY[name] for name in value if name in _KIND_OF_KEY}
    return tags.pop() if len(tags) == 1 else None


# In brackets: `core.fields.errors_by_field` leaves such parts out of the path of an error.
Horizon = Annotated[
    Annotated[Days, Tag("[days]")]
    | Annotated[BusinessDays, Tag("[business_days]")]
    | Annotated[AvailableDays, Tag("[available_days]")]
    | Annotated[DateRange, Tag("[range]")],
    Discriminator(
        _tag,
        custom_error_type="horizon",
        custom_error_message="must be one of days, business_days, available_days, or from and to",
    ),
    BeforeValidator(_without_nulls),
]
