"""Questions without a reply

Revision ID: 0111
Revises: 0110
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision: str = '0111'
down_revision: str | None = '0110'
branch_labels: str | None = None
depends_on: str | None = None
WHERE = sa.text("kind = 'question' AND last_position = 0")


def upgrade() -> None:
    op.create_index('ix_threads_unreplied', 'threads', ['created_at', 'id'], sqlite_where=WHERE, postgresql_where=WHERE)


def downgrade() -> None:
    op.drop_index('ix_threads_unreplied', 'threads')
