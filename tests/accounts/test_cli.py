"""The command line of accounts."""

from flask import Flask
from flask.testing import FlaskCliRunner

from accounts import queries
from core.db.base import db


def test_token_add_prints_a_token_that_speaks_for_its_person(
    app: Flask, runner: FlaskCliRunner
) -> None:
    result = runner.invoke(args=["token", "add", "Ada@Example.org", "--name", "script"])

    with app.app_context():
        viewer = queries.viewer_of_api_token(db.session(), result.output.strip())
    assert viewer
    assert (viewer.email, viewer.is_admin) == ("ada@example.org", False)


def test_user_add_knows_a_person_however_the_address_is_written(
    sqlite_runner: FlaskCliRunner,
) -> None:
    sqlite_runner.invoke(args=["user", "add", "Ada@example.org"])

    result = sqlite_runner.invoke(args=["user", "link", "ada@EXAMPLE.org"])

    assert result.exit_code == 0
    assert result.output.startswith("http://")


def test_user_link_for_an_unknown_address_says_what_to_do(sqlite_runner: FlaskCliRunner) -> None:
    result = sqlite_runner.invoke(args=["user", "link", "nobody@example.org"])

    assert (result.exit_code, result.output) == (
        1,
        "Error: No account for nobody@example.org: `flask user add` creates one.\n",
    )


def test_user_add_refuses_what_is_no_address(sqlite_runner: FlaskCliRunner) -> None:
    result = sqlite_runner.invoke(args=["user", "add", "not an address"])

    assert result.exit_code == 2
    assert "Please give an e-mail address such as ada@example.org." in result.output
