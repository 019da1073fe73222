"""Between what documents and rows write of hours, horizons and questions and the values."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NotRequired, TypedDict, cast

from booking.domain.horizon import AvailableDays, BusinessDays, DateRange, Days, Horizon
from booking.domain.hosts import Question, QuestionKind
from booking.domain.hours import DateHours, Hours, Opening, TimeOff, Travel, WeeklyHours
from booking.domain.timeofday import TimeOfDay
from booking.schemas import HorizonSchema, HostSchema, QuestionSchema
from core.zones import zone

HOURS = ("travel", "weekly", "dates", "time_off")
"""The keys of a host's document that a row keeps together, as the document writes them."""

_Window = TypedDict("_Window", {"from": str, "to": str})
_Travel = TypedDict("_Travel", {"from": str, "to": NotRequired[str | None], "zone": str})
_TimeOff = TypedDict("_TimeOff", {"from": str, "to": str, "reason": NotRequired[str | None]})


class _Weekly(_Window):
    days: list[int]
    every: NotRequired[int]
    since: NotRequired[str | None]


class _Date(TypedDict):
    date: str
    windows: NotRequired[list[_Window]]


class _Hours(TypedDict, total=False):
    travel: list[_Travel]
    weekly: list[_Weekly]
    dates: list[_Date]
    time_off: list[_TimeOff]


class _Question(TypedDict):
    label: str
    kind: NotRequired[str]
    choices: NotRequired[list[str]]
    required: NotRequired[bool]


def stored_hours(document: HostSchema) -> dict[str, object]:
    """Return what a row keeps of the document's hours, defaults left out."""
    return document.model_dump(
        mode="json", by_alias=True, include=set(HOURS), exclude_defaults=True
    )


def hours(zone_name: str, stored: Mapping[str, object]) -> Hours:
    """Return the hours that a row keeps, lived by the zone of this name."""
    kept = cast(_Hours, stored)  # rows hold only what `stored_hours` wrote
    return Hours(
        zone(zone_name),
        weekly=tuple(_weekly(each) for each in kept.get("weekly", ())),
        dates=tuple(
            DateHours(date.fromisoformat(each["date"]), _openings(each.get("windows", ())))
            for each in kept.get("dates", ())
        ),
        time_off=tuple(
            TimeOff(
                date.fromisoformat(each["from"]),
                date.fromisoformat(each["to"]),
                each.get("reason") or "",
            )
            for each in kept.get("time_off", ())
        ),
        travel=tuple(
            Travel(date.fromisoformat(each["from"]), _day(each.get("to")), zone(each["zone"]))
            for each in kept.get("travel", ())
        ),
    )


def stored_horizon(document: HorizonSchema) -> dict[str, object]:
    """Return what a row keeps of a horizon."""
    return document.model_dump(mode="json", by_alias=True, exclude_none=True)


def horizon(stored: Mapping[str, object]) -> Horizon:
    """Return the horizon that a row keeps."""
    match stored:
        case {"days": int(count)}:
            return Days(count)
        case {"business_days": int(count)}:
            return BusinessDays(count)
        case {"available_days": int(count)}:
            return AvailableDays(count)
        case {"from": str(first), "to": str(last)}:
            return DateRange(date.fromisoformat(first), date.fromisoformat(last))
    raise ValueError(f"a row holds an unknown horizon: {stored}")


def stored_questions(documents: Sequence[QuestionSchema]) -> list[dict[str, object]]:
    """Return what a row keeps of the questions to guests."""
    return [each.model_dump(mode="json", exclude_defaults=True) for each in documents]


def questions(stored: Sequence[Mapping[str, object]]) -> tuple[Question, ...]:
    """Return the questions that a row keeps."""
    kept = cast(Sequence[_Question], stored)  # rows hold only what `stored_questions` wrote
    return tuple(
        Question(
            each["label"],
            QuestionKind(each.get("kind", QuestionKind.TEXT)),
            tuple(each.get("choices", ())),
            each.get("required", False),
        )
        for each in kept
    )


def _weekly(each: _Weekly) -> WeeklyHours:
    return WeeklyHours(
        tuple(each["days"]),
        TimeOfDay.parse(each["from"]),
        TimeOfDay.parse(each["to"]),
        each.get("every", 1),
        _day(each.get("since")),
    )


def _openings(windows: Sequence[_Window]) -> tuple[Opening, ...]:
    return tuple(
        Opening(TimeOfDay.parse(each["from"]), TimeOfDay.parse(each["to"])) for each in windows
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
