"""Mails become MIME messages of the right shape with one recipient."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, TemplateRuntimeError, UndefinedError

from core.addresses import BadAddress
from core.config import ROOT, Settings
from core.messages import mail
from core.messages.mail import Mail, MailSettings
from tests.postman import FROM

NOW = datetime(2026, 6, 17, 16, 0, tzinfo=UTC)  # a Wednesday
LINE_BREAKS = [
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\v",
    "\f",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
]
INVITATION = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nX-WORDS:na\xc3\xafve\r\nEND:VCALENDAR\r\n"


def a_mail(**fields) -> Mail:
    values = {"to": "ann@example.org", "subject": "Hello", "text": "Hi.\n", "html": "<p>Hi.</p>"}
    return Mail(**{**values, **fields})


def built(**fields):
    """Return the message of a mail as a mail program parses it, and its bytes."""
    message = mail.build(
        a_mail(**fields), key="k", sender=FROM, host="calendar.example.org", now=NOW
    )
    return message_from_bytes(message.as_bytes(), policy=SMTP), message.as_bytes()


def test_build_writes_the_headers():
    message, _ = built(to_name="Ann Example", reply_to=("Host A", "a@example.org"))
    assert {name: str(value) for name, value in message.items() if name != "Content-Type"} == {
        "From": "The community <post@example.org>",
        "To": "Ann Example <ann@example.org>",
        "Reply-To": "Host A <a@example.org>",
        "Subject": "Hello",
        "Date": "Wed, 17 Jun 2026 16:00:00 +0000",
        "Message-ID": "<8254c329a92850f6d539dd376f4816ee2764517d@calendar.example.org>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
    }


def test_build_orders_the_parts_as_mail_programs_expect_an_invitation():
    message, content = built(calendar=INVITATION, method="REQUEST")
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    calendar = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_param("charset").upper() == "UTF-8"
    assert calendar["Content-Transfer-Encoding"] == "base64"
    assert calendar.get_payload(decode=True) == INVITATION
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("invite.ics", INVITATION)
    assert content.isascii()


def test_build_without_a_calendar_is_text_and_html():
    message, content = built(text="naïve\n")
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert message.get_body(("plain",)).get_content() == "naïve\r\n"
    assert content.isascii()


@pytest.mark.parametrize("method", [None, "CANCEL", "REQUES"])
def test_build_refuses_a_method_that_the_calendar_does_not_say(method):
    with pytest.raises(ValueError, match="METHOD"):
        built(calendar=INVITATION, method=method)


def test_message_id_is_the_same_for_one_key_and_differs_for_two():
    assert mail.message_id("a", "x.org") == mail.message_id("a", "x.org")
    assert mail.message_id("a", "x.org") != mail.message_id("b", "x.org")
    assert mail.message_id("a", "::1").endswith("@localhost>")


@pytest.mark.parametrize("separator", LINE_BREAKS)
@pytest.mark.parametrize("field", ["subject", "to_name", "from_name"])
def test_build_keeps_every_line_break_out_of_headers(field, separator):
    message, content = built(**{field: f"Ann{separator}Bcc: eve@evil.test"})
    assert message["Bcc"] is None
    assert len(message["To"].addresses) == 1
    head = content.partition(b"\r\n\r\n")[0]
    assert b"\r\nBcc" not in head
    assert b"\nBcc" not in head


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_build_addresses_one_person_whatever_the_names(name, subject):
    message, _ = built(to_name=name, subject=subject, from_name=name)
    assert [address.addr_spec for address in message["To"].addresses] == ["ann@example.org"]
    assert [address.addr_spec for address in message["From"].addresses] == ["post@example.org"]
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    "name",
    [
        'x" <eve@evil.test>, "y ' * 8,
        "Ann, Eve <eve@evil.test>, and friends " * 4,
        "a" * 190 + '"',
        "a; b: c (d) " * 15,
        "\\" * 200,
        "é, <eve@evil.test> " * 9,
    ],
)
def test_build_quotes_names_that_are_longer_than_a_line(name):
    _, content = built(to_name=name, from_name=name, reply_to=(name, "host@example.org"))
    message = message_from_bytes(content, policy=SMTP)
    for header, address in (
        ("To", "ann@example.org"),
        ("From", "post@example.org"),
        ("Reply-To", "host@example.org"),
    ):
        assert [each.addr_spec for each in message[header].addresses] == [address]


@pytest.mark.parametrize(
    "address",
    [
        "=?utf-8?q?a=40evil.com=3e=20?=x@example.org",
        "a%evil.test@example.org",
        '"a b"@example.org',
        "a@b@example.org",
        "a,b@example.org",
        "a\r\nb@example.org",
        "a" * 65 + "@example.org",
        "a@[127.0.0.1]",
        "@example.org",
        "",
    ],
)
def test_build_refuses_an_address_that_can_be_read_twice(address):
    with pytest.raises(BadAddress):
        built(to=address)
    with pytest.raises(BadAddress):
        built(reply_to=("Host A", address))


def test_render_escapes_html_and_not_text(monkeypatch):
    templates = {
        "mail/note/subject.txt": "For {{ name }}\n",
        "mail/note/body.txt": "Dear {{ name }}\n\n",
        "mail/note/body.html": "<p>Dear {{ name }}</p>",
    }
    monkeypatch.setattr(mail.TEMPLATES, "loader", DictLoader(templates))
    rendered = mail.render("note", {"name": "<b> & Co"}, to="ann@example.org")
    assert rendered == Mail(
        to="ann@example.org",
        subject="For <b> & Co",
        text="Dear <b> & Co\n",
        html="<p>Dear &lt;b&gt; &amp; Co</p>",
    )
    with pytest.raises(UndefinedError, match="name"):
        mail.render("note", {}, to="ann@example.org")


def test_frame_holds_body_button_and_footer(monkeypatch):
    frame = (ROOT / "templates/mail/base.html").read_text()
    parts = (ROOT / "templates/mail/parts.html").read_text()
    body = (
        '{% extends "mail/base.html" %}{% from "mail/parts.html" import button %}'
        "{% block body %}<p>{{ words }}</p>{% endblock %}"
        "{% block action %}{{ button(url, 'Open') }}{% endblock %}"
    )
    footer = "{% block footer %}We sent this because you asked.{% endblock %}"
    templates = {
        "mail/base.html": frame,
        "mail/parts.html": parts,
        "mail/note/subject.txt": "s",
        "mail/note/body.txt": "t",
        "mail/note/body.html": body + footer,
        "mail/bare/subject.txt": "s",
        "mail/bare/body.txt": "t",
        "mail/bare/body.html": body,
    }
    monkeypatch.setattr(mail.TEMPLATES, "loader", DictLoader(templates))
    values = {"words": "a<b", "url": "https://x.test/?a=1&b=2"}
    html = mail.render("note", values, to="a@b.org").html
    with pytest.raises(TemplateRuntimeError, match="footer"):
        mail.render("bare", values, to="a@b.org")
    assert "We sent this because you asked." in html
    assert "max-width:600px" in html
    assert "<p>a&lt;b</p>" in html
    assert 'href="https://x.test/?a=1&amp;b=2"' in html


@pytest.mark.parametrize(
    ("chosen", "sender"),
    [
        (Settings(mail_from="post@Example.org"), ("Community", "post@example.org")),
        (Settings(mail_from="ML <post@example.org>"), ("ML", "post@example.org")),
        (Settings(base_url="https://cal.example.org"), ("Community", "convenor@cal.example.org")),
        (Settings(), ("Community", "convenor@localhost")),
    ],
)
def test_sender_is_mail_from_else_the_organization_at_the_host(chosen, sender):
    assert MailSettings.of(chosen).sender("Community", None) == sender


def test_sender_is_the_organizations_own_address_without_mail_from():
    own = ("Community", "post@mlc.example")
    assert MailSettings.of(Settings()).sender(*own) == own
    fixed = Settings(mail_from="post@example.org")
    assert MailSettings.of(fixed).sender(*own) == ("Community", "post@example.org")
