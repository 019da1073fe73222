"""Background jobs: name, period, and whether a job needs a transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Job:
    """A background job; it runs at start-up and then once per period `every`.

    `run` returns how many things it did. `has_work` checks without the write lock whether there is
    anything to do; a job without it always runs. The session of `run` is in a transaction if
    `needs_transaction`; a job that waits for the network opens its own transactions instead.
    """

    name: str
    every: timedelta
    run: Callable[[Session, datetime], int]
    has_work: Callable[[Session, datetime], bool] | None = None
    needs_transaction: bool = True
