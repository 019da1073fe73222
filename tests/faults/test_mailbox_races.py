"""Processes that mail one mailbox at once keep its limit; with a naive count they do not."""

import sys

from tests.faults import racing
from tests.faults.racing import PROCESSES


def test_mailbox_gets_three_mails_whoever_asks_at_once(database_url, tmp_path):
    told = racing.mailbox_race(database_url, tmp_path, attempts=52)

    assert told == {"mailed": 3, "refused": 49}


def test_each_of_many_mailboxes_gets_three_mails(database_url, tmp_path):
    told = racing.mailbox_race(database_url, tmp_path, attempts=15 * 2 * PROCESSES, tries=2)

    assert told == {"mailed": 3 * 15, "refused": (2 * PROCESSES - 3) * 15}


def test_race_shows_too_many_mails_of_a_naive_count(database_url, tmp_path):
    told = racing.naive_mailbox_race(database_url, tmp_path, attempts=40 * PROCESSES)

    sys.stdout.write(f"{told}\n")
    assert told["mailed"] > 40
