"""The composition root: puts the areas together into one Flask app. Nothing imports it."""

from collections.abc import Callable, Mapping

import click
from flask import Blueprint, Flask
from flask_migrate import Migrate
from sqlalchemy.orm import Session

import accounts.cli
import accounts.importing
import accounts.mails
import accounts.queries
import accounts.web.context
import accounts.web.views
import booking.importing
import booking.mails
import booking.queries
import booking.reminders
import booking.services.idempotency
import booking.web.api
import booking.web.blocks
import booking.web.host
import booking.web.host_api
import booking.web.manage
import booking.web.views
import scheduler.cli
import scheduler.importing.sections
import scheduler.services.organisers
import scheduler.web.api
import scheduler.web.feeds
import scheduler.web.organise
import scheduler.web.views
from accounts.web.context import Area
from core import config, health, openapi, templating, web, worker
from core.community import Section
from core.config import Settings
from core.db import db, engine_options, prepare
from core.messages import outbox, transports
from core.messages.delivery import Channel
from core.messages.mail import Composer, Mailbox, MailChannel, MailSettings
from core.refusals import SignInNeeded
from core.worker import Job

BLUEPRINTS: tuple[Blueprint, ...] = (
    accounts.web.views.pages,
    scheduler.web.views.pages,
    scheduler.web.feeds.pages,
    scheduler.web.organise.pages,
    booking.web.views.pages,
    booking.web.manage.pages,
    booking.web.host.pages,
    scheduler.web.api.api,
    booking.web.api.api,
    booking.web.api.by_link,
    booking.web.host_api.api,
    openapi.pages,
)
JOBS: Mapping[str, Job] = {
    "booking reminders": booking.reminders.enqueue_due,
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
AREAS: Mapping[str, Area] = {
    "organises": scheduler.services.organisers.organises,
    "hosts": booking.queries.is_host,
}
SECTIONS: tuple[Section, ...] = (
    *accounts.importing.SECTIONS,
    *scheduler.importing.sections.SECTIONS,
    *booking.importing.SECTIONS,
)
HOME_BLOCKS = (booking.web.blocks.talk_to_someone,)
AGENDA_BLOCKS = (booking.web.blocks.agenda,)


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
    web.init_app(app, chosen)
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
        community = accounts.queries.community(session)
        return mail_settings.sender(community.name, community.email)

    composers = {kind: write for of in COMPOSERS for kind, write in of(mail_settings).items()}
    mail = MailChannel(composers, transports.of(chosen), sender, mail_settings.host)
    return {outbox.MAIL: mail}
