"""Who may meet a word, by the keys of the cast."""

from __future__ import annotations

MEMBERS = frozenset(
    {"chief", "colleague", "sheriff", "analyst", "retired", "vendor", "moderator", "other_moderator", "reviewer1", "reviewer2", "admin"}
)
NOT_PARTNERS = MEMBERS - {"vendor"}
IN_COMMAND = frozenset({"chief", "colleague", "sheriff", "moderator", "other_moderator", "reviewer2"})
REVIEWERS = frozenset({"reviewer1", "reviewer2"})
NOBODY: frozenset[str] = frozenset()
