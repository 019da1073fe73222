"""Files that are not text are refused in one line."""

import io

import pytest

from core import files
from core.files import UnreadableFile


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xff\xfe", "it is not text in UTF-8"),
        (b"a\0b", "it is not a text file"),
        (b"x" * (files.MAX_BYTES + 1), "it is larger than 20 MB"),
    ],
)
def test_read_text_refuses_what_is_no_text(raw: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        files.read_text(io.BytesIO(raw))


def test_read_text_leaves_the_byte_order_mark() -> None:
    assert files.read_text(io.BytesIO(b"\xef\xbb\xbfa: 1")) == "a: 1"
