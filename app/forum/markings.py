"""TLP 2.0 markings: sharing boundaries, ordered from the widest to the strictest. They have no effect on public-records law."""

from __future__ import annotations

import enum


class Marking(enum.IntEnum):
    CLEAR = 0
    GREEN = 1
    AMBER = 2
    AMBER_STRICT = 3
    RED = 4

    @property
    def label(self) -> str:
        """As TLP 2.0 writes it, never translated: `TLP:AMBER+STRICT`."""
        return LABELS[self]

    @property
    def meaning(self) -> str:
        return MEANINGS[self]

    @property
    def may_be_mailed(self) -> bool:
        """CLEAR and GREEN may stand in a mail in full; AMBER and stricter are a link without a title, always (M6)."""
        return self <= Marking.GREEN

    @classmethod
    def of(cls, label: str) -> Marking:
        """The marking with this label; ValueError for anything else, `TLP:WHITE` of the first TLP included."""
        try:
            return _BY_LABEL[label]
        except KeyError:
            raise ValueError(f"is not a marking; use one of {', '.join(_BY_LABEL)}") from None


LABELS = {
    Marking.CLEAR: "TLP:CLEAR",
    Marking.GREEN: "TLP:GREEN",
    Marking.AMBER: "TLP:AMBER",
    Marking.AMBER_STRICT: "TLP:AMBER+STRICT",
    Marking.RED: "TLP:RED",
}
_BY_LABEL = {label: marking for marking, label in LABELS.items()}

MEANINGS = {
    Marking.CLEAR: "No limit: may be shared with anyone.",
    Marking.GREEN: "Share inside the law-enforcement community, not through public channels.",
    Marking.AMBER: "Share only inside your own agency and with those it serves, on a need-to-know basis.",
    Marking.AMBER_STRICT: "Share only inside your own agency, on a need-to-know basis.",
    Marking.RED: "For the named readers only. Do not pass it on to anyone.",
}
