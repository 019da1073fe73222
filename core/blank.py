"""Texts that look blank: nothing but characters that no reader sees."""

import re

# Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt), which Python does not know.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# The blank Braille pattern, a note without a head, and blanks among Egyptian hieroglyphs.
_EMPTY_GLYPHS = "\u2800\U0001d159\U00013441\U00013442"
_UNSEEN = re.compile(rf"[\s{_IGNORABLE}{_EMPTY_GLYPHS}]*")


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing: no character but spaces, invisible ones and fillers."""
    return _UNSEEN.fullmatch(text) is not None
