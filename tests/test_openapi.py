"""The app responds to any input as the OpenAPI document describes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import schemathesis
import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from accounts.services import api_tokens, people
from booking.domain.bookings import BookingStatus
from booking.queries import bookings as booking_queries
from core.db.transaction import transaction
from core.http.api import Api
from tests import pages
from tests.conftest import SECRET_KEY, make_settings, running
from tests.factories import add_event, add_organization, add_series
from tests.factories_booking import NOW, add_booking, add_host, add_offer, at

ADMIN = "admin@example.org"
# What is refused beyond what a JSON Schema can say: unknown zones, rules that explode, dates that
# no timetable gives; and what is read though the schema is stricter: "30" for 30, one value twice.
EXCLUDED = [positive_data_acceptance, negative_data_rejection, ignored_auth]


@dataclass(frozen=True)
class Place:
    """The app, and names that exist in it."""

    app: Flask
    token: str
    names: dict[str, str]


@pytest.fixture(scope="module")
def place(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An app with one object of each kind and a fixed clock."""
    folder = tmp_path_factory.mktemp("api")
    file = folder / "convenor.db"
    file.write_bytes(sqlite_template.read_bytes())
    with (
        time_machine.travel(NOW, tick=False),
        running(make_settings(f"sqlite:///{file}", folder)) as app,
    ):
        app.testing = False  # errors become answers, as they do for callers
        with app.app_context(), transaction() as session:
            add_organization(session)
            people.ensure(session, ADMIN, NOW)
            people.make_admin(session, ADMIN, NOW)
            token = api_tokens.add(session, ADMIN, "tests", NOW)
            series = add_series(session)
            add_event(session, series, "2026-06-05", title="A talk", speakers=["Ada, Here"])
            host = add_host(session)
            offer = add_offer(session, host)
            row = add_booking(session, offer, at("2026-06-03 08:00"), status=BookingStatus.PENDING)
            link = booking_queries.link_token(booking_queries.from_row(row, offer), SECRET_KEY)
            names = {"host": host.slug, "booking_id": row.ref, "token": link}
            names |= {"event_id": f"{series.ref}-2026-06-12"}
            slugs = {"series": series.slug, "hosts": offer.slug}
        yield Place(app, token, names | slugs)


RUNS = settings(
    max_examples=20,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_answers_are_those_described(place: Place, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", place.app)
    for found in schema.get_all_operations():
        check(found.ok(), mode, place)


def check(operation: schemathesis.APIOperation, mode: GenerationMode, place: Place) -> None:
    """Call one operation with input that the schema allows, or does not allow."""
    slug = place.names[operation.path.split("/")[1]] if "{slug}" in operation.path else ""
    known = {**place.names, "slug": slug}
    headers = {"Authorization": f"Bearer {place.token}", "Accept-Encoding": "identity"}
    if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
        return  # nothing can be sent to it that is wrong

    @RUNS
    @given(case=operation.as_strategy(generation_mode=mode), exists=st.booleans())
    def answers_as_described(case: schemathesis.Case, exists: bool) -> None:
        if exists:
            case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
        case.call_and_validate(headers=headers, excluded_checks=EXCLUDED)

    answers_as_described()


def test_every_route_of_the_api_is_described(place: Place) -> None:
    described = place.app.test_client().get("/api/v1/openapi.json").get_json()
    routes = {
        (rule.endpoint.partition(".")[2], method.lower())
        for rule in place.app.url_map.iter_rules()
        if isinstance(place.app.blueprints.get(rule.endpoint.partition(".")[0]), Api)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    operations = {
        (operation["operationId"], method)
        for methods in described["paths"].values()
        for method, operation in methods.items()
    }
    assert operations == routes


def test_keys_that_only_files_have_are_not_described(place: Place) -> None:
    described = place.app.test_client().get("/api/v1/openapi.json").get_json()
    operation = described["paths"]["/hosts/{host}"]["put"]
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = described["components"]["schemas"][reference.rpartition("/")[2]]
    assert schema["properties"].keys() & {"bookings", "changed_at"} == set()
    assert schema["additionalProperties"] is False


def test_page_lists_every_operation(place: Place) -> None:
    client = place.app.test_client()
    described = client.get("/api/v1/openapi.json").get_json()
    words = pages.text(client.get("/api/docs"))
    missing = [
        operation["summary"]
        for methods in described["paths"].values()
        for operation in methods.values()
        if operation["summary"] not in words
    ]
    assert missing == []
