"""The forms of a host's pages: what they make of text, and what they say is wrong."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from werkzeug.datastructures import MultiDict

from booking.domain.hosts import Host, HostSchema
from booking.domain.office_hours import OfficeHoursSchema
from booking.domain.questions import Question
from booking.web.manage import host_forms, hours_forms, office_hours_forms
from core.http.forms import FormData
from core.refusals import Invalid
from core.time_format import HourClock

TODAY = date(2026, 11, 24)  # a Tuesday
H24 = HourClock.H24
TUESDAYS = {"days": [2], "from": "16:00", "to": "17:00"}
THURSDAYS = {"days": [4], "from": "18:00", "to": "24:00", "every": 2, "since": "2026-01-08"}


def host(**hours: object) -> Host:
    fields = {"slug": "ada", "name": "Ada", "email": "ada@example.org", "zone": "Europe/Berlin"}
    known = HostSchema.model_validate({**fields, **hours})
    ids = {"id": 1, "person_id": 1, "has_own_events": False, "longest_buffer": timedelta()}
    return Host.model_construct(**dict(known), **ids)


def written(fields: Mapping[str, object]) -> dict[str, object]:
    """What files write of the fields, defaults left out."""
    value = HostSchema.model_construct(**fields)
    return value.model_dump(mode="json", by_alias=True, include=set(fields), exclude_defaults=True)


def form(change: str, values: Mapping[str, str | list[str]]) -> MultiDict[str, str]:
    return MultiDict({"change": change, **values})


def named(host_: Host, change: str, values: Mapping[str, str | list[str]]) -> Mapping[str, object]:
    return written(hours_forms.parse(form(change, values), host_, H24).fields)


def errors(host_: Host, change: str, values: Mapping[str, str | list[str]]) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        hours_forms.parse(form(change, values), host_, H24)
    return refusal.value.errors


def test_weekly_hours_are_added_to_those_there_are() -> None:
    typed = {"weekly.days": ["1", "5"], "weekly.from": "09:00", "weekly.to": "10:30"}
    new = {"days": [1, 5], "from": "09:00", "to": "10:30"}
    assert named(host(weekly=[TUESDAYS]), "weekly", typed) == {"weekly": [TUESDAYS, new]}


def test_weekly_hours_sent_twice_are_there_once() -> None:
    typed = {"weekly.days": ["2"], "weekly.from": "16:00", "weekly.to": "17:00"}
    assert named(host(weekly=[TUESDAYS]), "weekly", typed) == {"weekly": [TUESDAYS]}


def test_weekly_hours_that_are_changed_replace_their_line() -> None:
    there = host(weekly=[TUESDAYS, THURSDAYS])
    shown = hours_forms.shown(there, "weekly", there.weekly[1].key)
    assert shown["weekly.to"] == "00:00"

    assert named(there, "weekly", {**shown, "weekly.from": "19:00"}) == {
        "weekly": [TUESDAYS, {**THURSDAYS, "from": "19:00", "to": "00:00"}]
    }


def test_line_is_removed_by_what_it_says() -> None:
    there = host(weekly=[TUESDAYS, THURSDAYS])
    key = there.weekly[0].key
    assert named(there, "remove-weekly", {"key": key}) == {"weekly": [THURSDAYS]}
    assert named(there, "remove-weekly", {"key": "gone"}) == {"weekly": [TUESDAYS, THURSDAYS]}


def test_weekly_hours_over_midnight_are_said_to_be_so() -> None:
    values = {"weekly.days": ["5"], "weekly.from": "22:00", "weekly.to": "02:00"}
    found = hours_forms.parse(form("weekly", values), host(), H24)
    assert found.message == (
        "Your weekly hours are saved. 22:00 to 02:00 runs over midnight, into the next day."
    )
    found = hours_forms.parse(form("weekly", values), host(), HourClock.H12)
    assert found.message == (
        "Your weekly hours are saved. 10:00 pm to 2:00 am runs over midnight, into the next day."
    )


def test_weekly_hours_say_all_that_is_missing_at_once() -> None:
    assert errors(
        host(), "weekly", {"weekly.from": "", "weekly.to": "later", "weekly.every": "2"}
    ) == {
        "weekly.from": "This is required.",
        "weekly.to": "This must be a time of day such as 16:00, not 'later'.",
        "weekly.days": "This is required.",
        "weekly.since": "This must be a date in a week that is open, unless it is every week.",
    }


def test_weekly_hours_refuse_what_no_form_sends() -> None:
    values = {"weekly.from": "09:00", "weekly.to": "10:00"}
    assert errors(host(), "weekly", {**values, "weekly.days": ["8"]}) == {
        "weekly.days": "This must be 7 or less."
    }
    assert errors(host(), "weekly", {**values, "weekly.days": ["1"], "weekly.since": "soon"}) == {
        "weekly.since": "This must be a date such as 2026-06-17."
    }


def test_date_takes_several_windows_in_the_place_of_those_it_had() -> None:
    there = host(dates=[{"date": "2026-12-03", "windows": []}, {"date": "2026-12-24"}])
    typed = {
        "dates.date": "2026-12-03",
        "dates.windows.0.from": "10:00",
        "dates.windows.0.to": "12:00",
        "dates.windows.1.from": "",
        "dates.windows.1.to": "",
        "dates.windows.2.from": "14:00",
        "dates.windows.2.to": "15:00",
    }
    windows = [{"from": "10:00", "to": "12:00"}, {"from": "14:00", "to": "15:00"}]
    kept = {"date": "2026-12-24"}
    assert named(there, "dates", typed) == {
        "dates": [kept, {"date": "2026-12-03", "windows": windows}]
    }


def test_date_can_be_closed() -> None:
    found = named(host(), "dates", {"dates.date": "2026-12-24", "dates.closed": "1"})
    assert found == {"dates": [{"date": "2026-12-24"}]}


def test_date_is_either_open_or_closed() -> None:
    day = {"dates.date": "2026-12-24"}
    window = {"dates.windows.0.from": "10:00", "dates.windows.0.to": "11:00"}
    assert errors(host(), "dates", day) == {
        "dates.windows.0.from": "Please choose a time, or say that you are closed all day."
    }
    assert errors(host(), "dates", {**day, **window, "dates.closed": ["", "1"]}) == {
        "dates.closed": "Closed all day, or open at these times? Please clear one of them."
    }
    assert errors(host(), "dates", {**window, "dates.date": ""}) == {
        "dates.date": "This is required."
    }


def test_window_of_a_date_needs_both_ends() -> None:
    typed = {"dates.date": "2026-12-24", "dates.windows.2.from": "10:00", "dates.windows.2.to": ""}
    assert errors(host(), "dates", typed) == {"dates.windows.2.to": "This is required."}


def test_time_off_of_one_day_needs_no_last_day() -> None:
    typed = {"time_off.from": "2026-12-24", "time_off.to": "", "time_off.reason": " family "}
    line = {"from": "2026-12-24", "to": "2026-12-24", "reason": "family"}
    assert named(host(), "time_off", typed) == {"time_off": [line]}


def test_time_off_must_not_end_before_it_begins() -> None:
    typed = {"time_off.from": "2026-12-24", "time_off.to": "2026-12-20"}
    assert errors(host(), "time_off", typed) == {"time_off.to": "This lies before the first date."}


def test_travel_without_a_last_day_lasts() -> None:
    typed = {"travel.from": "2026-12-24", "travel.to": "", "travel.zone": "Asia/Tokyo"}
    found = named(host(), "travel", typed)
    assert found == {"travel": [{"from": "2026-12-24", "zone": "Asia/Tokyo"}]}


def test_lines_that_are_over_are_not_shown() -> None:
    there = host(
        weekly=[TUESDAYS],
        dates=[{"date": "2026-11-23"}, {"date": "2026-11-24"}],
        time_off=[{"from": "2026-11-01", "to": "2026-11-23"}],
        travel=[{"from": "2026-11-01", "zone": "Asia/Tokyo"}],
    )
    lines = hours_forms.lines(there, TODAY, H24)
    assert {kind: [each.words for each in found] for kind, found in lines.items()} == {
        "weekly": ["Tuesdays 16:00 to 17:00"],
        "dates": ["Tue 24 Nov 2026: closed"],
        "time_off": [],
        "travel": ["from Sun 1 Nov 2026 on: Tokyo"],
    }


def test_forms_have_room_for_what_only_a_file_can_say() -> None:
    windows = [{"from": f"{hour:02}:00", "to": f"{hour:02}:30"} for hour in range(9, 15)]
    rare = {"days": [2], "from": "16:00", "to": "17:00", "every": 6, "since": "2026-11-24"}
    there = host(dates=[{"date": "2026-12-03", "windows": windows}], weekly=[rare])
    date_values = hours_forms.shown(there, "dates", "2026-12-03")
    weekly_values = hours_forms.shown(there, "weekly", there.weekly[0].key)

    assert hours_forms.windows({}) == range(4)
    assert hours_forms.windows(date_values) == range(6)
    assert named(there, "dates", date_values) == {
        "dates": [{"date": "2026-12-03", "windows": windows}]
    }
    assert hours_forms.rhythms(weekly_values)[-1] == ("6", "every 6 weeks")
    assert len(hours_forms.rhythms({})) == 4


def test_limits_are_numbers_from_one() -> None:
    found = named(host(), "limits", {"limits.per_day": "", "limits.per_week": "4"})
    assert found == {"limits": {"per_week": 4}}
    assert errors(host(), "limits", {"limits.per_day": "0", "limits.per_week": "many"}) == {
        "limits.per_day": "This must be 1 or more.",
        "limits.per_week": "This must be a whole number.",
    }


def test_unknown_change_is_refused() -> None:
    assert errors(host(), "burn", {}) == {"": "Please use one of the forms on this page."}


def test_new_host_takes_the_slug_from_the_name() -> None:
    found = host_forms.parse_new(MultiDict({"name": "Zoë d'Arc", "zone": "Europe/Berlin"}))
    assert (found.slug, found.name, found.zone) == ("zoe-d-arc", "Zoë d'Arc", "Europe/Berlin")


def test_form_about_a_host_changes_nothing_else() -> None:
    typed = {
        "name": "Ada L.",
        "zone": "Asia/Tokyo",
        "topics": "first paper, grad school",
        "share_email": ["", "1"],
        "email": "other@example.org",
        "slug": "other",
    }
    assert host_forms.parse_about(MultiDict(typed), host(bio="Kept.")) == {
        "name": "Ada L.",
        "zone": "Asia/Tokyo",
        "bio": "Kept.",
        "topics": ("first paper", "grad school"),
        "languages": (),
        "meeting_url": None,
        "share_email": True,
    }


def typed_office_hours(**values: str | list[str]) -> FormData:
    shown = {**office_hours_forms.blank(), "title": "Career chat", **values}
    return MultiDict({name: value for name, value in shown.items() if value})


def parsed(values: Mapping[str, str | list[str]], known: object = None) -> OfficeHoursSchema:
    return office_hours_forms.parse(typed_office_hours(**values), known)


def form_errors(values: Mapping[str, str | list[str]]) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        parsed(values)
    return refusal.value.errors


def test_office_hours_of_a_title_alone_have_the_defaults() -> None:
    assert parsed({}) == OfficeHoursSchema(slug="career-chat", title="Career chat")


def test_office_hours_read_lengths_units_and_limits() -> None:
    typed = {
        "slug": "kept",
        "minutes": "20, 45",
        "notice": "2",
        "notice_unit": "days",
        "change_until": "90",
        "change_until_unit": "minutes",
        "pending_minutes": "2",
        "pending_minutes_unit": "hours",
        "limits.per_guest_open": [""],
        "limits.per_week": "3",
    }
    lengths = ("notice", "change_until", "pending_minutes")
    found = parsed(typed).model_dump(include={"slug", "minutes", *lengths})
    assert found == {
        "slug": "kept",
        "minutes": (20, 45),
        "notice": 2880,
        "change_until": 90,
        "pending_minutes": 120,
    }
    limits = parsed(typed).limits
    assert (limits.per_guest_open, limits.per_week) == (None, 3)


@pytest.mark.parametrize(
    ("values", "horizon"),
    [
        ({"kind": "business_days", "business_days": "10"}, {"business_days": 10}),
        ({"kind": "available_days", "available_days": "3"}, {"available_days": 3}),
        (
            {"kind": "range", "from": "2026-12-01", "to": "2026-12-02"},
            {"from": "2026-12-01", "to": "2026-12-02"},
        ),
    ],
)
def test_office_hours_read_each_horizon(
    values: Mapping[str, str], horizon: Mapping[str, object]
) -> None:
    found = parsed({f"horizon.{name}": text for name, text in values.items()})
    assert found.horizon.model_dump(mode="json", by_alias=True) == horizon
    assert office_hours_forms.shown(found)["horizon.kind"] == values["kind"]


def test_horizon_that_is_chosen_needs_its_own_input() -> None:
    assert form_errors({"horizon.kind": "business_days"}) == {
        "horizon.business_days": "This must be a whole number."
    }


def test_office_hours_say_what_is_wrong_by_input() -> None:
    found = form_errors(
        {
            "title": "",
            "minutes": "soon",
            "notice": "a day",
            "buffer_after": "2000",
            "horizon.kind": "range",
            "horizon.from": "2026-12-02",
            "horizon.to": "2026-12-01",
            "questions.1.label": "Which?",
            "questions.1.kind": "choice",
        }
    )
    assert found == {
        "title": "This is required.",
        "minutes": "This must be a whole number.",
        "buffer_after": "This must be 1440 or less.",
        "notice": "This must be a whole number.",
        "horizon.to": "This lies before the first date.",
        "questions.1.choices": "This must have at least one choice.",
    }


def test_office_hours_say_what_an_address_is_made_of() -> None:
    assert form_errors({"slug": "Career Chat"}) == {
        "slug": "This must be lower-case letters, digits and single hyphens, such as deep-learning."
    }


def test_office_hours_refuse_choices_that_nobody_could_choose() -> None:
    typed = {"questions.0.label": "Which?", "questions.0.kind": "", "questions.0.choices": "one"}
    assert form_errors(typed) == {
        "questions.0.choices": "This must be empty, unless the kind is choice."
    }


def test_office_hours_keep_questions_and_leave_out_emptied_ones() -> None:
    found = parsed(
        {
            "questions.0.label": "",
            "questions.1.label": "Which?",
            "questions.1.kind": "choice",
            "questions.1.choices": "one\n\ntwo",
            "questions.1.required": ["", "1"],
        }
    )
    choices = ("one", "two")
    assert found.questions == (
        Question(label="Which?", kind="choice", choices=choices, required=True),
    )
    assert office_hours_forms.shown(found)["questions.0.choices"] == "one\ntwo"
    assert office_hours_forms.question_positions({"questions.1.label": "Which?"}) == range(4)
