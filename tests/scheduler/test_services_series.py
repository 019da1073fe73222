"""A series: made, changed by the fields that are named, and what that does to its events."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.db.transaction import transaction
from core.refusals import Invalid, NotAllowed
from core.sections import Result
from scheduler.domain.events import Event, Series
from scheduler.models import FeedVersion
from scheduler.queries.events import find_event
from scheduler.queries.organizers import organizers_of
from scheduler.queries.series import find_series
from scheduler.schemas import SeriesSchema
from scheduler.services import series
from tests.factories_scheduler import DLCT, FRIDAYS, LATER, NOW, ORGANISER, person, put_series

MOVED = {"date": "2026-06-12", "starts": "2026-06-08T10:00"}
EARLY = {**FRIDAYS, "track": "early"}
LATE = {**FRIDAYS, "starts": "2024-01-04T18:00", "rule": "FREQ=WEEKLY;BYDAY=TH", "track": "late"}
TALK = {"date": "2026-06-19", "talks": [{"title": "ConvNeXt"}]}


def read(session: Session) -> Series:
    session.rollback()
    found = find_series(session, "dlct")
    assert found
    return found


def event(session: Session, key: str) -> Event:
    found = find_event(session, read(session), key, NOW)
    assert found
    return found


def put(session: Session, **fields: object) -> Result:
    """Put the named fields alone, as a PUT of the API does."""
    with transaction() as rows:
        named = series.completed(rows, {"slug": "dlct", **fields})
        document = SeriesSchema.model_validate(named)
        return series.put(
            rows, document, LATER, actor=person(rows), domain="example.org", whole=True
        )


def test_put_makes_a_series_and_again_changes_nothing(session: Session) -> None:
    assert put_series(events=[MOVED]) is Result.CREATED
    made = read(session)
    versions = session.scalars(select(FeedVersion.version)).all()
    assert put_series(LATER, events=[MOVED]) is Result.UNCHANGED
    assert read(session) == made
    assert session.scalars(select(FeedVersion.version)).all() == versions
    assert (made.uid.partition("@")[2], made.revision) == ("example.org", 0)
    editors = organizers_of(session, [made.id])
    assert [each.email for each in editors[made.id]] == [ORGANISER]


def test_put_changes_only_the_fields_named(session: Session) -> None:
    put_series(join_url="https://meet.example.org/x", description="Fridays")
    before = event(session, "2026-06-12")
    assert put(session, short_name="Classics") is Result.UPDATED
    after = event(session, "2026-06-12")
    assert after.series.join_url == "https://meet.example.org/x"
    assert (after.title, after.sequence) == ("Classics: open slot", before.sequence + 1)
    assert after.changed_at == LATER
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry
    assert (entry.actor, entry.action) == (ORGANISER, "series changed")
    assert entry.detail == {"short_name": ["DLCT", "Classics"]}


def test_description_raises_no_sequence(session: Session) -> None:
    put_series()
    assert put(session, description="New words") is Result.UPDATED
    assert read(session).revision == 0


def test_short_name_follows_the_name_it_was_left_to(session: Session) -> None:
    put_series(short_name=None)
    put(session, name="Classics")
    assert read(session).short_name == "Classics"


def test_new_hour_moves_rows_of_the_rule_and_leaves_moved_ones(session: Session) -> None:
    put_series(events=[MOVED, TALK])
    put(session, timetable=[{**FRIDAYS, "starts": "2024-01-05T11:00"}])
    assert event(session, "2026-06-19").starts_at == datetime(2026, 6, 19, 18, 0, tzinfo=UTC)
    assert event(session, "2026-06-12").starts_at == datetime(2026, 6, 8, 17, 0, tzinfo=UTC)


def test_row_of_a_date_that_the_rule_gives_no_more_keeps_its_instant(session: Session) -> None:
    put_series(events=[TALK])
    put(session, timetable=[{**FRIDAYS, "rule": "FREQ=WEEKLY;BYDAY=TH"}])
    kept = event(session, "2026-06-19")
    assert kept.starts_at == datetime(2026, 6, 19, 17, 0, tzinfo=UTC)
    assert (kept.minutes, kept.moved_from, kept.sequence) == (60, None, 2)


def test_new_zone_keeps_wall_times(session: Session) -> None:
    put_series(events=[MOVED, TALK])
    put(session, zone="Europe/Berlin")
    assert event(session, "2026-06-12").starts_at == datetime(2026, 6, 8, 8, 0, tzinfo=UTC)
    assert event(session, "2026-06-19").starts_at == datetime(2026, 6, 19, 8, 0, tzinfo=UTC)


def test_lists_merge_by_key_from_a_file_and_are_replaced_by_put(session: Session) -> None:
    put_series(gaps=[{"date": "2026-07-03"}], events=[TALK])
    put_series(gaps=[{"date": "2026-12-25", "reason": "holidays"}], events=[MOVED])
    assert [str(gap.date) for gap in read(session).gaps] == ["2026-07-03", "2026-12-25"]
    put(session, gaps=[{"date": "2026-12-25"}], events=[MOVED])
    assert [(str(gap.date), gap.reason) for gap in read(session).gaps] == [("2026-12-25", None)]
    replaced = event(session, "2026-06-19")
    assert (replaced.row_id, replaced.status) == (None, "open")
    assert replaced.sequence > 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"timetable": [{**FRIDAYS, "rule": "FREQ=HOURLY"}]}, "timetable.0.rule"),
        ({"timetable": [FRIDAYS, FRIDAYS]}, "timetable.1.starts"),
        ({"timetable": [{**FRIDAYS, "until": "2023-01-01"}]}, "timetable.0.until"),
        ({"timetable": [{**EARLY, "key": "a"}, {**LATE, "key": "a"}]}, "timetable.1.starts"),
        ({"timetable": [EARLY, {**LATE, "rule": "FREQ=MONTHLY"}]}, "timetable.1.track"),
        ({"uid": "other@example.org"}, "uid"),
        ({"events": [{"date": "2026-06-11"}]}, "events.0.date"),
        ({"events": [{"talks": []}]}, "events.0.date"),
        ({"events": [TALK, {**TALK, "uid": "taken@example.org"}]}, "events.1.key"),
        ({"events": [{"key": "2026-02-30", "starts": "2026-02-20T10:00"}]}, "events.0.key"),
    ],
)
def test_put_refuses_what_cannot_be(
    session: Session, fields: dict[str, object], field: str
) -> None:
    put_series()
    with pytest.raises(Invalid) as refusal:
        put(session, **fields)
    assert list(refusal.value.errors) == [field]


def test_tracks_give_events_side_by_side(session: Session) -> None:
    put_series(timetable=[EARLY, LATE])
    assert event(session, "2026-06-18").starts_at == datetime(2026, 6, 19, 1, 0, tzinfo=UTC)
    assert event(session, "2026-06-19").starts_at == datetime(2026, 6, 19, 17, 0, tzinfo=UTC)


def test_tracks_that_give_one_date_twice_are_refused_with_the_date(session: Session) -> None:
    put_series(timetable=[EARLY, LATE])
    with pytest.raises(Invalid) as by_put:
        put(session, timetable=[EARLY, {**LATE, "rule": "FREQ=MONTHLY"}])
    with pytest.raises(Invalid) as merged:
        put_series(timetable=[{**LATE, "track": "third", "starts": "2026-01-08T12:00"}])
    assert by_put.value.errors["timetable.1.track"] == (
        "Track early and track late both give 2024-10-04. Tracks must not have a date in common."
    )
    assert merged.value.errors["timetable.0.track"] == (
        "Track late and track third both give 2026-01-08. Tracks must not have a date in common."
    )


def test_zone_in_which_tracks_would_collide_is_refused(session: Session) -> None:
    # The last start by this UNTIL is on Thursday in Los Angeles and on Friday in Tokyo.
    ends = {**EARLY, "rule": "FREQ=DAILY;UNTIL=20240106T020000Z", "starts": "2024-01-05T10:00"}
    fridays = {**LATE, "starts": "2024-01-06T09:00", "rule": "FREQ=WEEKLY;COUNT=1"}
    put_series(timetable=[ends, fridays])
    with pytest.raises(Invalid) as refusal:
        put(session, zone="Pacific/Kiritimati")
    assert list(refusal.value.errors) == ["timetable"]


def test_key_of_a_line_alone_raises_no_sequence(session: Session) -> None:
    put_series()
    assert put(session, timetable=[{**FRIDAYS, "key": "fri"}]) is Result.UPDATED
    assert read(session).revision == 0
    assert [period.key for period in read(session).timetable.periods] == ["fri"]


def test_only_admins_make_series_and_only_organisers_change_them(session: Session) -> None:
    document = SeriesSchema.model_validate(DLCT)
    with transaction() as rows, pytest.raises(NotAllowed):
        series.put(rows, document, NOW, actor=person(rows, "x@example.org"), domain="example.org")
    put_series()
    with transaction() as rows, pytest.raises(NotAllowed):
        series.put(rows, document, NOW, actor=person(rows, "x@example.org"), domain="example.org")


def test_new_series_gets_the_least_used_color(session: Session) -> None:
    for slug, color in (
        ("a", {}),
        ("b", {}),
        ("c", {"color": 2}),
        ("d", {}),
        ("e", {"color": None}),
    ):
        put_series(slug=slug, **color)
    session.rollback()
    found = [find_series(session, slug) for slug in "abcde"]
    assert [each.color for each in found if each] == [0, 1, 2, 3, 4]


def test_color_changes_nothing_in_calendars(session: Session) -> None:
    put_series()
    before = read(session)
    assert put(session, color=7) is Result.UPDATED
    assert put(session, color=None) is Result.UNCHANGED
    after = read(session)
    assert (before.color, after.color, after.revision) == (0, 7, before.revision)


@pytest.mark.parametrize("color", [-1, 12, "red", 1.5])
def test_color_must_be_one_of_twelve(color: object) -> None:
    with pytest.raises(ValidationError):
        SeriesSchema.model_validate({**DLCT, "color": color})
