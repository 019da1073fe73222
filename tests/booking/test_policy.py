"""Who may see and do what with office hours."""

import pytest

from accounts.domain.actors import ANYONE, COMMAND_LINE, Actor
from booking.domain import policy
from booking.domain.hosts import Host
from booking.domain.office_hours import Visibility

HOST = Host.model_construct(person_id=7)
OWNER, OTHER = Actor.person(7, "ada@example.org"), Actor.person(8, "bob@example.org")
ADMIN = Actor.person(9, "admin@example.org", is_admin=True)
GUEST = Actor.link("guest", "booking:3f2a")


@pytest.mark.parametrize(
    ("actor", "manages", "sees_members_only"),
    [
        (OWNER, True, True),
        (OTHER, False, True),
        (ADMIN, True, True),
        (COMMAND_LINE, True, True),
        (GUEST, False, False),
        (ANYONE, False, False),
    ],
)
def test_permissions_by_actor(actor: Actor, manages: bool, sees_members_only: bool) -> None:
    assert policy.may_manage(actor, HOST) is manages
    assert policy.may_see(Visibility.MEMBERS, actor) is sees_members_only
    assert policy.may_list(Visibility.MEMBERS, actor) is sees_members_only
    assert policy.may_list(Visibility.UNLISTED, actor) is False
    assert policy.may_see(Visibility.UNLISTED, actor) is True
