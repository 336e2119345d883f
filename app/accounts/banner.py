"""The use banner that is agreed to at each sign-in (A16). Its words are versioned by their own hash, which the log keeps."""

from __future__ import annotations

import hashlib

TITLE = "Restricted system: read before you sign in"
PARAGRAPHS = (
    "This system is for vetted members of the association only. Your use is recorded and may be monitored and audited. "
    "By signing in you consent to this.",
    "Unauthorized access or use is prohibited and may be subject to criminal and civil penalties. "
    "This is not a CJIS system: do not enter criminal justice information.",
)
VERSION = hashlib.sha256("\n".join((TITLE, *PARAGRAPHS)).encode()).hexdigest()
