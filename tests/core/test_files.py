"""Files that are not text are refused in one line."""

import io

import pytest

from core import files
from core.files import UnreadableFile


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"a\nb: \xe9", "the byte 0xE9 in line 2 is not text in UTF-8; save the file as UTF-8 or"),
        (b"\xff\xfea", "the byte 0x61 in line 1 is not text in UTF-16"),
        (b"a\0b", "it is not a text file"),
        (b"x" * (files.MAX_BYTES + 1), "it is larger than 20 MB"),
    ],
)
def test_read_text_refuses_what_is_no_text(raw: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        files.read_text(io.BytesIO(raw))


def test_read_text_leaves_the_byte_order_mark() -> None:
    assert files.read_text(io.BytesIO(b"\xef\xbb\xbfa: 1")) == "a: 1"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("a: é\n€".encode(), ""),
        ("a: é\n€".encode("utf-8-sig"), ""),
        ("a: é\n€".encode("utf-16"), ""),
        (b"\xfe\xff" + "a: é\n€".encode("utf-16-be"), ""),
        ("a: é\n€".encode("utf-16-be"), "utf-16-be"),
        ("a: é\n€".encode("windows-1252"), "windows-1252"),
        ("a: é\n€".encode("utf-8-sig"), "windows-1252"),
    ],
)
def test_text_is_read_in_its_encoding_whole_and_by_line(raw: bytes, encoding: str) -> None:
    assert files.read_text(io.BytesIO(raw), encoding) == "a: é\n€"
    stream = io.BufferedReader(io.BytesIO(raw))
    assert list(files.lines(stream, encoding)) == ["a: é\n", "€"]


@pytest.mark.parametrize("encoding", ["latin-99", "rot13", "hex"])
def test_unknown_encoding_is_refused(encoding: str) -> None:
    words = f"there is no encoding {encoding!r}; known ones are utf-8, utf-16 and windows-1252"
    with pytest.raises(UnreadableFile, match=words):
        files.read_text(io.BytesIO(b"a"), encoding)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"a\nb\xe9\n", "the byte 0xE9 in line 2 is not text in UTF-8; save the file as UTF-8 or"),
        (b"\xff\xfea", "the byte 0x61 in line 1 is not text in UTF-16"),
        (b"a\n" + b"x" * (files.MAX_LINE + 1), "line 2 is longer than 1,000,000 characters"),
    ],
)
def test_lines_refuse_what_is_no_text(raw: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        list(files.lines(io.BufferedReader(io.BytesIO(raw))))


def test_lines_keep_their_ends_and_leave_the_stream_open() -> None:
    stream = io.BufferedReader(io.BytesIO(b"a\rb\r\nc\n"))
    assert list(files.lines(stream)) == ["a\r", "b\r\n", "c\n"]
    assert not stream.closed
