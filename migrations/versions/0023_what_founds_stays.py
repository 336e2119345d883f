"""whether a case is a founding reviewer's never changes

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

from alembic import op
from app.membership import triggers as membership_triggers

revision: str = '0023'
down_revision: str | None = '0022'
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    membership_triggers.drop_triggers(op)
    membership_triggers.create_triggers(op)


def downgrade() -> None:
    """The rules stay: the earlier program never breaks them."""
