"""The slot picker."""

from booking.web.public import forms, slot_picker
from core.db.transaction import transaction
from core.time_format import HourClock
from tests.factories_booking import NOW, add_host, add_offer


def test_plain_list_ends_with_the_last_whole_day_that_has_room(sqlite_session):
    with transaction():
        host = add_host(sqlite_session)
        offer = add_offer(sqlite_session, host, minutes=[5])

    picker = slot_picker.pick_slots(
        sqlite_session,
        host,
        offer,
        forms.parse_slot_query({}),
        NOW,
        zone="Europe/Berlin",
        clock=HourClock.H24,
    )

    assert slot_picker.MOST_LISTED == 500
    assert [len(day.starts) for day in picker.listed] == [96] * 5
