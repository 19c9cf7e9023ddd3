"""The password of the page, of which the config has only a hash. Slow on purpose."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

_COST, _BLOCK, _LANES = 1 << 14, 8, 1  # 16 MB and some 50 ms for each try
_MOST_COST = 1 << 18
_LEAST_CHARS = 8


def hashed(password: str, salt: bytes) -> str:
    """What the config may say under `page.password`. Raises ValueError."""
    if len(password) < _LEAST_CHARS:
        raise ValueError(f"a password has at least {_LEAST_CHARS} characters")
    key = _key(password, salt, _COST, _BLOCK, _LANES)
    return f"scrypt:{_COST}:{_BLOCK}:{_LANES}:{_text(salt)}:{_text(key)}"


def is_right(password: str, known: str) -> bool:
    """Is it the password that this is the hash of?"""
    try:
        _, cost, block, lanes, salt, key = known.split(":")
        if not 1 < int(cost) <= _MOST_COST or int(block) > 32 or int(lanes) > 8:
            return False
        found = _key(password, _bytes(salt), int(cost), int(block), int(lanes))
        return hmac.compare_digest(found, _bytes(key))
    except ValueError:
        return False


def _key(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    room = 128 * block * cost + (1 << 20)
    text = password.encode("utf-8", "replace")
    return hashlib.scrypt(text, salt=salt, n=cost, r=block, p=lanes, maxmem=room, dklen=32)


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
