"""Refusals: exceptions named for the reader, turned into HTTP statuses in one place."""

from collections.abc import Mapping
from datetime import timedelta

from core import time_format


class Refusal(Exception):
    """A request that cannot be done; the text says what to do next.

    `status` is the HTTP status and `slug` the stable end of the problem's type (RFC 9457).
    """

    status = 400
    slug = "refused"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class NotFound(Refusal):
    """There is nothing with that name that this reader may see."""

    status = 404
    slug = "not-found"

    def __init__(self, text: str = "There is nothing at this address.") -> None:
        super().__init__(text)


class NotAllowed(Refusal):
    """The reader is known but may not do this."""

    status = 403
    slug = "not-allowed"


class SignInNeeded(Refusal):
    """Only signed-in people may do this."""

    status = 401
    slug = "sign-in-needed"

    def __init__(self, text: str = "Please sign in first.") -> None:
        super().__init__(text)


class Conflict(Refusal):
    """The request is valid but conflicts with the current state."""

    status = 409
    slug = "conflict"


class RateLimited(Refusal):
    """Too many requests of one kind; the same request can succeed after `wait`."""

    status = 429
    slug = "rate-limited"

    def __init__(self, text: str, wait: timedelta) -> None:
        super().__init__(f"{text} You can try again in {time_format.about(wait)}.")
        self.wait = wait


class Invalid(Refusal):
    """The input is invalid: `errors` says what to correct, by field."""

    status = 422
    slug = "invalid"

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("Please correct the marked fields.")
        self.errors = dict(errors)

    def under(self, path: str) -> "Invalid":
        """Return the refusal of the input that has this one at `path`, such as "events.0"."""
        return Invalid({f"{path}.{name}": text for name, text in self.errors.items()})
