"""whose waiver counts

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

from alembic import op
from app.membership import triggers as membership_triggers

revision: str = '0033'
down_revision: str | None = '0032'
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    membership_triggers.drop_triggers(op)
    membership_triggers.create_triggers(op)


def downgrade() -> None:
    """The rules stay: the earlier program meets them or is refused, and no case becomes a member's by less."""
