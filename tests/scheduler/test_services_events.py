"""One event: changed, moved, cancelled, reinstated, added; dates skipped."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.db.transaction import transaction
from core.refusals import Conflict, Invalid, NotAllowed, NotFound
from core.sections import Result
from scheduler.domain.events import Event
from scheduler.models import EventRow, FeedVersion
from scheduler.queries.events import find_event
from scheduler.queries.series import find_series
from scheduler.schemas import EventSchema
from scheduler.services import events
from scheduler.services.events import ChangedMeanwhile
from tests.factories_scheduler import LATER, NOW, admin, person, put_series

FRIDAY = "2026-06-12"


@pytest.fixture
def dlct(session: Session) -> Session:
    """A session with the Friday series."""
    put_series()
    session.rollback()
    return session


def ident(session: Session, key: str = FRIDAY) -> str:
    series = find_series(session, "dlct")
    assert series
    return f"{series.ref}-{key}"


def read(session: Session, key: str = FRIDAY) -> Event | None:
    session.rollback()
    series = find_series(session, "dlct")
    assert series
    return find_event(session, series, key, NOW)


def patch(key: str = FRIDAY, /, *, now: datetime = LATER, **fields: object) -> Result:
    document = EventSchema.model_validate(fields)
    with transaction() as session:
        return events.patch(session, ident(session, key), document, now, actor=admin())


def versions(session: Session) -> dict[str, int]:
    session.rollback()
    return {row.name: row.version for row in session.scalars(select(FeedVersion))}


def test_patch_gives_an_occurrence_its_row_and_keeps_id_and_uid(dlct: Session) -> None:
    before = read(dlct)
    assert patch(talks=[{"title": "ConvNeXt"}]) is Result.CREATED
    after = read(dlct)
    assert before
    assert after
    assert (before.id, before.uid, before.starts_at) == (after.id, after.uid, after.starts_at)
    assert (before.sequence, after.sequence) == (0, 1)
    assert after.title == "DLCT: ConvNeXt"
    assert after.changed_at == LATER


def test_patch_that_changes_nothing_leaves_no_trace(dlct: Session) -> None:
    patch(talks=[{"title": "ConvNeXt"}])
    seen = versions(dlct)
    entries = dlct.scalar(select(func.count()).select_from(AuditEntry))
    assert patch(talks=[{"title": "ConvNeXt"}], status="scheduled") is Result.UNCHANGED
    assert patch("2026-06-19", status="scheduled", minutes=60) is Result.UNCHANGED
    assert versions(dlct) == seen
    assert dlct.scalar(select(func.count()).select_from(AuditEntry)) == entries
    assert read(dlct, "2026-06-19").row_id is None  # type: ignore[union-attr]


def test_patch_raises_sequence_feeds_and_audit_log(dlct: Session) -> None:
    seen = versions(dlct)
    patch(talks=[{"title": "ConvNeXt"}])
    patch(talks=[{"title": "ConvNeXt V2"}])
    assert read(dlct).sequence == 2  # type: ignore[union-attr]
    assert versions(dlct) == {name: version + 2 for name, version in seen.items()}
    entries = dlct.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()[-2:]
    assert [entry.action for entry in entries] == ["event changed", "event changed"]
    assert [entry.actor for entry in entries] == ["admin@example.org"] * 2


def test_speakers_address_is_kept_without_telling_readers(dlct: Session) -> None:
    patch(talks=[{"speakers": [{"name": "Ada"}]}])
    patch(talks=[{"speakers": [{"name": "Ada", "email": "ada@example.org"}]}])
    event = read(dlct)
    assert event
    assert (event.sequence, event.talks[0].speakers[0].email) == (1, "ada@example.org")


def test_move_keeps_the_wall_time_given_and_the_rules_instant(dlct: Session) -> None:
    document = EventSchema.model_validate({"starts": "2026-06-08T10:00", "reason": "travel"})
    with transaction() as session:
        events.move(session, ident(session), document, LATER, actor=admin())
    event = read(dlct)
    assert event
    assert event.starts_at == datetime(2026, 6, 8, 17, 0, tzinfo=UTC)
    assert event.moved_from == datetime(2026, 6, 12, 17, 0, tzinfo=UTC)
    assert (event.key, event.sequence, event.reason) == (FRIDAY, 1, "travel")
    assert read(dlct, "2026-06-19").sequence == 0  # type: ignore[union-attr]


def test_event_moved_back_is_where_the_rule_says(dlct: Session) -> None:
    patch(starts="2026-06-08T10:00")
    patch(starts="2026-06-12T10:00")
    event = read(dlct)
    assert event
    assert (event.moved_from, event.sequence) == (None, 2)
    assert dlct.scalar(select(EventRow.starts)) is None


def test_cancelled_event_frees_its_date(dlct: Session) -> None:
    with transaction() as session:
        events.cancel(session, ident(session), "ill", LATER, actor=admin())
    with transaction() as session:
        new = EventSchema.model_validate({"starts": "2026-06-12T10:00"})
        assert events.add(session, "dlct", new, LATER, actor=admin()) == f"{FRIDAY}-2"
    event = read(dlct)
    assert event
    assert (event.status, event.reason, event.sequence) == ("cancelled", "ill", 1)
    with transaction() as session, pytest.raises(Conflict):
        events.move(session, event.id, new, LATER, actor=admin())
    with transaction() as session:
        events.reinstate(session, event.id, LATER, actor=admin())
    event = read(dlct)
    assert event
    assert (event.status, event.reason, event.sequence) == ("open", None, 2)


def test_extra_event_keeps_its_first_date(dlct: Session) -> None:
    with transaction() as session:
        new = EventSchema.model_validate({"starts": "2026-06-10T15:00"})
        assert events.add(session, "dlct", new, LATER, actor=admin()) == "2026-06-10"
    patch("2026-06-10", starts="2026-06-11T15:00")
    event = read(dlct, "2026-06-10")
    assert event
    assert (event.date, event.moved_from, event.minutes) == (None, None, 60)
    assert event.starts_at == datetime(2026, 6, 11, 22, 0, tzinfo=UTC)


def test_skipped_date_has_no_event_and_comes_back_with_a_higher_sequence(dlct: Session) -> None:
    patch(talks=[{"title": "ConvNeXt"}])
    patch(talks=[])
    seen = read(dlct)
    with transaction() as session:
        events.skip(session, "dlct", date(2026, 6, 12), "holiday", LATER, actor=admin())
    assert read(dlct) is None
    with transaction() as session:
        events.unskip(session, "dlct", date(2026, 6, 12), LATER, actor=admin())
    event = read(dlct)
    assert event
    assert seen
    assert (event.row_id, event.status, event.uid) == (None, "open", seen.uid)
    assert event.sequence > seen.sequence


def test_skip_refuses_a_date_with_a_talk_and_one_the_rule_does_not_give(dlct: Session) -> None:
    patch(talks=[{"title": "ConvNeXt"}])
    with transaction() as session, pytest.raises(Conflict):
        events.skip(session, "dlct", date(2026, 6, 12), None, LATER, actor=admin())
    with transaction() as session, pytest.raises(NotFound):
        events.skip(session, "dlct", date(2026, 6, 11), None, LATER, actor=admin())


def test_bare_date_for_an_event_that_is_not_all_day_is_refused(dlct: Session) -> None:
    with pytest.raises(Invalid) as refusal:
        patch(starts="2026-06-15")

    assert refusal.value.errors == {"starts": "needs a time of day, or `all_day: true`"}


def test_all_day_event_runs_from_local_midnight_over_a_clock_change(dlct: Session) -> None:
    new = EventSchema.model_validate({"starts": "2026-03-07", "all_day": True, "days": 2})
    with transaction() as session:
        events.add(session, "dlct", new, LATER, actor=admin())
    event = read(dlct, "2026-03-07")
    assert event
    assert event.starts_at == datetime(2026, 3, 7, 8, 0, tzinfo=UTC)
    assert event.ends_at == datetime(2026, 3, 9, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "fields", "field"),
    [
        (FRIDAY, {"date": "2026-06-19"}, "date"),
        (FRIDAY, {"key": "2026-06-19"}, "key"),
    ],
)
def test_patch_refuses_to_change_what_an_event_is(
    dlct: Session, key: str, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        patch(key, **fields)
    assert list(refusal.value.errors) == [field]


@pytest.mark.parametrize("key", ["2026-06-11", "2026-02-30", "2026", "2026-06-12-2", "", "x" * 300])
def test_patch_finds_nothing_where_nothing_is(dlct: Session, key: str) -> None:
    with pytest.raises(NotFound):
        patch(key, status="tentative")


def test_only_organisers_and_admins_change_events(dlct: Session) -> None:
    document = EventSchema(status="tentative")
    with transaction() as session:
        stranger = person(session, "stranger@example.org")
        with pytest.raises(NotAllowed):
            events.patch(session, ident(session), document, LATER, actor=stranger)
        result = events.patch(session, ident(session), document, LATER, actor=person(session))
    assert result is Result.CREATED


def test_change_of_what_somebody_else_changed_is_refused(dlct: Session) -> None:
    patch(status="tentative")
    document = EventSchema(status="cancelled")
    with transaction() as session, pytest.raises(ChangedMeanwhile):
        events.patch(session, ident(session), document, LATER, actor=admin(), seen=0)
