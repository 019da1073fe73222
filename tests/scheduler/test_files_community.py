"""The community file: merged by key, refused by line, the same again after an export."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

import accounts.files.community
import scheduler.files.community
from accounts.models import PersonRow
from core import sections, yaml
from core.config import ROOT
from core.db.transaction import transaction
from core.files import UnreadableFile
from core.sections import ImportContext, Outcome, Result
from scheduler.files import community as community_file
from scheduler.models import FeedVersion, SeriesRow
from scheduler.queries.events import find_event
from scheduler.queries.series import find_series
from tests.factories_scheduler import LATER, NOW
from tests.statements import statements

SECTIONS = (*accounts.files.community.SECTIONS, *scheduler.files.community.SECTIONS)
SMALL = """\
organization: {name: Readers, zone: Europe/Berlin}
people:
- {email: ada@example.org, name: Ada, admin: true}
series:
- slug: dlct
  name: Classics
  short_name: DLCT
  organisers: [ada@example.org, new@example.org]
  location: Room 4
  language: pt-BR
  registration_url: https://example.org/all
  timetable:
  - {key: fri, track: early, starts: 2024-01-05T10:00, rule: FREQ=WEEKLY;BYDAY=FR}
  events:
  - date: 2020
  - date: 2023-04
  - date: 2024-06-07
    starts: 2024-06-03T10:00
    talks: [{title: ConvNeXt, speakers: [{name: Eve, bio: Of *nets*.}], video_at: 924, offset: 5,
      minutes: 20, links: [{label: Notes, url: "https://example.org/n"}]}]
    location: Room 5
    join_url: https://meet.example.org/own
    registration_url: https://example.org/sign-up
    chair: {name: Grace, email: grace@example.org}
    language: fr
    links: [{label: Program, url: "https://example.org/p"}]
  - {starts: 2024-06-05T10:00, number: 33}
"""


def load(text: str, now: object = NOW) -> list[Outcome]:
    occasion = ImportContext(NOW if now is NOW else LATER, "example.org")
    with transaction() as session:
        return community_file.read(session, SECTIONS, text, occasion)


def counts(outcomes: list[Outcome]) -> dict[str, int]:
    return {
        result.value: sum(outcome.result is result for outcome in outcomes)
        for result in Result
        if any(outcome.result is result for outcome in outcomes)
    }


def dump(session: Session) -> str:
    session.rollback()
    return yaml.dump(sections.write(session, SECTIONS))


def versions(session: Session) -> dict[str, int]:
    session.rollback()
    return {row.name: row.version for row in session.scalars(select(FeedVersion))}


def test_file_is_read_once_and_changes_nothing_again(session: Session) -> None:
    assert counts(load(SMALL)) == {"created": 7}
    before, seen = dump(session), versions(session)
    assert counts(load(SMALL, LATER)) == {"unchanged": 7}
    assert (dump(session), versions(session)) == (before, seen)


def test_file_merges_by_key_and_deletes_nothing(session: Session) -> None:
    load(SMALL)
    more = """\
series:
- slug: dlct
  description: Fridays
  gaps: [{date: 2026-07-03, reason: holiday}]
  events:
  - {date: 2024-06-07, reason: travel}
"""
    assert counts(load(more, LATER)) == {"updated": 2}
    series = find_series(session, "dlct")
    assert series
    assert (series.name, series.description, series.zone) == (
        "Classics",
        "Fridays",
        "Europe/Berlin",
    )
    event = find_event(session, series, "2024-06-07", NOW)
    assert event
    assert (event.reason, event.talks[0].title, event.sequence) == ("travel", "ConvNeXt", 2)


WEEKLY = "series:\n- slug: dlct\n  name: Classics\n  timetable:\n  - {%s, rule: FREQ=WEEKLY}\n"


def periods(session: Session) -> list[str]:
    session.rollback()
    series = find_series(session, "dlct")
    assert series
    return [f"{each.starts:%d %H:%M}" for each in series.timetable.periods]


def test_corrected_line_replaces_its_predecessor_by_key(session: Session) -> None:
    load(WEEKLY % "key: fri, starts: 2026-01-09T10:00")
    outcomes = load(WEEKLY % "key: fri, starts: 2026-01-09T11:00", LATER)
    assert [each.result for each in outcomes] == [Result.UPDATED]
    assert periods(session) == ["09 11:00"]


def test_line_without_a_key_says_which_line_holds_from_when(session: Session) -> None:
    load(WEEKLY % "starts: 2026-01-09T10:00")
    corrected = load(WEEKLY % "starts: 2026-01-09T11:00", LATER)
    assert [(each.result, each.line, each.message) for each in corrected] == [
        (Result.UPDATED, 2, ""),
        (
            Result.NOTICE,
            4,
            "series dlct: the line that starts 2026-01-09T11:00 holds from 2026-01-09 on and the "
            "line that starts 2026-01-09T10:00 never holds; both gave 2026-01-09, 2026-01-16, "
            "2026-01-23 and later dates. To correct a line give it a `key`, to keep both give one "
            "of them a `track`",
        ),
    ]
    assert counts(load(WEEKLY % "starts: 2026-01-09T11:00", LATER)) == {"unchanged": 1}
    earlier = load(WEEKLY % "starts: 2026-01-09T09:00", LATER)
    assert [each.message[:75] for each in earlier if each.result is Result.NOTICE] == [
        "series dlct: the line that starts 2026-01-09T11:00 holds from 2026-01-09 on",
    ]
    assert periods(session) == ["09 09:00", "09 10:00", "09 11:00"]


def test_two_hours_a_week_in_one_file_are_told_apart_by_track(session: Session) -> None:
    two = (
        WEEKLY % "starts: 2026-01-06T14:00"
        + "  - {%sstarts: 2026-01-08T10:00, rule: FREQ=WEEKLY}\n"
    )
    assert counts(load(two % "")) == {"created": 1, "notice": 1}
    assert counts(load(two % "track: late, ", LATER)) == {"updated": 1}


def test_refused_rows_are_told_by_line_and_the_good_ones_kept(session: Session) -> None:
    text = """\
people:
- {email: not an address}
- {email: bob@example.org}
series:
- slug: dlct
  name: Classics
  timetable: [{starts: 2024-01-05T10:00, rule: FREQ=WEEKLY;BYDAY=FR}]
  events:
  - date: 2024-06-06
  - date: 2024-06-07
    talks:
    - title: ConvNeXt
      paper_url: javascript:alert(1)
  - {date: 2024-06-14, nonsense: 1}
  - {date: 2024-06-21}
  - {date: 2024-06-21}
  - [1]
- slug: admin
  name: Hidden
- slug: rules
  name: Rules
  timetable:
  - {starts: 2024-01-05T10:00, rule: FREQ=SECONDLY}
- just words
guests: []
"""
    outcomes = load(text)
    refused = [(each.line, each.message) for each in outcomes if each.result is Result.REFUSED]
    assert [line for line, _ in refused] == [25, 2, 9, 13, 14, 16, 17, 18, 23, 24]
    words = dict(refused)
    assert words[9] == (
        "series dlct, event 2024-06-06: "
        "date: the timetable gives nothing on 2024-06-06: say when it starts"
    )
    assert words[14] == "series dlct, event 2024-06-14: nonsense: there is no such field"
    assert counts(outcomes) == {"created": 5, "refused": 10}


@pytest.mark.parametrize(
    "text", ["", "words", "- a\n- b", "a: 1", "series: [", "<html></html>", "[]"]
)
def test_what_is_no_community_file_is_unreadable(sqlite_session: Session, text: str) -> None:
    with pytest.raises(UnreadableFile):
        load(text)


@pytest.mark.parametrize("value", ["1", "text", "{a: 1}", "[1]", "[[]]", "[~]", "{}", "[{}]"])
@pytest.mark.parametrize("section", ["organization", "people", "series"])
def test_section_of_a_wrong_shape_is_refused(
    sqlite_session: Session, section: str, value: str
) -> None:
    outcomes = load(f"{section}: {value}")
    assert [each.result for each in outcomes] == [Result.REFUSED]
    assert "\n" not in outcomes[0].message


def test_uid_and_sequence_of_a_file_are_kept_and_never_fall(session: Session) -> None:
    text = """\
series:
- slug: dlct
  uid: dlct@old.example
  sequence: 3
  changed_at: 2026-01-01T00:00:00Z
  name: Classics
  zone: UTC
  events:
  - {starts: 2024-06-05T10:00, uid: old-1, sequence: 7, changed_at: 2026-02-01T00:00:00Z}
"""
    load(text)
    series = find_series(session, "dlct")
    assert series
    event = find_event(session, series, "2024-06-05", NOW)
    assert event
    assert (series.uid, series.revision, event.uid, event.sequence) == (
        "dlct@old.example",
        3,
        "old-1",
        10,
    )
    assert event.changed_at.isoformat() == "2026-02-01T00:00:00+00:00"
    assert counts(load(text.replace("sequence: 7", "sequence: 2"), LATER)) == {"unchanged": 2}


def test_name_of_the_organisation_touches_every_feed(session: Session) -> None:
    load(SMALL)
    seen = versions(session)
    load("organization: {name: Readers United}", LATER)
    assert versions(session) == {name: version + 1 for name, version in seen.items()}


def test_uids_are_made_under_the_organisations_domain_where_readers_use_none(
    session: Session,
) -> None:
    with transaction() as rows:
        text = "organization: {name: X, url: https://x.example}\nseries: [{slug: a, name: A}]"
        community_file.read(rows, SECTIONS, text, ImportContext(NOW, "127.0.0.1"))
    assert session.scalars(select(SeriesRow.uid)).one().endswith("@x.example")


def test_admins_are_made_by_file_and_unmade_only_in_words(session: Session) -> None:
    load(SMALL)
    load("people: [{email: ada@example.org, name: Ada L}]")
    load("people: [{email: new@example.org, zone: Asia/Tokyo}]")
    rows = session.scalars(select(PersonRow).order_by(PersonRow.email)).all()
    assert [(row.name, row.zone, row.is_admin) for row in rows] == [
        ("Ada L", None, True),
        (None, "Asia/Tokyo", False),
    ]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)
WALL = st.datetimes().map(lambda at: at.replace(year=2000 + at.year % 100, second=0, microsecond=0))
TALK = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXT,
        "abstract": TEXT.map(lambda text: f"{text}\n\n{text}"),
        "topics": st.lists(TEXT, max_size=2),
        "speakers": st.lists(st.fixed_dictionaries({"name": TEXT}, optional={"affiliation": TEXT})),
        "video_at": st.integers(0, 9999),
    },
)
EVENT = st.fixed_dictionaries(
    {"starts": WALL.map(lambda at: f"{at:%Y-%m-%dT%H:%M}")},
    optional={
        "minutes": st.integers(1, 600),
        "number": st.integers(0, 99),
        "status": st.sampled_from(["scheduled", "tentative", "cancelled"]),
        "reason": TEXT,
        "all_day": st.booleans(),
        "days": st.integers(1, 9),
        "talks": st.lists(TALK, max_size=2),
    },
)
RULES = st.sampled_from(["FREQ=WEEKLY;BYDAY=FR", "FREQ=DAILY", "FREQ=MONTHLY;BYDAY=1MO", None])


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=timedelta(seconds=5))
@given(
    events=st.lists(EVENT, max_size=4),
    rule=RULES,
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata"]),
    number=st.integers(0, 10**9),
)
def test_export_reads_back_to_the_same_export(
    sqlite_session: Session, events: list[object], rule: str | None, zone: str, number: int
) -> None:
    slug = f"s{number}"
    timetable = [{"starts": "2010-01-01T10:00", "minutes": 45, "rule": rule}]
    series = {"slug": slug, "name": "S", "zone": zone, "timetable": timetable, "events": events}
    series["color"] = number % 12
    load(yaml.dump({"series": [series]}))
    sqlite_session.rollback()
    first = dump(sqlite_session)
    with transaction() as session:
        for row in session.scalars(select(SeriesRow)):
            session.delete(row)
    load(first, LATER)
    assert dump(sqlite_session) == first
    assert set(counts(load(first, LATER))) == {"unchanged"}
    with transaction() as session:
        for row in session.scalars(select(SeriesRow)):
            session.delete(row)


def test_demo_community_is_read_whole(session: Session) -> None:
    text = Path(ROOT / "demo" / "community.yaml").read_text("utf-8").partition("\nhosts:")[0]
    assert counts(load(text)) == {"created": 11}
    series = find_series(session, "jam")
    assert series
    event = find_event(session, series, "2026-10-02", NOW)
    assert event
    assert event.title == "Research Jam #34"


PARTS = """\
series:
- slug: dlct
  name: Classics
  timetable:
  - {starts: 2024-01-05T10:00, rule: FREQ=WEEKLY;BYDAY=FR}
  - {starts: 2025-01-03T10:00, rule: FREQ=DAILY;UNTIL=99991231T000000Z}
  - {starts: 0001-01-01T10:00}
  - x
  gaps:
  - {date: 2024-07-05}
  - {date: 9999-12-31}
  - {date: 2024-07-05}
  events:
  - date: 2024-06-07
    talks:
    - {title: Good}
    - {title: Bad, speakers: [Ada]}
  - {date: 9999-12-31, starts: 2024-06-09T10:00}
  - {date: 2024-06-14, number: 99999999999999999999}
  - {date: 2024-06-21}
"""


def test_parts_are_refused_one_by_one_and_the_others_kept(session: Session) -> None:
    refused = [(each.line, each.message) for each in load(PARTS) if each.message]

    assert refused == [
        (7, "series dlct: timetable.2.starts: must be between the years 1900 and 2200"),
        (8, "series dlct: timetable.3: must be an item of a list such as [{starts: …}]"),
        (11, "series dlct: gaps.1.date: must be between the years 1900 and 2200"),
        (12, "series dlct: gaps.1.date: 2024-07-05 is listed twice"),
        (6, "series dlct: timetable.1.rule: UNTIL is beyond the calendar: leave it out if the rule "
            "has no end."),
        (17, "series dlct, event 2024-06-07: talks.1.speakers.0: must be an item of a list such as "
             "[{name: …}]"),
        (18, "series dlct, event 9999-12-31: date: must be between the years 1900 and 2200"),
        (19, "series dlct, event 2024-06-14: number: must be a smaller number"),
    ]  # fmt: skip
    series = find_series(session, "dlct")
    assert series
    assert [str(each.starts.date()) for each in series.timetable.periods] == ["2024-01-05"]
    assert [str(each.date) for each in series.gaps] == ["2024-07-05"]
    event = find_event(session, series, "2024-06-07", NOW)
    assert event
    assert [talk.title for talk in event.talks] == ["Good"]
    assert find_event(session, series, "2024-06-21", NOW)


def test_stored_talks_stay_where_one_of_the_file_is_refused(session: Session) -> None:
    load(SMALL)
    event = "{date: 2024-06-07, number: 5, talks: [{title: A}, {title: B, video_at: -1}]}"

    outcomes = load(f"series: [{{slug: dlct, events: [{event}]}}]", LATER)

    assert counts(outcomes) == {"unchanged": 1, "refused": 1, "updated": 1}
    series = find_series(session, "dlct")
    assert series
    stored = find_event(session, series, "2024-06-07", NOW)
    assert stored
    assert (stored.number, [talk.title for talk in stored.talks]) == (5, ["ConvNeXt"])


def test_events_of_a_refused_series_are_named_too(session: Session) -> None:
    outcomes = load(
        "series:\n- slug: a\n  zone: Mars\n  name: A\n  events:\n  - {date: 2021}\n  - 1"
    )

    assert [(each.line, each.message) for each in outcomes] == [
        (3, "series a: zone: must be the name of a time zone such as Europe/Berlin"),
        (6, "series a, event: not read, because its series was refused"),
        (7, "series a, event: not read, because its series was refused"),
    ]


@pytest.mark.parametrize("other", ["a", "b"])
def test_uid_of_another_event_of_the_file_is_refused_by_line(session: Session, other: str) -> None:
    first = "- {slug: a, name: A, events: [{starts: 2024-06-05T10:00, uid: u}]}"
    second = f"- {{slug: {other}, name: B, events: [{{starts: 2024-06-06T10:00, uid: u}}]}}"

    refused = [each for each in load(f"series:\n{first}\n{second}") if each.message]

    words = f"series {other}, event 2024-06-06T10:00: uid: belongs to the event 2024-06-05"
    assert refused == [Outcome(Result.REFUSED, 3, words)]


def test_events_take_a_fixed_number_of_statements(app: Flask) -> None:
    def community(count: int) -> str:
        days = [
            f"{{starts: 2024-06-{day:02}T10:00, talks: [{{title: T}}]}}"
            for day in range(1, count + 1)
        ]
        return f"series: [{{slug: s{count}, name: S, events: [{', '.join(days)}]}}]"

    sent = []
    for count in (2, 28):
        with statements(app) as found, app.app_context():
            load(community(count))
        sent.append(len(found))
    assert sent[0] == sent[1]


@pytest.mark.parametrize(
    "rows",
    [
        "people:\n" + "- {email: x}\n" * 3000 + "series: [{slug: a, name: A}]",
        "people: [{email: a@b.cd}]\nseries:\n- slug: a\n  zone: X\n  name: A\n  events:\n"
        + "  - {date: 2021}\n" * 3000,
        "series:\n- slug: a\n  name: A\n  events:\n" + "  - {date: x}\n" * 3000,
    ],
)
def test_import_stops_after_a_thousand_refusals_and_says_so(
    sqlite_session: Session, rows: str
) -> None:
    outcomes = load(rows)

    refused = [each for each in outcomes if each.result is Result.REFUSED]
    assert sections.MAX_REFUSED <= len(refused) < sections.MAX_REFUSED + 500
    assert outcomes[-1] == Outcome(
        Result.NOTICE,
        refused[-1].line,
        f"stopped after {len(refused):,} refusals; what follows was not read",
    )


def test_crowded_day_is_read_back_from_its_export(session: Session) -> None:
    keys = ["2024-06-08", *(f"2024-06-08-{number}" for number in range(2, 13))]
    events = [
        {"key": key, "starts": "2024-06-08T10:00", "talks": [{"speakers": [{"name": "A; B\\;"}]}]}
        for key in keys
    ]
    series = {"slug": "a", "name": "One; two", "zone": "Europe/Berlin", "events": events}
    assert counts(load(yaml.dump({"series": [series]}))) == {"created": 13}
    first = dump(session)

    assert counts(load(first, LATER)) == {"unchanged": 13}
    with transaction() as rows:
        for row in rows.scalars(select(SeriesRow)):
            rows.delete(row)
    assert counts(load(first, LATER)) == {"created": 13}
    assert dump(session) == first
