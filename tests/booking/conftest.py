"""Fixtures of the tests of booking."""

import pytest

from core.db.base import db
from core.db.transaction import transaction
from core.messages import liveness
from tests.factories import add_organization
from tests.factories_booking import add_host, add_offer
from tests.stage import Stage


@pytest.fixture
def make_stage(app, session, settings):
    lock = liveness.of_this_process(db.engine)

    def make(**fields):
        with transaction():
            add_organization(session)
            offer = add_offer(session, add_host(session), per_guest_open=None, **fields)
        return Stage(app, session, settings, offer, lock)

    yield make
    lock.release()


@pytest.fixture
def stage(make_stage):
    return make_stage()
