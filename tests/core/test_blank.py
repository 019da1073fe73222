"""Texts in which a reader sees nothing."""

import unicodedata

import pytest

from core.blank import is_blank

INVISIBLE = [
    "",
    " \t\r\n",
    "\u00a0\u2003\u3000\u1680",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\u00ad\u034f\u061c",
    "\u115f\u1160\u3164\uffa0",
    "\u17b4\u17b5\u180b\u180e",
    "\ufe00\ufe0f\U000e0100\U000e0020",
    "\u2800",
    "\U0001d159",
    "\u200e\u200f\u202e\u2066",
]


@pytest.mark.parametrize("text", INVISIBLE)
def test_invisible_text_is_blank(text):
    assert is_blank(text)
    assert is_blank(f" {text}\u200b")
    assert not is_blank(f"{text}a")


@pytest.mark.parametrize("text", ["a", "王", "٠", "👩🏽‍💻", "❤️", "-", ".", "\u0301", "نـ"])
def test_visible_text_is_not_blank(text):
    assert not is_blank(text)


def test_letters_digits_and_signs_are_visible():
    fillers = {"\u115f", "\u1160", "\u2800", "\u3164"}
    seen = [chr(code) for code in range(0x3200) if unicodedata.category(chr(code))[0] in "LNPS"]
    assert {each for each in seen if is_blank(each)} == fillers
