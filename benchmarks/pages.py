"""CPU of the first page, all events and a series with ten years behind it, in milliseconds.

Run from the root: python -m benchmarks.pages
"""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import process_time

import flask_migrate

from app import create_app
from core import clock
from core.config import Settings
from core.db import db, transaction
from scheduler.domain.recurrence import Period
from tests.factories import add_event, add_organization, add_series

SECRET_KEY = "a-secret-for-benchmarks-and-nothing-else"
YEARS, SERIES, ROUNDS = 10, 5, 30
PAGES = ("/", "/events/", "/series/series-0/", "/series/series-0/next", "/subscribe/")


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'pages.db'}"
        app = create_app(Settings(database_url=url, secret_key=SECRET_KEY, worker="off"))
        first = clock.now().date() - timedelta(days=365 * YEARS)
        weekly = Period(datetime(first.year, first.month, first.day, 10), 60, "FREQ=WEEKLY")  # noqa: DTZ001
        with app.app_context():
            flask_migrate.upgrade()
            with transaction() as session:
                add_organization(session)
                for number in range(SERIES):
                    series = add_series(session, f"series-{number}", timetable=[weekly])
                    for week in range(52 * YEARS + 10):
                        day = (first + timedelta(weeks=week)).isoformat()
                        add_event(session, series, day, title="A talk", speakers=["Ada, London"])
        client = app.test_client()
        for page in PAGES:
            client.get(page)
            taken = []
            for _ in range(ROUNDS):
                begun = process_time()
                client.get(page)
                taken.append((process_time() - begun) * 1000)
            print(f"{page:24} {median(taken):7.2f} ms")
        with app.app_context():
            db.engine.dispose()


if __name__ == "__main__":
    main()
