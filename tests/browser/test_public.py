"""A visitor's pages in a real browser: own time, no scripts, a phone, the dark; axe looks on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from core import clock
from core.db.transaction import transaction
from tests.browser.conftest import OpenPage, Place
from tests.factories import add_event, add_organization, add_series
from tests.factories_booking import add_host, add_offer

TITLE = "Language Models are Few-Shot Learners"
MOVED = "Scaling Laws"
CANCELLED = "Dataset Distillation"


@dataclass(frozen=True)
class Programme:
    """Where the community is, and the Fridays of its series."""

    url: str
    fridays: list[date]

    def event(self, number: int) -> str:
        """Return the address of the event of that Friday."""
        return f"{self.url}/series/dlct/{self.fridays[number]}/"


@pytest.fixture(scope="module")
def programme(place: Place) -> Programme:
    """Fridays with a talk, a moved one, a cancelled one, an open slot, a gap."""
    soon = clock.now().date() + timedelta(days=2)
    first = soon + timedelta(days=(4 - soon.weekday()) % 7)
    fridays = [first + timedelta(weeks=week) for week in range(5)]
    monday = datetime.combine(fridays[1], datetime.min.time()) + timedelta(days=3, hours=10)
    with place.app.app_context(), transaction() as session:
        add_organization(session, email="hello@example.org", links={"discord": "https://a.test/"})
        series = add_series(session, gaps=[(fridays[4], "Holidays")], description="Open to *all*.")
        add_event(
            session,
            series,
            f"{fridays[0]}",
            title=TITLE,
            speakers=["Ada, Analytical Engines"],
            abstract="A model that **reads**.",
            paper_url="https://arxiv.org/abs/2005.14165",
            topics=["language"],
        )
        add_event(session, series, f"{fridays[1]}", starts=monday, title=MOVED, speakers=["Bob"])
        add_event(
            session, series, f"{fridays[2]}", title=CANCELLED, status="cancelled", reason="Flu"
        )
        add_event(session, series, "2023-04", speakers=["Eve"])
        host = add_host(session, topics=["first paper"], languages=["de", "en"])
        add_offer(session, host)
    return Programme(place.url, fridays)


def addresses(programme: Programme) -> list[str]:
    paths = ("/", "/events/", "/series/dlct/", "/subscribe/", "/office-hours/", "/api/docs")
    events = [programme.event(number) for number in range(4)]
    return [programme.url + path for path in (*paths, "/sign-in/", "/nothing-here/")] + events


def test_public_pages_have_nothing_that_axe_finds_and_fit_a_small_phone(
    programme: Programme,
    open_page: OpenPage,
    violations: Callable[[Page], list[str]],
    fits: Callable[[Page], bool],
) -> None:
    page = open_page(programme.url)
    for address in addresses(programme):
        page.goto(address)
        assert violations(page) == [], address
        page.set_viewport_size({"width": 320, "height": 640})
        assert fits(page), address
        page.set_viewport_size({"width": 1280, "height": 800})


def test_phone_in_the_dark_has_nothing_that_axe_finds(
    programme: Programme, open_page: OpenPage, violations: Callable[[Page], list[str]]
) -> None:
    page = open_page(programme.url, width=360, height=740, dark=True)

    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(22, 21, 19)"
    )
    assert violations(page) == []


def test_next_talk_is_whole_without_scripts(programme: Programme, open_page: OpenPage) -> None:
    page = open_page(programme.url, scripts=False)
    following = page.locator(".entry.is-next")

    expect(following).to_contain_text(TITLE)
    expect(following).to_contain_text("Ada, Analytical Engines")
    expect(following).to_contain_text("10:00–11:00 Los Angeles")
    expect(following.locator(".when-line.is-own")).to_be_empty()
    expect(following.get_by_role("link", name="Join")).to_be_visible()
    following.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.locator(".poster-body")).to_contain_text("A model that reads.")


@pytest.mark.parametrize(
    ("zone", "day"), [("Asia/Kolkata", ""), ("Asia/Tokyo", "Sat "), ("America/Los_Angeles", None)]
)
def test_readers_own_time_comes_first_where_it_differs(
    programme: Programme, open_page: OpenPage, zone: str, day: str | None
) -> None:
    page = open_page(programme.url, zone=zone)
    first = page.locator(".entry.is-next .when-line").first

    if day is None:
        expect(first).to_have_text("10:00–11:00 Los Angeles")
    else:
        expect(first).to_contain_text(f"your time, {zone.split('/')[1]}")
        expect(first).to_contain_text(day)


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "America/Los_Angeles"])
def test_server_writes_what_the_script_wrote_once_the_zone_is_known(
    programme: Programme, open_page: OpenPage, zone: str
) -> None:
    times = "[...document.querySelectorAll('.when, .date-block')].map((e) => e.innerText)"
    scripted = open_page(programme.url, zone=zone)
    said = scripted.evaluate(times)
    written = open_page(programme.url, zone=zone, scripts=False)
    written.context.add_cookies(scripted.context.cookies())
    written.reload()

    assert written.evaluate(times) == said
    assert len(set(said)) > 3


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/New_York", "01:30 (UTC-04:00)–01:30 (UTC-05:00) your time, New York"),
        ("Etc/GMT+12", "Sat 17:30–18:30 your time, UTC\u221212 (anywhere on earth)"),
        ("America/Chicago", "00:30–01:30 (UTC-05:00) your time, Chicago"),
    ],
)
def test_own_time_in_a_repeated_hour_has_its_offset(
    place: Place, open_page: OpenPage, zone: str, said: str
) -> None:
    slug = f"clocks-{sum(zone.encode())}"
    with place.app.app_context(), transaction() as session:
        series = add_series(session, slug, name=slug, zone="Europe/Berlin", timetable=())
        starts = datetime(2024, 11, 3, 6, 30)
        add_event(session, series, "2024-11-03", starts=starts, extra=True, title="Clocks")
    page = open_page(f"{place.url}/series/{slug}/2024-11-03/", zone=zone)
    own = page.locator(".when-line.is-own").first

    expect(own).to_have_text(said)
    page.reload()  # now the server writes it
    expect(own).to_have_text(said)


def test_nothing_jumps_when_scripts_arrive(programme: Programme, open_page: OpenPage) -> None:
    places = (
        "[...document.querySelectorAll('.entry, .host, h2, .poster > *')].map((e) => e.offsetTop)"
    )
    for width in (1280, 360):
        for address in (programme.url, programme.event(0)):
            plain = open_page(address, without="times.js", width=width, zone="Asia/Tokyo")
            scripted = open_page(address, width=width, zone="Asia/Tokyo")
            expect(scripted.locator(".when-line").first).to_contain_text("your time, Tokyo")
            assert scripted.evaluate(places) == plain.evaluate(places)


@pytest.mark.parametrize("scripts", [True, False])
def test_time_of_an_event_leaves_no_hole_for_a_reader_in_its_zone(
    programme: Programme, open_page: OpenPage, scripts: bool
) -> None:
    page = open_page(programme.event(0), zone="America/Los_Angeles", scripts=scripts)
    for _ in range(2):  # the second time the server knows the zone
        shown = page.locator(".poster-when .when-line:visible").all_inner_texts()
        assert shown[0].endswith("Los Angeles")
        assert shown[1:] == (["the same time for you"] if scripts else [])
        page.reload()


def test_programme_leaves_no_hole_for_a_reader_whose_zone_is_known(
    programme: Programme, open_page: OpenPage
) -> None:
    page = open_page(programme.url, zone="America/Los_Angeles")
    page.reload()

    lines = page.locator(".entry .when-line")
    assert lines.count() > 1
    assert [line for line in lines.all() if line.is_visible() and not line.inner_text()] == []


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Argentina/Buenos_Aires"])
def test_own_time_is_one_line_on_a_phone(
    programme: Programme, open_page: OpenPage, zone: str
) -> None:
    for width in (320, 390):
        for address in (programme.url, programme.event(0)):
            page = open_page(address, width=width, zone=zone)
            line = page.locator(".when-line.is-own").first
            expect(line).to_contain_text("your time")
            one_line = "e => e.offsetHeight < 2 * parseFloat(getComputedStyle(e).fontSize)"
            assert line.evaluate(one_line), (width, address)


def test_day_of_two_digits_stays_on_one_line_on_a_phone(
    programme: Programme, open_page: OpenPage
) -> None:
    page = open_page(programme.url, width=320)
    days = page.locator(".date-day").all()

    assert [day.inner_text() for day in days if len(day.inner_text()) == len("27")] != []
    wrapped = "day => day.offsetHeight > 1.5 * parseFloat(getComputedStyle(day).fontSize)"
    assert [day.inner_text() for day in days if day.evaluate(wrapped)] == []


def test_own_time_is_on_one_line_of_a_phone(programme: Programme, open_page: OpenPage) -> None:
    page = open_page(programme.event(0), width=360, zone="America/Argentina/Buenos_Aires")
    lines = page.locator(".poster-when .when-line")

    heights = lines.evaluate_all("lines => lines.map((line) => line.offsetHeight)")
    assert len(set(heights)) == 1
    expect(lines.first).to_contain_text("your time, Buenos Aires")


def test_moved_cancelled_open_and_skipped_dates_say_so(
    programme: Programme, open_page: OpenPage
) -> None:
    page = open_page(programme.url + "/series/dlct/")
    lines = page.locator("section[aria-labelledby=upcoming] .entry")

    expect(lines.nth(1)).to_contain_text(f"{MOVED} Moved to Mon")
    expect(lines.nth(2)).to_contain_text(f"{MOVED} Bob moved from Fri")
    expect(lines.nth(3)).to_contain_text(f"{CANCELLED} Cancelled Flu")
    expect(lines.nth(4)).to_contain_text("Open slot No one has this Friday yet. Know someone?")
    expect(lines.nth(5)).to_contain_text("No meeting: Holidays")
    expect(page.locator("section[aria-labelledby=archive]")).to_contain_text("April 2023")
    lines.nth(1).get_by_role("link").first.click()
    expect(page).to_have_url(programme.event(1))
    expect(page.locator(".poster-when")).to_contain_text("Moved from Fri")
    page.goto(programme.event(2))
    expect(page.locator(".poster-head")).to_contain_text("Cancelled Flu")
    expect(page.get_by_role("link", name="Join")).to_have_count(0)


def test_feed_address_is_copied(programme: Programme, open_page: OpenPage) -> None:
    page = open_page(programme.url + "/subscribe/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the address of Deep Learning").click()

    expect(page.locator("#said")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == programme.url + "/series/dlct.ics"


def test_keyboard_reaches_the_page_past_its_head(programme: Programme, open_page: OpenPage) -> None:
    page = open_page(programme.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name=TITLE)).to_be_focused()


def test_page_reads_at_twice_the_size(
    programme: Programme, open_page: OpenPage, fits: Callable[[Page], bool]
) -> None:
    # As a browser does it: at 200 % a window of 1280 has 640 px for the page.
    page = open_page(programme.url + "/series/dlct/", width=640, height=400)

    assert fits(page)
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()


def test_first_page_is_small(programme: Programme, open_page: OpenPage) -> None:
    page = open_page("about:blank")
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto(programme.url)

    assert sum(sizes) < 60_000  # before any compression
