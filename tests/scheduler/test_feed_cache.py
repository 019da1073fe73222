"""The cache of feeds: bounded by bytes, and out of reach of the many feeds of single events."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from core.db.transaction import transaction
from scheduler.web.public import feeds
from scheduler.web.public.feeds import FeedCache
from tests.factories import add_series
from tests.factories_scheduler import NOW


def read(cache: FeedCache, name: str, size: int, etag: str = "1") -> bool:
    """Read a body of `size` bytes; return whether it was built."""
    built = []

    def build() -> bytes:
        built.append(name)
        return b"x" * size

    assert len(cache.body(name, etag, build)) == size
    return bool(built)


def test_cache_drops_what_was_read_longest_ago_when_its_bytes_are_used_up() -> None:
    cache = FeedCache(most_bytes=100)

    assert [read(cache, name, 40) for name in ("a", "b", "a", "c")] == [True, True, False, True]
    assert [read(cache, name, 40) for name in ("a", "c", "b")] == [False, False, True]


def test_new_body_of_a_feed_replaces_the_old_one() -> None:
    cache = FeedCache(most_bytes=100)
    read(cache, "a", 50)

    assert [read(cache, "b", 50, etag) for etag in ("1", "2", "3")] == [True, True, True]
    assert read(cache, "a", 50) is False


def test_body_larger_than_the_cache_evicts_nothing() -> None:
    cache = FeedCache(most_bytes=100)
    read(cache, "a", 100)

    assert [read(cache, "b", 101), read(cache, "b", 101), read(cache, "a", 100)] == [
        True,
        True,
        False,
    ]


@pytest.fixture
def _frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.usefixtures("_frozen")
def test_feeds_of_single_events_are_not_cached(sqlite_app: Flask) -> None:
    with sqlite_app.app_context(), transaction() as session:
        add_series(session)
    client = sqlite_app.test_client()
    paths = ["/series/dlct/2026-05-08.ics", "/series/dlct/2026-05-15.ics"]
    cache = feeds.cache_of(sqlite_app)

    assert [client.get(path).status_code for path in ("/calendar.ics", *paths)] == [200] * 3
    etags = {
        path: client.get(path).headers["ETag"].strip('"') for path in ("/calendar.ics", *paths)
    }
    found = {path: cache.body(path, etag, lambda: b"built anew") for path, etag in etags.items()}
    assert found == {
        "/calendar.ics": client.get("/calendar.ics").data,
        **dict.fromkeys(paths, b"built anew"),
    }
