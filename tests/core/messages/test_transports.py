"""Transports send a message to its recipient only, and say whether to retry."""

import ssl
import subprocess
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from aiosmtpd.controller import Controller

from core.config import ROOT, Settings
from core.messages import mail, transports
from core.messages.mail import Mail
from core.messages.transports import Refused, Retry, Unreachable
from tests import processes
from tests.postman import FROM, scripted_server
from tests.rfc2047 import decoded, read_mailbox

NOW = datetime(2026, 6, 17, 16, 0, tzinfo=UTC)  # a Wednesday
INVITATION = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def built(recipient: str = "ann@example.org", key: str = "k") -> EmailMessage:
    content = Mail(to=recipient, subject="Hello", text="naïve\n", html="<p>naïve</p>")
    return mail.build(content, key=key, sender=FROM, host="x.org", now=NOW)


@pytest.mark.parametrize("recipient", ["eve@example.org", "Ann@example.org"])
def test_transports_refuse_an_envelope_that_is_not_the_header(recipient, tmp_path):
    message = built()
    transport = transports.FileTransport(tmp_path)
    with pytest.raises(Refused):
        transport.send(message, recipient)
    message["Bcc"] = "eve@example.org"
    with pytest.raises(Refused):
        transport.send(message, "ann@example.org")
    assert list(tmp_path.iterdir()) == []


def test_file_transport_replaces_a_message_that_is_sent_again(tmp_path):
    transport = transports.FileTransport(tmp_path / "mail")
    for key in ("one", "two", "one"):
        message = built(key=key)
        transport.send(message, "ann@example.org")
    files = sorted((tmp_path / "mail").iterdir())
    names = sorted(f"{mail.message_id(key, 'x.org')[1:41]}.eml" for key in ("one", "two"))
    assert [file.name for file in files] == names
    read = message_from_bytes(files[0].read_bytes(), policy=SMTP)
    assert read["To"].addresses[0].addr_spec == "ann@example.org"


def test_file_transport_that_cannot_write_is_unreachable(tmp_path):
    (tmp_path / "mail").write_text("a file where the folder should be")
    message = built()
    with pytest.raises(Unreachable):
        transports.FileTransport(tmp_path / "mail").send(message, "ann@example.org")


def test_console_transport_prints_what_a_person_reads(capsys):
    content = Mail("ann@example.org", "Hello", "naïve\n", "", calendar=INVITATION, method="REQUEST")
    message = mail.build(content, key="k", sender=FROM, host="x.org", now=NOW)
    transports.ConsoleTransport().send(message, "ann@example.org")
    printed = capsys.readouterr().out
    assert "To: ann@example.org\n" in printed
    assert "\n\nnaïve\n" in printed
    assert "[invite.ics]" in printed


def send(transport, recipient: str) -> None:
    transport.send(built(recipient), recipient)


@pytest.mark.parametrize(
    ("recipient", "outcome"),
    [
        ("refuse-421-a@example.org", Retry),
        ("refuse-450-a@example.org", Retry),
        ("refuse-550-a@example.org", Refused),
        ("refuse-552-a@example.org", Refused),
        ("decline-451-a@example.org", Retry),
        ("decline-552-a@example.org", Refused),
        ("drop-a@example.org", Retry),
        ("stall-a@example.org", Retry),
    ],
)
def test_smtp_transport_says_whether_to_try_again(recipient, outcome):
    with scripted_server() as server:
        with pytest.raises(outcome) as caught:
            send(server.transport, recipient)
        assert type(caught.value) is outcome
        send(server.transport, "ann@example.org")
        assert server.accepted[-1]["To"] == "ann@example.org"


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Müller, with a long name that needs more than one encoded word",
        "Иванов-Петровский Александр Константинович из Новосибирска",
        "王小明" * 30,
        'Ann "Jo" <eve@evil.test>',
        "=?utf-8?q?a=40evil.com=3e=20?=",
    ],
)
def test_smtp_transport_carries_names_and_subjects_in_any_script(name):
    content = Mail(
        to="ann@example.org",
        subject=f"Please approve: Mock interview with {name}, Tue 1 Dec 2026, 16:00 (Berlin)",
        text="Hi.\n",
        html="<p>Hi.</p>",
        to_name=name,
        from_name=name,
        reply_to=(name, "host@example.org"),
    )
    message = mail.build(content, key="k", sender=FROM, host="x.org", now=NOW)
    with scripted_server() as server:
        server.transport.send(message, "ann@example.org")
    raw = {field: value.replace("\r\n", "") for field, value in server.accepted[0].raw_items()}
    assert decoded(raw["Subject"]) == content.subject
    assert {field: read_mailbox(raw[field]) for field in ("From", "To", "Reply-To")} == {
        "From": (name, FROM[1]),
        "To": (name, "ann@example.org"),
        "Reply-To": (name, "host@example.org"),
    }


def test_smtp_transport_calls_a_closed_port_unreachable():
    with pytest.raises(Unreachable):
        send(transports.SmtpTransport("127.0.0.1", processes.free_port()), "ann@example.org")


def test_smtp_transport_calls_a_server_that_turns_all_away_unreachable():
    with scripted_server("554 not today") as server, pytest.raises(Unreachable):
        send(server.transport, "ann@example.org")


class Keeper:
    """An SMTP handler that records whether a message came over TLS."""

    def __init__(self):
        self.over_tls = []

    async def handle_DATA(self, server, session, envelope):
        self.over_tls.append((session.ssl is not None, envelope.rcpt_tos))
        return "250 OK"


@pytest.fixture
def certificate(tmp_path):
    """The server side of TLS with a self-signed certificate."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
        f" -keyout {key} -out {cert}",
        shell=True,
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context


def test_smtp_transport_uses_starttls_where_it_is_offered(certificate):
    keeper, port = Keeper(), processes.free_port()
    controller = Controller(keeper, hostname="127.0.0.1", port=port, tls_context=certificate)
    controller.start()
    try:
        send(transports.SmtpTransport("127.0.0.1", port), "ann@example.org")
    finally:
        controller.stop()
    assert keeper.over_tls == [(True, ["ann@example.org"])]


@pytest.mark.parametrize(
    ("url", "transport"),
    [
        ("console:", transports.ConsoleTransport),
        ("file:var/letters", transports.FileTransport(ROOT / "var/letters")),
        ("file:/tmp/letters", transports.FileTransport(ROOT / "/tmp/letters")),
        (
            "smtp://ann:p%40ss@relay.example.org:587",
            transports.SmtpTransport(
                "relay.example.org", 587, user="ann", password="p@ss", greets_as="127.0.0.1"
            ),
        ),
        (
            "smtps://relay.example.org",
            transports.SmtpTransport(
                "relay.example.org", 465, implicit_tls=True, greets_as="127.0.0.1"
            ),
        ),
    ],
)
def test_transport_is_what_mail_url_names(url, transport):
    made = transports.of(Settings(mail_url=url))
    assert made == transport or type(made) is transport
