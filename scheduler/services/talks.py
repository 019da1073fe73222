"""The talks of events: rows are matched by key, so that a talk keeps its row when it changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from scheduler.domain.talks import Speaker, Talk
from scheduler.models import SpeakerRow, TalkRow

Ids = Mapping[tuple[int, str], int]
"""The ids of the rows of talks, by event and key."""
Values = dict[str, object]
"""The columns of a row."""


@dataclass(frozen=True, slots=True)
class TalksChange:
    """The talks that an event had and those that it is to have, all with keys."""

    event_id: int
    before: Sequence[Talk]
    after: Sequence[Talk]

    @property
    def is_reordered(self) -> bool:
        """Whether a talk that stays may change its position."""
        return bool(self.before) and _keys(self.before) != _keys(self.after)


@dataclass(frozen=True, slots=True)
class _SpeakersChange:
    talk_id: int
    before: Sequence[Speaker]
    after: Sequence[Speaker]


def write(session: Session, changes: Sequence[TalksChange]) -> None:
    """Write the talks that differ, in as many statements for one event as for many."""
    changes = [each for each in changes if each.before != each.after]
    ids = _ids(session, [each.event_id for each in changes if each.before])
    wanted = {(each.event_id, talk.key) for each in changes for talk in each.after}
    _delete_talks(session, [row_id for at, row_id in ids.items() if at not in wanted])
    _free_positions(session, [each.event_id for each in changes if each.is_reordered])
    kept: list[Values] = []
    new: list[Values] = []
    for change in changes:
        earlier = {talk.key: talk for talk in change.before}
        for position, talk in enumerate(change.after):
            values = _values(change.event_id, position, talk)
            if talk.key not in earlier:
                new.append(values)
            elif change.is_reordered or earlier[talk.key] != talk:
                kept.append({"id": ids[change.event_id, talk.key], **values})
    if kept:
        session.execute(update(TalkRow), kept)
    ids = {**ids, **_insert(session, new)}
    _write_speakers(session, list(_speakers(changes, ids)))


def _speakers(changes: Iterable[TalksChange], ids: Ids) -> Iterator[_SpeakersChange]:
    """Yield the talks whose speakers differ."""
    for change in changes:
        earlier = {talk.key: talk.speakers for talk in change.before}
        for talk in change.after:
            before = earlier.get(talk.key, ())
            if before != talk.speakers:
                yield _SpeakersChange(ids[change.event_id, talk.key], before, talk.speakers)


def _ids(session: Session, event_ids: Sequence[int]) -> Ids:
    """Return the ids of the rows of these events' talks by event and key."""
    if not event_ids:
        return {}
    rows = session.execute(
        select(TalkRow.event_id, TalkRow.key, TalkRow.id).where(TalkRow.event_id.in_(event_ids))
    )
    return {(event_id, key): row_id for event_id, key, row_id in rows}


def _insert(session: Session, rows: Sequence[Values]) -> Ids:
    if not rows:
        return {}
    inserted = insert(TalkRow).returning(TalkRow.event_id, TalkRow.key, TalkRow.id)
    return {(event_id, key): row_id for event_id, key, row_id in session.execute(inserted, rows)}


def _delete_talks(session: Session, ids: Sequence[int]) -> None:
    if ids:
        session.execute(delete(TalkRow).where(TalkRow.id.in_(ids)))


def _free_positions(session: Session, event_ids: Sequence[int]) -> None:
    """Give the talks temporary positions, because two of one event must not share a position."""
    if event_ids:
        session.execute(
            update(TalkRow)
            .where(TalkRow.event_id.in_(event_ids))
            .values(position=-1 - TalkRow.position)
            .execution_options(synchronize_session=False)
        )


def _values(event_id: int, position: int, talk: Talk) -> Values:
    columns = talk.model_dump(exclude={"speakers"})
    return {"event_id": event_id, "position": position, **columns}


def _write_speakers(session: Session, changes: Sequence[_SpeakersChange]) -> None:
    """Write the speakers that differ; they are matched by position."""
    talk_ids = [each.talk_id for each in changes if each.before]
    ids = (
        {
            (talk_id, position): row_id
            for talk_id, position, row_id in session.execute(
                select(SpeakerRow.talk_id, SpeakerRow.position, SpeakerRow.id).where(
                    SpeakerRow.talk_id.in_(talk_ids)
                )
            )
        }
        if talk_ids
        else {}
    )
    rows = {
        (change.talk_id, position): {
            "talk_id": change.talk_id,
            "position": position,
            **speaker.model_dump(),
        }
        for change in changes
        for position, speaker in enumerate(change.after)
    }
    if gone := [row_id for at, row_id in ids.items() if at not in rows]:
        session.execute(delete(SpeakerRow).where(SpeakerRow.id.in_(gone)))
    if kept := [{"id": ids[at], **row} for at, row in rows.items() if at in ids]:
        session.execute(update(SpeakerRow), kept)
    if new := [row for at, row in rows.items() if at not in ids]:
        session.execute(insert(SpeakerRow), new)


def _keys(talks: Sequence[Talk]) -> list[str]:
    return [talk.key for talk in talks]
