"""Text files that people import."""

from typing import IO

MAX_BYTES = 20_000_000


class UnreadableFile(ValueError):
    """The file cannot be read at all; the message says why in one line."""


def read_text(stream: IO[bytes]) -> str:
    """Return the text of a file without its byte order mark.

    Raises UnreadableFile if it is larger than MAX_BYTES, not UTF-8, or contains a NUL.
    """
    raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise UnreadableFile(f"it is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile("it is not text in UTF-8") from None
    if "\0" in text:
        raise UnreadableFile("it is not a text file")
    return text
