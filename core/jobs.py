"""What a background job is: its name, its period, and what it needs around it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Job:
    """A background job. `run` returns how much it did; it runs at start-up and then `every` period.

    `has_work` asks without the lock of writers whether there is anything to do; without it the job
    always runs. The session that `run` gets is in a transaction if `needs_transaction`; a job that
    waits for others, such as a mail server, does without and opens its own.
    """

    name: str
    every: timedelta
    run: Callable[[Session, datetime], int]
    has_work: Callable[[Session, datetime], bool] | None = None
    needs_transaction: bool = True
