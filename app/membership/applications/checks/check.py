"""One thing that was checked: pass, attention or unknown, and why. Never a score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["pass", "attention", "unknown"]

LABELS = {
    "agency_domain": "Mail domain belongs to the agency",
    "gov_registry": ".gov registry fits the agency",
    "free_domain": "Not a public mail service",
    "look_alike": "Not another's name in disguise",
    "duplicate": "Not here twice",
    "head_taken": "One head for each agency",
    "supervisor": "The supervisor is known",
    "ori_state": "ORI and state agree",
    "earlier": "Earlier applications",
    "sponsor": "The sponsor stands by them",
}


@dataclass(frozen=True, slots=True)
class Check:
    key: str
    state: State
    reason: str
    forbids: str = ""  # why nothing can be approved while this is so, as a sentence

    @property
    def label(self) -> str:
        return LABELS[self.key]
