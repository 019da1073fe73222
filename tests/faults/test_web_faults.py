"""Web processes under races and kill -9, seen from outside: one session, and no half bookings.

`SEED=n` in the environment replays the delays of a run.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from threading import Barrier, Timer
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import func, select

from accounts import sign_in_links
from accounts.services import people
from booking.models import BookingRow
from core import clock
from core.audit import AuditEntry
from core.db.base import db
from core.db.transaction import transaction
from core.messages.outbox import Message
from tests.factories_booking import add_host, add_offer

EMAIL = "ada@example.org"
BOOK = "/api/v1/hosts/host-a/office-hours/career-chat"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
SLOWEST_SECONDS = 0.03


def ask(port, method, path, body=None, headers=None):
    """Return status, headers and text of an answer; raise OSError if the server died."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    except HTTPException as broken:
        raise ConnectionError from broken
    finally:
        connection.close()


def test_link_pressed_twenty_times_at_once_makes_one_session(app, environment, serve):
    now = clock.now()
    with app.app_context(), transaction() as session:
        people.ensure(session, EMAIL, now)
        path = f"/sign-in/{sign_in_links.create(session, EMAIL, now, request='test')}/"
    port = urlsplit(serve(environment).url).port
    presses, together = [], Barrier(20)
    for _ in range(20):
        _, headers, page = ask(port, "GET", path)
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        presses.append((headers["Set-Cookie"].partition(";")[0], csrf))

    def press(cookie_and_csrf):
        cookie, csrf = cookie_and_csrf
        together.wait()
        return ask(port, "POST", path, urlencode({"csrf_token": csrf}), {"Cookie": cookie, **FORM})

    with ThreadPoolExecutor(20) as pool:
        statuses = Counter(status for status, _, _ in pool.map(press, presses))

    assert statuses == {303: 1, 410: 19}


def kept(app, email):
    """Return how many bookings, mails and audit entries there are of this guest."""
    with app.app_context():
        refs = db.session.scalars(select(BookingRow.ref).where(BookingRow.guest_email == email))
        subjects = [f"booking:{ref}" for ref in refs]
        mails = select(func.count()).where(Message.recipient == email)
        told = select(func.count()).where(AuditEntry.subject.in_(subjects))
        return len(subjects), db.session.scalar(mails), db.session.scalar(told)


def bookings_under_kills(app, environment, serve, rounds):
    """Kill the web process during each booking and send it again; return what was found."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**9))
    sys.stdout.write(f"replay with SEED={seed}\n")
    delays = random.Random(seed)
    with app.app_context(), transaction() as session:
        add_offer(session, add_host(session), per_guest_open=None, notice=0)
    server = serve(environment)
    port = urlsplit(server.url).port
    today = clock.now().date()
    dates = f"from={today + timedelta(days=2)}&to={today + timedelta(days=50)}"
    slots = json.loads(ask(port, "GET", f"{BOOK}/slots?{dates}")[2])["slots"]
    found = Counter()
    for number in range(rounds):
        email = f"guest{number}@example.org"
        body = {"starts_at": slots[number]["starts_at"], "name": "Ann", "zone": "UTC"}
        sent = json.dumps({**body, "email": email})
        headers = {**JSON, "Idempotency-Key": f"key-{number}"}
        workers = ["pgrep", "-P", str(server.process.pid)]
        running = subprocess.run(workers, capture_output=True, text=True, check=True).stdout.split()
        kill = Timer(delays.uniform(0, SLOWEST_SECONDS), os.kill, (int(running[0]), signal.SIGKILL))
        kill.start()
        try:
            answered = ask(port, "POST", f"{BOOK}/bookings", sent, headers)[0]
        except OSError:
            answered = None
        kill.join()
        after = kept(app, email)
        found[answered, after] += 1
        assert again(port, sent, headers) == 201
        assert kept(app, email) == (1, 1, 1)
    return found


def again(port, sent, headers):
    """Send the request until a new process answers; return its status."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return ask(port, "POST", f"{BOOK}/bookings", sent, headers)[0]
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def holds(found):
    """Assert that each booking was whole or not there at all, and none that was told was lost."""
    sys.stdout.write(f"{found}\n")
    assert {after for _, after in found} <= {(0, 0, 0), (1, 1, 1)}
    assert (201, (0, 0, 0)) not in found
    assert {answered for answered, _ in found} <= {None, 201}


def test_booking_survives_kills(app, environment, serve):
    holds(bookings_under_kills(app, environment, serve, 6))


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_booking_survives_100_kills(app, environment, serve):
    holds(bookings_under_kills(app, environment, serve, 100))
