"""`flask import`, `flask export`, `flask demo`: words, counts, exit status."""

from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from scheduler.cli import coming

SERIES = """\
series:
- slug: dlct
  name: Classics
  zone: UTC
  timetable: [{starts: 2024-01-05T10:00, rule: FREQ=WEEKLY;BYDAY=FR}]
"""


def write(folder: Path, name: str, text: str | bytes) -> str:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(file)


def run(runner: FlaskCliRunner, *words: str) -> tuple[int, list[str]]:
    result = runner.invoke(args=list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output.splitlines()


def test_import_counts_and_again_changes_nothing(runner: FlaskCliRunner, tmp_path: Path) -> None:
    file = write(tmp_path, "a.yaml", SERIES)
    counted = ["created 1, updated 0, unchanged 0, refused 0"]
    assert run(runner, "import", file) == (0, counted)
    counted = ["created 0, updated 0, unchanged 1, refused 0"]
    assert run(runner, "import", file) == (0, counted)


def test_import_ends_with_2_when_some_are_refused(
    sqlite_runner: FlaskCliRunner, tmp_path: Path
) -> None:
    file = write(tmp_path, "a.yml", SERIES + "- slug: Bad Slug\n  name: X\n")
    assert run(sqlite_runner, "import", file) == (
        2,
        [
            "line 6: series Bad Slug: slug: must be lower-case letters, digits and single hyphens, "
            "such as deep-learning",
            "created 1, updated 0, unchanged 0, refused 1",
        ],
    )


def test_import_ends_with_1_when_all_is_refused(
    sqlite_runner: FlaskCliRunner, tmp_path: Path
) -> None:
    file = write(tmp_path, "a.yaml", "series: [{slug: X}]")
    assert run(sqlite_runner, "import", file)[0] == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", b"\xff\xfe\x00"),
        ("a.yaml", b"\x7fELF\0\0"),
        ("a.yaml", "series: ["),
        ("a.yaml", "just words"),
        ("a.yaml", ""),
        ("a.txt", SERIES),
        ("a.ics", "BEGIN:VCALENDAR"),
        ("a.csv", "date,speaker"),
    ],
)
def test_import_ends_with_1_and_one_line_when_nothing_can_be_read(
    sqlite_runner: FlaskCliRunner, tmp_path: Path, name: str, content: str | bytes
) -> None:
    status, lines = run(sqlite_runner, "import", write(tmp_path, name, content))
    assert (status, len(lines)) == (1, 1)


def test_import_of_no_file_is_told_in_one_line(
    sqlite_runner: FlaskCliRunner, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.yaml"
    assert run(sqlite_runner, "import", str(missing)) == (
        1,
        [f"Error: {missing}: No such file or directory."],
    )
    assert run(sqlite_runner, "import", str(tmp_path), "--format", "yaml")[0] == 1


def test_export_is_written_whole_and_reads_back(
    sqlite_runner: FlaskCliRunner, tmp_path: Path
) -> None:
    run(sqlite_runner, "import", write(tmp_path, "a.yaml", SERIES))
    out, again = tmp_path / "out.yaml", tmp_path / "again.yaml"
    assert run(sqlite_runner, "export", str(out)) == (0, [f"Wrote {out}."])
    counted = ["created 0, updated 0, unchanged 1, refused 0"]
    assert run(sqlite_runner, "import", str(out)) == (0, counted)
    run(sqlite_runner, "export", str(again))
    assert again.read_text("utf-8") == out.read_text("utf-8")
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_talks_go_out_and_in_as_csv(sqlite_runner: FlaskCliRunner, tmp_path: Path) -> None:
    run(sqlite_runner, "import", write(tmp_path, "a.yaml", SERIES))
    talks = write(tmp_path, "t.csv", "\ufeffDate,Title\n2024-06-07,ConvNeXt\n")
    counted = ["created 1, updated 0, unchanged 0, refused 0"]
    assert run(sqlite_runner, "import", talks, "--series", "dlct") == (0, counted)
    out = str(tmp_path / "out.csv")
    assert run(sqlite_runner, "export", out, "--series", "dlct")[0] == 0
    counted = ["created 0, updated 0, unchanged 1, refused 0"]
    assert run(sqlite_runner, "import", out, "--series", "dlct") == (0, counted)
    assert run(sqlite_runner, "export", out, "--series", "nothing")[0] == 1
    assert run(sqlite_runner, "import", out, "--series", "nothing")[0] == 1


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("t.csv", "date,title\n07/06/2024,Équations\n".encode("utf-16"), ["--dates", "dmy"]),
        (
            "t.tsv",
            "Date\tTitle\r\n6/7/2024\tÉquations\r\n".encode("windows-1252"),
            ["--dates", "mdy", "--encoding", "windows-1252"],
        ),
        ("t.csv", "sep=;\r\ndate;title\r\n2024-06-07;Équations\r\n", []),
    ],
)
def test_tables_of_spreadsheets_are_read(
    sqlite_runner: FlaskCliRunner,
    tmp_path: Path,
    name: str,
    content: str | bytes,
    options: list[str],
) -> None:
    run(sqlite_runner, "import", write(tmp_path, "a.yaml", SERIES))
    talks = write(tmp_path, name, content)
    counted = ["created 1, updated 0, unchanged 0, refused 0"]
    assert run(sqlite_runner, "import", talks, "--series", "dlct", *options) == (0, counted)
    out = tmp_path / "out.csv"
    run(sqlite_runner, "export", str(out), "--series", "dlct")
    assert out.read_text("utf-8").splitlines()[1] == (
        "2024-06-07,10:00,,,Équations,,,,,,,,,,,,,,2024-06-07"
    )


def test_table_in_another_encoding_is_refused_in_one_line(
    sqlite_runner: FlaskCliRunner, tmp_path: Path
) -> None:
    run(sqlite_runner, "import", write(tmp_path, "a.yaml", SERIES))
    talks = write(tmp_path, "t.csv", "date,title\n2024-06-07,Équations\n".encode("latin-1"))
    assert run(sqlite_runner, "import", talks, "--series", "dlct") == (
        1,
        [
            f"Error: {talks} cannot be read: the byte 0xC9 in line 2 is not text in UTF-8; save "
            "the file as UTF-8 or name its encoding, such as --encoding windows-1252."
        ],
    )


def test_dates_are_for_tables_only(sqlite_runner: FlaskCliRunner, tmp_path: Path) -> None:
    file = write(tmp_path, "a.yaml", SERIES)
    assert run(sqlite_runner, "import", file, "--dates", "dmy") == (
        1,
        ["Error: Only a talks CSV takes --dates."],
    )


def test_demo_is_loaded_once_and_prints_a_link_each_time(runner: FlaskCliRunner) -> None:
    status, first = run(runner, "demo")
    assert status == 0
    assert first[0].endswith("refused 0")
    assert first[1] == "Convenor is at http://127.0.0.1:8000/"
    assert first[2].startswith("Sign in as the demo organizer: http://127.0.0.1:8000/sign-in/")
    status, second = run(runner, "demo")
    assert (status, second[0], len(second)) == (0, first[1], 2)
    assert second[1] != first[2]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("$FR+1", "2026-05-08"),
        ("$MO+1", "2026-05-11"),
        ("$FR+3 $TU+1", "2026-05-22 2026-05-05"),
        ("$FR", "$FR"),
    ],
)
def test_coming_dates_are_counted_from_tomorrow(text: str, dates: str) -> None:
    assert coming(text, date(2026, 5, 4)) == dates  # a Monday
