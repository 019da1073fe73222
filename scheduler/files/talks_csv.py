"""The talks CSV of one series: rows find their event and fill in what was unknown."""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError
from sqlalchemy.orm import Session

from accounts.domain.actors import COMMAND_LINE
from core import sections
from core.files import UnreadableFile
from core.refusals import Conflict, NotFound
from core.sections import ImportContext, Outcome, Result
from scheduler.domain.events import Gap, Series
from scheduler.files import talks_table
from scheduler.files.sheet_dates import DateOrder
from scheduler.files.talks_matching import EventMatcher
from scheduler.files.talks_planning import Planner
from scheduler.files.talks_table import CsvRow, RowRefused
from scheduler.services import event_writer, events, feed_versions
from scheduler.services.event_lists import EventList

MAX_ROWS = 50_000


def read(
    session: Session,
    slug: str,
    lines: Iterator[str],
    context: ImportContext,
    order: DateOrder | None = None,
) -> list[Outcome]:
    """Apply the table in the caller's transaction; raise UnreadableFile if it is not one.

    A row with a key is about that event, and its date and time say when it takes place. A row
    without one finds an event by its date and never moves it. Rows of one date (and time) are the
    talks of one event, in order. A date on which the rule gives nothing and no event takes place
    gets an extra event at the usual time. After `sections.MAX_REFUSED` refusals no row is read.
    """
    try:
        series = events.lock(session, slug, COMMAND_LINE)
    except NotFound:
        raise UnreadableFile(f"there is no series {slug!r}") from None
    table = context.progress.count(talks_table.read(lines, order), "rows read")
    rows, outcomes = _separated(sections.until_too_many_refused(table))
    outcomes += _put_gaps(session, series, rows, context)
    matcher = EventMatcher(EventList(session, slug))
    matched = matcher.matched(row for row in rows if not row.is_gap)
    planner = Planner(session, context)
    for given in context.progress.count(matched, "events compared"):
        outcomes += planner.put(given)
    outcomes += [
        Outcome(Result.REFUSED, row.line, f"date: there are too many events on {row.day}")
        for row in matcher.unmatched
    ]
    event_writer.write(session, planner.changes, context.now, actor=COMMAND_LINE)
    if any(outcome.result in (Result.CREATED, Result.UPDATED) for outcome in outcomes):
        feed_versions.touch(session, [slug])
    return sorted(outcomes, key=lambda outcome: outcome.line)


def _separated(table: Iterable[CsvRow | Outcome]) -> tuple[list[CsvRow], list[Outcome]]:
    rows: list[CsvRow] = []
    outcomes: list[Outcome] = []
    for item in table:
        if isinstance(item, Outcome):
            outcomes.append(item)
        elif len(rows) == MAX_ROWS:
            raise UnreadableFile(f"it has more than {MAX_ROWS:,} rows; split it")
        else:
            rows.append(item)
    return rows, outcomes


def _put_gaps(
    session: Session, series: Series, rows: list[CsvRow], context: ImportContext
) -> Iterator[Outcome]:
    reasons = {gap.date: gap.reason for gap in series.gaps}
    taken = {row.day: row.line for row in rows if not row.is_gap and not row.key}
    for row in rows:
        if not row.is_gap or row.day is None:
            continue
        try:
            if row.day in taken:
                raise RowRefused(f"status: line {taken[row.day]} has a talk on this date")
            gap = Gap(date=row.day, reason=row.gap_reason or reasons.get(row.day))
            result = events.put_gap(session, series, gap, context.now, actor=COMMAND_LINE)
            yield Outcome(result, row.line)
        except (RowRefused, Conflict) as refusal:
            yield Outcome(Result.REFUSED, row.line, str(refusal))
        except ValidationError as refusal:
            yield Outcome(Result.REFUSED, row.line, talks_table.words(refusal))
