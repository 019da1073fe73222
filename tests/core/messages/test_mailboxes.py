"""An unconfirmed mailbox gets three mails in 24 hours that unproven requests cause."""

from datetime import UTC, datetime, timedelta

import flask_migrate
import pytest
from sqlalchemy import text

from core.db.base import db
from core.db.transaction import transaction
from core.messages import mailboxes
from core.refusals import RateLimited
from tests.conftest import make_settings, running

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)  # a Monday
ANN = "ann@example.org"


def mail(*addresses, now=NOW, first=0):
    """Count a mail to each address; return whether it may be sent."""
    found = []
    for number, address in enumerate(addresses, first):
        with transaction() as session:
            found.append(mailboxes.may_be_mailed(session, address, now, cause=f"mail-{number}"))
    return found


def test_fourth_mail_in_24_hours_is_refused(session):
    assert mail(ANN, ANN, ANN, ANN) == [True, True, True, False]
    assert mail(ANN, now=NOW + timedelta(hours=24), first=4) == [True]


def test_refusal_says_what_helps_and_when(session):
    mail(ANN, ANN, ANN)

    with pytest.raises(RateLimited) as refusal, transaction() as rows:
        mailboxes.count_mail(rows, ANN, NOW + timedelta(hours=1), cause="fourth")

    assert (refusal.value.status, refusal.value.slug) == (429, "rate-limited")
    assert refusal.value.wait == timedelta(hours=23)
    assert refusal.value.text == (
        "This address has had three mails from us within a day, and nobody has used a link in "
        "them. Please look for the last one, perhaps in your spam folder. "
        "You can try again in 23 hours."
    )


@pytest.mark.parametrize(
    "same", ["a.n.n@example.org", "ann+tag@example.org", "a.nn+x.y+z@example.org"]
)
def test_dots_and_tags_are_the_same_mailbox_for_the_limit(session, same):
    assert mail(ANN, same, ANN, same) == [True, True, True, False]


@pytest.mark.parametrize(
    "other", ["anna@example.org", "ann@mail.example.org", "ann@exampleorg.org", "a-nn@example.org"]
)
def test_other_mailboxes_are_counted_apart(session, other):
    assert mail(ANN, ANN, ANN, other) == [True, True, True, True]


def test_confirmed_mailbox_has_no_limit_and_its_spellings_have(session):
    with transaction() as rows:
        mailboxes.confirm(rows, ANN, NOW)
        mailboxes.confirm(rows, ANN, NOW + timedelta(days=1))

    assert mailboxes.is_confirmed(session, ANN)
    assert not mailboxes.is_confirmed(session, "a.nn@example.org")
    assert mail(*[ANN] * 5) == [True] * 5
    assert mail(*["ann+x@example.org"] * 4, first=5) == [True, True, True, False]


def test_mail_that_is_tried_again_is_counted_once(session):
    for _ in range(5):
        assert mail(ANN) == [True]

    assert mail(ANN, ANN, ANN, first=1) == [True, True, False]


SIGNED_IN = (
    "INSERT INTO people (email, is_admin, created_at) VALUES ('ann@example.org', false, '{0}'),"
    " ('bob@example.org', false, '{0}'), ('eve@example.org', false, '{0}')",
    "INSERT INTO audit_entries (at, actor, action, subject, detail) VALUES"
    " ('2026-02-03 09:00:00', 'ann@example.org', 'signed in', 'person:ann@example.org', '{{}}'),"
    " ('2026-02-02 09:00:00', 'ann@example.org', 'signed in', 'person:ann@example.org', '{{}}'),"
    " ('2026-02-02 09:00:00', 'bob@example.org', 'series changed', 'series:dlct', '{{}}'),"
    " ('2026-02-02 09:00:00', 'gone@example.org', 'signed in', 'person:gone', '{{}}')",
)


def test_people_who_signed_in_before_the_migration_have_confirmed_mailboxes(
    blank_database_url, tmp_path
):
    with running(make_settings(blank_database_url, tmp_path)) as app, app.app_context():
        flask_migrate.upgrade(revision="0008")
        with db.engine.begin() as connection:
            for statement in SIGNED_IN:
                connection.execute(text(statement.format("2026-01-02 09:00:00")))
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            query = "SELECT email, confirmed_at FROM confirmed_mailboxes"
            rows = [(email, str(at)[:19]) for email, at in connection.execute(text(query))]

    assert rows == [("ann@example.org", "2026-02-02 09:00:00")]
