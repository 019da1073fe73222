"""The command line of accounts: people, sign-in links, API tokens."""

import click
from flask.cli import AppGroup

from accounts import queries, sign_in_links
from accounts.services import api_tokens, people
from core import clock, parts, tokens
from core.addresses import BadAddress, check_address
from core.cli import needs_database
from core.db.transaction import transaction

user = AppGroup("user", help="People and their sign-in links.")
token = AppGroup("token", help="API tokens of people.")


class EmailParam(click.ParamType[str]):
    """An e-mail address."""

    name = "email"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the normalized address."""
        try:
            return check_address(value)
        except BadAddress as refusal:
            self.fail(str(refusal), param, ctx)


@user.command("add")
@click.argument("email", type=EmailParam())
@click.option("--admin", is_flag=True, help="Make an admin, who may do everything.")
@needs_database
def add_user(email: str, *, admin: bool) -> None:
    """Create an account for EMAIL."""
    with transaction() as session:
        people.ensure(session, email, clock.now())
        if admin:
            people.make_admin(session, email, clock.now())
    click.echo(f"{email} can sign in{' and is an admin' if admin else ''}.")


@user.command("link")
@click.argument("email", type=EmailParam())
@needs_database
def link(email: str) -> None:
    """Print a one-time sign-in link for EMAIL; it works for ten minutes."""
    click.echo(sign_in_address(email))


@token.command("add")
@click.argument("email", type=EmailParam())
@click.option("--name", required=True, help="What the token is for, such as the name of a script.")
@needs_database
def add_token(email: str, name: str) -> None:
    """Print a new API token of EMAIL; it is not shown again."""
    with transaction() as session:
        secret = api_tokens.add(session, email, name, clock.now())
    click.echo(secret)


def sign_in_address(email: str) -> str:
    """Return the address of a new sign-in link; raise ClickException for an unknown e-mail."""
    request = f"command-line:{tokens.new_ref()}"
    with transaction() as session:
        known = queries.viewer_by_email(session, email) is not None
        secret = sign_in_links.create(session, email, clock.now(), request=request) if known else ""
    if not secret:
        raise click.ClickException(f"No account for {email}: `flask user add` creates one.")
    return f"{parts.current().settings.base_url}/sign-in/{secret}/"
