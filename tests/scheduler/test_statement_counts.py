"""Statement counts: reads and writes of many rows cost as many statements as those of one."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from accounts import sign_in_links
from accounts.models import PersonRow
from accounts.services import api_tokens, people
from core.db.transaction import transaction
from scheduler.models import SeriesRow, series_organizers
from scheduler.schemas import SeriesSchema
from scheduler.services import feed_versions
from scheduler.services import series as series_services
from tests import pages
from tests.factories import add_event, add_organization, add_person, add_series, add_talk
from tests.factories_scheduler import LATER, NOW, admin
from tests.statements import statements

ADMIN = "admin@example.org"
FIRST = date(2026, 5, 8)  # a Friday after NOW
WEEK = timedelta(weeks=1)


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def token(app: Flask) -> dict[str, str]:
    """The organization and its admin, as the header of API calls."""
    with app.app_context(), transaction() as session:
        add_organization(session)
        people.make_admin(session, ADMIN, NOW)
        return {"Authorization": f"Bearer {api_tokens.add(session, ADMIN, 'tests', NOW)}"}


@pytest.fixture
def browser(app: Flask, token: dict[str, str]) -> FlaskClient:
    """The admin's browser."""
    with app.app_context(), transaction() as session:
        link = sign_in_links.create(session, ADMIN, NOW, request="test")
    client = app.test_client()
    pages.submit(client, client.get(f"/sign-in/{link}/"))
    return client


def add_many_series(app: Flask, numbers: range) -> None:
    """Add series with an organiser each, a talk to come and one that is over."""
    with app.app_context(), transaction() as session:
        for number in numbers:
            row = add_series(session, f"series-{number}")
            person = add_person(session, f"organiser-{number}@example.org")
            organise(session, row, person)
            for day in ("2026-05-08", "2026-05-01"):
                talk = add_event(session, row, day, title="A", speakers=["Ada", "Bob"])
                add_talk(session, talk, title="B", position=1)


def organise(session: object, row: SeriesRow, person: PersonRow) -> None:
    values = {"series_id": row.id, "person_id": person.id}
    session.execute(series_organizers.insert().values(**values))  # type: ignore[attr-defined]


def counts(app: Flask, fill: Callable[[Flask, range], None], act: Callable[[], int]) -> list[int]:
    """Return how many statements `act` takes with one row of a kind and with thirty."""
    found = []
    for numbers in (range(1), range(1, 30)):
        fill(app, numbers)
        with statements(app) as sent:
            assert act() == 200
        found.append(len(sent))
    return found


def test_series_with_a_token(app: Flask, token: dict[str, str]) -> None:
    def act() -> int:
        answer = app.test_client().get("/api/v1/series", headers=token)
        shown = answer.get_json()["series"]
        emails = [f"organiser-{number}@example.org" for number in range(len(shown))]
        assert [each["organisers"] for each in shown] == [[email] for email in emails]
        return answer.status_code

    assert counts(app, add_many_series, act) == [5, 5]


def test_organisers_list_of_series(app: Flask, browser: FlaskClient) -> None:
    assert counts(app, add_many_series, lambda: browser.get("/organise/").status_code) == [10, 10]


def test_export(app: Flask, token: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "out.yaml"

    def act() -> int:
        result = app.test_cli_runner().invoke(args=["export", str(file)])
        return 200 if result.exit_code == 0 else 500

    assert counts(app, add_many_series, act) == [12, 12]


def add_weeks(app: Flask, numbers: range) -> None:
    """Add a talk of the Friday series a week, in the coming weeks and in the archive."""
    with app.app_context(), transaction() as session:
        row = session.query(SeriesRow).filter_by(slug="dlct").first() or add_series(session)
        for number in numbers:
            for day in (FIRST + number * WEEK, FIRST - (number + 1) * WEEK):
                add_event(session, row, day.isoformat(), title="A", speakers=["Ada"])
            undated = add_event(session, row, f"{1990 + number}", title="B")
            add_talk(session, undated, title="C", position=1)


def test_grid_is_shown(app: Flask, browser: FlaskClient) -> None:
    def act() -> int:
        return browser.get("/organise/dlct/").status_code

    assert counts(app, add_weeks, act) == [14, 14]


@pytest.mark.parametrize(
    ("titles", "count"),
    [
        pytest.param(["New"], 19, id="new rows"),
        pytest.param(["Old", "New"], 21, id="changed rows"),
    ],
)
def test_grid_is_saved(app: Flask, browser: FlaskClient, titles: list[str], count: int) -> None:
    with app.app_context(), transaction() as session:
        add_series(session)
    taken = []
    for weeks in (range(1), range(1, 12)):
        for title in titles:
            cells = {
                f"events.{FIRST + week * WEEK}.talks.0.{name}": f"{title} {name}"
                for week in weeks
                for name in ("title", "speakers")
            }
            grid = browser.get("/organise/dlct/")
            with statements(app) as sent:
                answer = pages.submit(browser, grid, cells)
        assert answer.location.partition("#")[0] == "/organise/dlct/?done=saved"
        taken.append(len(sent))

    assert taken == [count, count]


def test_timetable_is_changed(app: Flask) -> None:
    def change(rule: str) -> int:
        lines = [{"starts": "2018-01-05T10:00", "rule": f"FREQ=WEEKLY;BYDAY={rule}"}]
        document = SeriesSchema.model_validate({"slug": "dlct", "name": "DLCT", "timetable": lines})
        with app.app_context(), transaction() as session:
            series_services.put(
                session, document, LATER, actor=admin(), domain="example.org", whole=True
            )
        return 200

    rules = iter(("TH", "FR"))
    assert counts(app, add_weeks, lambda: change(next(rules))) == [17, 17]


def test_events_of_a_series_are_put(app: Flask, token: dict[str, str]) -> None:
    with app.app_context(), transaction() as session:
        add_series(session)
    taken = []
    for count in (1, 30):
        for title in ("Old", "New"):
            talks = [{"title": title, "speakers": [{"name": title}]}, {"title": "Second"}]
            events = [{"date": str(FIRST + week * WEEK), "talks": talks} for week in range(count)]
            with statements(app) as sent:
                answer = app.test_client().put(
                    "/api/v1/series/dlct", json={"events": events}, headers=token
                )
            assert answer.status_code == 200
        taken.append(len(sent))

    assert taken == [30, 30]


def test_feeds_of_many_series_are_touched(app: Flask) -> None:
    def act() -> int:
        with app.app_context(), transaction() as session:
            feed_versions.touch_all(session)
        return 200

    assert counts(app, add_many_series, act) == [4, 4]
