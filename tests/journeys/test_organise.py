"""An organiser's path: grid, move, cancel, skip, add, settings; strangers are kept out."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from accounts import sign_in_links
from accounts.services import people
from core.audit import AuditEntry
from core.db.base import db
from core.db.transaction import transaction
from scheduler.domain.events import Event
from scheduler.queries.events import find_event
from scheduler.queries.series import find_series
from tests import pages
from tests.factories_scheduler import FRIDAYS, NOW, ORGANISER, put_series

FRIDAY = "2026-05-08"
HOLIDAY = {"date": "2026-05-29", "reason": "Holiday"}


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(app: Flask, email: str = ORGANISER) -> FlaskClient:
    """Return a browser of somebody who is signed in."""
    with app.app_context(), transaction() as session:
        people.ensure(session, email, NOW)
        token = sign_in_links.create(session, email, NOW, request="test")
    client = app.test_client()
    page = client.get(f"/sign-in/{token}/")
    assert pages.submit(client, page).status_code == 303
    return client


@pytest.fixture
def organiser(app: Flask) -> FlaskClient:
    """The organiser's browser, with the Friday series and a gap."""
    with app.app_context():
        put_series(gaps=[HOLIDAY])
    return signed_in(app)


def event(app: Flask, key: str = FRIDAY) -> Event:
    """Return the event of that key."""
    with app.app_context():
        series = find_series(db.session(), "dlct")
        assert series
        found = find_event(db.session(), series, key, NOW)
        assert found
        return found


def cells(key: str = FRIDAY, **typed: str) -> dict[str, str]:
    """Return inputs of the grid for the first talk of a line."""
    return {f"events.{key}.talks.0.{name}": text for name, text in typed.items()}


def test_list_of_series_says_what_is_missing(organiser: FlaskClient) -> None:
    page = pages.text(organiser.get("/organise/"))
    assert "Deep Learning: Classics and Trends" in page
    assert "no speaker no title" in page


def test_grid_saves_every_line_that_was_touched(app: Flask, organiser: FlaskClient) -> None:
    grid = organiser.get("/organise/dlct/")
    typed = cells(title="ConvNeXt", speakers="Ada; Bob", affiliations="; Lab")
    typed |= cells("2026-05-15", speakers="Eve", paper_url="https://arxiv.org/abs/2201.03545")
    answer = pages.submit(organiser, grid, typed)
    assert (answer.status_code, answer.location) == (
        303,
        "/organise/dlct/?done=saved#row-2026-05-08",
    )
    speakers = [(each.name, each.affiliation) for each in event(app).talks[0].speakers]
    assert (event(app).headline, speakers) == (
        "ConvNeXt (Ada, Bob)",
        [("Ada", None), ("Bob", "Lab")],
    )
    assert event(app, "2026-05-15").talks[0].paper_url == "https://arxiv.org/abs/2201.03545"
    assert event(app, "2026-05-22").row_id is None


def test_grid_sent_unchanged_saves_nothing(app: Flask, organiser: FlaskClient) -> None:
    pages.submit(organiser, organiser.get("/organise/dlct/"), cells(title="ConvNeXt"))
    answer = pages.submit(organiser, organiser.get("/organise/dlct/"))
    assert answer.location == "/organise/dlct/?done=unchanged"
    assert event(app).sequence == 1


def test_refused_line_keeps_all_that_was_typed(app: Flask, organiser: FlaskClient) -> None:
    typed = cells(paper_url="not an address", title="ConvNeXt") | cells("2026-05-15", title="ViT")
    answer = pages.submit(organiser, organiser.get("/organise/dlct/"), typed)
    assert answer.status_code == 422
    values = next(form.values for form in pages.forms(answer) if form.method == "post")
    assert {name: values[name] for name in typed} == {name: [text] for name, text in typed.items()}
    assert event(app).row_id is None


def test_refused_line_does_not_hold_back_the_others(app: Flask, organiser: FlaskClient) -> None:
    typed = cells(paper_url="no address", title="ConvNeXt") | cells("2026-05-15", title="ViT")
    answer = pages.submit(organiser, organiser.get("/organise/dlct/"), typed)
    words = pages.text(answer)
    assert "1 date is saved. Not saved yet: Fri 8 May, Paper: This must be a web address" in words
    assert event(app, "2026-05-15").headline == "ViT"
    answer = pages.submit(organiser, answer, cells(paper_url=""))
    assert answer.location == "/organise/dlct/?done=saved#row-2026-05-08"
    assert (event(app).headline, event(app, "2026-05-15").sequence) == ("ConvNeXt", 1)


def test_line_that_others_changed_does_not_hold_back_the_others(
    app: Flask, organiser: FlaskClient
) -> None:
    mine = organiser.get("/organise/dlct/")
    pages.submit(organiser, organiser.get("/organise/dlct/"), cells(title="Theirs"))
    typed = cells(title="Mine") | cells("2026-05-15", title="ViT")
    answer = pages.submit(organiser, mine, typed)
    assert (answer.status_code, "saved meanwhile: Theirs" in pages.text(answer)) == (409, True)
    assert (event(app).headline, event(app, "2026-05-15").headline) == ("Theirs", "ViT")


def test_cells_of_a_date_that_was_skipped_meanwhile_are_said(
    app: Flask, organiser: FlaskClient
) -> None:
    mine = organiser.get("/organise/dlct/")
    assert act(organiser, "skip", **{"skip.reason": "Holiday"}) == 303
    answer = pages.submit(organiser, mine, cells(title="Mine", speakers="Ada"))
    assert answer.status_code == 409
    assert "You typed: Mine; Ada" in pages.text(answer)


def test_cells_of_an_event_that_left_the_weeks_meanwhile_are_shown(
    app: Flask, organiser: FlaskClient
) -> None:
    mine = organiser.get("/organise/dlct/")
    away = {"move.starts.date": "2027-05-11", "move.starts.time": "10:00"}
    assert act(organiser, "move", **away) == 303
    answer = pages.submit(organiser, mine, cells(title="Mine"))
    assert answer.status_code == 409
    assert pages.submit(organiser, answer).status_code == 303
    assert event(app).headline == "Mine"


def test_cells_of_a_date_that_is_gone_are_said(app: Flask, organiser: FlaskClient) -> None:
    mine = organiser.get("/organise/dlct/")
    with app.app_context():
        put_series(whole=True, timetable=[{**FRIDAYS, "rule": "FREQ=WEEKLY;BYDAY=TH"}])
    answer = pages.submit(organiser, mine, cells(title="Mine"))
    assert (answer.status_code, "You typed: Mine" in pages.text(answer)) == (409, True)


def test_hostile_names_of_cells_change_nothing(organiser: FlaskClient) -> None:
    names = ("events.", "events.x.mark", "events.2026-05-08\x00.mark", "events.9999-99-99.mark")
    answer = pages.submit(organiser, organiser.get("/organise/dlct/"), dict.fromkeys(names, "x"))
    assert answer.location == "/organise/dlct/?done=unchanged"


def test_addresses_may_be_typed_without_https(app: Flask, organiser: FlaskClient) -> None:
    typed = cells(paper_url="arxiv.org/abs/2201.03545")
    assert pages.submit(organiser, organiser.get("/organise/dlct/"), typed).status_code == 303
    assert event(app).talks[0].paper_url == "https://arxiv.org/abs/2201.03545"
    page = organiser.get("/organise/dlct/settings/")
    assert pages.submit(organiser, page, {"join_url": "meet.example.org/x"}).status_code == 303
    assert event(app).series.join_url == "https://meet.example.org/x"


def test_cancelled_date_is_given_to_another_talk(app: Flask, organiser: FlaskClient) -> None:
    pages.submit(organiser, organiser.get("/organise/dlct/"), cells(title="Off"))
    assert act(organiser, "cancel", **{"cancel.reason": "Ill"}) == 303
    address = f"/organise/dlct/add/?instead={FRIDAY}"
    for path in ("/organise/dlct/", f"/organise/dlct/{FRIDAY}/"):
        page = organiser.get(path)
        assert f'href="{address}">Give this date to another talk' in page.text
    answer = pages.submit(organiser, organiser.get(address), {"talks.0.title": "Instead"})
    assert answer.location == f"/organise/dlct/{FRIDAY}-2/?done=added"
    instead = event(app, f"{FRIDAY}-2")
    assert (instead.starts_at, instead.minutes, instead.headline) == (
        event(app).starts_at,
        60,
        "Instead",
    )
    assert event(app).status == "cancelled"


def test_date_that_is_over_is_not_given_away(app: Flask, organiser: FlaskClient) -> None:
    with app.app_context():
        put_series(events=[{"date": "2026-05-01", "status": "cancelled"}])
    assert "another talk" not in pages.text(organiser.get("/organise/dlct/2026-05-01/"))


def test_next_numbered_event_is_like_the_last(app: Flask, organiser: FlaskClient) -> None:
    with app.app_context():
        put_series(
            events=[
                {"starts": "2026-04-29T18:30", "minutes": 90, "number": 34},
                {"starts": "2026-05-06T09:00", "number": 2},
            ]
        )
    page = organiser.get("/organise/dlct/add/")
    answer = pages.submit(organiser, page, {"starts.date": "2026-05-20"})
    assert answer.location == "/organise/dlct/2026-05-20/?done=added"
    added = event(app, "2026-05-20")
    assert (added.number, added.starts, added.minutes) == (35, datetime(2026, 5, 20, 18, 30), 90)


def test_two_organisers_do_not_overwrite_each_other(app: Flask, organiser: FlaskClient) -> None:
    mine = organiser.get("/organise/dlct/")
    theirs = organiser.get("/organise/dlct/")
    pages.submit(organiser, theirs, cells(title="Theirs"))
    answer = pages.submit(organiser, mine, cells(title="Mine"))
    assert answer.status_code == 409
    assert "saved meanwhile: Theirs" in pages.text(answer)
    assert event(app).headline == "Theirs"
    assert pages.submit(organiser, answer).status_code == 303
    assert (event(app).headline, event(app).sequence) == ("Mine", 2)


def test_lines_that_others_changed_are_left_alone(app: Flask, organiser: FlaskClient) -> None:
    mine = organiser.get("/organise/dlct/")
    pages.submit(organiser, organiser.get("/organise/dlct/"), cells(title="Theirs"))
    answer = pages.submit(organiser, mine, cells("2026-05-15", title="Mine"))
    assert answer.status_code == 303
    assert event(app).headline == "Theirs"


def act(client: FlaskClient, action: str, key: str = FRIDAY, **typed: str) -> int:
    """Send the form of that action on the page of an event; return the status."""
    page = client.get(f"/organise/dlct/{key}/")
    form = next(form for form in pages.forms(page) if form.values.get("action") == [action])
    answer = client.post(f"/organise/dlct/{key}/", data={**form.values, **typed})
    return answer.status_code


def test_event_is_moved_cancelled_and_reinstated(app: Flask, organiser: FlaskClient) -> None:
    assert (
        act(organiser, "move", **{"move.starts.date": "2026-05-11", "move.starts.time": "10:00"})
        == 303
    )
    assert str(event(app).starts_at) == "2026-05-11 17:00:00+00:00"
    assert act(organiser, "cancel", **{"cancel.reason": "ill"}) == 303
    assert (event(app).status, event(app).reason) == ("cancelled", "ill")
    assert act(organiser, "reinstate") == 303
    assert (event(app).status, event(app).sequence) == ("open", 3)
    with app.app_context():
        entries = db.session().query(AuditEntry).order_by(AuditEntry.id)
        actions = [entry.action for entry in entries][-3:]
    assert actions == ["event moved", "event cancelled", "event reinstated"]


@pytest.mark.parametrize("time", ["", "x", "25:00", "10:00:30", "10:00+02:00"])
def test_time_that_is_none_is_refused(organiser: FlaskClient, time: str) -> None:
    moved = {"move.starts.date": "2026-05-11", "move.starts.time": time}
    assert act(organiser, "move", **moved) == 422


def test_date_is_skipped_and_taken_back(organiser: FlaskClient) -> None:
    assert act(organiser, "skip", **{"skip.reason": "Retreat"}) == 303
    assert "Retreat" in pages.text(organiser.get("/organise/dlct/"))
    assert act(organiser, "unskip") == 303
    assert "Retreat" not in pages.text(organiser.get("/organise/dlct/"))


def test_event_page_keeps_what_was_typed_when_refused(organiser: FlaskClient) -> None:
    page = organiser.get(f"/organise/dlct/{FRIDAY}/")
    form = next(form for form in pages.forms(page) if form.values.get("action") == ["save"])
    typed = {
        "talks.0.title": "ConvNeXt",
        "talks.0.abstract": "Long words",
        "talks.0.video_at": "soon",
    }
    answer = organiser.post(f"/organise/dlct/{FRIDAY}/", data={**form.values, **typed})
    assert answer.status_code == 422
    assert "Long words" in answer.text
    assert "must be a place in the recording such as 15:24" in pages.text(answer)


def test_event_page_saves_all_of_a_talk(app: Flask, organiser: FlaskClient) -> None:
    typed = {
        "talks.0.title": "ConvNeXt",
        "talks.0.topics": "vision; nets",
        "talks.0.video_at": "15:24",
    }
    assert act(organiser, "save", **typed, status="tentative") == 303
    talk = event(app).talks[0]
    assert (talk.title, talk.topics, talk.video_at) == ("ConvNeXt", ("vision", "nets"), 924)
    assert event(app).status == "tentative"


def test_past_date_can_be_noted_down(app: Flask, organiser: FlaskClient) -> None:
    past = organiser.get("/organise/dlct/?first=2026-04-01")
    pages.submit(organiser, past, cells("2026-04-03", title="ViT"))
    assert event(app, "2026-04-03").headline == "ViT"


def test_extra_event_is_added(app: Flask, organiser: FlaskClient) -> None:
    form = organiser.get("/organise/dlct/add/")
    answer = pages.submit(
        organiser, form, {"starts.date": "2026-05-13", "starts.time": "", "talks.0.title": "Extra"}
    )
    assert answer.status_code == 422
    assert "Extra" in answer.text
    answer = pages.submit(organiser, answer, {"starts.time": "15:00"})
    assert answer.location == "/organise/dlct/2026-05-13/?done=added"
    assert event(app, "2026-05-13").headline == "Extra"


def test_settings_change_the_timetable_in_words(app: Flask, organiser: FlaskClient) -> None:
    page = organiser.get("/organise/dlct/settings/")
    assert "Fridays at 10:00 in Los Angeles, 60 minutes" in pages.text(page)
    answer = pages.submit(
        organiser, page, {"timetable.0.rule": "FREQ=MINUTELY", "name": "Classics"}
    )
    assert answer.status_code == 422
    assert 'value="Classics"' in answer.text
    answer = pages.submit(organiser, answer, {"timetable.0.rule": "FREQ=WEEKLY;BYDAY=TH"})
    assert answer.status_code == 303
    assert event(app, "2026-05-07").series.name == "Classics"
    assert pages.submit(organiser, page, {"name": "Old"}).status_code == 409


def test_settings_keep_the_key_of_a_line_and_refuse_tracks_on_one_date(
    app: Flask, organiser: FlaskClient
) -> None:
    with app.app_context():
        put_series(timetable=[{**FRIDAYS, "key": "fri", "track": "early"}])
    second = {"timetable.1.starts": "2026-05-08T15:00", "timetable.1.rule": "FREQ=WEEKLY"}
    page = pages.submit(organiser, organiser.get("/organise/dlct/settings/"), second)
    assert page.status_code == 422
    assert (
        "The lines without a track and track early both give 2026-05-08. "
        "Tracks must not have a date in common." in pages.text(page)
    )
    answer = pages.submit(organiser, page, {"timetable.1.starts": "2026-05-07T15:00"})
    assert answer.status_code == 303
    assert "track early: Fridays at 10:00 in Los Angeles, 60 minutes" in pages.text(
        organiser.get("/organise/dlct/settings/")
    )
    periods = event(app, "2026-05-07").series.timetable.periods
    assert [(each.key, each.track) for each in periods] == [("fri", "early"), (None, None)]


def test_settings_change_the_color(app: Flask, organiser: FlaskClient) -> None:
    page = organiser.get("/organise/dlct/settings/")
    assert pages.forms(page)[0].values["color"] == ["0"]
    assert pages.submit(organiser, page, {"color": "12"}).status_code == 422
    assert pages.submit(organiser, page, {"color": "7"}).status_code == 303
    assert '<body class="accent-7">' in organiser.get("/series/dlct/").text


def test_event_page_saves_place_people_and_links(app: Flask, organiser: FlaskClient) -> None:
    with app.app_context():
        talks = [{"title": "A", "speakers": [{"name": "Ada", "email": "ada@example.org"}]}]
        put_series(events=[{"date": FRIDAY, "talks": talks}], location="Room 4")
    typed = {
        "location": "Room 5",
        "join_url": "https://meet.example.org/own",
        "chair.name": "Grace",
        "chair.email": "grace@example.org",
        "language": "fr",
        "links": "Program of the day https://example.org/p\nhttps://example.org/q",
        "talks.0.links": "Second recording https://example.org/2",
        "talks.0.offset": "15",
        "talks.0.minutes": "10",
        "talks.0.bios.0.bio": "Wrote *notes*.",
    }
    page = organiser.get(f"/organise/dlct/{FRIDAY}/")
    assert pages.submit(organiser, page, {**typed, "chair.name": ""}).status_code == 422
    answer = pages.submit(organiser, page, typed)
    assert answer.status_code == 303
    found = event(app, FRIDAY)
    assert found.details.model_dump() == {
        "location": "Room 5",
        "join_url": "https://meet.example.org/own",
        "registration_url": None,
        "chair": {"name": "Grace", "email": "grace@example.org"},
        "language": "fr",
        "links": (
            {"label": "Program of the day", "url": "https://example.org/p"},
            {"label": "example.org", "url": "https://example.org/q"},
        ),
    }
    (talk,) = found.talks
    assert (talk.offset, talk.minutes, talk.links[0].label) == (15, 10, "Second recording")
    assert (talk.speakers[0].email, talk.speakers[0].bio) == ("ada@example.org", "Wrote *notes*.")
    again = organiser.get(f"/organise/dlct/{FRIDAY}/")
    assert pages.submit(organiser, again, {}).location.startswith("/organise/dlct/?done=unchanged")
    assert event(app, FRIDAY) == found


def test_old_page_does_not_bring_back_a_meeting_link(app: Flask, organiser: FlaskClient) -> None:
    with app.app_context():
        put_series(events=[{"date": FRIDAY, "join_url": "https://meet.example.org/a"}])
    of_event = organiser.get(f"/organise/dlct/{FRIDAY}/")
    of_series = organiser.get("/organise/dlct/settings/")
    new = {"join_url": "https://meet.example.org/b"}
    assert pages.submit(organiser, of_event, new).status_code == 303
    assert pages.submit(organiser, of_series, new).status_code == 303
    assert pages.submit(organiser, of_event, {"number": "3"}).status_code == 409
    assert pages.submit(organiser, of_series, {"name": "Old"}).status_code == 409


@pytest.mark.parametrize("lost", ["cookie", "session", "token"])
def test_cells_survive_a_session_that_has_ended(
    app: Flask, organiser: FlaskClient, lost: str
) -> None:
    (grid,) = pages.forms(organiser.get("/organise/dlct/"))
    new = {name: [text] for name, text in cells(title='"Typed" & <kept>').items()}
    typed = {**grid.values, **new}
    same_site = {"Sec-Fetch-Site": "same-origin"}
    if lost == "cookie":
        organiser.delete_cookie("convenor")
    elif lost == "session":
        elsewhere = signed_in(app)
        (everywhere,) = (
            form
            for form in pages.forms(elsewhere.get("/me/"))
            if form.action == "/sign-out/everywhere/"
        )
        elsewhere.post(everywhere.action, data=everywhere.values)
    else:
        typed["csrf_token"] = ["old"]
    kept = organiser.post("/organise/dlct/", data=typed, headers=same_site)

    assert kept.status_code == (401 if lost == "session" else 400)
    assert "<title>Error:" in kept.text
    organiser = signed_in(app)
    for _ in range(2):  # the first token is that of the session before the sign-in
        (form,) = (each for each in pages.forms(kept) if "first" in each.values)
        assert {**form.values, "csrf_token": []} == {**typed, "csrf_token": []}
        kept = organiser.post("/organise/dlct/", data=form.values, headers=same_site)
    assert kept.status_code == 303
    assert event(app).talks[0].title == '"Typed" & <kept>'


def test_form_of_another_site_is_never_kept_to_be_sent_again(organiser: FlaskClient) -> None:
    typed = cells(title="Mine")
    for headers in ({}, {"Origin": "null"}):
        answer = organiser.post("/organise/dlct/", data=typed, headers=headers)
        assert (answer.status_code, "Mine" in answer.text) == (400, False)


def test_strangers_are_kept_out(app: Flask, organiser: FlaskClient) -> None:
    stranger = signed_in(app, "stranger@example.org")
    paths = ["", "add/", "settings/", f"{FRIDAY}/"]
    assert [stranger.get(f"/organise/dlct/{path}").status_code for path in paths] == [403] * 4
    grid = organiser.get("/organise/dlct/")
    assert pages.submit(stranger, grid, cells(title="Mine")).status_code == 400
    home = next(form for form in pages.forms(stranger.get("/me/")) if form.method == "post")
    typed = {**cells(title="Mine"), "csrf_token": home.values["csrf_token"]}
    assert stranger.post("/organise/dlct/", data=typed).status_code == 403
    assert event(app).row_id is None
    assert app.test_client().get("/organise/dlct/").status_code == 303


@pytest.mark.parametrize(
    "path", ["nothing/", "dlct/2026-05-09/", "dlct/2026-02-30/", "dlct/x/", "dlct/2021/"]
)
def test_nothing_is_found_where_nothing_is(organiser: FlaskClient, path: str) -> None:
    assert organiser.get(f"/organise/{path}").status_code == 404


@pytest.mark.parametrize("seen", ["", "9" * 5000, "-1", "x"])
def test_lost_sequence_is_a_conflict(organiser: FlaskClient, seen: str) -> None:
    assert act(organiser, "cancel", seen=seen) == 409


def saved_talks(app: Flask, key: str = FRIDAY) -> list[tuple[str, str | None, str | None]]:
    """Return the talks of an event by key, title and abstract."""
    return [(talk.key, talk.title, talk.abstract) for talk in event(app, key).talks]


@pytest.fixture
def two_talks(app: Flask, organiser: FlaskClient) -> FlaskClient:
    """The organiser's browser, with an event of two talks."""
    talks = [{"title": "First", "abstract": "On one"}, {"title": "Second", "abstract": "On two"}]
    with app.app_context():
        put_series(events=[{"date": FRIDAY, "talks": talks}])
    return organiser


def test_grid_takes_a_talk_out_and_leaves_the_other_as_it_was(
    app: Flask, two_talks: FlaskClient
) -> None:
    grid = two_talks.get("/organise/dlct/")

    pages.submit(two_talks, grid, cells(title=""))

    assert saved_talks(app) == [("t2", "Second", "On two")]


def test_grid_shows_talks_that_others_changed_beside_their_own(
    app: Flask, two_talks: FlaskClient
) -> None:
    mine = two_talks.get("/organise/dlct/")
    pages.submit(two_talks, two_talks.get("/organise/dlct/"), cells(title=""))

    answer = pages.submit(two_talks, mine, {f"events.{FRIDAY}.talks.1.title": "Second, by me"})

    assert answer.status_code == 409
    assert "saved meanwhile: Second" in pages.text(answer)
    pages.submit(two_talks, answer)
    assert saved_talks(app) == [("t1", "First", None), ("t2", "Second, by me", "On two")]


def test_grid_keeps_talks_that_only_others_have(app: Flask, organiser: FlaskClient) -> None:
    mine = organiser.get("/organise/dlct/")
    with app.app_context():
        put_series(events=[{"date": FRIDAY, "talks": [{"title": "A"}, {"title": "B"}]}])

    answer = pages.submit(organiser, mine, cells(title="Mine"))

    assert answer.status_code == 409
    pages.submit(organiser, answer)
    assert saved_talks(app) == [("t1", "Mine", None), ("t2", "B", None)]


def test_grid_refuses_a_key_that_two_talks_have(app: Flask, two_talks: FlaskClient) -> None:
    second = f"events.{FRIDAY}.talks.1"
    typed = {f"{second}.key": "t1", f"{second}.title": "Twice"}

    answer = pages.submit(two_talks, two_talks.get("/organise/dlct/"), typed)

    assert answer.status_code == 422
    assert [key for key, *_ in saved_talks(app)] == ["t1", "t2"]


def test_event_page_keeps_the_keys_of_talks(app: Flask, two_talks: FlaskClient) -> None:
    blank = {f"talks.0.{name}": "" for name in ("title", "abstract")}

    assert act(two_talks, "save", **blank, **{"talks.1.title": "Second talk"}) == 303

    assert saved_talks(app) == [("t2", "Second talk", "On two")]
