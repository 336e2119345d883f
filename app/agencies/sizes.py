"""Size bands: how large an agency is, as the field says it."""

from __future__ import annotations

from typing import NamedTuple


class Band(NamedTuple):
    """Of sworn officers, both ends among them."""

    least: int
    most: int

    @property
    def name(self) -> str:
        return f"{self.least}-{self.most} sworn" if self.most < _NO_END else f"{self.least}+ sworn"

    @property
    def bounds(self) -> tuple[int, int]:
        return self.least, self.most


_NO_END = 1_000_000
BANDS = (Band(1, 9), Band(10, 24), Band(25, 49), Band(50, 99), Band(100, 249), Band(250, 499), Band(500, _NO_END))


def band_of(sworn: int | None) -> Band | None:
    """The band of this number; None where the number is not known, or is none."""
    return next((band for band in BANDS if sworn <= band.most), BANDS[-1]) if sworn else None


def size_band(sworn: int | None) -> str:
    """`size_band(14)`: 10-24 sworn. Empty where the number is not known, or is none."""
    band = band_of(sworn)
    return band.name if band else ""
