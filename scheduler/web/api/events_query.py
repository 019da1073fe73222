"""The query of GET /events: filters, or a cursor of an earlier page."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from core.fields import IsoDate, IsoInstant, Schema, ShortText, Slug, validate
from core.http import api
from core.http.api import Cursor
from core.refusals import Invalid
from scheduler.domain.interval import Interval
from scheduler.queries.listing import ListPosition

AHEAD = timedelta(weeks=26)
LONGEST = timedelta(days=30 * 366)
DATE_LENGTH = len("2026-06-17")

_AT: TypeAdapter[datetime] = TypeAdapter(IsoInstant)
_DAY: TypeAdapter[date] = TypeAdapter(IsoDate)


def _moment(value: object) -> object:
    """Read a date (its first instant in UTC) or an instant."""
    if not isinstance(value, str):
        raise ValueError("must be a date or an instant, written as text")
    try:
        if len(value) == DATE_LENGTH:
            return datetime.combine(_DAY.validate_python(value), time.min, UTC)
        return _AT.validate_python(value)
    except ValidationError as error:
        words = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise ValueError(f"must be a date (UTC) or an instant: {words}") from None


Moment = Annotated[
    datetime,
    BeforeValidator(
        _moment,
        json_schema_input_type=Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d")],
    ),
]


class EventsQuery(Schema):
    """The arguments of the list."""

    from_: Moment | None = Field(
        default=None,
        alias="from",
        description="A date (UTC) or an instant, included. Default: today.",
    )
    to: Moment | None = Field(
        default=None,
        description=(
            "A date (UTC) or an instant, not included; 30 years after `from` at most. "
            "Default: 26 weeks after `from`, or after today if that is later."
        ),
    )
    series: Slug | None = Field(default=None, description="Only events of the series of this slug.")
    topic: ShortText | None = Field(
        default=None, description="Only events with a talk on this topic."
    )
    q: ShortText | None = Field(
        default=None, description="Only events with this text in a title, abstract, name or topic."
    )
    cursor: Cursor | None = None


class _CursorFields(Schema):
    from_: IsoInstant = Field(alias="from")
    to: IsoInstant
    series: Slug | None = None
    topic: ShortText | None = None
    q: ShortText | None = None
    at: IsoInstant
    uid: Annotated[str, Field(max_length=400), AfterValidator(str.strip)]


@dataclass(frozen=True, slots=True)
class EventsRequest:
    """The window, the filters, and the position after which the page begins."""

    window: Interval
    series: str | None
    topic: str
    words: str
    after: ListPosition | None = None

    def cursor(self, after: ListPosition) -> str:
        """Return the cursor of the page after `after`."""
        named = {"series": self.series or "", "topic": self.topic, "q": self.words}
        return api.write_cursor(
            {
                "from": self.window.start.isoformat(),
                "to": self.window.end.isoformat(),
                **{name: text for name, text in named.items() if text},
                "at": after[0].isoformat(),
                "uid": after[1],
            }
        )


def parse(now: datetime) -> EventsRequest:
    """Return the request of the current query string; raise Invalid with errors by argument."""
    query = api.query_arguments(EventsQuery)
    if query.cursor is not None:
        return _continued(query.cursor)
    today = datetime.combine(now.astimezone(UTC).date(), time.min, UTC)
    start = query.from_ or today
    end = query.to or min(max(start, today) + AHEAD, start + LONGEST)
    if end < start:
        raise Invalid({"to": "lies before `from`" + ("" if query.from_ else ", which is today")})
    if end == start:
        end = start + datetime.resolution  # nothing starts in it but what is on then
    if end - start > LONGEST:
        raise Invalid({"to": "must be 30 years after `from` at most"})
    return EventsRequest(Interval(start, end), query.series, query.topic or "", query.q or "")


def _continued(cursor: str) -> EventsRequest:
    try:
        fields = validate(_CursorFields, api.read_cursor(cursor))
    except Invalid:
        api.reject_cursor()
    if not fields.from_ < fields.to <= fields.from_ + LONGEST:
        api.reject_cursor()
    window = Interval(fields.from_, fields.to)
    after = (fields.at, fields.uid)
    return EventsRequest(window, fields.series, fields.topic or "", fields.q or "", after)
