"""Markdown becomes HTML that is safe on any page."""

from html.parser import HTMLParser

import pytest

from core.markdown import ATTRIBUTES, MAX_CHARACTERS, TAGS, render

PROBES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![a](javascript:alert(1))",
    "![a](https://example.org/a.png)",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    "<javascript:alert(1)>",
    '[a](https://x.org "t\\" onmouseover=alert(1) ")',
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>a</a>",
    "<iframe src=https://x.org></iframe>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "```html\n</code></pre><script>alert(1)</script>\n```",
    "`<script>`",
    "[a]: javascript:alert(1)\n\n[a]",
    "<style>*{display:none}</style>",
    "a | b\n-|-\n<script> | [x](javascript:1)",
    "<!-- --><script>alert(1)</script>",
    "www.example.org/<script>alert(1)</script>",
)


class Seen(HTMLParser):
    """The tags and attributes in HTML, as a browser parses them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name == "href"]


def seen(text: str) -> Seen:
    parser = Seen()
    parser.feed(str(render(text)))
    return parser


@pytest.mark.parametrize("probe", PROBES)
def test_render_lets_nothing_run(probe: str) -> None:
    found = seen(probe)
    allowed = {(tag, name) for tag, names in ATTRIBUTES.items() for name in names} | {("a", "rel")}
    assert found.tags <= TAGS
    assert found.attributes <= allowed
    assert all(href.startswith(("https://", "http://", "mailto:")) for href in found.addresses)


def test_render_sets_prose() -> None:
    assert render("A *b* **c**\n\n- d\n- e") == (
        "<p>A <em>b</em> <strong>c</strong></p>\n<ul>\n<li>d</li>\n<li>e</li>\n</ul>\n"
    )


def test_render_marks_links_as_somebody_elses() -> None:
    assert render("See https://arxiv.org/abs/2005.14165.") == (
        '<p>See <a href="https://arxiv.org/abs/2005.14165" rel="nofollow noopener ugc">'
        "https://arxiv.org/abs/2005.14165</a>.</p>\n"
    )


def test_render_puts_headings_below_those_of_the_page() -> None:
    assert render("# A\n\n## B") == "<h3>A</h3>\n<h4>B</h4>\n"


def test_render_sets_tables() -> None:
    assert {"table", "thead", "tbody", "tr", "th", "td"} <= seen("a | b\n-|-\n1 | 2").tags


def test_render_reads_no_more_than_its_cap() -> None:
    assert render("a" * MAX_CHARACTERS + "b") == f"<p>{'a' * MAX_CHARACTERS}</p>\n"


def test_render_of_nothing_is_nothing() -> None:
    assert render("") == ""
