"""Tokens of private links and keys: create, hash, compare. The database stores hashes only."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

REF_LENGTH = 16
PROOF_LENGTH = 43


def new() -> str:
    """Return 32 random bytes as text for a URL or a header."""
    return secrets.token_urlsafe(32)


def new_ref() -> str:
    """Return a random public identifier: lower-case hexadecimal, REF_LENGTH characters."""
    return secrets.token_hex(REF_LENGTH // 2)


def digest(token: str) -> str:
    """Return the SHA-256 of a random token in hexadecimal, which is what is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def link(secret_key: str, purpose: str, ref: str, generation: int) -> str:
    """Return the token of the private link to the row `ref`: the ref and a MAC.

    The same arguments give the same token, so that a later mail can contain it again. A higher
    `generation` revokes every earlier token.
    """
    return ref + urlsafe_b64encode(_mac(secret_key, purpose, ref, generation)[:24]).decode()


def proof(secret_key: str, purpose: str, ref: str, generation: int) -> str:
    """Return PROOF_LENGTH characters that only this app can make; they are not a link alone.

    Like `link`, it depends on its arguments only, and a higher `generation` revokes it.
    """
    return urlsafe_b64encode(_mac(secret_key, purpose, ref, generation)).decode().rstrip("=")


def _mac(secret_key: str, purpose: str, ref: str, generation: int) -> bytes:
    key = hmac.digest(secret_key.encode(), f"convenor {purpose}".encode(), "sha256")
    return hmac.digest(key, f"{ref}:{generation}".encode(), "sha256")


def ref_of(token: str) -> str:
    """Return the ref in a link token, which is not verified before `matches`."""
    return token[:REF_LENGTH]


def matches(token: str, expected: str) -> bool:
    """Compare two tokens in constant time."""
    return hmac.compare_digest(token.encode(), expected.encode())
