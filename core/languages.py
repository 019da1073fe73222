"""The English names of languages by their ISO 639 codes, from CLDR."""

from babel import Locale

_NAMES = Locale("en").languages


def language(code: str) -> str:
    """Return the English name of a language: "German" for "de"; an unknown code stays as it is."""
    name: str = _NAMES.get(code.strip().lower(), code)
    return name
