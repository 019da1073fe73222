"""The admin's page of messages and changes."""

from flask import Blueprint, render_template

from accounts.web.viewer import required_admin
from core import audit
from core.db.base import db
from core.messages import outbox

ENTRIES_PER_PAGE = 200

pages = Blueprint("admin", __name__)


@pages.get("/admin/")
def show() -> str:
    """Show every failed message, the newest others, and the newest audit entries."""
    required_admin()
    session = db.session()
    return render_template(
        "accounts/admin.html",
        messages=outbox.failed_and_newest(session, ENTRIES_PER_PAGE),
        entries=audit.recent(session, ENTRIES_PER_PAGE),
    )
