"""Headers that any mail program decodes to the same text (RFC 2047, RFC 5322 3.2)."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.messages import headers
from tests.rfc2047 import ENCODED, decoded, read_mailbox

TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=st.characters(min_codepoint=0x400, max_codepoint=0x4FF), max_size=300),
    st.text(alphabet='aé "\\,;:()<>@.=?_', max_size=120),
    st.text(alphabet=" \t\r\n\u00a0\u3000\u200b\u202e=?q", max_size=60),
)
NAMES = st.sampled_from(["From", "To", "Reply-To", "Subject"])
FIELD_CASES = [
    "Please approve: Mock interview for PhD applications with Zoë Müller, "
    "Tue 1 Dec 2026, 16:00 (Berlin)",
    "Please approve: Mock interview for PhD applications with Łukasz Kowalski, "
    "Tue 1 Dec 2026, 16:00 (Berlin)",
    "Иванов-Петровский Александр Константинович, Новосибирск " * 4,
    "👩🏽‍💻 Ada",
    "王" * 200,
    "=?utf-8?q?a=40evil.com=3e=20?=",
]


def unfolded(header: str) -> str:
    """Return the value of a header after checking how it is folded."""
    assert header.isascii()
    assert header.endswith("\r\n")
    lines = header.removesuffix("\r\n").split("\r\n")
    assert not any(character in line for line in lines for character in "\r\n")
    assert all(line.startswith(" ") and line.strip() for line in lines[1:])
    for line in lines:
        words = re.findall(r"=\?.*?\?[bqBQ]\?.*?\?=", line)
        assert all(ENCODED.fullmatch(word) and len(word) <= 75 for word in words), line
        assert not words or len(line) <= 76, line
    return "".join(lines).partition(": ")[2]


@given(NAMES, TEXTS)
@example("Subject", FIELD_CASES[0])
@example("Subject", FIELD_CASES[1])
@example("Subject", FIELD_CASES[2])
@example("Subject", FIELD_CASES[3])
@example("Subject", FIELD_CASES[4])
@example("Subject", FIELD_CASES[5])
def test_unstructured_decodes_to_the_same_text(name: str, text: str) -> None:
    assert decoded(unfolded(headers.unstructured(name, text))) == headers.one_line(text)


@given(NAMES, TEXTS, st.sampled_from(["a@b.org", f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example.org"]))
@example("From", FIELD_CASES[2], "a@b.org")
@example("To", FIELD_CASES[4], "a@b.org")
@example("Reply-To", FIELD_CASES[5], "a@b.org")
@example("Reply-To", 'x" <eve@evil.test>, "y', "a@b.org")
def test_mailbox_decodes_to_the_same_name_and_address(name: str, text: str, address: str) -> None:
    value = unfolded(headers.mailbox(name, text, address))
    assert read_mailbox(value) == (headers.one_line(text), address)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "To: a@b.org\r\n"),
        ("Ann Example", "To: Ann Example <a@b.org>\r\n"),
        ("prof.dr. Jan de Vries", 'To: "prof.dr. Jan de Vries" <a@b.org>\r\n'),
        ('Ann "Jo" O\\Neil', 'To: "Ann \\"Jo\\" O\\\\Neil" <a@b.org>\r\n'),
        ("Zoë Alexandra", "To: =?utf-8?q?Zo=C3=AB_Alexandra?= <a@b.org>\r\n"),
        ("Лука", "To: =?utf-8?b?0JvRg9C60LA=?= <a@b.org>\r\n"),
    ],
)
def test_mailbox_is_as_readable_as_it_can_be(name: str, written: str) -> None:
    assert headers.mailbox("To", name, "a@b.org") == written


def test_unstructured_folds_plain_text_at_spaces() -> None:
    text = (
        "Please approve: Mock interview for applications with Zoe, Tue 1 Dec 2026, 16:00 (Berlin)"
    )
    assert headers.unstructured("Subject", text) == (
        "Subject: Please approve: Mock interview for applications with Zoe, Tue 1 Dec\r\n"
        " 2026, 16:00 (Berlin)\r\n"
    )


@given(st.text())
def test_one_line_has_no_control_characters(text: str) -> None:
    line = headers.one_line(text)
    assert line == " ".join(line.split())
    assert not {unicodedata.category(each) for each in line} & {"Cc", "Cs", "Zl", "Zp"}
