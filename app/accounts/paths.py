"""Where to go after signing in: an address of our own, or the home page."""

from __future__ import annotations

from urllib.parse import urlsplit

MAX_LENGTH = 1000
ADDRESSES = "/settings/sign-in/addresses"  # where members add an address of their own
OWN_ADDRESS = "/sign-in/address"  # where a retired member adds one before their session is whole
RETURN = "/return"  # where someone who is suspended asks to come back: all that their session opens


def own_path(target: str, default: str = "/") -> str:
    """`target` if it is a path on this site; browsers read `//x`, `/\\x` and control characters as other hosts."""
    if not target.startswith("/") or target.startswith("//") or len(target) > MAX_LENGTH:
        return default
    if "\\" in target or any(ord(c) < 33 or ord(c) == 127 for c in target):
        return default
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else target
