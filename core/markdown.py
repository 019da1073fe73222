"""Markdown to safe HTML: the only place that marks text from outside as markup."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

# Nested brackets cost quadratic time, so the text is cut.
MAX_CHARACTERS = 10_000

TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
LINK_REL = "nofollow noopener ugc"
# The page has its own h1 and h2; headings in the text are demoted.
HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "typographer": False})
    return parser.enable(["linkify", "table", "strikethrough"]).disable("image")


_PARSER = _parser()


@lru_cache(maxsize=512)
def render(text: str) -> Markup:
    """Return `text`, which is CommonMark, as HTML that is safe on any page.

    Raw HTML is escaped, images become links, and links are http, https or mailto. Only the first
    MAX_CHARACTERS are read.
    """
    tokens = _PARSER.parse(text[:MAX_CHARACTERS])
    for token in tokens:
        token.tag = HEADINGS.get(token.tag, token.tag)
    dirty = _PARSER.renderer.render(tokens, _PARSER.options, {})
    clean = nh3.clean(
        dirty, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=LINK_REL
    )
    return Markup(clean)  # noqa: S704 - nh3 has sanitized it
