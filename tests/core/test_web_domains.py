"""Names that look like web addresses."""

import pytest

from core.web_domains import has_web_address


@pytest.mark.parametrize(
    "name",
    [
        "prof.dr. Jan de Vries",
        "prof.dr. Jan",
        "Jan de.Vries",
        "M.Sc",
        "J.R.R. Tolkien",
        "Node.js",
        "Dr.med. Anna Schmidt",
        "Ann Smith, Ph.D.",
        "St.John Rivers",
        "Ann @ Example",
        "Ada/Grace",
        "王.小明",
        "",
    ],
)
def test_names_with_dots_are_names(name):
    assert not has_web_address(name)


@pytest.mark.parametrize(
    "name",
    [
        "https://evil.test",
        "Ann ftp://x",
        "Ann www.evil.test/x",
        "WWW.evil",
        "evil.com",
        "Ann evil.com",
        "Ann EVIL.COM ",
        "Ann evil.co.uk",
        "see evil.io/offer now",
        "Ann@evil.com",
        "x.evil-site.ck/a",
        "спам.рф",
        "evil.xn--p1ai",
    ],
)
def test_names_with_links_are_found(name):
    assert has_web_address(name)
