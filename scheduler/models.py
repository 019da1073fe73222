"""Rows of series, their timetable and gaps, events, talks, speakers, feed versions."""

import datetime as dt

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base
from core.db.types import Instant

series_organizers = Table(
    "series_organisers",
    Base.metadata,
    Column("series_id", ForeignKey("series.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class SeriesRow(Base):
    """A series. `revision` rises with each change that a reader of its events can see."""

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("kind IN ('talks', 'jam', 'group', 'social', 'service')", name="kind"),
        CheckConstraint("join_access IN ('public', 'registered', 'on_request')", name="access"),
        CheckConstraint("status IN ('active', 'paused', 'ended')", name="status"),
        CheckConstraint("color BETWEEN 0 AND 11", name="color"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    ref: Mapped[str] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    short_name: Mapped[str]
    kind: Mapped[str]
    zone: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    join_url: Mapped[str | None]
    join_access: Mapped[str] = mapped_column(default="public")
    status: Mapped[str] = mapped_column(default="active")
    color: Mapped[int] = mapped_column(default=0, server_default="0")
    revision: Mapped[int] = mapped_column(default=0)
    revised_at: Mapped[dt.datetime] = mapped_column(Instant)
    location: Mapped[str | None]
    language: Mapped[str | None]
    registration_url: Mapped[str | None]


class PeriodRow(Base):
    """One line of a timetable, in wall time of the series' zone; `track` is empty without one."""

    __tablename__ = "timetable_periods"
    __table_args__ = (
        UniqueConstraint("series_id", "track", "starts"),
        UniqueConstraint("series_id", "key"),
        CheckConstraint("minutes > 0", name="minutes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    starts: Mapped[dt.datetime] = mapped_column(DateTime)
    minutes: Mapped[int]
    rule: Mapped[str | None]
    until: Mapped[dt.date | None]
    track: Mapped[str] = mapped_column(default="", server_default="")
    key: Mapped[str | None]


class GapRow(Base):
    """A date on which the rule gives nothing."""

    __tablename__ = "gaps"

    series_id: Mapped[int] = mapped_column(
        ForeignKey("series.id", ondelete="CASCADE"), primary_key=True
    )
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    reason: Mapped[str | None]


class EventRow(Base):
    """An occurrence that someone touched, an extra event, or one from the archive.

    `starts` (wall time) and `minutes` are None where the rule's hold. `starts_at` and `ends_at`
    are derived from them for queries; None when the date is not known well enough.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("series_id", "key"),
        Index("ix_events_series_id_starts_at", "series_id", "starts_at"),
        Index("ix_events_starts_at", "starts_at"),
        CheckConstraint("status IN ('scheduled', 'tentative', 'cancelled')", name="status"),
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("days > 0", name="days"),
        CheckConstraint("minutes > 0", name="minutes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    key: Mapped[str]
    uid: Mapped[str] = mapped_column(unique=True)
    date: Mapped[dt.date | None]
    starts: Mapped[dt.datetime | None] = mapped_column(DateTime)
    minutes: Mapped[int | None]
    all_day: Mapped[bool] = mapped_column(default=False)
    days: Mapped[int] = mapped_column(default=1)
    starts_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    ends_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    number: Mapped[int | None]
    status: Mapped[str] = mapped_column(default="scheduled")
    reason: Mapped[str | None]
    sequence: Mapped[int] = mapped_column(default=1)
    revised_at: Mapped[dt.datetime] = mapped_column(Instant)
    location: Mapped[str | None]
    join_url: Mapped[str | None]
    registration_url: Mapped[str | None]
    chair: Mapped[dict[str, str | None] | None] = mapped_column(JSON(none_as_null=True))
    language: Mapped[str | None]
    links: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list, server_default="[]")


class TalkRow(Base):
    """A talk at an event, in running order; `key` is what links to it are made of."""

    __tablename__ = "talks"
    __table_args__ = (
        UniqueConstraint("event_id", "position"),
        Index("ix_talks_event_id_key", "event_id", "key", unique=True),
        CheckConstraint('"offset" >= 0', name="offset"),
        CheckConstraint("minutes > 0", name="minutes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(server_default="")
    position: Mapped[int]
    title: Mapped[str | None]
    abstract: Mapped[str | None]
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    paper_url: Mapped[str | None]
    slides_url: Mapped[str | None]
    video_url: Mapped[str | None]
    video_at: Mapped[int | None]
    links: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list, server_default="[]")
    offset: Mapped[int | None]
    minutes: Mapped[int | None]


class SpeakerRow(Base):
    """A speaker of a talk; the address is used to find the busy times of the speaker."""

    __tablename__ = "speakers"
    __table_args__ = (
        UniqueConstraint("talk_id", "position"),
        Index("ix_speakers_email", "email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("talks.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str]
    affiliation: Mapped[str | None]
    url: Mapped[str | None]
    email: Mapped[str | None]
    bio: Mapped[str | None]


class FeedVersion(Base):
    """The version of a feed, part of its validator; each visible change raises it."""

    __tablename__ = "feed_versions"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
