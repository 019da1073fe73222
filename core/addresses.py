"""E-mail addresses: which are accepted, and how they are normalized."""

import re

LOCAL_PART = re.compile(r"[a-z0-9._+'-]{1,64}")
DOMAIN = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)


class BadAddress(ValueError):
    """The text is not an e-mail address to which mail can be sent safely."""


def check_address(text: str) -> str:
    """Return the address in lower case; raise BadAddress if it is not an address.

    Local parts are an allow-list: encoded words and percent hacks never reach an envelope. Mail
    servers treat `Ada@` and `ada@` alike, and phones capitalize the first letter.
    """
    local, at, domain = text.strip().lower().rpartition("@")
    fits = bool(at) and LOCAL_PART.fullmatch(local) and DOMAIN.fullmatch(domain)
    if not fits or local.startswith(".") or local.endswith(".") or ".." in local:
        raise BadAddress("Please give an e-mail address such as ada@example.org.")
    return f"{local}@{domain}"
