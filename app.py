"""The composition root: assembles one Flask app from the areas. Nothing imports it."""

from collections.abc import Callable, Mapping

import click
from flask import Blueprint, Flask
from flask_migrate import Migrate
from sqlalchemy.orm import Session
from werkzeug.serving import is_running_from_reloader

import accounts.cli
import accounts.files.community
import accounts.mails
import accounts.queries
import accounts.web.admin_page
import accounts.web.context
import accounts.web.me_page
import accounts.web.sign_in_pages
import booking.files.community
import booking.jobs
import booking.mails
import booking.queries.hosts
import booking.resent_links
import booking.services.idempotency
import booking.services.samples
import booking.services.zone_changes
import booking.web.api.guest
import booking.web.api.host
import booking.web.api.host_bookings
import booking.web.manage.pages
import booking.web.public.answer_page
import booking.web.public.blocks
import booking.web.public.booking_page
import booking.web.public.pages
import booking.web.public.resend_page
import scheduler.cli
import scheduler.files.community
import scheduler.services.organizers
import scheduler.services.zone_changes
import scheduler.web.api.operations
import scheduler.web.manage.pages
import scheduler.web.public.feeds
import scheduler.web.public.pages
from core import config, limits, parts, worker, zone_updates, zones
from core.config import Settings
from core.db.base import db
from core.db.engine import engine_options, prepare
from core.http import compression, errors, health, openapi, security, templating
from core.http.blocks import Block
from core.jobs import Job
from core.messages import outbox, transports
from core.messages.delivery import Channel
from core.messages.mail import Composer, Mailbox, MailChannel, MailSettings
from core.parts import AreaCheck, Parts, Sample
from core.refusals import SignInNeeded
from core.sections import Section

BLUEPRINTS: tuple[Blueprint, ...] = (
    accounts.web.sign_in_pages.pages,
    accounts.web.me_page.pages,
    accounts.web.admin_page.pages,
    scheduler.web.public.pages.pages,
    scheduler.web.public.feeds.pages,
    scheduler.web.manage.pages.pages,
    booking.web.public.pages.pages,
    booking.web.public.resend_page.pages,
    booking.web.public.booking_page.pages,
    booking.web.public.answer_page.pages,
    booking.web.manage.pages.pages,
    scheduler.web.api.operations.api,
    booking.web.api.guest.api,
    booking.web.api.guest.by_link,
    booking.web.api.host.api,
    booking.web.api.host_bookings.api,
    openapi.pages,
)
JOBS: tuple[Job, ...] = (
    booking.jobs.REMINDERS,
    booking.jobs.LAPSES,
    booking.jobs.ENTRIES,
    booking.services.idempotency.DELETE_EXPIRED,
    limits.DELETE_EXPIRED,
    zone_updates.job(
        [scheduler.services.zone_changes.DERIVATION, booking.services.zone_changes.DERIVATION]
    ),
)
COMPOSERS: tuple[Callable[[MailSettings], Mapping[str, Composer]], ...] = (
    accounts.mails.composers,
    booking.mails.composers,
    booking.resent_links.composers,
)
COMMANDS: tuple[click.Command, ...] = (
    accounts.cli.user,
    accounts.cli.token,
    scheduler.cli.import_file,
    scheduler.cli.export_file,
    scheduler.cli.demo,
)
AREAS: Mapping[str, AreaCheck] = {
    "organizes": scheduler.services.organizers.organizes,
    "hosts": booking.queries.hosts.is_host,
}
SECTIONS: tuple[Section, ...] = (
    *accounts.files.community.SECTIONS,
    *scheduler.files.community.SECTIONS,
    *booking.files.community.SECTIONS,
)
HOME_BLOCKS: tuple[Block, ...] = (booking.web.public.blocks.talk_to_someone,)
AGENDA_BLOCKS: tuple[Block, ...] = (booking.web.public.blocks.agenda,)
SAMPLES: tuple[Sample, ...] = (booking.services.samples.propose,)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the app; without `settings` it reads the environment.

    Served as `app:create_app()` it also runs the background jobs, if the settings say so. Commands
    never run them, and `flask run` says so.
    """
    chosen = settings or config.read()
    zones.use(zones.read(chosen.tzdata_dir))
    app = Flask(__name__)
    parts.init_app(
        app,
        Parts(
            settings=chosen,
            sections=SECTIONS,
            jobs=JOBS,
            channels=_channels(chosen),
            areas=AREAS,
            home_blocks=HOME_BLOCKS,
            agenda_blocks=AGENDA_BLOCKS,
            samples=SAMPLES,
        ),
    )
    app.config["SQLALCHEMY_DATABASE_URI"] = chosen.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(chosen.database_url)
    db.init_app(app)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        prepare(db.engine)
    security.init_app(app, chosen)
    compression.init_app(app)
    errors.init_app(app)
    health.init_app(app)
    templating.init_app(app)
    accounts.web.context.init_app(app)
    app.register_error_handler(SignInNeeded, accounts.web.sign_in_pages.to_sign_in)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    worker.init_app(app)
    running = click.get_current_context(silent=True)
    if running is None and settings is None and chosen.inline_worker:
        worker.start_inline(app)
    elif running is not None and running.info_name == "run" and not is_running_from_reloader():
        click.echo("flask run does not send mail: run `flask worker` as well.", err=True)
    return app


def _channels(chosen: Settings) -> Mapping[str, Channel]:
    """Return the channels of messages by name."""
    mail_settings = MailSettings.of(chosen)

    def sender(session: Session) -> Mailbox:
        community = accounts.queries.organization(session)
        return mail_settings.sender(community.name, community.email)

    composers = {kind: write for of in COMPOSERS for kind, write in of(mail_settings).items()}
    mail = MailChannel(composers, transports.of(chosen), sender, mail_settings.host)
    return {outbox.MAIL: mail}
