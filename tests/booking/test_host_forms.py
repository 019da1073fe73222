"""The forms of a host's pages: what they make of text, and what they say is wrong."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from werkzeug.datastructures import MultiDict

from booking import hours_json
from booking.domain.hosts import Host
from booking.domain.slots import Limits
from booking.web.manage import hours_forms, hours_lines, office_hours_forms
from core.refusals import Invalid

TODAY = date(2026, 11, 24)  # a Tuesday
TUESDAYS = {"days": [2], "from": "16:00", "to": "17:00"}
THURSDAYS = {"days": [4], "from": "18:00", "to": "24:00", "every": 2, "since": "2026-01-08"}


def host(**hours: object) -> Host:
    return Host(
        has_own_events=False,
        longest_buffer=timedelta(),
        id=1,
        slug="ada",
        person_id=1,
        email="ada@example.org",
        share_email=False,
        name="Ada",
        bio="",
        topics=(),
        languages=(),
        hours=hours_json.hours("Europe/Berlin", hours),
        paused=False,
        limits=Limits(),
        meeting_url=None,
    )


def form(change: str, values: Mapping[str, str | list[str]]) -> MultiDict[str, str]:
    return MultiDict({"change": change, **values})


def named(host_: Host, change: str, **values: str | list[str]) -> Mapping[str, object]:
    return hours_forms.parse(form(change, values), host_, TODAY).named


def errors(host_: Host, change: str, **values: str | list[str]) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        hours_forms.parse(form(change, values), host_, TODAY)
    return refusal.value.errors


def test_weekly_hours_are_added_to_those_there_are() -> None:
    found = named(
        host(weekly=[TUESDAYS]), "weekly", days=["5", "1"], weekly_from="09:00", weekly_to="10:30"
    )
    new = {"days": [1, 5], "from": "09:00", "to": "10:30", "every": 1}
    assert found == {"weekly": [TUESDAYS, new]}


def test_weekly_hours_sent_twice_are_there_once() -> None:
    found = named(
        host(weekly=[TUESDAYS]), "weekly", days=["2"], weekly_from="16:00", weekly_to="17:00"
    )
    assert found == {"weekly": [{**TUESDAYS, "every": 1}]}


def test_weekly_hours_that_are_changed_replace_their_line() -> None:
    there = host(weekly=[TUESDAYS, THURSDAYS])
    line = hours_lines.hours_lines(there.hours, TODAY)["weekly"][1]
    assert line.values["weekly_to"] == "00:00"
    values = {**line.values, "weekly_from": "19:00", "replaces": line.key}

    assert named(there, "weekly", **values) == {
        "weekly": [TUESDAYS, {**THURSDAYS, "from": "19:00", "to": "00:00"}]
    }


def test_line_is_removed_by_what_it_says() -> None:
    there = host(weekly=[TUESDAYS, THURSDAYS])
    line = hours_lines.hours_lines(there.hours, TODAY)["weekly"][0]
    assert named(there, "remove-weekly", key=line.key) == {"weekly": [THURSDAYS]}
    assert named(there, "remove-weekly", key="gone") == {"weekly": [TUESDAYS, THURSDAYS]}


def test_weekly_hours_over_midnight_are_said_to_be_so() -> None:
    values = {"days": ["5"], "weekly_from": "22:00", "weekly_to": "02:00"}
    found = hours_forms.parse(form("weekly", values), host(), TODAY)
    assert found.said == (
        "Your weekly hours are saved. 22:00 to 02:00 runs over midnight, into the next day."
    )


def test_weekly_hours_say_all_that_is_missing_at_once() -> None:
    assert errors(host(), "weekly", weekly_from="", weekly_to="later", every="2") == {
        "weekly_from": "Please choose when it begins.",
        "weekly_to": "Please write a time such as 16:00.",
        "days": "Please choose at least one day.",
        "since": "Please choose a date in a week that is on.",
    }


def test_weekly_hours_refuse_what_no_form_sends() -> None:
    values = {"weekly_from": "09:00", "weekly_to": "10:00"}
    assert errors(host(), "weekly", days=["8"], **values) == {"days": "Please write at most 7."}
    assert errors(host(), "weekly", days=["1"], since="soon", **values) == {
        "since": "Please choose a date."
    }


def test_date_takes_several_windows_in_the_place_of_those_it_had() -> None:
    there = host(dates=[{"date": "2026-12-03", "windows": []}, {"date": "2026-12-24"}])
    found = named(
        there,
        "date",
        date="2026-12-03",
        date_from_1="10:00",
        date_to_1="12:00",
        date_from_3="14:00",
        date_to_3="15:00",
    )
    windows = [{"from": "10:00", "to": "12:00"}, {"from": "14:00", "to": "15:00"}]
    kept = {"date": "2026-12-24", "windows": []}
    assert found == {"dates": [kept, {"date": "2026-12-03", "windows": windows}]}


def test_date_can_be_closed() -> None:
    found = named(host(), "date", date="2026-12-24", closed="1")
    assert found == {"dates": [{"date": "2026-12-24", "windows": []}]}


def test_date_is_either_open_or_closed() -> None:
    window = {"date_from_1": "10:00", "date_to_1": "11:00"}
    assert errors(host(), "date", date="2026-12-24") == {
        "date_from_1": "Please choose a time, or say that you are closed all day."
    }
    assert errors(host(), "date", date="2026-12-24", closed="1", **window) == {
        "closed": "Closed all day, or open at these times? Please clear one of them."
    }
    assert errors(host(), "date", date="", **window) == {"date": "Please choose a date."}


def test_time_off_of_one_day_needs_no_last_day() -> None:
    found = named(host(), "time-off", off_from="2026-12-24", reason=" family ")
    line = {"from": "2026-12-24", "to": "2026-12-24", "reason": "family"}
    assert found == {"time_off": [line]}


def test_time_off_must_not_end_before_it_begins() -> None:
    found = errors(host(), "time-off", off_from="2026-12-24", off_to="2026-12-20")
    assert found == {"off_to": "The last day lies before the first."}


def test_travel_without_a_last_day_lasts() -> None:
    found = named(host(), "travel", travel_from="2026-12-24", travel_zone="Asia/Tokyo")
    assert found == {"travel": [{"from": "2026-12-24", "zone": "Asia/Tokyo"}]}


def test_forms_have_room_for_what_only_a_file_can_say() -> None:
    windows = [{"from": f"{hour:02}:00", "to": f"{hour:02}:30"} for hour in range(9, 15)]
    rare = {"days": [2], "from": "16:00", "to": "17:00", "every": 6, "since": "2026-11-24"}
    there = host(dates=[{"date": "2026-12-03", "windows": windows}], weekly=[rare])
    lines = hours_lines.hours_lines(there.hours, TODAY)
    date_values, weekly_values = lines["dates"][0].values, lines["weekly"][0].values

    assert hours_forms.windows({}) == range(1, 5)
    assert hours_forms.windows(date_values) == range(1, 7)
    assert named(there, "date", **date_values, replaces="2026-12-03") == {
        "dates": [{"date": "2026-12-03", "windows": windows}]
    }
    assert hours_forms.rhythms(weekly_values)[-1] == ("6", "every 6 weeks")
    assert len(hours_forms.rhythms({})) == 4


def test_limits_are_numbers_from_one() -> None:
    assert named(host(), "limits", per_day="", per_week="4") == {"limits": {"per_week": 4}}
    assert errors(host(), "limits", per_day="0", per_week="many") == {
        "per_day": "Please write 1 or more.",
        "per_week": "Please write a whole number.",
    }


def test_unknown_change_is_refused() -> None:
    assert errors(host(), "burn") == {"": "Please use one of the forms on this page."}


def test_new_host_takes_the_slug_from_the_name() -> None:
    found = hours_forms.parse_start(MultiDict({"name": "Zoë d'Arc", "zone": "Europe/Berlin"}))
    assert (found.slug, found.name, found.zone) == ("zoe-d-arc", "Zoë d'Arc", "Europe/Berlin")


def offer(**values: str) -> MultiDict[str, str]:
    shown = {**office_hours_forms.blank(), "title": "Career chat", **values}
    return MultiDict({name: value for name, value in shown.items() if value})


def offer_errors(**values: str) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        office_hours_forms.parse(offer(**values), None)
    return refusal.value.errors


def test_offer_of_a_title_alone_has_the_defaults() -> None:
    found = office_hours_forms.parse(offer(), None)
    assert (found.slug, found.minutes, found.notice, found.change_until) == (
        *("career-chat", (30,), 1440, 720),
    )
    assert (found.horizon.days, found.limits.per_guest_open, found.pending_blocks) == (60, 2, True)


def test_offer_reads_lengths_units_and_limits() -> None:
    found = office_hours_forms.parse(
        offer(
            minutes="20, 45",
            notice="2",
            notice_unit="days",
            change_until="90",
            change_until_unit="minutes",
            per_guest_open="",
            per_week="3",
        ),
        "kept",
    )
    assert (found.slug, found.minutes, found.notice, found.change_until) == (
        *("kept", (20, 45), 2880, 90),
    )
    assert (found.limits.per_guest_open, found.limits.per_week) == (None, 3)


@pytest.mark.parametrize(
    ("values", "horizon"),
    [
        ({"horizon": "business_days", "horizon_business_days": "10"}, {"business_days": 10}),
        ({"horizon": "available_days", "horizon_available_days": "3"}, {"available_days": 3}),
        (
            {"horizon": "range", "horizon_from": "2026-12-01", "horizon_to": "2026-12-02"},
            {"from": "2026-12-01", "to": "2026-12-02"},
        ),
    ],
)
def test_offer_reads_each_horizon(values: Mapping[str, str], horizon: Mapping[str, object]) -> None:
    body = office_hours_forms.body(office_hours_forms.parse(offer(**values), None))
    said = body["horizon"]
    assert isinstance(said, dict)
    assert {name: value for name, value in said.items() if value is not None} == horizon


def test_offer_says_what_is_wrong_by_field() -> None:
    found = offer_errors(
        title="",
        minutes="soon",
        notice="a day",
        buffer_after="2000",
        horizon="range",
        horizon_from="2026-12-02",
        horizon_to="2026-12-01",
        q1_label="Which?",
        q1_kind="choice",
    )
    assert found == {
        "title": "Please fill this in.",
        "minutes": "Please write a whole number.",
        "buffer_after": "Please write at most 1440.",
        "notice": "Please write a whole number.",
        "horizon_to": "The last day lies before the first.",
        "q1_choices": "Please write the answers to choose from, one a line.",
    }


def test_offer_says_what_an_address_is_made_of() -> None:
    assert offer_errors(slug="Career Chat") == {
        "slug": "This must be lower-case letters, digits and single hyphens, such as deep-learning."
    }


def test_offer_refuses_choices_that_nobody_could_choose() -> None:
    assert offer_errors(q1_label="Which?", q1_kind="text", q1_choices="one") == {
        "q1_choices": "Only a question answered by one of these has answers to choose from."
    }


def test_offer_keeps_questions_and_leaves_out_emptied_ones() -> None:
    found = office_hours_forms.parse(
        offer(
            q1_label="",
            q2_label="Which?",
            q2_kind="choice",
            q2_choices="one\n\ntwo",
            q2_required="1",
        ),
        None,
    )
    (question,) = found.questions
    assert (question.label, question.kind, question.choices, question.required) == (
        *("Which?", "choice", ("one", "two"), True),
    )
    assert office_hours_forms.question_numbers({"q2_label": "Which?"}) == range(1, 5)
