"""Private links and keys: made, hashed, compared. What the database holds opens nothing."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

REF_LENGTH = 16


def new() -> str:
    """Return 32 random bytes as text for an address or a header."""
    return secrets.token_urlsafe(32)


def new_ref() -> str:
    """Return a random public identifier: lower-case hexadecimal, REF_LENGTH characters."""
    return secrets.token_hex(REF_LENGTH // 2)


def digest(token: str) -> str:
    """Return what is stored of a random token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def link(secret_key: str, purpose: str, ref: str, generation: int) -> str:
    """Return the private link token of the row `ref`: its ref and a MAC that nobody can derive.

    The same arguments give the same token, so that a later mail can carry it again; a raised
    `generation` revokes every earlier one.
    """
    key = hmac.digest(secret_key.encode(), f"convenor {purpose}".encode(), "sha256")
    mac = hmac.digest(key, f"{ref}:{generation}".encode(), "sha256")
    return ref + urlsafe_b64encode(mac[:24]).decode()


def ref_of(token: str) -> str:
    """Return the ref that a link token speaks of; it proves nothing before `matches`."""
    return token[:REF_LENGTH]


def matches(token: str, expected: str) -> bool:
    """Compare two tokens in constant time."""
    return hmac.compare_digest(token.encode(), expected.encode())
