"""What a file that came from outside is: by its name, its first bytes and its build, all three of which must agree (H6)."""

from app.core.files.kinds import ACCEPT, NAMED, Kind, judged
from app.core.files.names import shown_name

__all__ = ["ACCEPT", "NAMED", "Kind", "judged", "shown_name"]
