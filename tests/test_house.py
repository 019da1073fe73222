"""Rules that no linter checks."""

import re
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "accounts", "scheduler", "booking")


def code() -> Iterator[Path]:
    """Yield every Python file of the product."""
    yield ROOT / "app.py"
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def templates(*, mail: bool) -> Iterator[Path]:
    """Yield the templates, pages alone or mails too."""
    for file in sorted((ROOT / "templates").rglob("*.*")):
        if mail or "mail" not in file.relative_to(ROOT / "templates").parts:
            yield file


def places(files: Iterator[Path], pattern: str) -> list[str]:
    """Return the files in which the pattern is found, from the root."""
    return [
        file.relative_to(ROOT).as_posix()
        for file in files
        if re.search(pattern, file.read_text("utf-8"))
    ]


def test_commit_is_in_one_place() -> None:
    assert places(code(), r"\.commit\(") == ["core/db/transaction.py"]


def test_markup_is_trusted_in_one_place() -> None:
    assert places(code(), r"\bMarkup\(") == ["core/markdown.py"]
    assert places(templates(mail=True), r"\|\s*safe\b|autoescape false") == []


def test_code_and_templates_leave_nothing_to_do_later() -> None:
    unfinished = r"\b(TODO|FIXME|XXX|HACK)\b"
    assert places(code(), unfinished) == []
    assert places(templates(mail=True), unfinished) == []


@pytest.mark.parametrize(
    "inline",
    [r"<script(?![^>]*\bsrc=)", r"<style\b", r"\sstyle=", r"\son[a-z]+=", r"javascript:"],
)
def test_pages_have_nothing_inline(inline: str) -> None:
    assert places(templates(mail=False), inline) == []


def test_templates_load_nothing_from_other_hosts() -> None:
    assert places(templates(mail=False), r"<(script|img|iframe)[^>]*\ssrc=\"https?:") == []
    assert places(templates(mail=False), r"<link[^>]*stylesheet[^>]*https?:") == []


def test_test_list_holds_the_run_list() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text("utf-8").splitlines()
        return {line.split()[0] for line in lines if "==" in line}

    assert pins("run.lock") - pins("test.lock") == set()


def test_lists_hold_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pinned = (ROOT / "requirements" / "run.lock").read_text("utf-8")
    names = {re.split(r"[\[<>=]", wanted)[0] for wanted in project["dependencies"]}
    missing = {name for name in names if not re.search(rf"^{name}==", pinned, re.MULTILINE)}
    assert missing == set()


def test_tests_reach_no_host_but_this() -> None:
    with socket.socket() as dialled, pytest.raises(RuntimeError, match="only loopback"):
        dialled.connect(("198.51.100.1", 80))
