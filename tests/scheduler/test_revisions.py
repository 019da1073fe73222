"""SEQUENCE and DTSTAMP of an event rise or stay, whatever is done to it and in whatever order."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from accounts.domain.actors import COMMAND_LINE
from core.db.transaction import transaction
from core.refusals import Refusal
from core.sections import ImportContext, Result, Section
from scheduler.calendar_entries import calendar_entry
from scheduler.domain.events import Event
from scheduler.files import community
from scheduler.ical import CalendarEvent
from scheduler.queries.events import find_event
from scheduler.queries.loading import load_series
from scheduler.queries.series import find_series
from scheduler.schemas import EventFileSchema, EventSchema, SeriesFileSchema
from scheduler.services import event_writer, events, series
from scheduler.services.event_lists import EventList
from tests.factories_scheduler import DLCT, FRIDAYS, LATER, NOW, admin, put_series

DAY = date(2026, 6, 12)
KEY = DAY.isoformat()
MUCH_LATER = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def read(session: Session, slug: str = "dlct") -> Event | None:
    session.rollback()
    found = find_series(session, slug)
    assert found
    return find_event(session, found, KEY, NOW)


def revision(session: Session, slug: str = "dlct") -> tuple[int, datetime]:
    event = read(session, slug)
    assert event
    return event.sequence, event.changed_at


def entry(session: Session, slug: str = "dlct") -> CalendarEvent | None:
    event = read(session, slug)
    assert event
    return calendar_entry(event, "https://calendar.example.org")


def import_event(now: datetime, slug: str = "dlct", **fields: object) -> Result:
    document = EventFileSchema.model_validate({"date": KEY, **fields})
    with transaction() as session:
        target = EventList(session, slug).target(document)
        return event_writer.write_event(
            session, target, document, now, actor=COMMAND_LINE, always=True
        )


def import_series(now: datetime, slug: str = "dlct", **fields: object) -> Result:
    document = SeriesFileSchema.model_validate({**DLCT, "slug": slug, **fields})
    with transaction() as session:
        return series.put(session, document, now, actor=admin(), domain="example.org")


def test_event_from_a_newer_file_has_the_files_revision(session: Session) -> None:
    put_series()
    import_event(NOW, sequence=1, changed_at=NOW)

    assert import_event(MUCH_LATER, sequence=5, changed_at=LATER) is Result.UPDATED
    assert revision(session) == (5, LATER)
    assert import_event(MUCH_LATER, sequence=5, changed_at=LATER) is Result.UNCHANGED


def test_event_from_an_older_file_keeps_its_revision(session: Session) -> None:
    put_series()
    import_event(NOW, sequence=5, changed_at=LATER)

    assert import_event(MUCH_LATER, sequence=1, changed_at=NOW) is Result.UNCHANGED
    assert import_event(NOW, sequence=6, changed_at=NOW) is Result.UPDATED
    assert revision(session) == (6, LATER)


def test_event_that_changed_last_in_the_future_is_not_dated_back(session: Session) -> None:
    put_series()
    import_event(NOW, sequence=5, changed_at=MUCH_LATER)

    import_event(LATER, number=7)

    assert revision(session) == (6, MUCH_LATER)


def test_series_from_files_has_the_latest_revision(session: Session) -> None:
    import_series(NOW, sequence=3, changed_at=LATER)

    import_series(MUCH_LATER, sequence=2, changed_at=NOW)
    assert revision(session) == (3, LATER)
    import_series(NOW, sequence=4, changed_at=NOW)
    assert revision(session) == (4, LATER)
    import_series(NOW, name="Other name")
    assert revision(session) == (5, LATER)
    newer = {"sequence": 9, "changed_at": datetime(2026, 5, 20, tzinfo=UTC)}
    import_series(MUCH_LATER, name="Other name", **newer)
    assert revision(session) == (9, datetime(2026, 5, 20, tzinfo=UTC))


def test_date_that_is_skipped_and_taken_back_is_not_dated_back(session: Session) -> None:
    put_series()
    import_event(NOW, sequence=4, changed_at=MUCH_LATER)

    with transaction() as rows:
        events.skip(rows, "dlct", DAY, None, LATER, actor=admin())
    with transaction() as rows:
        events.unskip(rows, "dlct", DAY, LATER, actor=admin())

    assert revision(session) == (5, MUCH_LATER)


def test_occurrence_whose_row_is_dropped_is_not_dated_back(session: Session) -> None:
    put_series()
    import_event(NOW, sequence=4, changed_at=MUCH_LATER)

    put_series(LATER, whole=True, events=[])

    assert revision(session) == (5, MUCH_LATER)


def test_file_is_read_with_its_history(session: Session) -> None:
    text = f"""\
series:
- slug: dlct
  name: Classics
  zone: Europe/Berlin
  uid: own@example.org
  sequence: 3
  changed_at: 2026-05-04T12:00:00Z
  timetable: [{{starts: 2024-01-05T10:00, rule: FREQ=WEEKLY;BYDAY=FR}}]
  events:
  - {{date: {KEY}, uid: event@example.org, sequence: 2, changed_at: 2026-05-05T12:00:00Z}}
"""
    sections = (Section("series", community.read_series, lambda _: ()),)
    with transaction() as rows:
        community.read(rows, sections, text, ImportContext(MUCH_LATER, "example.org"))

    event = read(session)
    assert event
    assert (event.series.uid, event.uid) == ("own@example.org", "event@example.org")
    assert revision(session) == (5, LATER)


LINKS = [{"join_url": url} for url in (None, "https://a.example/", "https://b.example/")]
ROOMS = [{"location": room} for room in (None, "Room 4", "Room 5")]
SIGN_UPS = [{"registration_url": url} for url in (None, "https://sign-up.example/")]
DETAILS = [
    *(*LINKS, *ROOMS, *SIGN_UPS, {"language": "fr"}, {"chair": {"name": "Ada"}}),
    {"links": [{"label": "Notes", "url": "https://notes.example/"}]},
    {"talks": [{"title": "A", "offset": 5}]},
    {"talks": [{"title": "A", "video_url": "https://video.example/"}]},
]
SERIES_DETAILS = [
    *(*LINKS, *ROOMS, *SIGN_UPS, {"language": "fr"}, {"name": "Renamed"}, {"short_name": "R"}),
    *({"description": "Other words"}, {"color": 3}),
]
INSTANTS = st.integers(0, 40).map(lambda days: NOW + timedelta(days=days))
STEPS = st.one_of(
    st.tuples(st.just("patch"), INSTANTS, st.integers(1, 3)),
    st.tuples(st.just("cancel"), INSTANTS, st.booleans()),
    st.tuples(st.just("skip"), INSTANTS, st.booleans()),
    st.tuples(st.just("import"), INSTANTS, st.tuples(st.integers(0, 9), INSTANTS)),
    st.tuples(st.just("import series"), INSTANTS, st.tuples(st.integers(0, 9), INSTANTS)),
    st.tuples(st.just("drop"), INSTANTS, st.none()),
    st.tuples(st.just("timetable"), INSTANTS, st.integers(9, 11)),
    st.tuples(st.just("details"), INSTANTS, st.sampled_from(DETAILS)),
    st.tuples(st.just("series details"), INSTANTS, st.sampled_from(SERIES_DETAILS)),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, min_size=2, max_size=8))
def test_revision_never_falls_and_no_two_entries_share_one(
    sqlite_session: Session, steps: list[tuple]
) -> None:
    slug = f"s{len(load_series(sqlite_session))}"
    put_series(slug=slug)
    latest = revision(sqlite_session, slug)
    said = {latest: entry(sqlite_session, slug)}
    for step in steps:
        try:
            take(sqlite_session, slug, *step)
        except Refusal:
            continue
        if read(sqlite_session, slug) is None:
            continue
        found = revision(sqlite_session, slug)
        assert found[0] >= latest[0]
        assert found[1] >= latest[1]
        latest = found
        assert said.setdefault(found, entry(sqlite_session, slug)) == entry(sqlite_session, slug)


def take(session: Session, slug: str, name: str, now: datetime, value: object) -> None:
    """Do one thing to the series of `slug` or its event."""
    found = find_series(session, slug)
    assert found
    event_id = f"{found.ref}-{KEY}"
    history = {}
    if isinstance(value, tuple):
        history = {"sequence": value[0], "changed_at": value[1].isoformat()}
    match name:
        case "patch":
            with transaction() as rows:
                document = EventSchema(number=value)
                events.patch(rows, event_id, document, now, actor=admin())
        case "cancel":
            with transaction() as rows:
                if value:
                    events.cancel(rows, event_id, "ill", now, actor=admin())
                else:
                    events.reinstate(rows, event_id, now, actor=admin())
        case "skip":
            with transaction() as rows:
                if value:
                    events.skip(rows, slug, DAY, "holiday", now, actor=admin())
                else:
                    events.unskip(rows, slug, DAY, now, actor=admin())
        case "import":
            import_event(now, slug, **history)
        case "import series":
            import_series(now, slug, **history)
        case "drop":
            put_series(now, whole=True, slug=slug, events=[])
        case "details":
            with transaction() as rows:
                document = EventSchema.model_validate(value)
                events.patch(rows, event_id, document, now, actor=admin())
        case "series details":
            assert isinstance(value, dict)
            put_series(now, slug=slug, **value)
        case "timetable":
            line = {**FRIDAYS, "starts": f"2024-01-05T{value:02}:00"}
            put_series(now, whole=True, slug=slug, timetable=[line])
