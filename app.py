"""The composition root: puts the areas together into one Flask app. Nothing imports it."""

from collections.abc import Callable, Mapping

import click
from flask import Blueprint, Flask
from flask_migrate import Migrate
from sqlalchemy.orm import Session

import accounts.cli
import accounts.files.community
import accounts.mails
import accounts.queries
import accounts.web.context
import accounts.web.views
import booking.files.community
import booking.jobs
import booking.mails
import booking.queries.hosts
import booking.services.idempotency
import booking.web.api.guest
import booking.web.api.host
import booking.web.manage.pages
import booking.web.public.blocks
import booking.web.public.booking_page
import booking.web.public.pages
import scheduler.cli
import scheduler.files.community
import scheduler.services.organizers
import scheduler.web.api.operations
import scheduler.web.manage.pages
import scheduler.web.public.feeds
import scheduler.web.public.pages
from accounts.web.context import HasArea
from core import config, worker
from core.config import Settings
from core.db.base import db
from core.db.engine import engine_options, prepare
from core.http import errors, health, openapi, security, templating
from core.messages import outbox, transports
from core.messages.delivery import Channel
from core.messages.mail import Composer, Mailbox, MailChannel, MailSettings
from core.refusals import SignInNeeded
from core.sections import Section
from core.worker import Job

BLUEPRINTS: tuple[Blueprint, ...] = (
    accounts.web.views.pages,
    scheduler.web.public.pages.pages,
    scheduler.web.public.feeds.pages,
    scheduler.web.manage.pages.pages,
    booking.web.public.pages.pages,
    booking.web.public.booking_page.pages,
    booking.web.manage.pages.pages,
    scheduler.web.api.operations.api,
    booking.web.api.guest.api,
    booking.web.api.guest.by_link,
    booking.web.api.host.api,
    openapi.pages,
)
JOBS: Mapping[str, Job] = {
    "booking reminders": booking.jobs.enqueue_due,
    "booking requests": booking.services.idempotency.delete_expired,
}
COMPOSERS: tuple[Callable[[MailSettings], Mapping[str, Composer]], ...] = (
    accounts.mails.composers,
    booking.mails.composers,
)
COMMANDS: tuple[click.Command, ...] = (
    accounts.cli.user,
    accounts.cli.token,
    scheduler.cli.import_file,
    scheduler.cli.export_file,
    scheduler.cli.demo,
)
AREAS: Mapping[str, HasArea] = {
    "organises": scheduler.services.organizers.organizes,
    "hosts": booking.queries.hosts.is_host,
}
SECTIONS: tuple[Section, ...] = (
    *accounts.files.community.SECTIONS,
    *scheduler.files.community.SECTIONS,
    *booking.files.community.SECTIONS,
)
HOME_BLOCKS = (booking.web.public.blocks.talk_to_someone,)
AGENDA_BLOCKS = (booking.web.public.blocks.agenda,)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the app; without `settings` it reads the environment.

    Served as `app:create_app()` it also runs the background jobs where the settings say so; under
    the command line it never does.
    """
    chosen = settings or config.read()
    app = Flask(__name__)
    app.extensions["convenor.settings"] = chosen
    app.config["SQLALCHEMY_DATABASE_URI"] = chosen.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(chosen.database_url)
    db.init_app(app)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        prepare(db.engine)
    security.init_app(app, chosen)
    errors.init_app(app)
    health.init_app(app)
    templating.init_app(app)
    accounts.web.context.init_app(app, AREAS)
    app.register_error_handler(SignInNeeded, accounts.web.views.to_sign_in)
    app.extensions["convenor.sections"] = SECTIONS
    app.extensions["convenor.home_blocks"] = HOME_BLOCKS
    app.extensions["convenor.agenda_blocks"] = AGENDA_BLOCKS
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    worker.init_app(app, JOBS, _channels(chosen))
    if settings is None and chosen.inline_worker and not click.get_current_context(silent=True):
        worker.start_inline(app)
    return app


def _channels(chosen: Settings) -> Mapping[str, Channel]:
    """Return what composes and sends messages, by the name of the channel."""
    mail_settings = MailSettings.of(chosen)

    def sender(session: Session) -> Mailbox:
        community = accounts.queries.organization(session)
        return mail_settings.sender(community.name, community.email)

    composers = {kind: write for of in COMPOSERS for kind, write in of(mail_settings).items()}
    mail = MailChannel(composers, transports.of(chosen), sender, mail_settings.host)
    return {outbox.MAIL: mail}
