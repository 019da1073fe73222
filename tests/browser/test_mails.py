"""Mails as readers see them: the date block as on pages, whatever stands beside it."""

from datetime import UTC, datetime

import pytest
from flask import render_template_string

from tests.browser.conftest import OpenPage, Place

MAIL = """{% extends "mail/base.html" %}{% from "mail/parts.html" import dated %}
{% block body %}{% call dated(at, "UTC") %}{{ text }}{% endcall %}{% endblock %}
{% block footer %}{% endblock %}"""


@pytest.mark.parametrize("text", ["Chat", "Mock interview for PhD applications " * 5, "W" * 90])
def test_weekday_day_and_month_stay_on_a_line_each(
    place: Place, open_page: OpenPage, text: str
) -> None:
    at = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
    with place.app.test_request_context():
        mail = render_template_string(MAIL, at=at, text=text)
    page = open_page("about:blank", width=320)  # without the pages' policy
    page.set_content(mail)
    lines = "spans => spans.map(span => [span.innerText, span.getClientRects().length])"

    assert page.locator("td td > span").evaluate_all(lines) == [["WED", 1], ["25", 1], ["NOV", 1]]
    assert page.evaluate("document.documentElement.scrollWidth") == 320
