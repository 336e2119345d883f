"""whether a case is a founding reviewer's never changes

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

from alembic import op
from app.membership import triggers as membership_triggers

revision: str = '0026'
down_revision: str | None = '0025'
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    membership_triggers.drop_triggers(op)
    membership_triggers.create_triggers(op)


def downgrade() -> None:
    """The rules stay: the earlier program never breaks them."""
