"""Each app has its own parts and caches."""

import pytest
from flask import Flask

from core import parts
from core.config import Settings
from core.http import openapi
from core.parts import Parts

URLS = ("https://one.example.org", "https://two.example.org")


@pytest.fixture
def apps() -> list[Flask]:
    """Two apps in one process, with an address each."""
    made = []
    for url in URLS:
        app = Flask("parts")
        parts.init_app(app, Parts(Settings(base_url=url)))
        made.append(app)
    return made


def test_parts_are_those_of_the_app(apps: list[Flask]) -> None:
    assert [parts.of(app) for app in apps] == [Parts(Settings(base_url=url)) for url in URLS]
    with apps[1].app_context():
        assert parts.current() is parts.of(apps[1])


def test_openapi_document_is_built_once_for_each_app(apps: list[Flask]) -> None:
    documents = []
    for app in (apps[0], *apps):
        with app.app_context():
            documents.append(openapi.cached_document())

    assert documents[0] is documents[1]
    assert [document["servers"] for document in documents[1:]] == [
        [{"url": f"{url}/api/v1"}] for url in URLS
    ]
