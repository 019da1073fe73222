"""The colors of series: twelve accents of the stylesheet, so that neighbors can be told apart."""

from collections import Counter
from collections.abc import Iterable

COLORS = (
    *("rust", "blue", "green", "plum", "ochre", "indigo"),
    *("rose", "teal", "olive", "violet", "brown", "slate"),
)
"""Their names; a series stores the position."""


def least_used(used: Iterable[int]) -> int:
    """Return the color that the fewest series have, the first one of several."""
    counts = Counter(used)
    return min(range(len(COLORS)), key=lambda color: counts[color])
