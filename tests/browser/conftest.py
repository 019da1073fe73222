"""Fixtures for tests in a real browser: pages as readers have them, and axe's judgement."""

import shutil
from collections.abc import Callable, Iterator
from typing import Literal, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

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
    }
}


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
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture(scope="session")
def violations() -> Callable[[Page], list[str]]:
    """A function that returns what axe finds wrong with a page: rule and element, a line each.

    Axe is a script, so the page must have been opened with them.
    """
    axe = Axe()

    def run(page: Page) -> list[str]:
        assert not page.evaluate("matchMedia('(scripting: none)').matches"), "axe needs scripts"
        found = axe.run(page, options=RULES).response["violations"]
        return [
            f"{violation['id']}: {node['html']}"
            for violation in found
            for node in violation["nodes"]
        ]

    return run
