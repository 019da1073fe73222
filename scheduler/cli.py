"""The command line of the calendar: files in, files out, and the demo community."""

import os
import re
import sys
import tempfile
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from accounts.cli import sign_in_address
from accounts.models import OrganizationRow
from accounts.queries import viewer_by_email
from core import clock, files, parts, progress, sections, yaml
from core.cli import needs_database
from core.config import ROOT
from core.db.base import db
from core.db.transaction import transaction
from core.files import UnreadableFile
from core.progress import Progress
from core.sections import ImportContext, Outcome, Result
from scheduler.files import community as community_file
from scheduler.files import talks_csv
from scheduler.files import talks_csv_export as written_csv
from scheduler.files.sheet_dates import DateOrder
from scheduler.queries.series import find_series

DEMO = ROOT / "demo"
TALKS = "_talks.csv"
FORMATS = ("yaml", "csv", "ics")
COUNTED = (Result.CREATED, Result.UPDATED, Result.UNCHANGED, Result.REFUSED)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SOME_REFUSED = 2

_COMING = re.compile(r"\$(MO|TU|WE|TH|FR|SA|SU)\+(\d{1,2})")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", help="yaml or csv; by default the ending of FILE.")
@click.option("--series", "slug", help="The series of the talks in a CSV.")
@click.option(
    "--dates",
    type=click.Choice([order.value for order in DateOrder]),
    help="How a CSV writes dates: day first (31.12.2026) or month first (12/31/2026).",
)
@click.option("--encoding", default="", help="The encoding of FILE, if not UTF-8 or UTF-16.")
@with_appcontext
@needs_database
def import_file(
    file: Path, form: str | None, slug: str | None, dates: str | None, encoding: str
) -> None:
    """Read FILE into the calendar: a community file (.yaml) or talks (.csv with --series).

    It merges by key and deletes nothing: importing a file twice changes nothing. Exit status 2:
    some rows were refused, the others kept; 1: nothing could be read.
    """
    chosen = _format(file, form)
    if (chosen == "csv") != (slug is not None):
        raise click.ClickException("A talks CSV needs --series SLUG; other files do not take it.")
    if dates is not None and slug is None:
        raise click.ClickException("Only a talks CSV takes --dates.")
    order = DateOrder(dates) if dates else None
    try:
        with _progress(f"Importing {file.name}") as counting, file.open("rb") as stream:
            context = _import_context(counting)
            with transaction() as session:
                if slug is None:
                    text = files.read_text(stream, encoding)
                    known = parts.current().sections
                    outcomes = community_file.read(session, known, text, context)
                else:
                    lines = files.lines(stream, encoding)
                    outcomes = talks_csv.read(session, slug, lines, context, order)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}.") from None
    except UnreadableFile as error:
        raise click.ClickException(f"{file} cannot be read: {error}.") from None
    raise SystemExit(_report(outcomes))


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", help="yaml or csv; by default the ending of FILE.")
@click.option("--series", "slug", help="The series whose talks are written as CSV.")
@with_appcontext
@needs_database
def export_file(file: Path, form: str | None, slug: str | None) -> None:
    """Write the whole community to FILE (.yaml), or the talks of a series (.csv with --series)."""
    chosen = _format(file, form)
    if (chosen == "csv") != (slug is not None):
        raise click.ClickException("A talks CSV needs --series SLUG; other files do not take it.")
    try:
        with _progress(f"Exporting {file.name}"):
            _write(file, _exported(db.session(), slug))
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}.") from None
    click.echo(f"Wrote {file}.")


@click.command("demo")
@with_appcontext
@needs_database
def demo() -> None:
    """Load the demo community into an empty database, and print how to sign in to it.

    A database that already has a community is left unchanged.
    """
    people = community_people((DEMO / "community.yaml").read_text("utf-8"))
    with transaction() as session:
        if session.get(OrganizationRow, 1) is None:
            _load_demo(session, clock.now())
    click.echo(f"Convenor is at {parts.current().settings.base_url}/")
    for email in people[:1]:
        if viewer_by_email(db.session(), email):
            click.echo(f"Sign in as the demo organizer: {sign_in_address(email)}")


def coming(text: str, today: date) -> str:
    """Return `text` with "$FR+2" and the like as dates: the second Friday after `today`."""

    def found(match: re.Match[str]) -> str:
        ahead = (WEEKDAYS.index(match[1]) - today.weekday() - 1) % 7 + 1
        return (today + timedelta(days=ahead, weeks=int(match[2]) - 1)).isoformat()

    return _COMING.sub(found, text)


def community_people(text: str) -> list[str]:
    """Return the addresses of the people of a community file, in its order."""
    community = yaml.load(text)
    people = community.get("people") if isinstance(community, dict) else None
    return [each["email"] for each in people] if isinstance(people, list) else []


def _load_demo(session: Session, now: datetime) -> None:
    """Load the community, its tables of talks (SLUG_talks.csv), then samples with coming dates.

    The areas add what files cannot hold.
    """
    context = _import_context(Progress())
    texts = {file.name: file.read_text("utf-8") for file in sorted(DEMO.iterdir())}
    outcomes = community_file.read(
        session, parts.current().sections, texts["community.yaml"], context
    )
    for name, text in texts.items():
        if name.endswith(TALKS):
            slug, lines = name.removesuffix(TALKS), iter(text.splitlines(keepends=True))
            outcomes += talks_csv.read(session, slug, lines, context)
    samples = coming(texts["samples.yaml"], now.date())
    outcomes += community_file.read(session, parts.current().sections, samples, context)
    for add_sample in parts.current().samples:
        add_sample(session, now)
    _report(outcomes)


def _exported(session: Session, slug: str | None) -> str:
    if slug is None:
        return yaml.dump(sections.write(session, parts.current().sections))
    series = find_series(session, slug)
    if series is None:
        raise click.ClickException(f"There is no series {slug!r}.")
    return written_csv.write(session, series)


def _progress(command: str) -> AbstractContextManager[Progress]:
    return progress.shown(command, sys.stderr)


def _report(outcomes: Iterable[Outcome]) -> int:
    """Print what was refused and the counts; return the exit status."""
    counts = dict.fromkeys(COUNTED, 0)
    for outcome in outcomes:
        if outcome.message:
            click.echo(f"line {outcome.line}: {outcome.message}")
        if outcome.result in counts:
            counts[outcome.result] += 1
    click.echo(", ".join(f"{result} {counts[result]}" for result in COUNTED))
    if not counts[Result.REFUSED]:
        return 0
    return SOME_REFUSED if sum(counts.values()) > counts[Result.REFUSED] else 1


def _format(file: Path, form: str | None) -> str:
    named = form or file.suffix.removeprefix(".").lower().replace("yml", "yaml").replace(
        "tsv", "csv"
    )
    if named == "ics":
        raise click.ClickException("Calendars (.ics) cannot be imported or exported yet.")
    if named not in FORMATS:
        raise click.ClickException(f"{file}: neither .yaml nor .csv; choose with --format.")
    return named


def _import_context(counting: Progress) -> ImportContext:
    return ImportContext(clock.now(), parts.current().settings.domain, counting)


def _write(file: Path, text: str) -> None:
    """Write the file whole or not at all."""
    folder = file.absolute().parent
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        os.replace(name, file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
