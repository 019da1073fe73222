"""One booking, what its guest and host do with it, and the mails that come of it."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from accounts.domain.actors import Actor, ActorKind
from booking.domain.office_hours import OfficeHoursPath
from booking.domain.proposals import ProposalSchema
from booking.queries import bookings as booking_queries
from booking.queries import hosts as host_queries
from booking.services import absence, bookings, entry_changes, host_bookings, lapsing, proposals
from booking.services import hosts as host_services
from booking.services import office_hours as office_hours_services
from core import parts
from core.db.transaction import transaction
from core.messages.delivery import deliver_due
from tests.factories_booking import NOW, at, wanted

WED, TUE, THU = at("2026-06-10 07:00"), at("2026-06-09 07:00"), at("2026-06-11 07:00")
GUEST, HOST = "ann@example.org", "host-a@example.org"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WED_HOST = "Wed 10 Jun 2026, 09:00 (Berlin)"
TUE_GUEST, WED_GUEST, THU_GUEST = (
    f"{day} Jun 2026, 03:00 (New York)" for day in ("Tue 9", "Wed 10", "Thu 11")
)


@dataclass
class Transport:
    """Keeps each mail once; `failure` is raised instead, after keeping it if it is `lost` later."""

    failure: Exception | None = None
    kept_before_failure: bool = False
    mails: dict[str, object] = field(default_factory=dict)

    def send(self, content, _to):
        if self.failure is None or self.kept_before_failure:
            self.mails.setdefault(content["Message-ID"], content)
        if self.failure is not None:
            raise self.failure


@dataclass(frozen=True)
class Received:
    """A mail as its recipient's calendar and eyes take it."""

    subject: str
    method: str | None = None
    sequence: int | None = None


class Stage:
    """One booking, what its guest and host do with it, and the mails that come of it."""

    def __init__(self, app, session, settings, offer, lock):
        self.session, self.settings, self.offer, self.lock = session, settings, offer, lock
        self.transport = Transport()
        mail = parts.of(app).channels["mail"]
        self.channels = {"mail": replace(mail, transport=self.transport)}
        self.now = NOW
        self.ref = ""

    @property
    def booking(self):
        return booking_queries.by_ref(self.session, self.ref)

    @property
    def owner(self):
        host = host_queries.by_id(self.session, self.offer.host_id)
        return Actor.person(host.person_id, host.email)

    def do(self, verb, *arguments, **fields):
        self.now += MINUTE
        with transaction() as session:
            return verb(session, *arguments, self.now, **fields)

    def book(self, starts_at=WED):
        address = OfficeHoursPath("host-a", self.offer.slug)
        made = self.do(bookings.book, address, wanted(starts_at), domain="example.org")
        self.ref = made.booking.id

    def by_link(self, verb, *arguments):
        secret_key = self.settings.secret_key
        token = booking_queries.link_token(self.booking, secret_key)
        return self.do(verb, token, *arguments, secret_key=secret_key)

    def move(self, starts_at):
        self.by_link(bookings.reschedule, starts_at)

    def cancel(self):
        self.by_link(bookings.cancel)

    def as_host(self, verb):
        self.do(verb, "host-a", self.ref, self.owner)

    def lapse(self, at):
        """Let the time come at which the request lapses."""
        self.now = max(self.now, at)
        with transaction() as session:
            return lapsing.lapse_due(session, self.now)

    def tell_absence(self, **fields):
        secret_key = self.settings.secret_key
        token = booking_queries.link_token(self.booking, secret_key)
        self.do(absence.report, token, secret_key=secret_key, **fields)

    def move_as_host(self, starts_at):
        self.do(host_bookings.move, "host-a", self.ref, starts_at, self.owner)

    def propose(self, *starts, reason=None):
        proposed = ProposalSchema(starts=starts, reason=reason)
        self.do(proposals.propose, "host-a", self.ref, proposed, self.owner)

    def choose(self, starts_at):
        self.by_link(proposals.choose, starts_at)

    def verify(self):
        path = booking_queries.mailed_path(self.booking, self.settings.secret_key)
        token = path.removeprefix("/bookings/").removesuffix("/")
        self.do(bookings.verify, token, secret_key=self.settings.secret_key)

    def approve(self):
        self.as_host(host_bookings.approve)

    def decline(self):
        self.as_host(host_bookings.decline)

    def cancel_as_host(self):
        self.as_host(host_bookings.cancel)

    def edit_host(self, **fields):
        """Let the host change what pages and calendars say of them."""
        self.do(edit_host, fields)

    def retitle(self, title):
        self.do(retitle, self.offer.slug, title)

    def send_entries(self, at):
        """Let the job run that sends changed calendar entries; return how many it sent."""
        self.now = max(self.now, at)
        with transaction() as session:
            return entry_changes.send_due(session, self.now, 5 * MINUTE)

    def deliver(self, failure=None, *, kept=False):
        self.now += MINUTE
        self.transport.failure, self.transport.kept_before_failure = failure, kept
        return deliver_due(self.channels, self.lock, self.now)

    def received(self, recipient):
        return [_received(each) for each in self.mails(recipient)]

    def mails(self, recipient):
        return [each for each in self.transport.mails.values() if recipient in each["To"]]


def edit_host(session, fields, now):
    row = host_services.lock(session, "host-a")
    host_services.update(session, row, fields, now, actor=Actor(ActorKind.COMMAND_LINE, "tests"))
    return row


def retitle(session, slug, title, now):
    row = host_services.lock(session, "host-a")
    body = {"slug": slug, "title": title}
    office_hours_services.save(
        session, row, body, now, actor=Actor(ActorKind.COMMAND_LINE, "tests")
    )


def entry(content, name):
    calendar = content.get_body(("calendar",))
    if calendar is None:
        return None
    lines = calendar.get_content().replace("\r\n ", "").splitlines()
    return next(line.partition(":")[2] for line in lines if line.startswith(f"{name}:"))


def _received(content):
    sequence = entry(content, "SEQUENCE")
    return Received(
        content["Subject"], entry(content, "METHOD"), None if sequence is None else int(sequence)
    )


def chat(prefix, when, other="Host A"):
    return f"{prefix}: Career chat with {other}, {when}"
