"""E-mail addresses: what is accepted, the one spelling that is kept, and words beside them."""

import re
import unicodedata

LOCAL_PART = re.compile(r"[a-z0-9._+'-]{1,64}")
DOMAIN = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


class BadAddress(ValueError):
    """The text is not an e-mail address that mail can safely be sent to."""


def check_address(text: str) -> str:
    """Return the address in lower case; raise BadAddress if it is none.

    Local parts are an allow-list: encoded words and percent hacks never reach an envelope. No mail
    server in use tells `Ada@` from `ada@`, and telephones write the first letter large.
    """
    local, at, domain = text.strip().lower().rpartition("@")
    fits = bool(at) and LOCAL_PART.fullmatch(local) and DOMAIN.fullmatch(domain)
    if not fits or local.startswith(".") or local.endswith(".") or ".." in local:
        raise BadAddress("Please give an e-mail address such as ada@example.org.")
    return f"{local}@{domain}"


def header_text(text: str) -> str:
    """Return `text` on one line: no controls, no line separators, no encoded word (RFC 2047)."""
    plain = "".join(" " if _breaks_lines(character) else character for character in text)
    return " ".join(plain.replace("=?", "= ?").split())


def _breaks_lines(character: str) -> bool:
    return character in BIDI_CONTROLS or unicodedata.category(character) in UNPRINTABLE
