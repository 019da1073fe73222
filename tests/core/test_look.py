"""The look: contrast, nothing inline, labels and errors tied to their fields."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, g, render_template_string

from core.http import templating
from core.http.templating import ACCENTS

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static" / "convenor.css").read_text("utf-8")
PAGES = [
    page
    for page in sorted((ROOT / "templates").rglob("*.html"))
    if "mail" not in page.relative_to(ROOT).parts
]
LIGHT, DARK = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in
               re.findall(r":root \{(.*?)\}", CSS, re.S)[:2])  # fmt: skip
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.I)
TALK_AT = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)  # Friday 10:00 in Los Angeles


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    "name",
    ["ink", "quiet", "good", "warning", "bad", "accent", *(f"c{n}" for n in range(ACCENTS))],
)
def test_color_of_text_contrasts_on_paper_and_sheet(mode: dict[str, str], name: str) -> None:
    assert contrast(mode[name], mode["paper"]) >= 4.5
    assert contrast(mode[name], mode["sheet"]) >= 4.5


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])
def test_edge_of_fields_contrasts_with_the_paper(mode: dict[str, str]) -> None:
    assert contrast(mode["edge"], mode["paper"]) >= 3


def test_pages_have_nothing_inline() -> None:
    found = {page.name: INLINE.findall(page.read_text("utf-8")) for page in PAGES}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.fixture
def app() -> Flask:
    app = Flask("house", root_path=str(ROOT))
    templating.init_app(app)
    return app


def rendered(app: Flask, template: str, reader: str = "", **values: object) -> str:
    with app.test_request_context():
        g.reader_zone = reader
        return " ".join(render_template_string(template, **values).split())


def test_date_block_is_the_day_in_the_series_zone(app: Flask) -> None:
    template = '{% from "parts/time.html" import date_block %}{{ date_block(at, zone) }}'
    assert rendered(app, template, at=TALK_AT, zone="Asia/Tokyo") == (
        '<time class="date-block" datetime="2026-11-28"><span class="date-weekday">Sat</span>'
        ' <span class="date-day">28</span> <span class="date-month">Nov</span></time>'
    )


WHEN = '{% from "parts/time.html" import when %}{{ when(at, none, zone, previous) }}'
SERIES_LINE = (
    '<span class="when-line is-series"><span class="when-time">'
    '<time datetime="2026-11-27T18:00:00Z">10:00</time></span>'
    ' <span class="when-zone">Los Angeles</span></span>'
)


def test_when_names_the_zone_and_leaves_a_line_for_the_reader(app: Flask) -> None:
    assert rendered(app, WHEN, at=TALK_AT, zone="America/Los_Angeles") == (
        '<span class="when" data-starts="2026-11-27T18:00:00Z" data-zone="America/Los_Angeles">'
        f'{SERIES_LINE}<span class="when-line is-own"></span></span>'
    )


def test_when_has_the_readers_time_first_where_the_zone_is_known(app: Flask) -> None:
    before = TALK_AT - timedelta(days=7)
    values = {"at": TALK_AT, "zone": "America/Los_Angeles", "previous": before}
    assert rendered(app, WHEN, reader="Asia/Tokyo", **values) == (
        '<span class="when" data-starts="2026-11-27T18:00:00Z" data-previous="2026-11-20T18:00:00Z"'
        ' data-zone="America/Los_Angeles"><span class="when-line is-own">'
        '<span class="when-time">Sat <time datetime="2026-11-27T18:00:00Z">03:00</time></span>'
        ' <span class="when-zone">your time<span class="when-city">, Tokyo</span></span></span>'
        f"{SERIES_LINE}</span>"
    )
    same_clock = rendered(app, WHEN, reader="America/Tijuana", **values)
    assert same_clock.endswith(f'{SERIES_LINE}<span class="when-line is-own" hidden></span></span>')
    same = WHEN.replace("previous)", "previous, same=true)")
    assert rendered(app, same, reader="America/Tijuana", **values).endswith(
        f'{SERIES_LINE}<span class="when-line is-own">'
        '<span class="when-zone">the same time for you</span></span></span>'
    )


def test_date_block_says_when_the_readers_date_differs(app: Flask) -> None:
    template = '{% from "parts/time.html" import date_block %}{{ date_block(at, zone, own=true) }}'
    values = {"at": TALK_AT, "zone": "America/Los_Angeles"}
    own = '<span class="date-own"><span>Sat 28</span> <span>for you</span></span></time>'
    assert own in rendered(app, template, reader="Asia/Tokyo", **values)
    assert '<span class="date-own"></span></time>' in rendered(
        app, template, reader="Europe/Berlin", **values
    )
    assert '<span class="date-own"></span></time>' in rendered(app, template, **values)


def test_field_ties_hint_and_error_to_the_input(app: Flask) -> None:
    template = (
        '{% from "parts/forms.html" import field %}'
        '{{ field("email", "Your e-mail", "<x>", errors, kind="email", hint="Kept.",'
        " required=true) }}"
    )
    assert rendered(app, template, errors={"email": "Write an address."}) == (
        '<div class="field is-wrong"> <label for="field-email">Your e-mail</label>'
        ' <p class="field-hint" id="field-email-hint">Kept.</p>'
        '<p class="field-error" id="field-email-error">Write an address.</p>'
        ' <input type="email" id="field-email" name="email" value="&lt;x&gt;"'
        ' aria-describedby="field-email-hint field-email-error" aria-invalid="true" required>'
        " </div>"
    )


def test_error_summary_leads_to_the_fields_of_the_page_in_their_order(app: Flask) -> None:
    template = (
        '{% extends "base.html" %}{% from "parts/forms.html" import field %}{% block main %}'
        '{{ field("name", "Name", errors=errors) }}{{ field("email", "Mail", errors=errors) }}'
        "{% endblock %}"
    )
    errors = {"": "Sent twice.", "email": ["Write an address.", "A short one."], "name": "Blank."}
    page = rendered(app, template, errors=errors)
    assert (
        '<div class="notice is-error" role="alert" id="errors" tabindex="-1" autofocus>'
        " <p><strong>Please correct:</strong></p> <ul>"
        ' <li><a href="#field-name">Name: Blank.</a></li>'
        ' <li><a href="#field-email">Mail: Write an address. A short one.</a></li>'
        " <li>Sent twice.</li> </ul> </div>"
    ) in page
    assert "<title>Error: Convenor</title>" in page


def test_page_without_errors_has_no_summary(app: Flask) -> None:
    page = rendered(app, '{% extends "base.html" %}', errors={})
    assert 'id="errors"' not in page
    assert "<title>Convenor</title>" in page


def test_form_refused_as_a_whole_says_why(app: Flask) -> None:
    page = rendered(app, '{% extends "base.html" %}', refused="That time is taken.")
    assert "<ul> <li>That time is taken.</li> </ul>" in page
    assert "<title>Error: Convenor</title>" in page


def test_zone_select_keeps_an_old_name(app: Flask) -> None:
    template = '{% from "parts/forms.html" import zone_select %}{{ zone_select("zone", z, at) }}'
    page = rendered(app, template, z="Asia/Calcutta", at=TALK_AT)
    assert '<option value="Asia/Calcutta" selected>Calcutta, UTC+05:30</option>' in page
    assert '<option value="Asia/Kolkata">Kolkata, UTC+05:30</option>' in page


def test_error_page_works_without_an_organization(app: Flask) -> None:
    page = rendered(app, '{% include "error.html" %}', title="Not here", message="Look again.")
    assert "<title>Not here</title>" in page
    assert '<h1>Not here</h1> <p class="lede">Look again.</p>' in page
