"""Small pieces of text: counted things, lists, ordinals, shortened texts."""

from collections.abc import Sequence
from functools import lru_cache

import regex

SLACK = 100
_CLUSTER = regex.compile(r"\X")
_CUT = " …"


def counted(number: int, noun: str) -> str:
    """Return a number and a noun: "1 day", "3 days"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(words: Sequence[str]) -> str:
    """Return "", "a", "a and b", "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def ordinal(number: int) -> str:
    """Return "1st", "2nd", "3rd", "4th", "11th" and so on."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


@lru_cache(maxsize=1024)
def shortened(text: str, most: int) -> str:
    """Return `text` with `most` characters at most; what is cut ends with "…".

    It is cut at a space among the last SLACK characters if there is one, else between two extended
    grapheme clusters (UAX 29). So the result has `most` - SLACK characters or more, unless one
    cluster is longer than that.
    """
    if len(text) <= most:
        return text
    end = space = 0
    after_space = True
    for cluster in _CLUSTER.finditer(text):
        is_space = cluster.group().isspace()
        if is_space and not after_space:
            space = cluster.start()
        after_space = is_space
        if cluster.end() > most - len(_CUT):
            break
        end = cluster.end()
    if space + len(_CUT) >= most - SLACK:
        return text[:space] + _CUT
    return text[:end] + _CUT.strip()
