"""Talks and their speakers: one description for files, the API, forms, rows and pages."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field

from core.fields import Email, Key, LongText, Name, Schema, ShortText, Url
from scheduler.domain.links import Links


def _empty_for_null(value: object) -> object:
    return "" if value is None else value


def null_for_empty(text: str | None) -> str | None:
    """Return None for an empty text."""
    return text or None


def _without_empty(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


TalkKey = Annotated[Key, BeforeValidator(_empty_for_null, json_schema_input_type=str | None)]
OptionalLine = Annotated[ShortText | None, AfterValidator(null_for_empty)]
OptionalText = Annotated[LongText | None, AfterValidator(null_for_empty)]
Topics = Annotated[tuple[ShortText, ...], Field(max_length=50), AfterValidator(_without_empty)]
Seconds = Annotated[int, Field(ge=0, le=7 * 24 * 3600)]
Offset = Annotated[int, Field(ge=0, le=366 * 24 * 60)]
TalkMinutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]


class Speaker(Schema):
    """Who gives a talk; None is unknown. `bio` is Markdown; `email` is never shown."""

    name: Name
    affiliation: OptionalLine = None
    url: Url | None = None
    email: Email | None = None
    bio: OptionalText = None


class Talk(Schema):
    """A talk; None is unknown. `video_at` is seconds into the recording.

    `offset` is minutes after the start of the event; without it a talk starts after those before
    it. `links` lead to what else there is: a second recording, a write-up.

    `key` is stable within the event, and empty until the talk is saved. A talk without one is new
    and gets a key, unless no talk of the list has one: then they are the event's talks in order.
    """

    not_yet: ClassVar = frozenset(("consent",))

    key: TalkKey = ""
    title: OptionalLine = None
    speakers: tuple[Speaker, ...] = Field(default=(), max_length=50)
    abstract: OptionalText = None
    topics: Topics = ()
    paper_url: Url | None = None
    slides_url: Url | None = None
    video_url: Url | None = None
    video_at: Seconds | None = None
    links: Links = ()
    offset: Offset | None = None
    minutes: TalkMinutes | None = None

    @property
    def speaker_names(self) -> str:
        """The speakers' names as one text, empty when unknown."""
        return ", ".join(speaker.name for speaker in self.speakers)

    def without_addresses(self) -> "Talk":
        """Return what a reader can see of the talk."""
        speakers = tuple(each.model_copy(update={"email": None}) for each in self.speakers)
        return self.model_copy(update={"speakers": speakers})
