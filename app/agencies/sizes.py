"""Size bands: how large an agency is, as the field says it."""

from __future__ import annotations

_BANDS = ((1, 9), (10, 24), (25, 49), (50, 99), (100, 249), (250, 499))


def size_band(sworn: int | None) -> str:
    """`size_band(14)`: 10-24 sworn. Empty where the number is not known, or is none."""
    if not sworn:
        return ""
    for least, most in _BANDS:
        if sworn <= most:
            return f"{least}-{most} sworn"
    return "500+ sworn"
