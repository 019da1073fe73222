"""The composition root: puts the areas together into one Flask app. Nothing imports it."""

import click
from apiflask import APIFlask
from flask_migrate import Migrate

from core import config, templating, web, worker
from core.config import Settings
from core.db import db, engine_options, prepare

BLUEPRINTS = ()
JOBS = {}
COMPOSERS = {}
COMMANDS = ()


def create_app(settings: Settings | None = None) -> APIFlask:
    """Return the app; without `settings` it reads the environment.

    Served as `app:create_app()` it also runs the background jobs where the settings say so; under
    the command line it never does.
    """
    chosen = settings or config.read()
    app = APIFlask(__name__, json_errors=False, docs_path=None, spec_path=None)
    app.extensions["convenor.settings"] = chosen
    app.config["SQLALCHEMY_DATABASE_URI"] = chosen.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(chosen.database_url)
    db.init_app(app)
    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        prepare(db.engine)
    web.init_app(app, chosen)
    templating.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    worker.init_app(app, JOBS, COMPOSERS)
    if settings is None and chosen.inline_worker and not click.get_current_context(silent=True):
        worker.start_inline(app)
    return app
