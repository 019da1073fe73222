"""A wall-clock time within a day, in whole minutes, where 24:00 is the midnight that ends it."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from core.time_format import HourClock, time_of_day

_TEXT = re.compile(r"([0-9]{2}):([0-9]{2})")
_DAY = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class TimeOfDay:
    """So many minutes after the midnight that begins a day: 0 is "00:00", 1440 is "24:00"."""

    minutes: int

    def __post_init__(self) -> None:
        if not 0 <= self.minutes <= _DAY:
            raise ValueError(f"a time of day lies between 00:00 and 24:00, not {self.minutes} min")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "HH:MM", "00:00" to "24:00"; raise ValueError for anything else."""
        match = _TEXT.fullmatch(text)
        minutes = _DAY + 1 if match is None else int(match[1]) * 60 + int(match[2])
        if match is None or int(match[2]) > 59 or minutes > _DAY:
            raise ValueError(f"must be a time of day such as 16:00, not {text[:20]!r}")
        return cls(minutes)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            _text,
            core_schema.no_info_after_validator_function(cls.parse, core_schema.str_schema()),
            serialization=core_schema.to_string_ser_schema(),
        )

    def __str__(self) -> str:
        return f"{self.minutes // 60:02}:{self.minutes % 60:02}"

    @property
    def is_end_of_day(self) -> bool:
        """Whether this is "24:00", which can end a window but not begin one."""
        return self.minutes == _DAY

    @property
    def is_midnight(self) -> bool:
        """Whether this is "00:00" or "24:00"."""
        return self.minutes % _DAY == 0

    def in_words(self, clock: HourClock) -> str:
        """Return the time as people read it: "16:00", on the 12 hour clock "4:00 pm"."""
        return time_of_day(time(self.minutes // 60 % 24, self.minutes % 60), clock)

    def on(self, day: date) -> datetime:
        """Return the naive wall time on `day`; "24:00" is the next day's midnight."""
        return datetime.combine(day, time.min) + timedelta(minutes=self.minutes)


def _text(value: object) -> object:
    return str(value) if isinstance(value, TimeOfDay) else value
