"""Seals the log into a hash chain, and says whether it still is what was written (R3).

Each row gets a place (`seq`) whose hash is SHA-256 over the hash before it and the row's canonical form. The chain's head is
signed at each batch, so that rows cut off its end are missed; checkpoints are signed statements that stay, and are copied to
CHECKPOINT_DIR, which belongs on another system: who puts back an old database can't put back those.
"""

from app.core.audit_chain.chain import AuditBroken, AuditHead
from app.core.audit_chain.seal import seal, unsealed
from app.core.audit_chain.triggers import create_triggers, drop_triggers
from app.core.audit_chain.verify import Verified, verify, verify_fully

__all__ = ["AuditBroken", "AuditHead", "Verified", "create_triggers", "drop_triggers", "seal", "unsealed", "verify", "verify_fully"]
