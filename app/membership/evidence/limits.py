"""How much evidence a case takes."""

from __future__ import annotations

MOST_BYTES = 10_000_000  # of one file
MOST_OWN_FILES, MOST_OWN_NOTES = 5, 20  # that an applicant adds
MOST_FILES = 50  # in all
