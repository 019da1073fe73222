"""The JSON API of series and events."""

from collections.abc import Sequence
from datetime import datetime

from flask import Response
from sqlalchemy.orm import Session

from accounts.domain.actors import Actor
from accounts.web.viewer import actor, required_viewer
from core.db.base import db
from core.db.transaction import transaction
from core.fields import validate
from core.http import current
from core.http.api import Api, Operation, json_body, json_response
from core.refusals import Invalid, NotFound
from core.sections import Result
from scheduler.domain import identity, policy
from scheduler.domain.events import Series
from scheduler.models import EventRow
from scheduler.queries import listing
from scheduler.queries.events import find_event_by_id
from scheduler.queries.listing import EventFilter
from scheduler.queries.loading import load_events, load_series
from scheduler.queries.organizers import organizers_of
from scheduler.queries.series import find_series
from scheduler.schemas import EventSchema, NextEventSchema, SeriesSchema
from scheduler.services import events as event_services
from scheduler.services import series as series_services
from scheduler.web.api import events_query, responses
from scheduler.web.api.responses import (
    EventResponse,
    EventsResponse,
    SeriesListResponse,
    SeriesResponse,
)

EVENTS_A_PAGE = 100

api = Api("events", __name__)


@api.operation("GET", "/series", Operation("List every series", SeriesListResponse))
def list_series() -> Response:
    """Respond with all series, without their events."""
    session = db.session()
    every = load_series(session)
    organizers = _organizers(session, every, actor())
    shown = [responses.series(each, organizers.get(each.id)) for each in every]
    return json_response(SeriesListResponse(series=shown), public=True)


@api.operation(
    "GET",
    "/series/<slug>",
    Operation(
        "Show a series",
        SeriesResponse,
        "All that is public; with an organizer's token, what is private as well.",
    ),
)
def show_series(slug: str) -> Response:
    """Respond with one series and its stored events."""
    return json_response(_series(db.session(), slug, actor()), public=True)


@api.operation(
    "PUT",
    "/series/<slug>",
    Operation(
        "Create a series, or replace the fields of the body",
        SeriesResponse,
        "Keys that are left out stay as they are; a list that is named replaces the whole list. "
        "For organizers of the series and for admins, who alone can create one.",
        statuses=(200, 201),
        body=SeriesSchema,
        partial=True,
        token=True,
        refusals=(403,),
    ),
)
def put_series(slug: str) -> Response:
    """Write the fields of the body."""
    caller, sent = required_viewer(), json_body()
    if sent.setdefault("slug", slug) != slug:
        raise Invalid({"slug": f"is {slug} in the address"})
    with transaction() as session:
        schema = validate(SeriesSchema, series_services.completed(session, sent))
        result = series_services.put(
            session,
            schema,
            current.now(),
            actor=caller.actor,
            domain=current.settings().domain,
            whole=True,
        )
        response = _series(session, slug, caller.actor)
    return json_response(response, 201 if result is Result.CREATED else 200)


@api.operation(
    "GET",
    "/events",
    Operation(
        "List events by start",
        EventsResponse,
        "Those that meet the time from `from` to `to`, a hundred a page; occurrences of a "
        "timetable that nobody touched are among them.",
        query=events_query.EventsQuery,
        refusals=(404,),
    ),
)
def list_events() -> Response:
    """Respond with a page of events."""
    wanted, session = events_query.parse(current.now()), db.session()
    every = load_series(session)
    series = [each for each in every if wanted.series in (None, each.slug)]
    if wanted.series and not series:
        raise NotFound(f"There is no series {wanted.series}.")
    matching = EventFilter(series, wanted.window, wanted.topic, wanted.words)
    events, last = listing.page(
        session, matching, current.now(), after=wanted.after, limit=EVENTS_A_PAGE
    )
    following = wanted.cursor(last) if last else None
    return json_response(responses.events(events, following), public=True)


@api.operation("GET", "/events/<event_id>", Operation("Show an event", EventResponse))
def show_event(event_id: str) -> Response:
    """Respond with one event, with or without a row."""
    return json_response(_event(db.session(), event_id, current.now()), public=True)


@api.operation(
    "PATCH",
    "/events/<event_id>",
    Operation(
        "Change an event",
        EventResponse,
        "Writes the fields of the body; `starts` is wall time in the series' zone and "
        "moves it, `status` cancels it. For organizers of the series.",
        body=EventSchema,
        partial=True,
        token=True,
        refusals=(403, 409),
    ),
)
def patch_event(event_id: str) -> Response:
    """Write the fields of the body, also before the occurrence has a row."""
    caller, schema, now = required_viewer(), validate(EventSchema, json_body()), current.now()
    with transaction() as session:
        event_services.patch(session, event_id, schema, now, actor=caller.actor)
        response = _event(session, event_id, now)
    return json_response(response)


@api.operation(
    "POST",
    "/series/<slug>/events/next",
    Operation(
        "Add the next event of a numbered series",
        EventResponse,
        "It has the next number, and the length and the hour of the event before. `starts` is its "
        "whole wall start, if it differs. For organizers of the series.",
        statuses=(201,),
        body=NextEventSchema,
        token=True,
        refusals=(403, 409),
    ),
)
def post_next_event(slug: str) -> Response:
    """Add the event that follows the one with the highest number."""
    caller, schema, now = required_viewer(), validate(NextEventSchema, json_body()), current.now()
    with transaction() as session:
        key = event_services.add_next(
            session, slug, schema.date, schema.starts, now, actor=caller.actor
        )
        response = _event(session, identity.event_id(_found(session, slug).ref, key), now)
    return json_response(response, 201)


def _event(session: Session, event_id: str, now: datetime) -> EventResponse:
    event = find_event_by_id(session, event_id, now)
    if event is None:
        raise NotFound
    return responses.event(event)


def _series(session: Session, slug: str, caller: Actor) -> SeriesResponse:
    series = _found(session, slug)
    stored = load_events(session, EventRow.series_id == series.id)
    organizers = _organizers(session, [series], caller)
    return responses.series(series, organizers.get(series.id), stored)


def _found(session: Session, slug: str) -> Series:
    series = find_series(session, slug)
    if series is None:
        raise NotFound
    return series


def _organizers(session: Session, series: Sequence[Series], caller: Actor) -> dict[int, list[str]]:
    """Return the organizers' addresses of each series whose organizers `caller` may see."""
    if not caller.is_signed_in:
        return {}
    people = organizers_of(session, [each.id for each in series])
    return {
        each.id: [organizer.email for organizer in people.get(each.id, [])]
        for each in series
        if policy.may_edit([organizer.person_id for organizer in people.get(each.id, [])], caller)
    }
