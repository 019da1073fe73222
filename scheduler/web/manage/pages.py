"""The organizer's pages: the grid of the coming weeks, one event, an extra one, the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from accounts.web.context import organization
from accounts.web.viewer import required_viewer
from core import zones
from core.db.base import db
from core.db.transaction import transaction
from core.http import current
from core.http import forms as core_forms
from core.http.forms import Texts
from core.refusals import Conflict, Invalid, NotFound, Refusal
from core.words import counted
from scheduler.domain import identity, rule_words
from scheduler.domain.colors import COLORS
from scheduler.domain.events import Series
from scheduler.queries.events import find_event, last_numbered
from scheduler.queries.loading import load_series
from scheduler.queries.series import find_series, series_organized_by
from scheduler.services import events, organizers
from scheduler.services import series as series_service
from scheduler.services.events import ChangedMeanwhile
from scheduler.web.manage import forms, grid, talk_cells
from scheduler.web.manage.grid import GridRow

pages = Blueprint("organise", __name__, url_prefix="/organise")

DONE = {
    "saved": "Saved.",
    "unchanged": "There were no changes to save.",
    "moved": "Moved. Its page and its entry in calendars stay the same.",
    "cancelled": "Cancelled. It stays visible, with the reason.",
    "reinstated": "Reinstated. Calendars show it again.",
    "skipped": "Skipped. The date shows the reason.",
    "unskipped": "The date is open again.",
    "added": "Added.",
}


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """What was typed into a refused form, and what is wrong with it."""

    texts: Texts
    errors: Mapping[str, str]
    status: int


@pages.get("/")
def index() -> str:
    """List the series that the viewer organizes, with what is missing in the coming weeks."""
    viewer, session = required_viewer(), db.session()
    own = (
        load_series(session) if viewer.is_admin else series_organized_by(session, viewer.person_id)
    )
    rows = grid.coming(session, own, current.now())
    return render_template("scheduler/organise.html", all_series=own, rows=rows)


@pages.get("/<slug>/")
def weeks(slug: str) -> Response:
    """Show twelve weeks as a grid."""
    series = _series(db.session(), slug)
    return _grid_page(
        series, grid.grid_rows(db.session(), series, _first(series), current.now()), 200
    )


@pages.post("/<slug>/")
def save_weeks(slug: str) -> Response:
    """Save the rows that were touched; those that are refused keep what was typed."""
    actor = required_viewer().actor
    with transaction() as session:
        series = events.lock(session, slug, actor)
        rows = grid.posted_rows(session, series, _first(series), request.form, current.now())
        touched = [row for row in rows if grid.apply_form(row, request.form)]
        changes = grid.changes(touched)
        events.patch_all(session, series, changes, current.now(), actor=actor)
    refused = [row for row in touched if row.is_refused]
    if refused:
        rows = grid.grid_rows(db.session(), series, _first(series), current.now())
        invalid = any(row.errors for row in refused)
        return _grid_page(
            series,
            grid.with_refused(rows, refused),
            Invalid.status if invalid else Conflict.status,
            saved=len(changes),
        )
    done = "saved" if touched else "unchanged"
    anchor = f"row-{touched[0].key}" if touched else None
    first = _first(series) if _first(series) != _today(series) else None
    return redirect(
        url_for("organise.weeks", slug=slug, first=first, done=done, _anchor=anchor), 303
    )


@pages.get("/<slug>/<key>/")
def event(slug: str, key: str) -> Response:
    """Show everything that can be done with one event or skipped date."""
    series = _series(db.session(), slug)
    return _event_page(series, _row(db.session(), series, key), None)


@pages.post("/<slug>/<key>/")
def change_event(slug: str, key: str) -> Response:
    """Apply one of the page's forms, chosen by its hidden `action`."""
    series = _series(db.session(), slug)
    row = _row(db.session(), series, key)
    try:
        with transaction() as session:
            done = _change(session, series, row)
    except (Invalid, Conflict) as refusal:
        # Read again: what somebody else saved meanwhile is shown beside what was typed.
        row = _row(db.session(), series, key)
        return _event_page(series, row, _refused(refusal))
    return redirect(url_for("organise.weeks", slug=slug, done=done, _anchor=f"row-{key}"), 303)


@pages.get("/<slug>/add/")
def ask_extra(slug: str) -> Response:
    """Show the form of an extra event: the next of its number, or on the date of another."""
    session, now = db.session(), current.now()
    series = _series(session, slug)
    freed = find_event(session, series, request.args.get("instead", ""), now)
    last = last_numbered(session, series, now)
    if freed is not None:
        return _add_page(series, forms.same_date_texts(freed))
    return _add_page(series, forms.next_texts(last) if last else {})


@pages.post("/<slug>/add/")
def add(slug: str) -> Response:
    """Add an extra event."""
    series = _series(db.session(), slug)
    try:
        schema = forms.new_event(request.form)
        with transaction() as session:
            key = events.add(session, slug, schema, current.now(), actor=required_viewer().actor)
    except (Invalid, Conflict) as refusal:
        typed = _refused(refusal)
        return _add_page(series, typed.texts, typed)
    return redirect(url_for("organise.event", slug=slug, key=key, done="added"), 303)


@pages.get("/<slug>/settings/")
def settings(slug: str) -> Response:
    """Show the settings of the series and its timetable."""
    return _settings_page(_series(db.session(), slug), None)


@pages.post("/<slug>/settings/")
def save_settings(slug: str) -> Response:
    """Change the series; its timetable is replaced by the lines of the form."""
    series = _series(db.session(), slug)
    domain = current.settings().domain
    actor = required_viewer().actor
    try:
        schema = forms.series(request.form, slug)
        if request.form.get("seen") != forms.shown(forms.series_texts(series)):
            raise ChangedMeanwhile
        with transaction() as session:
            series_service.put(
                session, schema, current.now(), actor=actor, domain=domain, whole=True
            )
    except Invalid as refusal:
        form = forms.without_blank_periods(request.form)
        errors = core_forms.input_errors(refusal.errors, form)
        return _settings_page(series, RefusedForm(_typed(), errors, refusal.status))
    except Conflict as refusal:
        return _settings_page(series, _refused(refusal))
    return redirect(url_for("organise.settings", slug=slug, done="saved"), 303)


def _change(session: Session, series: Series, row: GridRow) -> str:
    form, now, actor = request.form, current.now(), required_viewer().actor
    event_id = identity.event_id(series.ref, row.key)
    seen = forms.seen(form)
    match form.get("action"):
        case "save":
            schema = forms.details(form, row)
            if form.get("shown") != forms.shown(talk_cells.details_texts(row.details)):
                raise ChangedMeanwhile
            result = events.patch(session, event_id, schema, now, actor=actor, seen=seen)
            return "unchanged" if result == "unchanged" else "saved"
        case "move":
            schema = forms.move(form)
            events.move(session, event_id, schema, now, actor=actor, seen=seen)
            return "moved"
        case "cancel":
            events.cancel(session, event_id, forms.cancel_reason(form), now, actor=actor, seen=seen)
            return "cancelled"
        case "reinstate":
            events.reinstate(session, event_id, now, actor=actor, seen=seen)
            return "reinstated"
        case "skip":
            gap = forms.gap(form, row.day)
            events.skip(session, series.slug, gap.date, gap.reason, now, actor=actor)
            return "skipped"
        case "unskip":
            events.unskip(session, series.slug, row.day, now, actor=actor)
            return "unskipped"
    raise Invalid({"action": "There is no such form on this page."})


def _series(session: Session, slug: str) -> Series:
    actor = required_viewer().actor
    series = find_series(session, slug)
    if series is None:
        raise NotFound
    organizers.require(session, series.id, actor)
    return series


def _row(session: Session, series: Series, key: str) -> GridRow:
    row = grid.grid_row(session, series, key, current.now())
    if row is None:
        raise NotFound
    return row


def _today(series: Series) -> date:
    return current.now().astimezone(zones.zone(series.zone)).date()


def _first(series: Series) -> date:
    return forms.first_date(request.values.get("first"), _today(series))


def _rules(series: Series) -> list[str]:
    return rule_words.lines(series.timetable, organization().hour_clock)


def _refused(refusal: Refusal) -> RefusedForm:
    errors = {"": refusal.text}
    if isinstance(refusal, Invalid):
        errors = core_forms.input_errors(refusal.errors, request.form)
    return RefusedForm(_typed(), errors, refusal.status)


def _typed() -> Texts:
    return core_forms.posted(request.form)


def _done() -> str | None:
    return DONE.get(request.args.get("done", ""))


def _what_was_saved(saved: int) -> str:
    if not saved:
        return "Nothing was saved yet."
    are = "is" if saved == 1 else "are"
    return f"{counted(saved, 'date')} {are} saved. Not saved yet:"


def _grid_page(series: Series, rows: list[GridRow], status: int, saved: int = 0) -> Response:
    first = _first(series)
    page = render_template(
        "scheduler/organise-grid.html",
        series=series,
        rows=rows,
        names=talk_cells.GRID,
        undated=grid.undated_rows(db.session(), series, current.now()),
        rules=_rules(series),
        first=first,
        earlier=first - grid.SPAN,
        later=first + grid.SPAN,
        today=_today(series),
        refused=None if status == 200 else _what_was_saved(saved),
        done=_done(),
    )
    return make_response(page, status)


def _event_page(series: Series, row: GridRow, typed: RefusedForm | None) -> Response:
    texts = forms.event_texts(row, zones.zone(series.zone)) | (typed.texts if typed else {})
    talks = core_forms.positions(texts, "talks")
    page = render_template(
        "scheduler/organise-event.html",
        series=series,
        row=row,
        texts=texts,
        shown=forms.shown(talk_cells.details_texts(row.details)),
        positions=talks,
        bios={each: core_forms.positions(texts, f"talks.{each}.bios") for each in talks},
        errors=typed.errors if typed else {},
        theirs=row if typed and typed.status == Conflict.status else None,
        done=_done(),
    )
    return make_response(page, typed.status if typed else 200)


def _add_page(series: Series, texts: Texts, typed: RefusedForm | None = None) -> Response:
    page = render_template(
        "scheduler/organise-add.html",
        series=series,
        texts=texts,
        errors=typed.errors if typed else {},
    )
    return make_response(page, typed.status if typed else 200)


def _settings_page(series: Series, typed: RefusedForm | None) -> Response:
    texts = typed.texts if typed else forms.series_texts(series)
    periods = core_forms.positions(texts, "timetable")
    if not typed:
        periods += range(len(periods), len(periods) + forms.SPARE_PERIODS)
    page = render_template(
        "scheduler/organise-settings.html",
        series=series,
        texts=texts,
        seen=forms.shown(forms.series_texts(series)),
        positions=periods,
        rules=_rules(series),
        colors=COLORS,
        errors=typed.errors if typed else {},
        done=_done(),
    )
    return make_response(page, typed.status if typed else 200)
