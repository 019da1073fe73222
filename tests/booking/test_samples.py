"""The demo shows a request, a proposal and closed office hours."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from booking.models import BookingRow, ProposalRow
from core.db.base import db
from tests import pages, whole_site

GUEST = "organiser@example.org"
FRIDAY = datetime(2026, 12, 4, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize("day", range(7))
def test_demo_has_a_request_and_a_proposal_on_every_day(
    sqlite_app: Flask, sqlite_runner: FlaskCliRunner, day: int
) -> None:
    with time_machine.travel(FRIDAY + timedelta(days=day), tick=False):
        loaded = sqlite_runner.invoke(args=["demo"])

    assert (loaded.exit_code, "refused 0" in loaded.output) == (0, True), loaded.output
    with sqlite_app.app_context():
        assert db.session.scalars(select(BookingRow.status).order_by(BookingRow.status)).all() == [
            "confirmed",
            "pending",
        ]
        (proposal,) = db.session.scalars(select(ProposalRow)).all()
        assert len(proposal.starts) == 3


def test_visitor_of_the_demo_opens_each_of_them(
    sqlite_app: Flask, sqlite_runner: FlaskCliRunner
) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        sqlite_runner.invoke(args=["demo"])
        client = whole_site.sign_in(sqlite_app, sqlite_app.test_client(), FRIDAY, GUEST)
        agenda = client.get("/me/")
        (path,) = {each for each in whole_site.LINK.findall(agenda.text) if "/bookings/" in each}
        booked = client.get(path)
        requests = client.get("/host/host-d/bookings/")
        closed = client.get("/office-hours/host-b/statement-review/")
        (form,) = [each for each in pages.forms(booked) if each.action.endswith("/choose")]
        chosen = pages.submit(client, booked, form.pressed, action="/choose")

    assert "Host B asks for another time" in pages.text(booked)
    assert "Waiting for your answer" in pages.text(requests)
    assert "Nobody has booked yet" not in pages.text(requests)
    assert "These office hours are closed" in pages.text(closed)
    assert (chosen.status_code, chosen.location) == (303, f"{path}?moved=1")
