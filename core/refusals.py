"""What is refused, named for the reader; the web turns each into its status in one place."""

from collections.abc import Mapping


class Refusal(Exception):
    """A request that cannot be done. The text says what to do next.

    `status` is the HTTP status and `slug` the stable end of the problem's type (RFC 9457).
    """

    status = 400
    slug = "refused"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class NotFound(Refusal):
    """There is nothing of that name that this reader may see."""

    status = 404
    slug = "not-found"

    def __init__(self, text: str = "There is nothing at this address.") -> None:
        super().__init__(text)


class NotAllowed(Refusal):
    """The reader is known, and may not do this."""

    status = 403
    slug = "not-allowed"


class SignInNeeded(Refusal):
    """Only somebody who is signed in may do this."""

    status = 401
    slug = "sign-in-needed"

    def __init__(self, text: str = "Please sign in first.") -> None:
        super().__init__(text)


class Conflict(Refusal):
    """The request is sound, but not with things as they are now."""

    status = 409
    slug = "conflict"


class Invalid(Refusal):
    """The input is malformed: `errors` says what to mend, by field."""

    status = 422
    slug = "invalid"

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("Please mend what is marked.")
        self.errors = dict(errors)
