"""What a guest is asked when booking."""

from enum import StrEnum

from pydantic import Field, ValidationInfo, field_validator

from core.fields import Name, Schema

MOST_QUESTIONS = 20
"""How many questions office hours may have."""


class QuestionKind(StrEnum):
    """How a question is answered: a line, a text, one of its choices, a web address."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    URL = "url"


class Question(Schema):
    """What a guest is asked; the key is `label`."""

    label: Name
    kind: QuestionKind = QuestionKind.TEXT
    choices: tuple[Name, ...] = Field(default=(), max_length=50, validate_default=True)
    required: bool = False

    @field_validator("choices")
    @classmethod
    def _only_where_one_is_chosen(
        cls, choices: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        chosen = info.data.get("kind") is QuestionKind.CHOICE
        if chosen and not choices:
            raise ValueError("must have at least one choice")
        if choices and not chosen:
            raise ValueError("must be empty, unless the kind is choice")
        return choices
