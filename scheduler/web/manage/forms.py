"""Forms of the organiser: text in, frozen values or Invalid with errors by field out."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from core.fields import errors_by_field
from core.refusals import Invalid
from scheduler.domain import walltime
from scheduler.domain.events import Series
from scheduler.schemas import EventSchema, GapSchema, SeriesSchema, TalkSchema
from scheduler.web.manage import talk_cells
from scheduler.web.manage.grid import GridRow

Form = Mapping[str, str]
PERIOD = ("starts", "minutes", "rule", "until")
SPARE_PERIODS = 1


def first_date(text: str | None, today: date) -> date:
    """Return the date at which the grid begins: `text` if it is one, else today."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return today
    return found if 1900 <= found.year <= 2200 else today


def of_line(line: GridRow, zone: ZoneInfo) -> dict[str, str]:
    """Return the texts of the forms of one event as they stand before anybody types."""
    starts = walltime.wall(line.starts_at, zone) if line.starts_at else None
    texts = {
        f"{name}-{place}": cell
        for place, cells in enumerate(line.cells)
        for name, cell in cells.items()
    }
    return texts | {
        "number": "" if line.number is None else str(line.number),
        "status": "tentative" if line.status == "tentative" else "scheduled",
        "date": f"{starts:%Y-%m-%d}" if starts else "",
        "time": f"{starts:%H:%M}" if starts else "",
        "skip-reason": line.reason or "" if line.gap else "",
    }


def seen(form: Form) -> int:
    """Return the SEQUENCE that the page showed; -1, which no event has, if the form lost it."""
    text = form.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def details(form: Form, line: GridRow) -> EventSchema:
    """Return the talks, number and status that the form writes; raise Invalid."""
    errors: dict[str, str] = {}
    found: list[TalkSchema] = []
    for place, cells in enumerate(talk_cells.posted_all(form, talk_cells.ALL)):
        try:
            talk = talk_cells.read(cells, line.talks)
        except Invalid as refusal:
            errors |= {f"{name}-{place}": text for name, text in refusal.errors.items()}
            continue
        if talk is not None:
            found.append(talk)
    fields: dict[str, object] = {"number": form.get("number") or None}
    if line.status != "cancelled":
        fields["status"] = form.get("status") or "scheduled"
    return _event(fields | {"talks": found}, errors)


def move(form: Form) -> EventSchema:
    """Return the new wall start and the reason; raise Invalid."""
    fields = {"starts": _starts(form), "reason": form.get("move-reason") or None}
    return _event(fields, {}, {"starts": "date", "reason": "move-reason"})


def reason(form: Form, name: str) -> str | None:
    """Return the one line of a reason, None if nothing was given; raise Invalid."""
    text = form.get(name, "")
    return _event({"reason": text or None}, {}, {"reason": name}).reason


def new_event(form: Form) -> EventSchema:
    """Return a new event of the organiser's; raise Invalid."""
    errors: dict[str, str] = {}
    names = ("title", "speaker", "affiliation")
    talk = None
    try:
        talk = talk_cells.read(talk_cells.posted(form, names, ""), ())
    except Invalid as refusal:
        errors |= refusal.errors
    fields: dict[str, object] = {
        "starts": _starts(form),
        "minutes": form.get("minutes") or None,
        "number": form.get("number") or None,
        "talks": [talk] if talk else [],
    }
    return _event(fields, errors, {"starts": "date"})


def gap(day: date, text: str) -> GapSchema:
    """Return a skipped date; raise Invalid."""
    try:
        return GapSchema(date=day, reason=text or None)
    except ValidationError as refusal:
        raise Invalid({"skip-reason": next(iter(errors_by_field(refusal).values()))}) from None


def of_series(series: Series) -> dict[str, str]:
    """Return the texts of the settings form as they stand before anybody types."""
    texts = {
        "name": series.name,
        "short_name": series.short_name,
        "description": series.description,
        "join_url": series.join_url or "",
        "join_access": series.join_access.value,
        "status": series.status.value,
        "zone": series.zone,
    }
    for place, period in enumerate(series.timetable.periods):
        texts |= {
            f"starts-{place}": f"{period.starts:%Y-%m-%dT%H:%M}",
            f"minutes-{place}": str(period.minutes),
            f"rule-{place}": period.rule or "",
            f"until-{place}": period.until.isoformat() if period.until else "",
        }
    return texts


def period_count(texts: Form) -> int:
    """Return how many lines of a timetable the texts hold."""
    return sum(name.startswith("starts-") for name in texts)


def settings(form: Form, slug: str) -> SeriesSchema:
    """Return the series that the form writes, its timetable whole; raise Invalid."""
    plain = ("name", "short_name", "description", "join_url", "join_access", "status", "zone")
    fields: dict[str, object] = {name: form.get(name, "") or None for name in plain}
    if not fields["name"]:
        del fields["name"]
    fields["description"] = form.get("description", "")
    fields["slug"] = slug
    lines = [
        {name: form.get(f"{name}-{place}", "").strip() or None for name in PERIOD}
        for place in range(period_count(form))
    ]
    kept = {place: line for place, line in enumerate(lines) if line["starts"]}
    fields["timetable"] = [{**line, "minutes": line["minutes"] or 60} for line in kept.values()]
    places = list(kept)
    try:
        return SeriesSchema.model_validate(fields)
    except ValidationError as refusal:
        raise Invalid(named(errors_by_field(refusal), places)) from None


def named(errors: Mapping[str, str], places: list[int]) -> dict[str, str]:
    """Return errors of `timetable.0.rule` under the name of their input, "rule-0"."""
    found: dict[str, str] = {}
    for path, words in errors.items():
        first, *rest = path.split(".")
        if first == "timetable" and rest and rest[0].isdigit() and int(rest[0]) < len(places):
            found[f"{rest[1] if len(rest) > 1 else 'starts'}-{places[int(rest[0])]}"] = words
        else:
            found[first] = words
    return found


def places_of(form: Form) -> list[int]:
    """Return the places of the lines of a timetable that are not blank."""
    return [place for place in range(period_count(form)) if form.get(f"starts-{place}", "").strip()]


def _starts(form: Form) -> str | None:
    day, at = form.get("date", "").strip(), form.get("time", "").strip()
    if not day or not at:
        raise Invalid({"date": "A date and a time are needed."})
    return f"{day}T{at}"


def _event(
    fields: Mapping[str, object], errors: dict[str, str], names: Mapping[str, str] | None = None
) -> EventSchema:
    try:
        document = EventSchema.model_validate(fields)
    except ValidationError as refusal:
        for path, words in errors_by_field(refusal).items():
            first = path.split(".")[0]
            errors.setdefault((names or {}).get(first, first), words)
        raise Invalid(errors) from None
    if errors:
        raise Invalid(errors)
    if isinstance(document.starts, date) and not isinstance(document.starts, datetime):
        raise Invalid({"date": "A date and a time are needed."})
    return document
