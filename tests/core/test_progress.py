"""Progress: counted on a terminal after a while, and nowhere else."""

import io
import threading

import pytest

from core import progress


class Terminal(io.StringIO):
    """A terminal that tells when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        self.written.set()

    def wait_for(self, words: str) -> None:
        while words not in self.getvalue():
            self.written.wait()
            self.written.clear()

    def lines(self) -> list[str]:
        return self.getvalue().split("\r")


def test_terminal_shows_what_is_counted_and_is_clean_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "PERIOD_SECONDS", 0)
    terminal = Terminal()

    with progress.shown("Importing a.csv", terminal, delay=0) as counting:
        counted = counting.count(["a", "b", "c"], "rows")
        next(counted)
        terminal.wait_for("\rImporting a.csv: 1 of 3 rows, 0 s")

    longest = max(map(len, terminal.lines()[:-2]))
    assert terminal.lines()[-2:] == [" " * longest, ""]


def test_line_is_not_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    terminal = Terminal()

    with progress.shown("Importing talks.csv", terminal, delay=0):
        terminal.wait_for("Importing")

    assert set(terminal.lines()) == {"", "Importing talks.csv", " " * 19}


def test_short_command_shows_nothing() -> None:
    terminal = Terminal()

    with progress.shown("Importing a.csv", terminal):
        pass

    assert terminal.getvalue() == ""


def test_pipe_gets_nothing() -> None:
    pipe = io.StringIO()

    with progress.shown("Importing a.csv", pipe, delay=0) as counting:
        assert list(counting.count(iter("abc"), "rows")) == ["a", "b", "c"]

    assert (pipe.getvalue(), counting.words) == ("", "3 rows")
