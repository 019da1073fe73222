"""Web addresses in a text that should have none, such as a name."""

import re
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

MARKS = re.compile(r"://|www\.", re.IGNORECASE)
# A label of two characters or more, a dot and the last label, before a path or the end.
DOMAIN = re.compile(r"[\w-]{2,}\.([\w-]{2,})(?=/|$)")


def has_web_address(text: str) -> bool:
    """Whether mail programs would make a link of a part of `text`.

    That is `://`, `www.`, or a name under a real top-level domain before a slash or at the end:
    "evil.com/x", but not "prof.dr. Jan", "M.Sc" or "Node.js".
    """
    if MARKS.search(text):
        return True
    return any(_is_top_level(label) for label in DOMAIN.findall(text.strip()))


def _is_top_level(label: str) -> bool:
    # A name below it is asked for, because some domains allow none directly ("*.ck").
    return _suffixes().publicsuffix(f"a.{label.lower()}") is not None


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)
