"""How much members may attach, in bytes and files."""

from __future__ import annotations

import datetime as dt

MOST_BYTES = 200_000_000  # of one file: a film. Other kinds are smaller (kinds.py)
MOST_AT_ONCE = 250_000_000  # in one form
MOST_FILES = 20  # of one message
MOST_OF_A_MEMBER = 2_000_000_000
MOST_UNUSED = 60  # files of a member that no message has yet
UNUSED_LIVES = dt.timedelta(hours=24)
