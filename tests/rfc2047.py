"""A strict reader of mail headers: encoded words (RFC 2047) and mailboxes (RFC 5322 3.4)."""

import base64
import quopri
import re

ENCODED = re.compile(r"=\?([^?\s]+)\?([bq])\?([^?\s]+)\?=", re.IGNORECASE)
ADDRESS = re.compile(r"(?:(?P<phrase>.*) )?(?P<angle><)?(?P<address>[^\s<>]+@[^\s<>]+)(?(angle)>)")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
ATOMS = re.compile(r"[\w!#$%&'*+/=?^`{|}~ -]+", re.ASCII)


def decoded(text: str) -> str:
    """Return a header's text as RFC 2047 6 reads it; each encoded word decodes by itself."""
    joined = re.sub(rf"({ENCODED.pattern})\s+(?==\?)", r"\1", text)
    return ENCODED.sub(_decoded_word, joined)


def _decoded_word(word: re.Match[str]) -> str:
    charset, encoding, content = word.groups()
    if encoding.lower() == "b":
        return base64.b64decode(content, validate=True).decode(charset)
    return quopri.decodestring(content, header=True).decode(charset)


def read_mailbox(value: str) -> tuple[str, str]:
    """Return display name and address of a header's only mailbox (RFC 5322 3.4)."""
    match = ADDRESS.fullmatch(value)
    assert match is not None, value
    phrase = match["phrase"] or ""
    if (quoted := QUOTED.fullmatch(phrase)) is not None:
        assert "=?" not in phrase
        return re.sub(r"\\(.)", r"\1", quoted[1]), match["address"]
    # Outside of quotes a phrase has atoms and encoded words only.
    assert ATOMS.fullmatch(phrase or "a"), phrase
    return decoded(phrase), match["address"]
