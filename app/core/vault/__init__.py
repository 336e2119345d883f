"""Files encrypted at rest, with a key that lies apart from the database: who holds the one without the other holds nothing (V13).

Each file has a data key of its own; the key file's first key wraps it, and all its keys unwrap. No plaintext touches the disk.
"""

from app.core.vault.keys import KeyMissing, Unreadable
from app.core.vault.store import Stored, Vault, Writing

__all__ = ["KeyMissing", "Stored", "Unreadable", "Vault", "Writing"]
