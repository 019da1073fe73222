"""A wall-clock time within a day, in whole minutes, where 24:00 is the midnight that ends it."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

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
        if match is None or int(match[2]) > 59:
            raise ValueError(f"a time of day is written HH:MM, not {text[:20]!r}")
        return cls(int(match[1]) * 60 + int(match[2]))

    def __str__(self) -> str:
        return f"{self.minutes // 60:02}:{self.minutes % 60:02}"

    @property
    def is_end_of_day(self) -> bool:
        """Whether this is "24:00", which can end a window but not begin one."""
        return self.minutes == _DAY

    def on(self, day: date) -> datetime:
        """Return the naive wall time on `day`; "24:00" is the next day's midnight."""
        return datetime.combine(day, time.min) + timedelta(minutes=self.minutes)
