"""Imports: what is refused too often stops."""

from core import sections
from core.sections import Outcome, Result

REFUSED = Outcome(Result.REFUSED, 7, "no")


def test_items_end_with_a_notice_after_too_many_refusals() -> None:
    items = ["good", *[REFUSED] * sections.MAX_REFUSED, "not read"]
    notice = "stopped after 1,000 refusals; what follows was not read"
    assert list(sections.until_too_many_refused(items)) == [
        *items[:-1],
        Outcome(Result.NOTICE, 7, notice),
    ]


def test_items_with_as_many_refusals_as_are_allowed_are_all_read() -> None:
    items = ["good", *[REFUSED] * sections.MAX_REFUSED]
    assert list(sections.until_too_many_refused(items)) == items
