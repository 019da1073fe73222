"""Mail headers in ASCII: folded lines, with encoded words where a text needs them (RFC 2047).

Python's own folding loses spaces between encoded words and writes empty ones
(python/cpython#92081, #144156). Here a text is encoded as a whole, its spaces included.
"""

import re
from email.charset import Charset
from email.utils import quote

from core.fields import UNFIT_FOR_LINE

LONGEST_LINE = 76
"""Octets of a line that has an encoded word (RFC 2047 2)."""

LONGEST_WORD = 75
UTF_8 = Charset("utf-8")
PRINTABLE = re.compile(r"[ -~]*")
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
ATOMS = re.compile(rf"{ATOM}(?: {ATOM})*")


def one_line(text: str) -> str:
    """Return `text` on one line, with single spaces and without control characters."""
    return " ".join(UNFIT_FOR_LINE.sub(" ", text).split())


def unstructured(name: str, text: str) -> str:
    """Return a header with a text, such as Subject, that ends with CRLF."""
    line = one_line(text)
    room = LONGEST_LINE - len(f"{name}: ")
    words = line.split(" ")
    if not _is_plain(line) or max(map(len, words)) > room:
        words = _encoded_words(line, room)
    return _folded(name, words)


def mailbox(name: str, display_name: str, address: str) -> str:
    """Return a header with one mailbox, such as To, that ends with CRLF; `address` is ASCII."""
    phrase = one_line(display_name)
    if not phrase:
        return _folded(name, [address])
    room = LONGEST_LINE - len(f"{name}: ")
    plain = phrase if ATOMS.fullmatch(phrase) else f'"{quote(phrase)}"'
    fits = _is_plain(phrase) and len(plain) <= room
    words = [plain] if fits else _encoded_words(phrase, room)
    return _folded(name, [*words, f"<{address}>"])


def _is_plain(line: str) -> bool:
    """Whether mail programs read a line as it is written, outside and inside of quotes."""
    return bool(PRINTABLE.fullmatch(line)) and "=?" not in line


def _encoded_words(line: str, room: int) -> list[str]:
    """Return a line as encoded words of whole characters; the first has at most `room` octets."""
    words = []
    chunk = ""
    for character in line:
        if len(UTF_8.header_encode(chunk + character)) > room:
            words.append(UTF_8.header_encode(chunk))
            chunk, room = "", LONGEST_WORD
        chunk += character
    return [*words, UTF_8.header_encode(chunk)]


def _folded(name: str, words: list[str]) -> str:
    lines = [f"{name}: {words[0]}"]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= LONGEST_LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return "\r\n".join(lines) + "\r\n"
