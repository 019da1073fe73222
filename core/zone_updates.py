"""New zone data: which zones have new rules, and the job that lets instants follow them once."""

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

# A day would do for the data; after a failure an hour is soon enough to try again.
EVERY = timedelta(hours=1)

ACTOR = "zone data"
"""Who the audit log names for what new zone data changed."""

Changes = Mapping[str, ZoneInfo | None]
"""The zones with new rules, by name, and their rules before; None if those are not known."""


class AppliedZone(Base):
    """The rules of a zone, as a TZif file, that the instants in the database were derived with."""

    __tablename__ = "applied_zones"

    name: Mapped[str] = mapped_column(primary_key=True)
    release: Mapped[str]
    compiled: Mapped[bytes]


APPLIED_ZONES = Base.metadata.tables["applied_zones"]


@dataclass(frozen=True, slots=True)
class Derivation:
    """How an area derives instants from the wall times that it keeps.

    `zones` selects the names of the zones in use at an instant. `derive` derives the instants of
    what is to come in the changed zones again, and returns how many changed.
    """

    zones: Callable[[datetime], Select[str]]
    derive: Callable[[Session, Changes, datetime], int]


def job(derivations: Sequence[Derivation]) -> Job:
    """Return the job that derives instants again when the zone data is newer than that applied.

    A process with older data changes nothing: each zone remembers the release last applied to it.
    """
    return Job(
        "zone data", EVERY, partial(_apply, derivations), has_work=partial(_has_work, derivations)
    )


def _has_work(derivations: Sequence[Derivation], session: Session, now: datetime) -> bool:
    zones.reload()
    return bool(_outdated(derivations, session, now))


def _outdated(derivations: Sequence[Derivation], session: Session, now: datetime) -> list[str]:
    """Return the zones in use to which the release in use was not applied yet, sorted."""
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
