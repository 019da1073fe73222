"""Commands without a ready database print one line that says what to do."""

import sys
import time

import pytest
from flask.testing import FlaskCliRunner

from tests import processes
from tests.conftest import make_settings, running

COMMANDS = (
    ["tick"],
    ["worker"],
    ["user", "add", "ada@example.org"],
    ["user", "link", "ada@example.org"],
    ["token", "add", "ada@example.org", "--name", "script"],
    ["import", "demo/community.yaml"],
    ["export", "never-written.yaml"],
    ["demo"],
)


@pytest.fixture
def runner(blank_database_url, tmp_path) -> FlaskCliRunner:
    with running(make_settings(blank_database_url, tmp_path)) as app:
        yield app.test_cli_runner()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_command_without_tables_says_how_to_make_them(runner, command):
    result = runner.invoke(args=command)

    words = "Error: The database has no tables yet: flask db upgrade\n"
    assert (result.exit_code, result.output) == (1, words)


def test_command_without_a_server_says_so(tmp_path):
    url = f"postgresql://nobody@/none?host={tmp_path}"
    with running(make_settings(url, tmp_path)) as app:
        result = app.test_cli_runner().invoke(args=["tick"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: The database is not reachable: ")
    assert len(result.output.splitlines()) == 1


def test_flask_run_says_that_it_sends_no_mail(sqlite_environment, tmp_path):
    log = tmp_path / "run.log"
    command = [sys.executable, "-m", "flask", "run", "--port", str(processes.free_port())]
    process = processes.start(command, log, sqlite_environment)
    deadline = time.monotonic() + 30
    while "Running on" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    processes.stop(process)

    words = "flask run does not send mail: run `flask worker` as well."
    assert log.read_text().splitlines()[0] == words
