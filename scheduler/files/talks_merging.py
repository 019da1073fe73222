"""Merge the rows of one event into its talks; an empty cell leaves a field as it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.sections import Result
from scheduler.domain import speaker_cells
from scheduler.domain.speaker_cells import CellsRefused
from scheduler.domain.talks import Talk
from scheduler.files.talks_table import CsvRow, RowRefused
from scheduler.schemas import MAX_TALKS
from scheduler.services.event_writer import EventTarget


@dataclass(slots=True, eq=False)
class MergedTalk:
    """A talk after the import, and what it was before (None: it is new)."""

    talk: Talk
    before: Talk | None = None

    @property
    def result(self) -> Result:
        """What the import does to it."""
        if self.before is None:
            return Result.CREATED
        return Result.UNCHANGED if self.talk == self.before else Result.UPDATED


class MergedTalks:
    """The talks of an event, to be merged with rows one by one.

    `rows` are all its rows, each with the position of the talk that it is about, if known.
    """

    def __init__(self, target: EventTarget, rows: Sequence[tuple[CsvRow, int | None]]) -> None:
        before = target.stored.talks if target.stored else ()
        self.merged = [MergedTalk(talk, talk) for talk in before]
        self.known = {row.line: self.merged[talk] for row, talk in rows if talk is not None}
        self.unfound = [each for each in self.merged if each not in self.known.values()]
        # A table that lists fewer talks than there are does not say which of them a new row is.
        self.is_whole = len(rows) >= len(before)
        self.is_new = target.stored is None
        self.last: MergedTalk | None = None

    @property
    def talks(self) -> tuple[Talk, ...]:
        """The talks in the order of the event, new ones in the order of the table."""
        return tuple(each.talk for each in self.merged)

    def merge(self, row: CsvRow) -> MergedTalk | None:
        """Merge the row into its talk, or add one; return it, None if the row is about none.

        Raises RowRefused.
        """
        found = self.known.get(row.line) or self._unnamed()
        if found is None and (row.has_talk or self.is_new):
            return self._added(row)
        if found is not None:
            found.talk = _merged(found.talk, row)
            if found in self.unfound:
                self.unfound.remove(found)
            self.last = found
        return found

    def _unnamed(self) -> MergedTalk | None:
        """Return the next talk that no row names, if the row can be about it."""
        if self.is_whole:
            return next(iter(self.unfound), None)
        blank = (each for each in self.unfound if not each.talk.title and not each.talk.speakers)
        return next(blank, None)

    def _added(self, row: CsvRow) -> MergedTalk:
        if len(self.merged) == MAX_TALKS:
            raise RowRefused(f"its event has {MAX_TALKS} talks already")
        added = MergedTalk(_merged(Talk(), row))
        self.merged.insert(self._place(), added)
        self.last = added
        return added

    def _place(self) -> int:
        """Return where a new talk is in the order of the table."""
        if self.last is not None:
            return self.merged.index(self.last) + 1
        known = self.known.values()
        following = (at for at, each in enumerate(self.merged) if each in known)
        return next(following, len(self.merged))


def _merged(talk: Talk, row: CsvRow) -> Talk:
    fields = {name: getattr(row.talk, name) for name in row.talk.model_fields_set}
    if "speakers" in fields:
        fields["speakers"] = speaker_cells.merged(row.talk.speakers, talk.speakers)
    elif row.affiliations:
        try:
            fields["speakers"] = speaker_cells.affiliated(talk.speakers, row.affiliations)
        except CellsRefused as refusal:
            raise RowRefused(f"affiliation: {refusal}") from None
    return talk.model_copy(update=fields)
