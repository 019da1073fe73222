"""A talk as the cells of a form: fields that are typed in another form than they are stored."""

import hashlib
from collections.abc import Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationInfo, field_validator

from core.fields import Name, Schema, ShortText, unique_by
from core.http import forms
from core.http.forms import FormData, Texts
from core.time_format import recording_offset
from scheduler.domain import links, speaker_cells
from scheduler.domain.event_details import Chair, EventDetails
from scheduler.domain.links import Link
from scheduler.domain.talks import OptionalText, Seconds, Speaker, Talk, Topics
from scheduler.schemas import EventSchema

GRID = ("title", "speakers", "affiliations", "paper_url", "slides_url", "video_url")


def _parts(typed: Sequence[str]) -> list[str]:
    return [part for cell in typed for part in speaker_cells.parts(cell)]


def _named(typed: Sequence[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in _parts(typed) if name]


def _seconds(text: str | None) -> int | None:
    if not text:
        return None
    numbers = text.split(":")
    if len(numbers) > 3 or not all(each.isascii() and each.isdigit() for each in numbers):
        raise ValueError("must be a place in the recording such as 15:24")
    total = 0
    for each in numbers:
        total = total * 60 + int(each[:6])
    return total


def _offset(seconds: int | None) -> str:
    return "" if seconds is None else recording_offset(seconds)


def _typed_link(line: object) -> object:
    return links.parts(line) if isinstance(line, str) else line


def _lines(typed: Sequence[Link]) -> str:
    return "\n".join(map(links.line, typed))


LinksCell = Annotated[
    Annotated[tuple[Annotated[Link, BeforeValidator(_typed_link)], ...], Field(max_length=50)],
    PlainSerializer(_lines),
]


def _none_for_blank(inputs: object) -> object:
    return inputs if not isinstance(inputs, dict) or any(inputs.values()) else None


class SpeakerBio(Schema):
    """What is known about a speaker of that name."""

    name: Name
    bio: OptionalText = None


SpeakersCell = Annotated[
    tuple[Speaker, ...], BeforeValidator(_named), PlainSerializer(speaker_cells.names)
]
LinesCell = Annotated[
    tuple[ShortText, ...], BeforeValidator(_parts), PlainSerializer(speaker_cells.joined)
]


class TalkCells(Talk):
    """A talk whose speakers are two cells, names and affiliations in the same order."""

    speakers: SpeakersCell = Field(default=(), max_length=50)
    topics: Annotated[Topics, BeforeValidator(_parts), PlainSerializer(speaker_cells.joined)] = ()
    video_at: Annotated[Seconds | None, BeforeValidator(_seconds), PlainSerializer(_offset)] = None
    links: LinksCell = ()
    affiliations: LinesCell = ()
    bios: tuple[SpeakerBio, ...] = ()

    @field_validator("affiliations")
    @classmethod
    def _fit_the_names(cls, cells: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if len(cells) > len(info.data.get("speakers", cells)):
            raise ValueError("There are more affiliations than speakers")
        return cells

    @property
    def is_blank(self) -> bool:
        """Whether no cell but the key, and what is said of speakers, has something in it."""
        cells = self.model_fields_set - {"key", "bios"}
        return all(getattr(self, name) in (None, "", ()) for name in cells)

    def talk(self, before: Talk) -> Talk:
        """Return the talk of these cells; what no cell shows stays as it is in `before`."""
        typed = self.model_fields_set & Talk.model_fields.keys()
        fields = {name: getattr(self, name) for name in typed}
        if "speakers" in typed:
            names = [speaker.name for speaker in self.speakers]
            bios = {each.name: each.bio for each in self.bios}
            fields["speakers"] = tuple(
                speaker.model_copy(update={"bio": bios.get(speaker.name, speaker.bio)})
                for speaker in speaker_cells.aligned(names, self.affiliations, before.speakers)
            )
        return before.model_copy(update=fields)


class DetailsCells(EventDetails):
    """Details of an event whose links are lines, and whose chair may be blank."""

    chair: Annotated[Chair | None, BeforeValidator(_none_for_blank)] = None
    links: LinksCell = ()


class EventCells(DetailsCells, EventSchema):
    """An event whose talks are typed into cells."""

    talks: Annotated[tuple[TalkCells, ...], unique_by("key")] = Field(default=(), max_length=100)

    def event(self, before: Sequence[Talk]) -> EventSchema:
        """Return the event with its talks, of which `before` are those that it has."""
        stored = {talk.key: talk for talk in before}
        talks = tuple(
            cells.talk(stored.get(cells.key, Talk())) for cells in self.talks if not cells.is_blank
        )
        return self.model_copy(update={"talks": talks})


def texts(talk: Talk) -> Texts:
    """Return the texts of the cells of a talk, its key among them; what is unknown is empty."""
    affiliations = tuple(speaker.affiliation or "" for speaker in talk.speakers)
    if not any(affiliations):
        affiliations = ()
    bios = tuple(SpeakerBio.model_construct(name=each.name, bio=each.bio) for each in talk.speakers)
    cells = {**dict(talk), "affiliations": affiliations, "bios": bios}
    return forms.texts(TalkCells.model_construct(**cells))


def details_texts(details: EventDetails) -> Texts:
    """Return the texts of the inputs of an event's details."""
    return forms.texts(DetailsCells.model_construct(**dict(details)))


def posted(form: FormData) -> list[Texts]:
    """Return what was typed into the cells of the grid, for each talk of one event."""
    typed = forms.posted(form)
    return [
        {name: typed.get(f"talks.{position}.{name}", "") for name in ("key", *GRID)}
        for position in forms.positions(typed, "talks")
    ]


def inputs(talks: Sequence[Texts]) -> Texts:
    """Return the texts of the inputs of an event's talks, by name."""
    return {
        f"talks.{position}.{name}": text
        for position, cells in enumerate(talks)
        for name, text in cells.items()
    }


def mark(talks: Sequence[Texts]) -> str:
    """Return a short text that differs when any cell of the grid does."""
    shown = "\x1f".join(str(cells[name]).strip() for cells in talks for name in GRID)
    return hashlib.sha256(shown.encode()).hexdigest()[:16]
