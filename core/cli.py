"""Helpers for commands: one line of text when the database is not ready."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import DBAPIError

from core.db.errors import is_outage, is_unmigrated

P = ParamSpec("P")
R = TypeVar("R")


def needs_database(command: Callable[P, R]) -> Callable[P, R]:
    """Make a command fail with one line of text if the database is unreachable or not migrated."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with ready_database():
            return command(*args, **kwargs)

    return run


@contextmanager
def ready_database() -> Iterator[None]:
    """Turn the errors of a database that is not ready into a ClickException."""
    try:
        yield
    except DBAPIError as error:
        if is_unmigrated(error):
            raise click.ClickException("The database has no tables yet: flask db upgrade") from None
        if is_outage(error):
            reason = str(error.orig).splitlines()[0]
            raise click.ClickException(f"The database is not reachable: {reason}") from None
        raise
