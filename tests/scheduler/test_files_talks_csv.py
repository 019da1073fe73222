"""The talks CSV: rows find their event by date, know what they know, and go out and in again."""

import io
import re
from collections.abc import Iterator
from itertools import repeat

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.config import ROOT
from core.db.transaction import transaction
from core.files import UnreadableFile
from core.sections import ImportContext, Outcome, Result
from scheduler.domain.event_details import EventDetails
from scheduler.domain.events import Event, Series
from scheduler.domain.talks import Talk
from scheduler.files import talks_csv
from scheduler.files import talks_csv_export as written
from scheduler.files.sheet_dates import DateOrder
from scheduler.files.talks_table import guarded, unguarded
from scheduler.queries.events import find_event, past_events
from scheduler.queries.series import find_series
from scheduler.schemas import EventSchema
from scheduler.services import events
from tests.factories_scheduler import LATER, NOW, admin, put_series

HEADER = "date,speaker,affiliation,title,paper_url,slides_url,video_url"
MOVED = {"date": "2020-06-12", "starts": "2020-06-08T10:00"}


@pytest.fixture
def dlct(session: Session) -> Session:
    """A session with the Friday series, one Friday of which was moved to a Monday."""
    put_series(
        timetable=[{"starts": "2018-01-05T10:00", "rule": "FREQ=WEEKLY;BYDAY=FR"}], events=[MOVED]
    )
    return session


def load(
    *rows: str, header: str = HEADER, order: DateOrder | None = None, end: str = "\n"
) -> list[Outcome]:
    with transaction() as session:
        lines = io.StringIO(end.join((header, *rows)), newline="")
        return talks_csv.read(session, "dlct", lines, ImportContext(LATER, "example.org"), order)


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
        (
            "12.6.2026,,,,,,",
            "date: '12.6.2026' is not a date such as 2026-06-17, 2023-04 or 2021; if the day comes "
            "first, add --dates dmy, if the month does, --dates mdy",
        ),
        ("2500-01-01,,,,,,", "date: 2500-01-01 is not between the years 1900 and 2200"),
        ("0000,,,,,,", "date: 0000 is not between the years 1900 and 2200"),
        (
            "2026-06-12,Ada;B\x02,,,,,",
            "speaker, part 2: must be one line without control characters: character 2, U+0002, "
            "after 'B'",
        ),
        (
            '2026-06-12,,,"a\0b",,,',
            "title: must be one line without control characters: character 2, U+0000 null, "
            "after 'a'",
        ),
        ('2026-06-12,"Ada"x,,,,,', 'a quotation mark inside of a cell must be written twice ("")'),
        (
            '2026-06-12,"Ada,,,,,',
            "a quotation mark that opens a cell here is never closed",
        ),
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
    ("header", "words"),
    [
        ("", "its first line must name the columns: date,time,speaker,"),
        ("speaker,title", "its first line must name the columns: date,time,speaker,"),
        ("date,room", "there is no column 'room'; the columns are date, time, speaker,"),
        ("date,title,date", "the column 'date' is listed twice"),
        ('date,"speaker"s', "line 1: a quotation mark inside of a cell must be written twice"),
        ("\x00", "its first line must name the columns: date,time,speaker,"),
        ("sep=ab", "line 1: sep= must be followed by one separator, such as sep=;"),
    ],
)
def test_what_is_no_table_is_unreadable_and_says_why(
    sqlite_session: Session, header: str, words: str
) -> None:
    put_series()
    with pytest.raises(UnreadableFile, match=re.escape(words)):
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
        lines = io.StringIO(text, newline="")
        again = talks_csv.read(session, "dlct", lines, ImportContext(LATER, "example.org"))
    assert {outcome.result for outcome in again} == {Result.UNCHANGED}
    assert written.write(dlct, series(dlct)) == text


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "'=1", "''-", "\tx", "plain", "'quoted'"])
def test_guard_is_undone_and_leaves_no_formula(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell)[0] not in "=+-@\t\r"


TIMED = "date,time,title,minutes,status,reason,key"


@pytest.fixture
def fridays(sqlite_session: Session) -> Session:
    """A session with the Friday series, at 10:00."""
    put_series()
    return sqlite_session


def change(session: Session, key: str, **fields: object) -> None:
    """Change an event as the API does."""
    ref = series(session).ref
    with transaction() as writing:
        schema = EventSchema.model_validate(fields)
        events.patch(writing, f"{ref}-{key}", schema, LATER, actor=admin())


def programme(session: Session) -> list[tuple[str, str, list[str | None]]]:
    """Return key, wall start and titles of every event with a row."""
    session.rollback()
    found = written.write(session, series(session)).splitlines()
    keys = dict.fromkeys(line.rsplit(",", 1)[1] for line in found[1:])
    listed = [event(session, key) for key in keys]
    return [(each.key, str(each.starts)[:16], [t.title for t in each.talks]) for each in listed]


def test_bad_row_among_those_of_one_date_leaves_the_others(fridays: Session) -> None:
    rows = ("2026-06-12,,One,,,,", "2026-06-12,,Two,,Cancelled,,", "2026-06-12,,Three,,,,")
    outcomes = load(*rows, header=TIMED)
    assert results(outcomes) == [(2, "created"), (3, "refused"), (4, "created")]
    assert outcomes[1].message == (
        "status: 'Cancelled' is none of scheduled, tentative, cancelled, gap"
    )
    assert programme(fridays) == [("2026-06-12", "2026-06-12 10:00", ["One", "Three"])]

    corrected = (rows[0], "2026-06-12,,Two,,,,", rows[2])
    assert results(load(*corrected, header=TIMED)) == [
        (2, "unchanged"),
        (3, "created"),
        (4, "unchanged"),
    ]
    assert programme(fridays) == [("2026-06-12", "2026-06-12 10:00", ["One", "Two", "Three"])]


def test_row_that_contradicts_another_of_its_event_is_refused(fridays: Session) -> None:
    rows = ("2026-06-12,,One,30,,,", "2026-06-12,,Two,45,,,", "2026-06-12,,Three,30,,,")
    outcomes = load(*rows, header=TIMED)
    assert results(outcomes) == [(2, "created"), (3, "refused"), (4, "created")]
    assert outcomes[1].message == ("minutes: differs from line 2, which is about the same event")


@pytest.mark.parametrize("starts", ["2026-06-15T11:00", "2026-06-12T15:00", "2026-06-19T10:00"])
@pytest.mark.parametrize("time", ["10:00", ""])
@pytest.mark.parametrize("title", ["ConvNeXt", "Changed here"])
def test_moved_talk_does_not_come_back(
    fridays: Session, starts: str, time: str, title: str
) -> None:
    row = f"2026-06-12,{time},ConvNeXt,,,,"
    load(row, header=TIMED)
    change(fridays, "2026-06-12", starts=starts, talks=[{"title": title}])

    outcomes = load(row, header=TIMED)

    result = "unchanged" if title == "ConvNeXt" else "updated"
    assert results(outcomes)[0] == (2, result)
    assert programme(fridays) == [("2026-06-12", starts.replace("T", " "), ["ConvNeXt"])]


def test_moved_extra_talk_does_not_come_back(fridays: Session) -> None:
    rows = ("2026-06-10,09:00,One,,,,", "2026-06-10,11:00,Two,,,,")
    load(*rows, header=TIMED)
    change(fridays, "2026-06-10-2", starts="2026-06-11T16:00")

    outcomes = load(*rows, header=TIMED)

    assert results(outcomes) == [(2, "unchanged"), (3, "unchanged"), (3, "notice")]
    assert outcomes[2].message == (
        "the event 2026-06-10-2 takes place on 2026-06-11 16:00 here; only a row with its key "
        "moves it"
    )
    assert [each[:2] for each in programme(fridays)] == [
        ("2026-06-10", "2026-06-10 09:00"),
        ("2026-06-10-2", "2026-06-11 16:00"),
    ]


def test_moved_talk_and_the_one_that_took_its_hour_stay_apart(fridays: Session) -> None:
    load("2026-06-12,10:00,Moved,,,,", header=TIMED)
    change(fridays, "2026-06-12", starts="2026-06-15T10:00")
    load("2026-06-12,10:00,Instead,,,,2026-06-12-2", header=TIMED)

    outcomes = load("2026-06-12,10:00,Moved,,,,", "2026-06-12,10:00,Instead,,,,", header=TIMED)

    assert results(outcomes) == [(2, "unchanged"), (2, "notice"), (3, "unchanged")]
    assert [each[2] for each in programme(fridays)] == [["Instead"], ["Moved"]]


def test_row_of_another_talk_at_another_hour_is_an_event_of_its_own(fridays: Session) -> None:
    load("2026-06-12,10:00,One,,,,", header=TIMED)
    assert results(load("2026-06-12,15:00,Two,,,,", header=TIMED)) == [(2, "created")]
    assert programme(fridays) == [
        ("2026-06-12", "2026-06-12 10:00", ["One"]),
        ("2026-06-12-2", "2026-06-12 15:00", ["Two"]),
    ]


def test_row_of_one_of_several_talks_changes_no_other(fridays: Session) -> None:
    load("2026-06-12,,One,,,,", "2026-06-12,,Two,,,,", header=TIMED)
    assert results(load("2026-06-12,,Two,,,ill,", header=TIMED)) == [(2, "updated")]
    assert results(load("2026-06-12,,Three,,,,", header=TIMED)) == [(2, "created")]
    assert programme(fridays) == [("2026-06-12", "2026-06-12 10:00", ["One", "Two", "Three"])]


def test_unusual_hour_of_a_date_that_the_rule_gives_is_its_event(fridays: Session) -> None:
    load("2026-06-12,16:30,Later,,,,", header=TIMED)
    assert programme(fridays) == [("2026-06-12", "2026-06-12 16:30", ["Later"])]


@pytest.mark.parametrize(
    ("row", "starts"),
    [
        ("2026-06-15,11:00,,,,,2026-06-12", "2026-06-15 11:00"),
        ("2026-06-15,,,,,,2026-06-12", "2026-06-15 10:00"),
        (",15:00,,,,,2026-06-12", "2026-06-12 15:00"),
        ("2026-06-12,,,,,,2026-06-12", "2026-06-12 10:00"),
        ("2026-06,,,,,,2026-06-12", "2026-06-12 10:00"),
        (",,,,,,2026-06-12", "2026-06-12 10:00"),
    ],
)
def test_row_with_a_key_says_when_its_event_takes_place(
    fridays: Session, row: str, starts: str
) -> None:
    load("2026-06-12,,ConvNeXt,,,,", header=TIMED)
    expected = "unchanged" if starts == "2026-06-12 10:00" else "updated"
    assert results(load(row, header=TIMED)) == [(2, expected)]
    assert programme(fridays) == [("2026-06-12", starts, ["ConvNeXt"])]
    assert results(load(row, header=TIMED)) == [(2, "unchanged")]


def test_row_with_a_key_dates_an_event_of_the_archive(fridays: Session) -> None:
    load("2021,,SimSiam,,,,", header=TIMED)
    assert results(load("2021-05-07,,,,,,2021", header=TIMED)) == [(2, "updated")]
    assert programme(fridays) == [("2021", "2021-05-07 10:00", ["SimSiam"])]
    assert results(load("2021,,SimSiam,,,,", header=TIMED)) == [(2, "unchanged")]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2026,,,,,,2021", "date: 2026 is not when 2021 is; give a whole date"),
        (",10:00,,,,,2021", "time: needs a whole date"),
        (
            "2026-06-12,,,,,,x",
            "key: must be a date, or a date and -2 for the second event of that day",
        ),
        ("2026-06-12,,,,,,2026-02-31", "key: there is no date 2026-02-31"),
        ("2026-06-12,,,99999999999999999999,,,", "minutes: must be 10080 or less"),
        ("2026-06-12,24:00,,,,,", "time: '24:00' is not a time such as 10:00"),
        ("2026,,,,gap,,", "status: a gap needs a whole date"),
    ],
)
def test_value_that_makes_no_sense_is_refused_with_its_column(
    fridays: Session, row: str, words: str
) -> None:
    load("2021,,SimSiam,,,,", header=TIMED)
    outcomes = load(row, "2026-06-19,,Good,,,,", header=TIMED)
    assert results(outcomes) == [(2, "refused"), (3, "created")]
    assert outcomes[0].message == words


def test_two_events_at_one_hour_go_out_and_in(fridays: Session) -> None:
    header = "date,time,title,key"
    rows = ("2026-06-12,10:00,One,2026-06-12", "2026-06-12,10:00,Two,2026-06-12-2")
    assert results(load(*rows, header=header)) == [(2, "created"), (3, "created")]
    unchanged = [(2, "unchanged"), (3, "unchanged")]
    head, *lines = written.write(fridays, series(fridays)).splitlines()
    assert results(load(*lines, header=head)) == unchanged
    without_key = [line.rsplit(",", 1)[0] for line in (head, *lines)]
    assert results(load(*without_key[1:], header=without_key[0])) == unchanged
    assert results(load(*reversed(without_key[1:]), header=without_key[0])) == unchanged


def test_semicolon_inside_of_a_name_goes_out_and_in(fridays: Session) -> None:
    load(r"2026-06-12,Ada\; Countess; B\\; C,Lab\;1,,,,")
    assert [each.name for each in event(fridays, "2026-06-12").talks[0].speakers] == [
        "Ada; Countess",
        "B\\",
        "C",
    ]
    head, *lines = written.write(fridays, series(fridays)).splitlines()
    assert r"Ada\; Countess; B\\; C,Lab\;1; ;" in lines[0]
    assert results(load(*lines, header=head)) == [(2, "unchanged")]


@pytest.mark.parametrize("count", [12, 99])
def test_many_timed_rows_of_one_date_are_all_kept(fridays: Session, count: int) -> None:
    rows = [f"2026-06-12,{number // 6:02}:{number % 6}5,Talk {number}" for number in range(count)]
    header = "date,time,title"
    assert {result for _, result in results(load(*rows, header=header))} == {"created"}
    assert {result for _, result in results(load(*rows, header=header))} == {"unchanged"}
    assert len(programme(fridays)) == count


def test_event_beyond_the_last_key_of_a_date_is_refused(fridays: Session) -> None:
    rows = [f"2026-06-12,{number // 6:02}:{number % 6}5,Talk {number}" for number in range(100)]
    outcomes = load(*rows, header="date,time,title")
    assert results(outcomes)[98:] == [(100, "created"), (101, "refused")]
    assert outcomes[-1].message == "date: there are too many events on 2026-06-12"


def test_talk_beyond_the_last_of_an_event_is_refused(fridays: Session) -> None:
    outcomes = load(*(f"2026-06-12,Talk {number}" for number in range(101)), header="date,title")
    assert results(outcomes)[99:] == [(101, "created"), (102, "refused")]
    assert outcomes[-1].message == "its event has 100 talks already"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-06-12,,<b> Semester Break</b>,gap,", "<b> Semester Break</b>"),
        ("2026-06-12,Semester Break,,gap,", "Semester Break"),
        ("2026-06-12,Ada,Title,gap,Holidays", "Holidays"),
        ("2026-06-12,,,gap,", None),
    ],
)
def test_status_gap_makes_a_gap(fridays: Session, row: str, reason: str | None) -> None:
    header = "date,speaker,title,status,reason"
    assert results(load(row, header=header)) == [(2, "created")]
    assert [(str(gap.date), gap.reason) for gap in series(fridays).gaps] == [("2026-06-12", reason)]
    assert programme_lines(fridays) == 1
    assert results(load(row, header=header)) == [(2, "unchanged")]
    head, *lines = written.write(fridays, series(fridays)).splitlines()
    assert results(load(*lines, header=head)) == [(2, "unchanged")]
    assert results(load("2026-06-12,,,gap,New", header=header)) == [(2, "updated")]
    assert results(load("2026-06-12,,,gap,", header=header)) == [(2, "unchanged")]


def programme_lines(session: Session) -> int:
    return len(written.write(session, series(session)).splitlines()) - 1


def test_gap_where_something_is_planned_is_refused(fridays: Session) -> None:
    header = "date,title,status"
    load("2026-06-12,ConvNeXt,", header=header)
    outcomes = load(
        *("2026-06-12,,gap", "2026-06-19,,gap", "2026-06-19,Talk,", "2026-06-26,Talk,"),
        header=header,
    )
    assert [(outcome.line, outcome.message) for outcome in outcomes if outcome.message] == [
        (2, "Something is planned on this date. Cancel it instead."),
        (3, "status: line 4 has a talk on this date"),
    ]


@pytest.mark.parametrize(
    "header",
    [
        "date,speaker,title",
        "date;speaker;title",
        "date\tspeaker\ttitle",
        "sep=,\ndate,speaker,title",
        "sep=;\ndate;speaker;title",
        '"sep=|"\ndate|speaker|title',
        "\n;;\ndate;speaker;title",
        " Date ; SPEAKER;Title",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_are_read(fridays: Session, header: str, end: str) -> None:
    separator = next(each for each in ("|", ";", "\t", ",") if each in header)
    row = separator.join(["2026-06-12", '"Ada; Bob"', '"One, ""two"""'])
    load(row, header=header.replace("\n", end), end=end)
    talk = event(fridays, "2026-06-12").talks[0]
    assert (talk.title, talk.speaker_names) == ('One, "two"', "Ada, Bob")


def test_column_without_a_name_may_be_empty(fridays: Session) -> None:
    outcomes = load("2026-06-12,One,,", "2026-06-19,Two,,x", header="date,title,,")
    assert results(outcomes) == [(2, "created"), (3, "refused")]
    assert outcomes[1].message == "'x' is in column 4, which has no name"


@pytest.mark.parametrize(
    ("order", "written_as"),
    [
        (DateOrder.DMY, "12/06/2026"),
        (DateOrder.DMY, "12.6.2026"),
        (DateOrder.DMY, "2026-06-12"),
        (DateOrder.MDY, "6/12/2026"),
        (DateOrder.MDY, "06-12-2026"),
    ],
)
def test_dates_are_read_in_the_given_order(
    fridays: Session, order: DateOrder, written_as: str
) -> None:
    rows = (f"{written_as},One,{written_as}", "31/11/2026,Never,")
    outcomes = load(*rows, header="date,title,key", order=order)
    assert results(outcomes) == [(2, "created"), (3, "refused")]
    assert outcomes[1].message == "date: there is no date 31/11/2026"
    assert programme(fridays) == [("2026-06-12", "2026-06-12 10:00", ["One"])]


def test_extra_event_needs_a_time_where_several_hours_come_into_question(session: Session) -> None:
    early = {"starts": "2026-01-06T14:00", "rule": "FREQ=WEEKLY", "track": "early"}
    late = {"starts": "2026-01-08T10:00", "rule": "FREQ=WEEKLY", "track": "late"}
    put_series(timetable=[early, late])
    (refused,) = load("2026-06-10,Ada,,Wednesday,,,")
    assert (refused.line, refused.message) == (
        2,
        "time: is required, the series has several hours",
    )
    assert results(load("2026-06-09,Ada,,Tuesday,,,", "2026-06-11,Bob,,Thursday,,,")) == [
        (2, "created"),
        (3, "created"),
    ]


def test_rooms_links_and_starts_go_in_and_out(fridays: Session) -> None:
    header = "date,title,location,join_url,language,offset,links"
    rows = (
        '2026-06-12,A,"Room 4, 1 Main St",meet.example.org/x,fr,5,',
        "2026-06-12,B,,,,20,Second \\; recording https://v.example.org/2; https://v.example.org/3",
    )
    assert results(load(*rows, header=header)) == [(2, "created"), (3, "created")]
    found = event(fridays, "2026-06-12")
    assert found.details == EventDetails(
        location="Room 4, 1 Main St", join_url="https://meet.example.org/x", language="fr"
    )
    assert [talk.offset for talk in found.talks] == [5, 20]
    assert [(link.label, link.url) for link in found.talks[1].links] == [
        ("Second ; recording", "https://v.example.org/2"),
        ("v.example.org", "https://v.example.org/3"),
    ]
    assert results(load(*rows, header=header)) == [(2, "unchanged"), (3, "unchanged")]
    exported = written.write(fridays, series(fridays)).splitlines()
    again = load(*exported[1:], header=exported[0])
    assert {outcome.result.value for outcome in again} == {"unchanged"}
    assert event(fridays, "2026-06-12") == found


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("offset", "soon", "offset: must be a whole number"),
        ("language", "?", "language: must be the code of a language, such as en or pt-BR"),
        (
            "links",
            "Notes",
            "links: must be a web address that begins with https:// or http://",
        ),
    ],
)
def test_cell_that_cannot_be_is_refused_by_its_column(
    fridays: Session, column: str, cell: str, words: str
) -> None:
    outcomes = load(f"2026-06-12,A,{cell}", header=f"date,title,{column}")
    assert [(each.line, each.message) for each in outcomes] == [(2, words)]


def test_million_bad_rows_stop_after_a_thousand_refusals(fridays: Session) -> None:
    read = []

    def lines() -> Iterator[str]:
        yield "date,title\n"
        yield "2026-06-12,Good\n"
        for row in repeat("2026-99-99,Bad\n", 1_000_000):
            read.append(None)
            yield row

    with transaction() as session:
        context = ImportContext(LATER, "example.org")
        outcomes = talks_csv.read(session, "dlct", lines(), context)

    refused = [(line, "refused") for line in range(3, 1003)]
    assert results(outcomes) == [(2, "created"), *refused, (1002, "notice")]
    assert outcomes[-1].message == "stopped after 1,000 refusals; what follows was not read"
    assert len(read) == 1001
    assert programme(fridays) == [("2026-06-12", "2026-06-12 10:00", ["Good"])]


def test_table_with_too_many_rows_is_unreadable(
    fridays: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talks_csv, "MAX_ROWS", 2)
    with pytest.raises(UnreadableFile, match="it has more than 2 rows; split it"):
        load(*["2026-06-12,Ada,,,,,"] * 3)


def test_quotation_mark_that_is_not_closed_costs_one_row(fridays: Session) -> None:
    rows = ('2026-06-12,"Ada', "2026-06-19,Bob", '2026-06-26,"Eve"', "2026-07-03,Zoe")
    assert results(load(*rows, header="date,title")) == [
        (2, "refused"),
        (3, "created"),
        (4, "created"),
        (5, "created"),
    ]


def test_event_without_a_talk_goes_out_and_in(fridays: Session) -> None:
    put_series(events=[{"date": "2026-06-12", "status": "cancelled", "reason": "ill; or, so"}])
    head, *lines = written.write(fridays, series(fridays)).splitlines()
    assert lines == ['2026-06-12,10:00,,,,,,,,,,cancelled,"ill; or, so",,,,,,2026-06-12']
    assert results(load(*lines, header=head)) == [(2, "unchanged")]
    assert event(fridays, "2026-06-12").talks == ()


def test_speakers_of_one_name_keep_their_own_pages(fridays: Session) -> None:
    speakers = [
        {"name": "Ada", "affiliation": "X", "url": "https://x.example"},
        {"name": "Ada", "url": "https://y.example"},
    ]
    put_series(events=[{"date": "2026-06-12", "talks": [{"speakers": speakers}]}])
    assert results(load("2026-06-12,Ada; Ada,; Y,,,,")) == [(2, "updated")]
    found = event(fridays, "2026-06-12").talks[0].speakers
    assert [(each.affiliation, each.url) for each in found] == [
        ("X", "https://x.example"),
        ("Y", "https://y.example"),
    ]


def test_tab_in_one_line_is_a_space_and_a_bare_address_gets_its_scheme(fridays: Session) -> None:
    load("2026-06-12,Ada\tL,,Tabs and\ttraps,arxiv.org/abs/2112.00029,,")
    talk = event(fridays, "2026-06-12").talks[0]
    assert (talk.speaker_names, talk.title) == ("Ada L", "Tabs and traps")
    assert talk.paper_url == "https://arxiv.org/abs/2112.00029"


def test_twelfth_event_of_a_date_has_its_page_and_calendar_entry(
    fridays: Session, sqlite_client: FlaskClient
) -> None:
    rows = [f"2026-06-12,{hour:02}:00,Talk {hour}" for hour in range(12)]
    load(*rows, header="date,time,title")
    answers = [sqlite_client.get(f"/series/dlct/2026-06-12-12{end}") for end in ("/", ".ics")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("Talk 11" in answer.text for answer in answers)
