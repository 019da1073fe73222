"""Responses are compressed where that is safe, and decompress to the same bytes."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.db.transaction import transaction
from tests import pages
from tests.factories import add_organization, add_series

GZIP = {"Accept-Encoding": "br;q=1.0, gzip;q=0.8"}


@pytest.fixture
def client(sqlite_app: Flask) -> FlaskClient:
    with sqlite_app.app_context(), transaction() as session:
        add_organization(session)
        add_series(session)
    return sqlite_app.test_client()


def stylesheet(client: FlaskClient) -> str:
    return client.get("/").text.partition('rel="stylesheet" href="')[2].partition('"')[0]


@pytest.mark.parametrize("address", ["/", "/series/dlct/", "/sign-in/", "/api/v1/openapi.json"])
def test_page_is_compressed_for_those_who_accept_it(client: FlaskClient, address: str) -> None:
    plain = client.get(address)
    client.delete_cookie("convenor")
    packed = client.get(address, headers=GZIP)

    assert "Accept-Encoding" in packed.vary
    assert "Accept-Encoding" in plain.vary
    assert (plain.content_encoding, packed.content_encoding) == (None, "gzip")
    assert packed.content_length == len(packed.data) < len(plain.data)
    unpacked = gzip.decompress(packed.data)
    if address != "/sign-in/":  # which has a new CSRF token
        assert unpacked == plain.data


@pytest.mark.parametrize("refused", ["", "identity", "gzip;q=0", "br"])
def test_page_is_not_compressed_for_others(client: FlaskClient, refused: str) -> None:
    assert client.get("/", headers={"Accept-Encoding": refused}).content_encoding is None


def test_page_with_a_session_is_not_compressed(client: FlaskClient) -> None:
    first = client.get("/sign-in/", headers=GZIP)
    assert first.content_encoding == "gzip"

    with_secret = client.get("/sign-in/", headers=GZIP)

    assert with_secret.content_encoding is None
    assert pages.forms(with_secret)[0].values["csrf_token"] != [""]
    static = client.get(stylesheet(client), headers=GZIP, buffered=True)
    assert static.content_encoding == "gzip"


def test_static_file_has_a_weak_validator_when_compressed(client: FlaskClient) -> None:
    address = stylesheet(client)
    plain = client.get(address, buffered=True)
    packed = client.get(address, headers=GZIP, buffered=True)

    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    known = {**GZIP, "If-None-Match": packed.headers["ETag"]}
    again = client.get(address, headers=known, buffered=True)
    assert again.status_code == 304


@pytest.mark.parametrize("address", ["/calendar.ics", "/series/dlct.ics"])
def test_feed_is_not_compressed(client: FlaskClient, address: str) -> None:
    assert client.get(address, headers=GZIP).content_encoding is None


def test_head_has_the_headers_of_get(client: FlaskClient) -> None:
    got, headed = client.get("/", headers=GZIP), client.head("/", headers=GZIP)

    assert headed.data == b""
    assert dict(headed.headers) == dict(got.headers)
