"""The public pages: what is next, all series, one series, one event, how to subscribe."""

from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.web.context import organization
from accounts.web.viewer import viewer
from core import parts, zones
from core.db.base import db
from core.http import blocks, current
from core.refusals import NotFound
from scheduler.domain import occurrences, program, walltime
from scheduler.domain.events import Event, EventStatus, Gap, JoinAccess, Series
from scheduler.domain.interval import Interval
from scheduler.domain.recurrence import FIRST_YEAR, LAST_YEAR
from scheduler.queries.events import (
    find_event,
    find_event_by_id,
    find_next_event,
    key_on,
    neighbors,
    past_events,
)
from scheduler.queries.loading import load_series
from scheduler.queries.program import program_between
from scheduler.queries.series import find_series
from scheduler.web.public import subscribe_links
from scheduler.web.public.add_to_calendar import add_links

HOME_AHEAD = timedelta(weeks=6)
HOME_LINES = 14
EVENTS_LINES = 3
AHEAD = timedelta(weeks=26)
DAY = timedelta(days=1)
OPEN_SLOTS_AHEAD = timedelta(weeks=8)

pages = Blueprint("scheduler", __name__)


@pages.get("/")
def home() -> str:
    """Show what is next, what follows, and who can be booked."""
    session, now = db.session(), current.now()
    window = Interval(now, now + AHEAD)
    lines = program_between(session, load_series(session), window, now)
    featured = program.featured(lines)
    then = [line for line in lines if line is not featured and line.at < now + HOME_AHEAD]
    return render_template(
        "scheduler/home.html",
        featured=featured,
        then=then[:HOME_LINES],
        blocks=blocks.with_values(parts.current().home_blocks, session, now),
    )


@pages.get("/events/")
def events() -> str:
    """Show every series with its rhythm and what comes next."""
    session, now = db.session(), current.now()
    every = load_series(session)
    lines = program_between(session, every, Interval(now, now + AHEAD), now)
    sections = [
        (
            series,
            rule_sentences(series, now),
            [line for line in lines if line.series is series][:EVENTS_LINES],
        )
        for series in every
    ]
    return render_template(
        "scheduler/events.html",
        sections=sections,
        blocks=blocks.with_values(parts.current().home_blocks, session, now),
    )


@pages.get("/series/<slug>/")
def series(slug: str) -> str:
    """Show a series: its rhythm, the weeks to come and everything that was."""
    session, now = db.session(), current.now()
    found = _series(slug)
    lines = program_between(session, [found], Interval(now, now + AHEAD), now)
    upcoming, free = program.split_open_slots(lines, now + OPEN_SLOTS_AHEAD)
    return render_template(
        "scheduler/series.html",
        series=found,
        rhythms=rule_sentences(found, now),
        upcoming=upcoming,
        free=free,
        archive=program.by_year(past_events(session, found, now)),
    )


@pages.get("/<word:slug>/")
def short(slug: str) -> Response:
    """Redirect the short address of a series to its page."""
    found = _series(slug.lower())
    return redirect(found.path, HTTPStatus.MOVED_PERMANENTLY)


@pages.get("/series/<slug>/next")
def next_event(slug: str) -> Response:
    """Redirect to the event that is on or comes next, or to the series if there is none."""
    found = _series(slug)
    coming = find_next_event(db.session(), found, current.now())
    return redirect(coming.path if coming else found.path)


@pages.get("/series/<slug>/<key>/")
def event(slug: str, key: str) -> str | Response:
    """Show one event; the date to which it was moved redirects here. A gap is a page as well."""
    session, now = db.session(), current.now()
    found = _series(slug)
    chosen = find_event(session, found, key, now)
    if chosen is None:
        return _moved_here(found, key)
    before = after = None
    if chosen.starts_at and chosen.ends_at:
        span = Interval(chosen.starts_at, chosen.ends_at)
        before, after = neighbors(session, found, span, now)
    return render_template(
        "scheduler/event.html",
        event=chosen,
        before=before,
        after=after,
        previous=occurrences.previous_start(chosen),
        over=_is_over(chosen, now),
        add=add_links(chosen, current.settings().base_url),
    )


@pages.get("/events/<event_id>/join")
def join(event_id: str) -> str | Response:
    """Redirect to the meeting if the series lets this reader join."""
    session, now = db.session(), current.now()
    chosen = find_event_by_id(session, event_id, now)
    if chosen is None:
        raise NotFound
    link, access = chosen.join_url, chosen.series.join_access
    if chosen.status is EventStatus.CANCELLED or _is_over(chosen, now):
        return redirect(chosen.path)
    if link is None or access is JoinAccess.ON_REQUEST:
        return render_template("scheduler/join.html", event=chosen)
    if access is JoinAccess.REGISTERED and viewer() is None:
        # Back to our page: a form may not lead browsers on to the meeting (CSP 3, form-action).
        return redirect(url_for("sign_in.ask", next=chosen.path), 303)
    return redirect(link)


@pages.get("/subscribe/")
def subscribe() -> str:
    """Show how to put the calendar, or one series, into a calendar program."""
    every = load_series(db.session())
    feeds = subscribe_links.feeds(every, current.settings().base_url)
    return render_template("scheduler/subscribe.html", feeds=feeds)


def rule_sentences(series: Series, now: datetime) -> list[str]:
    """Return the rules of the series in words, as they hold now or will."""
    today = walltime.wall(now, zones.zone(series.zone)).date()
    return program.rule_sentences(series.timetable, today, organization().hour_clock)


def _series(slug: str) -> Series:
    found = find_series(db.session(), slug)
    if found is None:
        raise NotFound
    return found


def _moved_here(series: Series, key: str) -> str | Response:
    try:
        day = date.fromisoformat(key)
    except ValueError:
        raise NotFound from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise NotFound
    moved = key_on(db.session(), series, day)
    if moved is not None:
        return redirect(series.path_of(moved))
    gap = series.gap_at(key)
    if gap is None:
        raise NotFound(f"{series.name} has nothing on that date.")
    return _gap_page(series, gap)


def _gap_page(series: Series, gap: Gap) -> str:
    zone = zones.zone(series.zone)
    span = Interval(*(walltime.midnight(each, zone) for each in (gap.date, gap.date + DAY)))
    before, after = neighbors(db.session(), series, span, current.now())
    return render_template("scheduler/gap.html", series=series, gap=gap, before=before, after=after)


def _is_over(event: Event, now: datetime) -> bool:
    return (event.ends_at or datetime.min.replace(tzinfo=UTC)) <= now
