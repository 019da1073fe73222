"""Lengths of time that files, the API and forms write as whole minutes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic.config import JsonDict
from pydantic_core import CoreSchema, core_schema

MINUTE = timedelta(minutes=1)
DAY_MINUTES = 24 * 60


def in_minutes(length: timedelta) -> int:
    """Return a length as a whole number of minutes."""
    return length // MINUTE


@dataclass(frozen=True, slots=True)
class WholeMinutes:
    """Marks a `timedelta` field that is written as a number from `least` to `most`."""

    least: int
    most: int

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        number = core_schema.int_schema(ge=self.least, le=self.most)
        return core_schema.no_info_before_validator_function(
            _number,
            core_schema.no_info_after_validator_function(_length, number),
            serialization=core_schema.plain_serializer_function_ser_schema(
                in_minutes, return_schema=core_schema.int_schema()
            ),
        )


Duration = Annotated[timedelta, WholeMinutes(1, DAY_MINUTES)]
Buffer = Annotated[timedelta, WholeMinutes(0, DAY_MINUTES)]
Lead = Annotated[timedelta, WholeMinutes(0, 366 * DAY_MINUTES)]


def defaults_as_written(schema: JsonDict, model: type[BaseModel]) -> None:
    """Write the defaults into a JSON schema as files and the API write them: in minutes."""
    written = model.model_construct().model_dump(mode="json", by_alias=True)
    properties = schema["properties"]
    if not isinstance(properties, dict):
        return
    for name, described in properties.items():
        if isinstance(described, dict) and "default" in described:
            described["default"] = written[name]


def _number(value: object) -> object:
    return in_minutes(value) if isinstance(value, timedelta) else value


def _length(number: int) -> timedelta:
    return number * MINUTE
