"""Public identifiers of series and events, derived from the series' uid; they never change."""

import hashlib
import uuid

REF_LENGTH = 12
_KEY_AFTER = REF_LENGTH + 1


def series_ref(series_uid: str) -> str:
    """Return the short name of a series in the ids of its events: hexadecimal, no dashes."""
    return hashlib.sha256(series_uid.encode()).hexdigest()[:REF_LENGTH]


def event_uid(series_uid: str, key: str) -> str:
    """Return the UID of an event (RFC 5545 3.8.4.7): the same with and without a row."""
    own, _, domain = series_uid.rpartition("@")
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, own or domain)
    return f"{uuid.uuid5(namespace, key)}@{domain}"


def event_id(series_ref: str, key: str) -> str:
    """Return the public id of an event: the same with and without a row. `parts` undoes it."""
    return f"{series_ref}-{key}"


def parts(event_id: str) -> tuple[str, str]:
    """Return the series' ref and the event's key of which an event's id is made."""
    return event_id[:REF_LENGTH], event_id[_KEY_AFTER:]
