"""Fixtures for tests in a real browser: pages as readers have them, and axe's judgement."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests import processes
from tests.conftest import environment_of, make_settings, running

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# WCAG 2.2 AA and what it builds on.
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
JUDGE = """async (options) => (await axe.run(document, options)).violations.flatMap(
    ({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))"""


class OpenPage(Protocol):
    """Open a page in a browser of its own (no cookies), as one reader has it."""

    def __call__(
        self,
        url: str,
        *,
        width: int = 1280,
        height: int = 800,
        dark: bool = False,
        scripts: bool = True,
        zone: str = "Europe/Berlin",
        motion: Literal["reduce", "no-preference"] = "reduce",
        without: str = "",
    ) -> Page: ...


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("chromium is missing; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """A function that opens pages; script errors and refused content fail the test at its end."""
    contexts = []
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            problems.append(message.text)

    def open_(
        url: str,
        *,
        width: int = 1280,
        height: int = 800,
        dark: bool = False,
        scripts: bool = True,
        zone: str = "Europe/Berlin",
        motion: Literal["reduce", "no-preference"] = "reduce",
        without: str = "",
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            timezone_id=zone,
            locale="en-GB",
            reduced_motion=motion,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(str(error)))
        if without:  # a file that never arrives
            page.route(f"**/{without}*", lambda route: route.abort())
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []


@dataclass(frozen=True)
class Place:
    """A community on a server of its own: the app to fill it and look into it, and its address."""

    app: Flask
    url: str
    mail: Path

    def sign_in_path(self, email: str) -> str:
        """Return the path of a fresh sign-in link, by the command line."""
        printed = self.app.test_cli_runner().invoke(args=["user", "link", email]).output
        return urlsplit(printed.strip()).path


@pytest.fixture(scope="module")
def place(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An empty community, one for all tests of a module: starting a server takes a second."""
    folder = tmp_path_factory.mktemp("place")
    shutil.copy(sqlite_template, folder / "convenor.db")
    url = f"sqlite:///{folder / 'convenor.db'}"
    server = processes.serve(environment_of(url, folder), folder / "server.log")
    with running(make_settings(url, folder)) as app:
        yield Place(app, server.url, folder / "mail")
    processes.stop(server.process)


@pytest.fixture(scope="session")
def violations() -> Callable[[Page], list[str]]:
    """A function that returns what axe finds wrong with a page: rule and element, a line each.

    The page is judged as it is, and once more for its contrast in the dark. Axe is a script, so
    the page must have been opened with them.
    """
    source = Axe().axe_script

    def run(page: Page) -> list[str]:
        assert not page.evaluate("matchMedia('(scripting: none)').matches"), "axe needs scripts"
        if not page.evaluate("'axe' in window"):
            page.evaluate(source)
        found = page.evaluate(JUDGE, RULES)
        page.emulate_media(color_scheme="dark")
        found += page.evaluate(JUDGE, CONTRAST)
        page.emulate_media(color_scheme="light")
        return list(found)

    return run


@pytest.fixture(scope="session")
def fits() -> Callable[[Page], bool]:
    """A function that says whether nothing of a page sticks out sideways."""
    return lambda page: bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
