"""Several writers make the same thing at once: one does, the others get it or an answer in words.

The first keeps its transaction open until the others have begun theirs, so that none of them can
see what it makes before they try to make it themselves.
"""

import threading
import time
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from accounts.domain.actors import COMMAND_LINE, Actor
from accounts.files import community
from accounts.models import OrganizationRow, PersonRow
from accounts.services import people
from booking.domain.hosts import HostSchema
from booking.models import HostRow
from booking.services import hosts, office_hours
from core import yaml
from core.db.base import db
from core.db.transaction import transaction
from core.refusals import Invalid
from core.sections import ImportContext, Result
from scheduler.models import EventRow, SeriesRow
from scheduler.schemas import EventSchema, SeriesFileSchema, SeriesSchema
from scheduler.services import events, series
from tests.factories import MADE_AT, add_series

WRITERS = 4
ADMIN = SimpleNamespace(person_id=998, email="admin@example.org", is_admin=True)
NEWCOMER = "ada@example.org"
CREATED_ONCE = [Result.CREATED] + [Result.UNCHANGED] * (WRITERS - 1)


def race(app, write):
    """Let each writer call `write(session, number)`; return what it returned or was refused."""
    written, found = threading.Event(), {}

    def run(number):
        if number:
            written.wait(30)
        try:
            with app.app_context(), transaction() as session:
                found[number] = write(session, number)
                if number == 0:
                    written.set()
                    time.sleep(0.3)
        except Invalid as refusal:
            found[number] = dict(refusal.errors)
        except Exception as error:
            found[number] = repr(error)

    writers = [threading.Thread(target=run, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    return [found[number] for number in range(WRITERS)]


def count(app, model):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def put_series(session, slug="dlct", **fields):
    document = SeriesSchema(slug=slug, name="Deep Learning", **fields)
    return series.put(session, document, MADE_AT, actor=COMMAND_LINE, domain="example.org")


def test_same_person_is_made_once(app):
    ids = race(app, lambda session, _: people.ensure(session, NEWCOMER, MADE_AT).id)

    assert ids == [ids[0]] * WRITERS
    assert count(app, PersonRow) == 1


def test_same_new_organizer_of_several_series_is_made_once(app):
    found = race(app, lambda session, n: put_series(session, f"s{n}", organisers=[NEWCOMER]))

    assert found == [Result.CREATED] * WRITERS
    assert (count(app, PersonRow), count(app, SeriesRow)) == (1, WRITERS)


def test_same_series_is_made_once(app):
    assert race(app, lambda session, _: put_series(session)) == CREATED_ONCE
    assert count(app, SeriesRow) == 1


def test_series_of_the_same_uid_are_refused_but_one(app):
    def read_from_a_file(session, n):
        document = SeriesFileSchema(slug=f"s{n}", name="Deep Learning", uid="one@example.org")
        row = series.lock(session, document.slug)
        change = series.put_own(
            session, row, document, MADE_AT, actor=COMMAND_LINE, domain="example.org"
        )
        return change.result

    found = race(app, read_from_a_file)

    refused = {"uid": "belongs to another series"}
    assert found == [Result.CREATED] + [refused] * (WRITERS - 1)


def test_same_host_is_made_once(app):
    body = {"email": NEWCOMER, "name": "Ada", "zone": "UTC"}

    found = race(
        app, lambda session, _: hosts.put(session, "ada", body, MADE_AT, actor=COMMAND_LINE)
    )

    assert found == CREATED_ONCE
    assert count(app, HostRow) == 1


def test_same_address_of_hosts_goes_to_the_first(app):
    def start(session, number):
        person = people.ensure(session, f"host{number}@example.org", MADE_AT)
        actor = Actor.person(person.id, person.email)
        body = {"slug": "ada", "name": "Ada", "zone": "UTC"}
        return hosts.create(session, HostSchema(**body), MADE_AT, actor=actor)

    assert race(app, start) == [None] + [{"slug": office_hours.TAKEN}] * (WRITERS - 1)
    assert count(app, HostRow) == 1


def test_extra_events_of_one_day_get_keys_of_their_own(app):
    with app.app_context(), transaction() as session:
        add_series(session)
    document = EventSchema(starts="2026-06-10T10:00")

    found = race(
        app, lambda session, _: events.add(session, "dlct", document, MADE_AT, actor=COMMAND_LINE)
    )

    assert len(set(found)) == WRITERS
    assert count(app, EventRow) == WRITERS


@pytest.mark.parametrize(
    ("read", "written", "model"),
    [
        (community.read_organization, "{name: ML Collective}", OrganizationRow),
        (community.read_people, f"[{{email: {NEWCOMER}, name: Ada}}]", PersonRow),
    ],
)
def test_same_piece_of_a_file_is_made_once(app, read, written, model):
    occasion = ImportContext(MADE_AT, "example.org")
    value = yaml.load(f"piece: {written}")["piece"]

    found = race(app, lambda session, _: next(iter(read(session, value, occasion))).result)

    assert found == CREATED_ONCE
    assert count(app, model) == 1
