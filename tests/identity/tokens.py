"""JSON web tokens by the standard library, independent of the SQL that verifies them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

KEY = bytes(range(32))
HEADER = {"alg": "HS256", "typ": "JWT"}


def base64url(data: bytes) -> str:
    """Encode as RFC 7515 does: without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Decode what `base64url` made."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign_parts(header: bytes, payload: bytes, key: bytes = KEY) -> str:
    """Sign any two texts, JSON or not."""
    signed = f"{base64url(header)}.{base64url(payload)}"
    return f"{signed}.{base64url(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def sign(claims: Any, key: bytes = KEY, header: Any = None) -> str:
    """Sign claims; the header is HEADER unless given."""
    return sign_parts(
        json.dumps(HEADER if header is None else header).encode(), json.dumps(claims).encode(), key
    )


def claims(tenant: int, /, **changes: Any) -> dict[str, Any]:
    """Return the claims that pgerp needs, for an hour and all businesses, with changes."""
    return {
        "tenant": tenant,
        "sub": "alice",
        "business": "*",
        "exp": int(time.time()) + 3600,
        **changes,
    }
