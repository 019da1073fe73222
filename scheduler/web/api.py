"""The JSON API of when: series and events."""

from datetime import datetime
from urllib.parse import urlsplit

from flask import Response
from sqlalchemy.orm import Session

from accounts.queries import Viewer
from accounts.web.viewer import required, viewer
from core import web
from core.api import Api, Operation, body, reply
from core.community import Result
from core.db import db, transaction
from core.documents import validated
from core.refusals import Invalid, NotFound
from scheduler import queries
from scheduler.documents import EventDocument, SeriesDocument
from scheduler.domain import policy
from scheduler.models import EventRow
from scheduler.queries import listing
from scheduler.queries.listing import Matching
from scheduler.queries.loading import load_records
from scheduler.services import events as event_services
from scheduler.services import series as series_services
from scheduler.services.series import Put
from scheduler.web import answers, asked
from scheduler.web.answers import EventAnswer, EventsAnswer, SeriesAnswer, SeriesListAnswer

EVENTS_A_PAGE = 100

api = Api("events", __name__)


@api.operation("GET", "/series", Operation("List every series", SeriesListAnswer))
def list_series() -> Response:
    """Answer with all series, without their events."""
    session, caller = db.session(), viewer()
    every = [
        answers.series(each, _organisers(session, each.id, caller))
        for each in queries.all_series(session)
    ]
    return reply(SeriesListAnswer(series=every), public=True)


@api.operation(
    "GET",
    "/series/<slug>",
    Operation(
        "Show a series",
        SeriesAnswer,
        "All that is public; with an organiser's token, what is private as well.",
    ),
)
def show_series(slug: str) -> Response:
    """Answer with one series and the events that somebody touched."""
    return reply(_series(db.session(), slug, viewer()), public=True)


@api.operation(
    "PUT",
    "/series/<slug>",
    Operation(
        "Make a series, or replace what the object names",
        SeriesAnswer,
        "Keys that are left out stay as they are; a list that is named replaces the whole list. "
        "For organisers of the series and for admins, who alone can make a new one.",
        statuses=(200, 201),
        body=SeriesDocument,
        partial=True,
        token=True,
        refusals=(403,),
    ),
)
def put_series(slug: str) -> Response:
    """Write what the object names."""
    actor, sent, now = required(), body(), web.now()
    if sent.setdefault("slug", slug) != slug:
        raise Invalid({"slug": f"is {slug} in the address"})
    with transaction() as session:
        document = validated(SeriesDocument, series_services.completed(session, sent))
        change = Put(now, _domain(), actor.email, whole=True)
        result = series_services.put(session, document, change, actor=actor)
        answer = _series(session, slug, actor)
    return reply(answer, 201 if result is Result.CREATED else 200)


@api.operation(
    "GET",
    "/events",
    Operation(
        "List events by start",
        EventsAnswer,
        "Those that meet the time from `from` to `to`, a hundred a page; occurrences of a "
        "timetable that nobody touched are among them.",
        query=asked.EventsQuery,
        refusals=(404,),
    ),
)
def list_events() -> Response:
    """Answer with a page of events."""
    wanted, session = asked.read(web.now()), db.session()
    every = queries.all_series(session)
    series = [each for each in every if wanted.series in (None, each.slug)]
    if wanted.series and not series:
        raise NotFound(f"There is no series {wanted.series}.")
    matching = Matching(series, wanted.window, wanted.topic, wanted.words)
    found, last = listing.page(
        session, matching, web.now(), after=wanted.after, limit=EVENTS_A_PAGE
    )
    following = wanted.cursor(last) if last else None
    return reply(answers.events(found, following), public=True)


@api.operation("GET", "/events/<event_id>", Operation("Show an event", EventAnswer))
def show_event(event_id: str) -> Response:
    """Answer with one event, with or without a row."""
    return reply(_event(db.session(), event_id, web.now()), public=True)


@api.operation(
    "PATCH",
    "/events/<event_id>",
    Operation(
        "Change an event",
        EventAnswer,
        "Writes the fields that the object names; `starts` is wall time in the series' zone and "
        "moves it, `status` cancels it. For organisers of the series.",
        body=EventDocument,
        partial=True,
        token=True,
        refusals=(403, 409),
    ),
)
def patch_event(event_id: str) -> Response:
    """Write what the object names, before the occurrence has a row as well."""
    actor, document, now = required(), validated(EventDocument, body()), web.now()
    with transaction() as session:
        event_services.patch(session, event_id, document, now, actor=actor)
        answer = _event(session, event_id, now)
    return reply(answer)


def _event(session: Session, event_id: str, now: datetime) -> EventAnswer:
    found = queries.event_by_id(session, event_id, now)
    if found is None:
        raise NotFound
    return answers.event(found)


def _series(session: Session, slug: str, caller: Viewer | None) -> SeriesAnswer:
    found = queries.series(session, slug)
    if found is None:
        raise NotFound
    records = load_records(session, EventRow.series_id == found.id)
    return answers.series(found, _organisers(session, found.id, caller), records)


def _organisers(session: Session, series_id: int, caller: Viewer | None) -> list[str] | None:
    """Return the organisers' addresses if `caller` may see them, None for everybody else."""
    if caller is None:
        return None
    found = queries.organisers(session, series_id)
    if not policy.may_edit([each.person_id for each in found], caller):
        return None
    return sorted(each.email for each in found)


def _domain() -> str:
    return urlsplit(web.settings().base_url).hostname or "localhost"
