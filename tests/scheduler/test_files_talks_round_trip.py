"""The talks CSV goes out and in again and changes nothing, whatever the names and dates are."""

import io
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from core.db.transaction import transaction
from core.sections import ImportContext, Outcome, Result
from scheduler.domain.talks import Speaker, Talk
from scheduler.files import talks_csv, talks_csv_export
from scheduler.queries.series import find_series
from tests.factories_scheduler import LATER, put_series

FIRST = date(2026, 6, 8)  # a Monday; the rule gives Friday 12 and 19 June
TEXT = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=12)
MARKED = st.text(st.sampled_from(";\\'\"=+-@, a"), min_size=1, max_size=6)
LINE = (TEXT | MARKED).map(str.strip).filter(bool)
SPEAKER = st.builds(
    Speaker,
    name=LINE,
    affiliation=st.none() | LINE,
    url=st.sampled_from([None, "https://a.example"]),
)
TALK = st.builds(
    Talk,
    title=st.none() | LINE,
    speakers=st.lists(SPEAKER, max_size=3).map(tuple),
    abstract=st.none() | st.lists(LINE, min_size=1, max_size=3).map("\n".join),
    topics=st.lists(LINE, max_size=3).map(tuple),
)
EVENT = st.fixed_dictionaries(
    {
        "day": st.integers(0, 12).map(lambda days: FIRST + timedelta(days)),
        "hour": st.sampled_from([None, 9, 10, 15]),
        "talks": st.lists(TALK, max_size=3).map(tuple),
        "status": st.sampled_from(["scheduled", "tentative", "cancelled"]),
        "reason": st.none() | LINE,
    }
)


def keyed(events: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the events for a series: several on a day have keys with numbers."""
    written: list[dict[str, object]] = []
    count: dict[object, int] = {}
    for event in events:
        day = event["day"]
        count[day] = number = count.get(day, 0) + 1
        starts = day if event["hour"] is None else f"{day}T{event['hour']:02}:00"
        fields = {name: event[name] for name in ("talks", "status", "reason")}
        key = f"{day}-{number}" if number > 1 else str(day)
        written.append(
            {**fields, "key": key, "starts": str(starts), "all_day": event["hour"] is None}
        )
    return written


def exported(session: Session) -> str:
    session.rollback()
    series = find_series(session, "dlct")
    assert series
    return talks_csv_export.write(session, series)


def imported(text: str) -> list[Outcome]:
    lines = io.StringIO(text, newline="")
    with transaction() as session:
        return talks_csv.read(session, "dlct", lines, ImportContext(LATER, "example.org"))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(EVENT, max_size=14), st.lists(LINE, max_size=2))
def test_import_of_an_export_changes_nothing(
    sqlite_session: Session, events: list[dict[str, object]], gaps: list[str]
) -> None:
    put_series(
        whole=True,
        events=keyed(events),
        gaps=[
            {"date": FIRST + timedelta(days=30 + position), "reason": reason}
            for position, reason in enumerate(gaps)
        ],
    )
    text = exported(sqlite_session)

    outcomes = imported(text)

    assert {(each.result, each.message) for each in outcomes} <= {(Result.UNCHANGED, "")}
    assert len(outcomes) == sum(max(1, len(each["talks"])) for each in events) + len(gaps)
    assert exported(sqlite_session) == text
