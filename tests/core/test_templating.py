"""What templates say about times, lengths, accents and assets."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from core import templating
from core.languages import language

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


def test_clock_is_the_wall_time_of_the_zone() -> None:
    assert templating.clock(TALK_AT, ANGELES) == "10:00"
    assert templating.clock(TALK_AT, BERLIN) == "19:00"
    assert templating.clock(TALK_AT, KOLKATA) == "23:30"


def test_day_is_the_date_in_the_zone() -> None:
    assert templating.day_short(TALK_AT, ANGELES) == "Fri 27 Nov"
    assert templating.day_short(TALK_AT, TOKYO) == "Sat 28 Nov"
    assert templating.iso_day(TALK_AT, TOKYO) == "2026-11-28"


def test_day_of_a_date_needs_no_zone() -> None:
    day = date(2026, 4, 4)
    assert templating.day_long(day) == "Saturday 4 April 2026"
    assert templating.day_short(day) == "Sat 4 Apr"
    assert templating.weekday(day) == "Saturday"
    assert templating.iso_day(day) == "2026-04-04"


def test_moment_names_day_year_and_time() -> None:
    assert templating.moment(TALK_AT, BERLIN) == "Fri 27 Nov 2026, 19:00"


def test_iso_is_utc_to_the_second() -> None:
    assert templating.iso(TALK_AT) == "2026-11-27T18:00:00Z"


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (ANGELES, "UTC-08:00"),
        (KOLKATA, "UTC+05:30"),
        ("UTC", "UTC"),
        ("America/St_Johns", "UTC-03:30"),
    ],
)
def test_offset_is_that_of_the_instant(zone: str, said: str) -> None:
    assert templating.offset(TALK_AT, zone) == said


def test_offset_follows_the_clock_change() -> None:
    assert templating.offset(datetime(2026, 7, 1, tzinfo=UTC), BERLIN) == "UTC+02:00"
    assert templating.offset(datetime(2026, 12, 1, tzinfo=UTC), BERLIN) == "UTC+01:00"


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=59), "in 59 minutes"),
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(hours=26), "in 26 hours"),
        (timedelta(days=3, hours=20), "in 4 days"),
        (timedelta(days=21), "in 3 weeks"),
        (timedelta(days=90), "in 3 months"),
        (timedelta(hours=-2), "2 hours ago"),
        (timedelta(days=-4), "4 days ago"),
    ],
)
def test_in_words_rounds_as_people_do(distance: timedelta, said: str) -> None:
    assert templating.in_words(NOW + distance, NOW) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1 minute"), (30, "30 minutes"), (60, "1 hour"), (90, "90 minutes"), (120, "2 hours")],
)
def test_minutes_are_said_as_people_do(number: int, said: str) -> None:
    assert templating.minutes(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (65, "1:05"), (924, "15:24"), (3723, "1:02:03")]
)
def test_duration_is_a_place_in_a_recording(seconds: int, said: str) -> None:
    assert templating.duration(seconds) == said


def test_accent_is_stable_and_one_of_six() -> None:
    assert [templating.accent(slug) for slug in ("dlct", "jam")] == ["accent-1", "accent-2"]
    every = {templating.accent(f"series-{number}") for number in range(200)}
    assert every == {f"accent-{number}" for number in range(6)}


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


@pytest.mark.parametrize(
    ("code", "said"),
    [("de", "German"), (" EN", "English"), ("pt-BR", "pt-BR"), ("Hindi", "Hindi"), ("", "")],
)
def test_language_is_named_in_english_and_else_left_as_written(code: str, said: str) -> None:
    assert language(code) == said


@pytest.mark.parametrize(
    ("text", "said"), [("2024-06", "June 2024"), ("2021", "2021"), ("2021-13", "2021-13")]
)
def test_date_known_in_part_is_said_as_far_as_it_is_known(text: str, said: str) -> None:
    assert templating.part_date(text) == said
