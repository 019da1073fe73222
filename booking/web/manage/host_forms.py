"""The forms of who a host is: the first one, and the one on the page "About you"."""

import re
import unicodedata

from werkzeug.datastructures import MultiDict

from booking.domain.hosts import Host, HostSchema
from core.http import forms
from core.http.forms import FormData, Texts

LISTS = ("topics", "languages")
ABOUT = ("name", "zone", "bio", *LISTS, "meeting_url", "share_email")
"""The fields of the page "About you"."""


def parse_new(form: FormData) -> HostSchema:
    """Return a new host with a slug, a name and a zone; the name makes the slug. Raises Invalid."""
    slug = form.get("slug", "").strip() or slug_of(form.get("name", ""))
    typed = MultiDict({name: form.get(name, "") for name in ("name", "zone")})
    return forms.parse(HostSchema, typed, slug=slug)


def parse_about(form: FormData, host: Host) -> dict[str, object]:
    """Return the fields of the page "About you"; raise Invalid with errors by input."""
    topics, languages = (split(form.get(name, "")) for name in LISTS)
    after = forms.parse(HostSchema, form, base=host, topics=topics, languages=languages)
    return {name: getattr(after, name) for name in ABOUT}


def about(host: Host) -> Texts:
    """Return the texts of the page "About you"."""
    return {**forms.texts(host), **{name: ", ".join(getattr(host, name)) for name in LISTS}}


def split(text: str) -> list[str]:
    """Return the parts of a list that was typed in one input, separated by commas or lines."""
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]


def slug_of(title: str) -> str:
    """Return a slug made of a title: "Career chat!" gives "career-chat"."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("-")
