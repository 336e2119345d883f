"""A file's name as it is kept and shown: a name, no path, nothing that changes how the rest of a line reads."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
_PATH = re.compile(r"[/\\]")
# Controls, format characters (among them those that turn the direction of writing), lone surrogates, private use.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown_name(sent: str) -> str:
    """What is left of the name that was sent; its ending always stays."""
    last = _PATH.split(unicodedata.normalize("NFC", sent))[-1]
    clean = "".join(c for c in last if unicodedata.category(c) not in _HIDDEN)
    clean = " ".join(clean.split()).strip(". ") or "file"
    stem, dot, ending = clean.rpartition(".")
    if not dot or len(ending) > 10:
        return clean[:LONGEST]
    return f"{stem[: LONGEST - len(ending) - 1]}.{ending}"
