"""Text files that people import: their encoding, whole or line by line."""

import codecs
import re
from collections.abc import Iterator
from io import BufferedReader, TextIOWrapper
from typing import IO

MAX_BYTES = 20_000_000
MAX_LINE = 1_000_000

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNDECODED = re.compile("[\udc80-\udcff]")


class UnreadableFile(ValueError):
    """The file cannot be read at all; the message says why in one line."""


def read_text(stream: IO[bytes], encoding: str = "") -> str:
    """Return the text of a file without its byte order mark.

    Without such a mark it is in `encoding`, by default UTF-8. Raises UnreadableFile if it is larger
    than MAX_BYTES, not text in that encoding, or contains a NUL.
    """
    raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise UnreadableFile(f"it is larger than {MAX_BYTES // 1_000_000} MB")
    codec = _codec(raw[:3], encoding)
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        raise _undecodable(codec, raw[error.start], raw.count(b"\n", 0, error.start) + 1) from None
    if "\0" in text:
        raise UnreadableFile("it is not a text file")
    return text


def lines(stream: BufferedReader, encoding: str = "") -> Iterator[str]:
    """Yield the lines of a file with their ends, without holding it in memory.

    Encodings are those of `read_text`. Raises UnreadableFile at a line that is longer than MAX_LINE
    or not text.
    """
    codec = _codec(stream.peek(3)[:3], encoding)
    errors = "surrogateescape" if codec.startswith("utf-8") else "strict"
    text = TextIOWrapper(stream, codec, errors, newline="")
    number = 0
    try:
        while line := text.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise UnreadableFile(f"line {number} is longer than {MAX_LINE:,} characters")
            if undecoded := _UNDECODED.search(line):
                raise _undecodable(codec, ord(undecoded[0]) - 0xDC00, number)
            yield line
    except UnicodeDecodeError as error:
        raise _undecodable(codec, error.object[error.start], number + 1) from None
    finally:
        if not stream.closed:
            text.detach()  # the stream is the caller's to close


def _codec(start: bytes, encoding: str) -> str:
    for mark, marked in _MARKS:
        if start.startswith(mark):
            return marked
    try:
        "a".encode(encoding or "utf-8")
    except (LookupError, ValueError):
        raise UnreadableFile(
            f"there is no encoding {encoding!r}; known ones are utf-8, utf-16 and windows-1252"
        ) from None
    return codecs.lookup(encoding or "utf-8").name


def _undecodable(codec: str, byte: int, line: int) -> UnreadableFile:
    name = codec.removesuffix("-sig").upper()
    return UnreadableFile(
        f"the byte 0x{byte:02X} in line {line} is not text in {name}; save the file as UTF-8 or "
        "name its encoding, such as --encoding windows-1252"
    )
