"""The talks CSV: rows find their event by date, know what they know, and go out and in again."""

import pytest
from sqlalchemy.orm import Session

from core.config import ROOT
from core.db.transaction import transaction
from core.files import UnreadableFile
from core.sections import ImportContext, Outcome, Result
from scheduler.domain.events import Event, Series
from scheduler.domain.talks import Talk
from scheduler.files import talks_csv
from scheduler.files import talks_csv_export as written
from scheduler.files.talks_table import guarded, unguarded
from scheduler.queries.events import find_event, past_events
from scheduler.queries.series import find_series
from tests.factories_scheduler import LATER, NOW, put_series

HEADER = "date,speaker,affiliation,title,paper_url,slides_url,video_url"
MOVED = {"date": "2020-06-12", "starts": "2020-06-08T10:00"}


@pytest.fixture
def dlct(session: Session) -> Session:
    """A session with the Friday series, one Friday of which was moved to a Monday."""
    put_series(
        timetable=[{"starts": "2018-01-05T10:00", "rule": "FREQ=WEEKLY;BYDAY=FR"}], events=[MOVED]
    )
    return session


def load(*rows: str, header: str = HEADER) -> list[Outcome]:
    with transaction() as session:
        text = "\n".join((header, *rows))
        return talks_csv.read(session, "dlct", text, ImportContext(LATER, "example.org"))


def results(outcomes: list[Outcome]) -> list[tuple[int, str]]:
    return [(outcome.line, outcome.result.value) for outcome in outcomes]


def series(session: Session) -> Series:
    session.rollback()
    found = find_series(session, "dlct")
    assert found
    return found


def event(session: Session, key: str) -> Event:
    found = find_event(session, series(session), key, NOW)
    assert found
    return found


def archive(session: Session) -> list[str]:
    return [each.key for each in past_events(session, series(session), NOW)]


def test_thirteen_talks_are_read_once(dlct: Session) -> None:
    lines = (ROOT / "demo" / "dlct_talks.csv").read_text("utf-8").splitlines()
    assert results(load(*lines[1:])) == [(line, "created") for line in range(2, 15)]
    seen = event(dlct, "2020-06-12").sequence
    assert results(load(*lines[1:])) == [(line, "unchanged") for line in range(2, 15)]
    moved = event(dlct, "2020-06-12")
    assert moved.talks[0].speakers[0].name == "Mark van der Wilk"
    assert (moved.sequence, moved.moved_from is None) == (seen, False)
    unknown = event(dlct, "2023-04")
    assert (unknown.starts_at, unknown.talks) == (None, (Talk(key="t1"),))
    assert len(archive(dlct)) == 13


def test_empty_cell_deletes_nothing(dlct: Session) -> None:
    load("2026-06-12,Ada; Bob,X; Y,Title,https://x.example/p,,")
    assert results(load("2026-06-12,,,New title,,,")) == [(2, "updated")]
    talk = event(dlct, "2026-06-12").talks[0]
    assert (talk.title, talk.paper_url) == ("New title", "https://x.example/p")
    assert [(each.name, each.affiliation) for each in talk.speakers] == [("Ada", "X"), ("Bob", "Y")]


def test_affiliations_belong_to_speakers_by_place(dlct: Session) -> None:
    load("2026-06-12,Ada; Bob,; Y,,,,")
    talk = event(dlct, "2026-06-12").talks[0]
    assert [(each.name, each.affiliation) for each in talk.speakers] == [
        ("Ada", None),
        ("Bob", "Y"),
    ]
    assert results(load("2026-06-12,Ada; Bob,X; Y; Z,,,,")) == [(2, "refused")]


def test_rows_of_one_date_are_the_talks_of_one_event(dlct: Session) -> None:
    rows = ("2026-06-12,Ada,,One,,,", "2026-06-19,,,Else,,,", "2026-06-12,Bob,,Two,,,")
    assert results(load(*rows)) == [(2, "created"), (3, "created"), (4, "created")]
    assert [talk.title for talk in event(dlct, "2026-06-12").talks] == ["One", "Two"]
    assert results(load(*rows)) == [(2, "unchanged"), (3, "unchanged"), (4, "unchanged")]


def test_date_that_the_rule_does_not_give_is_an_extra_event(dlct: Session) -> None:
    load("2026-06-10,Ada,,Extra,,,")
    extra = event(dlct, "2026-06-10")
    assert (extra.date, str(extra.starts)) == (None, "2026-06-10 10:00:00")


def test_two_times_of_one_date_are_two_events(dlct: Session) -> None:
    header = f"{HEADER},time,minutes,status"
    rows = (
        "2026-06-12,Ada,,Second,,,,15:00,30,tentative",
        "2026-06-12,Bob,,First,,,,10:00,,",
    )
    assert results(load(*rows, header=header)) == [(2, "created"), (3, "created")]
    first, second = event(dlct, "2026-06-12"), event(dlct, "2026-06-12-2")
    assert (first.talks[0].title, second.talks[0].title) == ("First", "Second")
    assert (str(second.starts), second.minutes, second.status) == (
        "2026-06-12 15:00:00",
        30,
        "tentative",
    )
    assert results(load(*rows, header=header)) == [(2, "unchanged"), (3, "unchanged")]


def test_row_of_a_cancelled_date_finds_what_stands_there(dlct: Session) -> None:
    put_series(
        events=[
            {"date": "2026-06-12", "status": "cancelled"},
            {"key": "2026-06-12-2", "starts": "2026-06-12T10:00"},
        ]
    )
    load("2026-06-12,Ada,,Instead,,,")
    assert event(dlct, "2026-06-12").talks == ()
    assert event(dlct, "2026-06-12-2").talks[0].title == "Instead"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2026-02-30,,,,,,", "date: there is no date 2026-02-30"),
        ("12.6.2026,,,,,,", "date: '12.6.2026' is not a date such as 2026-06-17, 2023-04 or 2021"),
        (",Ada,,,,,", "date: '' is not a date such as 2026-06-17, 2023-04 or 2021"),
        ("2026-13,Ada,,,,,", "date: there is no date 2026-13"),
        ("2026-06-12,Ada,,,,,,,", "it has more cells than the header"),
        ("2026-06-12,,Lab,,,,", "affiliation: there are more affiliations than speakers"),
        (
            "2026-06-12,,,,ftp://x,,",
            "paper_url: must be a web address that begins with https:// or http://",
        ),
    ],
)
def test_bad_row_is_refused_by_line_and_the_good_ones_kept(
    sqlite_session: Session, row: str, words: str
) -> None:
    put_series()
    outcomes = load("2026-06-19,Ada,,,,,", row, "2026-06-26,Bob,,,,,")
    assert results(outcomes) == [(2, "created"), (3, "refused"), (4, "created")]
    assert outcomes[1].message == words


@pytest.mark.parametrize("cells", ["25:00,,", "10:00,x,", ",,open", ",0,"])
def test_bad_optional_cell_is_refused(sqlite_session: Session, cells: str) -> None:
    put_series()
    outcomes = load(f"2026-06-19,Ada,,,,,,{cells}", header=f"{HEADER},time,minutes,status")
    assert results(outcomes) == [(2, "refused")]


def test_lines_are_counted_over_cells_of_several_lines(sqlite_session: Session) -> None:
    put_series()
    outcomes = load('2026-06-19,Ada,,"One\ntitle",,,', "2026-06-99,Ada,,,,,", "2026-06-26,B,,,,,")
    assert results(outcomes) == [(2, "refused"), (4, "refused"), (5, "created")]


@pytest.mark.parametrize(
    "header", ["", "speaker,title", "date,room", "date,date", 'date,"speaker', "\x00"]
)
def test_what_is_no_table_is_unreadable(sqlite_session: Session, header: str) -> None:
    put_series()
    with pytest.raises(UnreadableFile):
        load("2026-06-19,Ada", header=header)


def test_table_of_an_unknown_series_is_unreadable(sqlite_session: Session) -> None:
    with pytest.raises(UnreadableFile, match="there is no series 'dlct'"):
        load("2026-06-19,Ada,,,,,")


def test_written_table_reads_back_unchanged(dlct: Session) -> None:
    lines = (ROOT / "demo" / "dlct_talks.csv").read_text("utf-8").splitlines()
    load(*lines[1:])
    load('2026-06-12,"=cmd(); @b",-1; +2,\'=Quoted,,,', "2026-06-12,Ada,,=1+1,,,")
    text = written.write(dlct, series(dlct))
    assert "'=cmd(); @b,'-1; +2,'=Quoted" in text
    with transaction() as session:
        again = talks_csv.read(session, "dlct", text, ImportContext(LATER, "example.org"))
    assert {outcome.result for outcome in again} == {Result.UNCHANGED}
    assert written.write(dlct, series(dlct)) == text


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "'=1", "''-", "\tx", "plain", "'quoted'"])
def test_guard_is_undone_and_leaves_no_formula(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell)[0] not in "=+-@\t\r"
