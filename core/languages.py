"""The English names of languages by their ISO 639 codes, from CLDR."""

from babel import Locale

_NAMES = {code.replace("_", "-").lower(): name for code, name in Locale("en").languages.items()}


def language(code: str) -> str:
    """Return the English name of a language: "German" for "de"; an unknown code stays as it is."""
    name: str = _NAMES.get(code.strip().lower(), code)
    return name
