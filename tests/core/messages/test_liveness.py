"""A worker's lock is held as long as its process lives."""

import pytest
from sqlalchemy import create_engine

from core.db.base import db
from core.db.transaction import transaction
from core.messages import liveness


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # a file is never lost
def test_lost_lock_is_made_anew(session):
    lock = liveness.of_this_process(db.engine)
    lock.acquire()
    first = lock.owner
    lock.acquire()
    assert lock.owner == first
    with transaction() as session:
        others = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        session.connection().exec_driver_sql(others)
    lock.acquire()
    assert lock.owner != first
    lock.release()


def test_files_of_killed_workers_are_removed(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    (tmp_path / "x.db-worker-dead").touch()
    first, second = liveness.of_this_process(engine), liveness.of_this_process(engine)
    first.acquire()
    second.acquire()
    names = {f"x.db-worker-{lock.owner}" for lock in (first, second)}
    assert {file.name for file in tmp_path.iterdir()} == names
    first.release()
    second.release()
    assert list(tmp_path.iterdir()) == []
