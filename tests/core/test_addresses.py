"""E-mail addresses: accepted, stored in one form, shown in another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.addresses import BadAddress, check_address, readable


@pytest.mark.parametrize(
    ("written", "stored", "shown"),
    [
        ("Ada@Example.org", "ada@example.org", "ada@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example", "ada@bücher.example"),
        ("Ada@BÜCHER.example", "ada@xn--bcher-kva.example", "ada@bücher.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example", "ada@bücher.example"),
        ("ada@straße.de", "ada@xn--strae-oqa.de", "ada@straße.de"),
        ("ivan@пример.рф", "ivan@xn--e1afmkfd.xn--p1ai", "ivan@пример.рф"),
        ("taro@例え。テスト", "taro@xn--r8jz45g.xn--zckzah", "taro@例え.テスト"),
    ],
)
def test_address_has_one_stored_form_and_a_readable_one(written, stored, shown):
    assert check_address(written) == stored
    assert check_address(stored) == stored
    assert readable(stored) == shown


@pytest.mark.parametrize(
    "text",
    [
        "zoë@example.org",
        "\u212aate@example.org",  # the Kelvin sign, whose lower case is k
        "ada@xn--a.org",
        "ada@b\u202ecom.example",
        "ada@bü cher.example",
        "ada@bü_cher.example",
        "ada@bücher",
        "ada@example.org\r\nBcc: eve@evil.test",
        "=?utf-8?q?a=40evil.com=3e=20?=@bücher.example",
        "@bücher.example",
        "ada@" + "ü" * 64 + ".example",
    ],
)
def test_address_that_servers_or_people_may_misread_is_refused(text):
    with pytest.raises(BadAddress):
        check_address(text)


def of_length(local: int, total: int) -> str:
    """Return an address of `total` octets."""
    rest = total - local - len("@.org")
    labels = [("d" * 63, 64)] * (rest // 64)
    domain = ".".join([label for label, _ in labels] + (["d" * (rest % 64)] if rest % 64 else []))
    address = f"{'a' * local}@{domain}.org"
    assert len(address) == total
    return address


@pytest.mark.parametrize("local", [1, 33, 60, 64])
def test_address_has_at_most_254_octets(local):
    assert check_address(of_length(local, 254)) == of_length(local, 254)
    with pytest.raises(BadAddress, match="at most 254 characters"):
        check_address(of_length(local, 255))


def test_length_counts_the_octets_that_are_sent():
    domain = ".".join(["ü" * 30] * 6)
    assert len(f"ada@{domain}.example") < 254
    with pytest.raises(BadAddress):
        check_address(f"ada@{domain}.{'a' * 40}.example.{domain}")


@given(st.text(max_size=80), st.text(max_size=80))
def test_accepted_address_is_ascii_and_stays_the_same(local, domain):
    try:
        stored = check_address(f"{local}@{domain}.org")
    except BadAddress:
        return
    assert stored.isascii()
    assert check_address(stored) == stored
    assert check_address(readable(stored)) == stored
