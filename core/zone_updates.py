"""New zone data: find zones with new rules, and derive the instants in them again, once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, union
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import zones
from core.db.base import Base
from core.db.fast_sql import insert_or_ignore
from core.jobs import Job

# New data is rare; the hour is for the next try after a failure.
EVERY = timedelta(hours=1)

ACTOR = "zone data"
"""The actor in the audit log for changes by new zone data."""

Changes = Mapping[str, ZoneInfo | None]
"""The old rules of the zones with new rules, by name; None if the old rules are unknown."""


class AppliedZone(Base):
    """The rules of a zone, as a TZif file, from which the stored instants were derived."""

    __tablename__ = "applied_zones"

    name: Mapped[str] = mapped_column(primary_key=True)
    release: Mapped[str]
    compiled: Mapped[bytes]


APPLIED_ZONES = Base.metadata.tables["applied_zones"]


@dataclass(frozen=True, slots=True)
class Derivation:
    """How an area derives instants from the wall times that it stores.

    `zones` selects the names of the zones in use at an instant. `derive` derives the future
    instants in the changed zones again, and returns how many changed.
    """

    zones: Callable[[datetime], Select[str]]
    derive: Callable[[Session, Changes, datetime], int]


def job(derivations: Sequence[Derivation]) -> Job:
    """Return the job that derives instants again when the zone data is newer than the applied one.

    A process with older data changes nothing: the release last applied is stored for each zone.
    """
    return Job(
        "zone data", EVERY, partial(_apply, derivations), has_work=partial(_has_work, derivations)
    )


def _has_work(derivations: Sequence[Derivation], session: Session, now: datetime) -> bool:
    zones.reload()
    return bool(_outdated(derivations, session, now))


def _outdated(derivations: Sequence[Derivation], session: Session, now: datetime) -> list[str]:
    """Return the zones in use to which this release was not applied yet, sorted."""
    in_use = session.scalars(union(*(each.zones(now) for each in derivations)))
    applied = {row.name: row.release for row in session.execute(select(APPLIED_ZONES))}
    release = zones.release()
    return sorted(
        name for name in in_use if applied.get(name, "") < release and zones.is_known(name)
    )


def _apply(derivations: Sequence[Derivation], session: Session, now: datetime) -> int:
    names = _outdated(derivations, session, now)
    if not names:
        return 0
    release = zones.release()
    blank = {"release": "", "compiled": b""}
    insert_or_ignore(session, APPLIED_ZONES, *({"name": name, **blank} for name in names))
    changes: dict[str, ZoneInfo | None] = {}
    for row in _locked(session, names):
        if row.release >= release:  # another worker applied it while we waited
            continue
        compiled = zones.compiled(row.name)
        if compiled != row.compiled:
            changes[row.name] = _rules(row)
        row.release, row.compiled = release, compiled
    return sum(each.derive(session, changes, now) for each in derivations) if changes else 0


def _locked(session: Session, names: Sequence[str]) -> Sequence[AppliedZone]:
    return session.scalars(
        select(AppliedZone)
        .where(AppliedZone.name.in_(names))
        .order_by(AppliedZone.name)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _rules(row: AppliedZone) -> ZoneInfo | None:
    return ZoneInfo.from_file(BytesIO(row.compiled), key=row.name) if row.compiled else None
