"""E-mail addresses: which are accepted, how they are normalized, and how people read them.

One form is stored and sent: lower case, with the domain in ASCII (an A-label, RFC 5890 2.3.2.1),
so every mail server accepts it. `readable` returns the domain as its owner writes it.
"""

import re

import idna

LONGEST = 254
"""Octets of an address (RFC 5321 4.5.3.1.3: a path of 256 with its angle brackets)."""

LOCAL_PART = re.compile(r"[a-z0-9._+'-]{1,64}")
DOMAIN = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
A_LABEL = "xn--"


class BadAddress(ValueError):
    """The text is not an e-mail address to which mail can be sent safely."""


def check_address(text: str) -> str:
    """Return the address as it is stored; raise BadAddress if it is not an address.

    Local parts are an allow-list: encoded words and percent hacks never reach an envelope. Mail
    servers treat `Ada@` and `ada@` alike, and phones capitalize the first letter.
    """
    local, at, domain = text.strip().rpartition("@")
    # Lower case of some other letters is ASCII, such as the Kelvin sign's.
    local = local.lower() if local.isascii() else ""
    domain = _ascii_domain(domain)
    fits = bool(at) and LOCAL_PART.fullmatch(local) and DOMAIN.fullmatch(domain)
    if not fits or local.startswith(".") or local.endswith(".") or ".." in local:
        raise BadAddress("Please give an e-mail address such as ada@example.org.")
    address = f"{local}@{domain}"
    if len(address) > LONGEST:
        raise BadAddress(f"Please give an e-mail address of at most {LONGEST} characters.")
    return address


def readable(address: str) -> str:
    """Return a stored address with its domain in the letters of its language."""
    local, at, domain = address.rpartition("@")
    if A_LABEL not in domain:
        return address
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except UnicodeError:
        return address  # stored before domains were checked


def _ascii_domain(domain: str) -> str:
    """Return a domain in lower case and ASCII, "" if it is not one (RFC 5891, UTS 46)."""
    domain = domain.lower()
    if domain.isascii() and A_LABEL not in domain:
        return domain
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode()
    except UnicodeError:
        return ""
