"""A host changes the meeting link, by page, API or file: the calendars of guests follow."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from accounts.services import api_tokens
from core import worker
from core.db.transaction import transaction
from tests import pages
from tests.factories import add_organization
from tests.factories_booking import NOW, add_host, add_offer

NEW = "https://meet.example.org/new"
HOST = "host-a@example.org"
LATER = timedelta(minutes=5)


def by_page(client: FlaskClient, runner: FlaskCliRunner, _token: str, _folder: Path) -> None:
    link = runner.invoke(args=["user", "link", HOST]).output.strip()
    path = re.sub("^https?://[^/]+", "", link)
    assert pages.submit(client, client.get(path)).status_code == 303
    form = client.get("/host/host-a/about/")
    assert pages.submit(client, form, {"meeting_url": NEW}).status_code == 303


def by_api(client: FlaskClient, _runner: FlaskCliRunner, token: str, _folder: Path) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    put = client.put("/api/v1/hosts/host-a", json={"meeting_url": NEW}, headers=headers)
    assert put.status_code == 200


def by_file(_client: FlaskClient, runner: FlaskCliRunner, _token: str, folder: Path) -> None:
    file = folder / "community.yaml"
    file.write_text(f"hosts:\n- slug: host-a\n  meeting_url: {NEW}\n")
    assert runner.invoke(args=["import", str(file)]).exit_code == 0


@pytest.mark.parametrize("change", [by_page, by_api, by_file])
def test_changed_link_is_mailed_as_a_new_revision(
    app: Flask,
    client: FlaskClient,
    runner: FlaskCliRunner,
    tmp_path: Path,
    change: Callable[[FlaskClient, FlaskCliRunner, str, Path], None],
) -> None:
    with app.app_context(), transaction() as session:
        add_organization(session)
        add_offer(session, add_host(session))
        token = api_tokens.add(session, HOST, "tests", NOW)
    wanted = {"starts_at": "2026-06-03T08:00:00Z", "name": "Ann", "email": "ann@example.org"}
    with time_machine.travel(NOW, tick=False):
        booked = client.post(
            "/api/v1/hosts/host-a/office-hours/career-chat/bookings",
            json={**wanted, "zone": "Africa/Lagos"},
        )
        assert booked.status_code == 201
        worker.tick(app, NOW)
        change(client, runner, token, tmp_path)
    for past in (timedelta(minutes=4), LATER, 2 * LATER):
        with time_machine.travel(NOW + past, tick=False):
            worker.tick(app, NOW + past)

    entries = [
        message.get_body(("calendar",)).get_content().replace("\r\n ", "").splitlines()
        for file in sorted((tmp_path / "mail").iterdir())
        if "To: Ann" in (message := message_from_bytes(file.read_bytes(), policy=SMTP)).as_string()
    ]
    assert sorted(
        tuple(
            line for line in lines if line.startswith(("METHOD", "SEQUENCE", "LOCATION", "DTSTAMP"))
        )
        for lines in entries
    ) == [
        (
            *("METHOD:REQUEST", "DTSTAMP:20260601T060000Z", "SEQUENCE:0"),
            "LOCATION:https://meet.example.org/host-a",
        ),
        ("METHOD:REQUEST", "DTSTAMP:20260601T060500Z", "SEQUENCE:1", f"LOCATION:{NEW}"),
    ]
