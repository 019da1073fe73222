"""Read pages in tests: their forms with the current values, and their text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TYPED = ("input", "select", "textarea")
UNTYPED = ("hidden", "submit", "button")
UNSHOWN = ("script", "style", "template", "head")


@dataclass
class Form:
    """A form: its action, its method, and the values it sends if nothing is changed.

    `typed` are the names of the inputs that a person fills in, `pressed` is what its first button
    with a name sends.
    """

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)
    pressed: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._open: Form | None = None
        self._select: str | None = None
        self._area: str | None = None
        self._unshown = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag in UNSHOWN:
            self._unshown += 1
        if tag == "form":
            self._open = Form(has.get("action", ""), has.get("method", "get").lower())
            self.forms.append(self._open)
        name = has.get("name", "")
        if tag in TYPED and has.get("type") not in UNTYPED and name and self._open is not None:
            self._open.typed.add(name)
        if tag == "button" and name and self._open is not None and not self._open.pressed:
            self._open.pressed = {name: has.get("value", "")}
        if tag == "input" and name:
            kind = has.get("type", "text")
            chosen = kind not in ("checkbox", "radio") or "checked" in has
            if chosen and kind not in ("submit", "button", "image", "reset", "file"):
                self._carry(name, has.get("value", "on" if kind == "checkbox" else ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and self._open is not None:
            # Without a chosen one the first counts, as in a browser.
            if "selected" in has or self._select not in self._open.values:
                self._open.values[self._select] = [has.get("value", "")]
        elif tag == "textarea" and name:
            self._area = name
            self._carry(name, "")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSHOWN:
            self._unshown -= 1
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area and self._open is not None:
            # One newline after the tag is the markup's, not the person's.
            self._open.values[self._area][-1] += data.removeprefix("\n")
        if not self._unshown:
            self.words.append(data)

    def _carry(self, name: str, value: str) -> None:
        if self._open is not None:
            self._open.values.setdefault(name, []).append(value)


def forms(response: TestResponse) -> list[Form]:
    """Return the forms of a page in their order."""
    return _read(response).forms


def text(response: TestResponse) -> str:
    """Return the text of a page with single spaces."""
    return " ".join(" ".join(_read(response).words).split())


def submit(
    client: FlaskClient,
    page: TestResponse,
    values: Mapping[str, str | list[str]] | None = None,
    *,
    action: str = "",
) -> TestResponse:
    """Send the page's form (the first POST one whose address holds `action`) with `values` on top.

    Everything the form carries goes with it, hidden inputs too. Redirects are not followed.
    """
    fitting = [
        form
        for form in forms(page)
        if form.method == "post" and action in (form.action or page.request.path)
    ]
    assert fitting, f"no form that posts to {action!r} on {page.request.path}"
    return client.post(
        fitting[0].action or page.request.path, data={**fitting[0].values, **(values or {})}
    )


def _read(response: TestResponse) -> _Reader:
    reader = _Reader()
    reader.feed(response.text)
    reader.close()
    return reader
