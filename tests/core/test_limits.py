"""Limits count in the database, by subject and within a period that moves with the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from core import limits
from core.db.transaction import transaction
from core.limits import Limit, LimitUse
from core.refusals import RateLimited

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
TWO_A_DAY = Limit("test", 2, timedelta(days=1), "That was often.")


def use(cause, now=NOW, subject="ann", limit=TWO_A_DAY):
    with transaction() as session:
        limits.count(session, limit, subject, now, cause=cause)


def test_use_beyond_the_limit_is_refused_until_the_first_one_is_over(session):
    use("a")
    use("b", NOW + HOUR)

    with pytest.raises(RateLimited) as refusal:
        use("c", NOW + 2 * HOUR)

    assert refusal.value.wait == timedelta(hours=22)
    assert refusal.value.text == "That was often. You can try again in 22 hours."
    with pytest.raises(RateLimited):
        use("c", NOW + timedelta(days=1) - timedelta(microseconds=1))
    use("c", NOW + timedelta(days=1))
    with pytest.raises(RateLimited):
        use("d", NOW + timedelta(days=1))


def test_use_with_the_same_cause_is_counted_once(session):
    for cause in ("a", "a", "b", "a", "b"):
        use(cause)

    with pytest.raises(RateLimited):
        use("c")
    use("a")


def test_refused_use_is_not_counted(session):
    use("a")
    use("b", NOW + HOUR)
    for number in range(5):
        with pytest.raises(RateLimited):
            use(f"refused-{number}", NOW + 2 * HOUR)

    use("c", NOW + timedelta(days=1))


def test_use_in_a_transaction_that_fails_is_not_counted(session):
    def fail():
        with transaction() as rows:
            limits.count(rows, TWO_A_DAY, "ann", NOW, cause="a")
            raise ValueError("the request failed")

    with pytest.raises(ValueError, match="the request failed"):
        fail()

    assert session.scalar(select(func.count()).select_from(LimitUse)) == 0


def test_subjects_and_limits_are_counted_apart(session):
    other = Limit("other", 2, timedelta(days=1), "That was often.")
    for cause in ("a", "b"):
        use(cause)

    use("a", subject="bob")
    use("a", limit=other)


def test_wait_after_a_limit_was_lowered_is_until_there_is_room(session):
    one_a_day = Limit("test", 1, timedelta(days=1), "That was often.")
    use("a")
    use("b", NOW + HOUR)

    with pytest.raises(RateLimited) as refusal:
        use("c", NOW + HOUR, limit=one_a_day)

    assert refusal.value.wait == timedelta(days=1)


def test_uses_are_deleted_when_they_count_no_longer(session):
    use("a")
    use("b", NOW + HOUR)
    last = NOW + timedelta(days=1)

    with transaction() as rows:
        early = limits.delete_expired(rows, last - timedelta(microseconds=1))
        assert limits.has_expired(rows, last)
        deleted = limits.delete_expired(rows, last)
        assert not limits.has_expired(rows, last)

    assert (early, deleted) == (0, 1)
    assert session.scalars(select(LimitUse.cause)).all() == ["b"]
