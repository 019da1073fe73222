"""Shortened texts: how long they are, and where they are cut."""

import regex
from hypothesis import given
from hypothesis import strategies as st

from core.words import SLACK, shortened

MOST = 300
PIECES = [
    *(
        "a ",
        "word",
        "\n",
        ". ",
        "研究",
        "。",
        "ภาษาไทย",
        "ก็",
        "देवनागरी",
        "क्षि",
        "한국어",
        "עברית ",
        "عربي ",
    ),
    *("e\u0301", "👩‍👩‍👧‍👦", "👋🏽", "🇩🇪🇫🇷", "1️⃣", "\r\n", "ẹ̣̈", "\u200d", "\u0600"),
]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=200, max_size=400).map("".join)


def boundaries(text: str) -> set[int]:
    return {0, *(cluster.end() for cluster in regex.finditer(r"\X", text))}


def longest_cluster(text: str) -> int:
    return max(len(cluster) for cluster in regex.findall(r"\X", text))


@given(TEXTS)
def test_shortened_ends_near_the_limit_and_between_graphemes(text: str) -> None:
    short = shortened(text, MOST)
    if len(text) <= MOST:
        assert short == text
        return
    assert MOST - max(SLACK, longest_cluster(text)) <= len(short) <= MOST
    kept = short.removesuffix("…")
    kept = kept if text.startswith(kept) and len(kept) in boundaries(text) else kept[:-1]
    assert text.startswith(kept)
    assert len(kept) in boundaries(text)


def test_shortened_cuts_at_the_last_space_that_is_near() -> None:
    assert shortened("word " * 40, 120) == "word " * 22 + "word …"
    assert shortened("GPT-4 的研究：" + "长" * 2000, 1500) == "GPT-4 的研究：" + "长" * 1488 + "…"


def test_shortened_keeps_what_fits() -> None:
    assert shortened("e\u0301" * 60, 120) == "e\u0301" * 60
    assert shortened("e\u0301" * 61, 120) == "e\u0301" * 59 + "…"


def test_shortened_never_cuts_a_grapheme_that_is_longer_than_the_limit() -> None:
    assert shortened("e" + "\u0301" * 500, 120) == "…"
