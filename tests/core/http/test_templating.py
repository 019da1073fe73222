"""Filters and globals of templates: times, lengths, accents and assets."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from core.http import templating

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # a Tuesday
TALK_AT = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)  # Friday 10:00 in Los Angeles
ANGELES, BERLIN, KOLKATA, TOKYO = (
    "America/Los_Angeles",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Tokyo",
)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    (tmp_path / "house.css").write_text("a { color: red }")
    app = Flask("house", static_folder=str(tmp_path), static_url_path="/static")
    templating.init_app(app)
    return app


def rendered(app: Flask, template: str, **values: object) -> str:
    with app.test_request_context():
        return render_template_string(template, **values)


def test_accent_of_a_slug_is_stable_and_one_of_twelve() -> None:
    assert [templating.accent(slug) for slug in ("host-a", "host-b")] == ["accent-6", "accent-11"]
    every = {templating.accent(f"host-{number}") for number in range(200)}
    assert every == {f"accent-{number}" for number in range(12)}


def test_accent_of_a_color_has_its_number() -> None:
    assert [templating.accent(color) for color in (0, 11)] == ["accent-0", "accent-11"]


def test_zone_groups_hold_each_place_once_with_its_offset_that_day() -> None:
    groups = templating.zone_groups(TALK_AT)
    names = [option.name for options in groups.values() for option in options]
    assert len(names) == len(set(names))
    assert groups[""] == [("UTC", "UTC", "UTC")]
    assert ("America/Los_Angeles", "Los Angeles", "UTC-08:00") in groups["America"]
    assert ("America/Argentina/Salta", "Argentina/Salta", "UTC-03:00") in groups["America"]


def test_asset_carries_the_hash_of_its_content(app: Flask) -> None:
    assert rendered(app, "{{ asset('house.css') }}") == "/static/house.css?v=2c7bc03c8b66"


def test_asset_refuses_what_is_not_there(app: Flask) -> None:
    with pytest.raises(KeyError):
        rendered(app, "{{ asset('nothing.css') }}")


def test_filters_read_like_words_in_a_template(app: Flask) -> None:
    template = "{{ at | day_short(zone) }}, {{ at | clock(zone) }} {{ zone | city }}"
    assert rendered(app, template, at=TALK_AT, zone=ANGELES) == "Fri 27 Nov, 10:00 Los Angeles"
    assert rendered(app, "{{ text | markdown }}", text="*a* <b>") == "<p><em>a</em> &lt;b&gt;</p>\n"
