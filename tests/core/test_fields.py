"""Field types: refused input and error texts."""

import pytest
from pydantic import ValidationError

from accounts.schemas import Organization
from booking.domain.booking_requests import BookingRequest
from booking.domain.office_hours import OfficeHours, OfficeHoursSchema
from booking.domain.questions import Question
from booking.schemas import HostSchema
from core.fields import Schema, errors_by_field, validate
from core.refusals import Invalid
from scheduler.domain.talks import Speaker, Talk
from scheduler.schemas import EventSchema, SeriesSchema
from tests.core.test_blank import INVISIBLE

HOST = {"slug": "ada", "name": "Ada", "zone": "Europe/London"}
SERIES = {"slug": "dlct", "name": "DLCT", "zone": "Europe/London"}
AUGUST = {"from": "2026-08-01", "to": "2026-08-31"}


@pytest.mark.parametrize(
    ("field", "item"),
    [
        ("dates", {"date": "2026-08-03"}),
        ("time_off", AUGUST),
        ("travel", {**AUGUST, "zone": "UTC"}),
    ],
)
def test_host_with_the_same_key_twice_is_refused(field: str, item: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refusal:
        HostSchema.model_validate({**HOST, field: [item, item]})

    (words,) = errors_by_field(refusal.value).values()
    assert words.endswith(" is listed twice")


def test_series_with_a_gap_twice_is_refused() -> None:
    with pytest.raises(ValidationError) as refusal:
        SeriesSchema.model_validate({**SERIES, "gaps": [{"date": "2026-08-03"}] * 2})

    assert errors_by_field(refusal.value) == {"gaps.1.date": "2026-08-03 is listed twice"}


@pytest.mark.parametrize(
    ("mark", "called"),
    [
        ("\u202e", "U+202E right-to-left override"),
        ("\u2066", "U+2066 left-to-right isolate"),
        ("\u2028", "U+2028 line separator"),
        ("\x85", "U+0085"),
        ("\x00", "U+0000 null"),
        ("\n", "U+000A line break"),
    ],
)
def test_name_with_an_invisible_mark_is_refused_and_the_mark_is_named(
    mark: str, called: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        HostSchema.model_validate({**HOST, "name": f"Ada{mark}gpj.exe"})

    assert errors_by_field(refusal.value) == {
        "name": f"must be one line without control characters: character 4, {called}, after 'Ada'"
    }


@pytest.mark.parametrize(
    ("abstract", "place"),
    [
        ("We process\x02 it", "character 11, U+0002, after 'process'"),
        ("\x02 We", "character 1, U+0002, at the beginning"),
        ("One\r\n\r\ntwo\x1f", "character 9, U+001F, after 'two'"),
        ("\u6982" * 30 + "\x7f", f"character 31, U+007F, after '{chr(0x6982) * 20}'"),
    ],
)
def test_control_character_in_a_text_is_placed(abstract: str, place: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Talk.model_validate({"abstract": abstract})

    assert errors_by_field(refusal.value) == {
        "abstract": f"must not have control characters: {place}"
    }


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://x.example", "must be a web address that begins with https:// or http://"),
        (
            "https://x.example/a b",
            "must be a web address without spaces: character 20, U+0020 space, "
            "after 'https://x.example/a'",
        ),
        (f"https://x.example/{'a' * 2000}", "must be at most 2000 characters long"),
    ],
)
def test_web_address_is_refused_for_its_own_reason(url: str, words: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Talk.model_validate({"paper_url": url})

    assert errors_by_field(refusal.value) == {"paper_url": words}


@pytest.mark.parametrize(
    ("schema", "given", "errors"),
    [
        (
            EventSchema,
            {"talks": [{"speakers": ["Ada"]}]},
            {"talks.0.speakers.0": "must be an item of a list such as [{name: …}]"},
        ),
        (
            EventSchema,
            {"talks": [{"speakers": "Ada", "topics": "vision"}]},
            {
                "talks.0.speakers": "must be a list such as [{name: …}]",
                "talks.0.topics": "must be a list such as […]",
            },
        ),
        (EventSchema, {"talks": "x"}, {"talks": "must be a list such as [{title: …}]"}),
        (
            HostSchema,
            {**HOST, "weekly": {"days": [1]}, "limits": 4},
            {
                "weekly": "must be a list such as [{from: …, to: …, days: […]}]",
                "limits": "must be keys with values such as {per_day: …}",
            },
        ),
        (
            Organization,
            {"name": "X", "links": []},
            {"links": "must be keys with values such as {…: …}"},
        ),
        (SeriesSchema, "x", {"": "must be keys with values such as {slug: …, name: …}"}),
    ],
)
def test_value_of_another_shape_is_refused_with_an_example(
    schema: type[Schema], given: object, errors: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        validate(schema, given)

    assert refusal.value.errors == errors


@pytest.mark.parametrize(
    ("schema", "given", "path"),
    [(Organization, {"name": "X"}, key) for key in ("zones", "deadlines", "webhooks")]
    + [(SeriesSchema, SERIES, key) for key in ("discord", "run_sheet", "slots", "nominations")]
    + [(EventSchema, {}, key) for key in ("slots", "capacity")]
    + [(EventSchema, {"talks": [{"consent": {}}]}, "talks.0.consent")]
    + [(HostSchema, HOST, key) for key in ("holidays", "ask_every")]
    + [
        (OfficeHoursSchema, {"slug": "a", "title": "A"}, key)
        for key in ("places", "waiting_list", "offer_minutes")
    ],
)
def test_key_of_a_later_version_is_refused_by_name(
    schema: type[Schema], given: dict[str, object], path: str
) -> None:
    body = given if "." in path else {**given, path: 1}
    with pytest.raises(Invalid) as refusal:
        validate(schema, body)

    assert refusal.value.errors == {path: "is not supported yet"}


@pytest.mark.parametrize("text", ["1700000000", "20260617", "0", "-5", "1.5"])
def test_number_in_quotes_is_no_date(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        validate(EventSchema, {"starts": text})

    assert refusal.value.errors == {
        "starts": "must be written like 2026-06-17, with a time of day like 2026-06-17T16:00"
    }


@pytest.mark.parametrize("key", ["", "[", "a[0]", "slug ", "talks.0"])
def test_unknown_key_is_named_as_it_was_sent(key: str) -> None:
    with pytest.raises(Invalid) as refusal:
        validate(EventSchema, {key: 1})

    assert refusal.value.errors == {key: "there is no such field"}


@pytest.mark.parametrize("blank", INVISIBLE)
@pytest.mark.parametrize(
    ("schema", "field"),
    [
        (HostSchema, "name"),
        (SeriesSchema, "name"),
        (OfficeHours, "title"),
        (Question, "label"),
        (Speaker, "name"),
        (BookingRequest, "name"),
    ],
)
def test_required_text_that_looks_blank_is_missing(
    schema: type[Schema], field: str, blank: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        schema.model_validate({field: blank})

    assert errors_by_field(refusal.value)[field] == "is required"


@pytest.mark.parametrize("blank", INVISIBLE)
def test_optional_text_that_looks_blank_is_unknown(blank: str) -> None:
    talk = Talk.model_validate({"title": blank, "abstract": blank, "topics": [blank, "vision"]})
    assert (talk.title, talk.abstract, talk.topics) == (None, None, ("vision",))


def test_invisible_characters_inside_a_text_are_kept() -> None:
    assert Speaker(name="👩\u200d\U0001f4bb Ada").name == "👩\u200d\U0001f4bb Ada"
