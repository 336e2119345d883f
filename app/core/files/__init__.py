"""What a file that came from outside is: by its name, its first bytes and its build, all three of which must agree (H6)."""

from app.core.files.kinds import EVIDENCE, Gate, Kind
from app.core.files.names import shown_name

ACCEPT, NAMED, judged = EVIDENCE.accept, EVIDENCE.named, EVIDENCE.judged

__all__ = ["ACCEPT", "EVIDENCE", "NAMED", "Gate", "Kind", "judged", "shown_name"]
