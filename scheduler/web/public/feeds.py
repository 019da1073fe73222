"""Calendar feeds by HTTP: a validator that costs one indexed read, bytes that are kept by it."""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from threading import Lock
from weakref import WeakKeyDictionary

from flask import Blueprint, Flask, Response, request
from sqlalchemy import bindparam, select

from accounts.queries import organization
from core import zones
from core.db.base import db
from core.db.fast_sql import peek
from core.http import current
from core.refusals import Invalid, NotFound
from scheduler import feeds
from scheduler.feeds import Cancelled, FeedHeader, FeedOptions
from scheduler.models import FeedVersion
from scheduler.queries.events import find_event
from scheduler.queries.loading import load_series
from scheduler.queries.series import find_series
from scheduler.services import feed_versions

MIMETYPE = "text/calendar; charset=utf-8"
CACHED = "public, max-age=300"
LONGEST_ALARM = timedelta(days=28)
CACHE_BYTES = 32_000_000
ALARM = re.compile(r"P(?:(\d{1,3})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,5})M)?)?")
AS_IT_IS = FeedOptions()

_VERSION = select(FeedVersion.version).where(FeedVersion.name == bindparam("name"))

pages = Blueprint("feeds", __name__)


class FeedCache:
    """The bodies of feeds that were asked for last, by their validators: one a feed and choice.

    They take `most_bytes` at most; a body that is larger by itself is not kept.
    """

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._bodies: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._lock = Lock()

    def body(self, name: str, etag: str, build: Callable[[], bytes]) -> bytes:
        """Return the body of this validator, built only when it is not there."""
        with self._lock:
            known, body = self._bodies.get(name, ("", b""))
            if known == etag:
                self._bodies.move_to_end(name)
                return body
        body = build()
        with self._lock:
            self._keep(name, etag, body)
        return body

    def _keep(self, name: str, etag: str, body: bytes) -> None:
        _, before = self._bodies.pop(name, ("", b""))
        self._bytes -= len(before)
        if len(body) > self._most_bytes:
            return
        self._bodies[name] = (etag, body)
        self._bytes += len(body)
        while self._bytes > self._most_bytes:
            _, (_, oldest) = self._bodies.popitem(last=False)
            self._bytes -= len(oldest)


_caches: WeakKeyDictionary[Flask, FeedCache] = WeakKeyDictionary()


def cache_of(app: Flask) -> FeedCache:
    """Return the cache of an app, made at its first use."""
    return _caches.setdefault(app, FeedCache())


@pages.get("/calendar.ics")
def calendar() -> Response:
    """Respond with the feed of all series."""
    choices = parse_choices(request.args)

    def body() -> bytes:
        session = db.session()
        name = organization(session).name
        head = FeedHeader(
            name, f"Everything that is on at {name}.", current.absolute_url("/calendar.ics")
        )
        every = load_series(session)
        return feeds.calendar(
            session, head, every, current.now(), choices, current.settings().base_url
        )

    return _answer(feed_versions.CALENDAR, "calendar", body, choices)


@pages.get("/series/<slug>.ics")
def series(slug: str) -> Response:
    """Respond with the feed of one series."""
    choices = parse_choices(request.args)

    def body() -> bytes:
        session = db.session()
        found = find_series(session, slug)
        if found is None:
            raise NotFound
        head = FeedHeader(
            found.name, found.description, current.absolute_url(f"/series/{slug}.ics")
        )
        return feeds.calendar(
            session, head, [found], current.now(), choices, current.settings().base_url
        )

    return _answer(feed_versions.series_feed(slug), slug, body, choices)


@pages.get("/series/<slug>/<key>.ics")
def event(slug: str, key: str) -> Response:
    """Respond with one event, to be added to a calendar once.

    There are too many of them to cache: they would evict the calendar.
    """

    def body() -> bytes:
        session = db.session()
        found = find_series(session, slug)
        day = feeds.day_of(current.now())
        chosen = find_event(session, found, key, day) if found else None
        written = feeds.single(chosen, current.settings().base_url) if chosen else None
        if written is None:
            if found and chosen is None and found.gap_at(key):
                raise NotFound(f"{found.name} does not meet on {key}: there is no calendar entry.")
            raise NotFound
        return written

    return _answer(feed_versions.series_feed(slug), f"{slug}-{key}", body, cached=False)


def parse_choices(arguments: Mapping[str, str]) -> FeedOptions:
    """Return what the address asks for; raise Invalid for what cannot be meant."""
    if not arguments:
        return AS_IT_IS
    errors = {}
    past, cancelled = arguments.get("past"), arguments.get("cancelled", Cancelled.KEEP)
    if past not in (None, "all"):
        errors["past"] = "must be all, or left out"
    if cancelled not in tuple(Cancelled):
        errors["cancelled"] = "must be keep, hide or mark"
    alarm = _alarm(arguments["alarm"]) if "alarm" in arguments else None
    if "alarm" in arguments and alarm is None:
        errors["alarm"] = "must be a time before the start such as PT30M, 28 days at most"
    if errors:
        raise Invalid(errors)
    return FeedOptions(past == "all", Cancelled(cancelled), alarm)


def _alarm(text: str) -> timedelta | None:
    match = ALARM.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes = (int(number or 0) for number in match.groups())
    before = timedelta(days=days, hours=hours, minutes=minutes)
    return before if timedelta() < before <= LONGEST_ALARM else None


def _answer(
    name: str,
    file: str,
    build: Callable[[], bytes],
    choices: FeedOptions = AS_IT_IS,
    *,
    cached: bool = True,
) -> Response:
    # The version is read before the rows: a change in between is seen by the next reader.
    version = peek(_VERSION, name=name)
    asked = request.path if choices is AS_IT_IS else f"{request.path} {choices}"
    etag = f"{version or 0}-{current.now():%Y%m%d}-{_seal(asked, current.settings().base_url)}"
    headers = {"ETag": f'"{etag}"', "Cache-Control": CACHED}
    if version and request.if_none_match.contains_weak(etag):
        return Response(status=304, headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{file}.ics"'
    body = cache_of(current.app()).body(asked, etag, build) if cached else build()
    return Response(body, headers=headers, content_type=MIMETYPE)


@lru_cache(maxsize=256)
def _seal(asked: str, base_url: str) -> str:
    """Return what else the bytes depend on: what was asked, where from, and this software."""
    return hashlib.sha256(f"{asked} {base_url} {_software()}".encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _software() -> str:
    own = hashlib.sha256()
    for file in sorted(Path(feeds.__file__).parent.rglob("*.py")):
        own.update(file.read_bytes())
    return f"{own.hexdigest()} {metadata.version('icalendar')} {zones.release()}"
