"""outbox not compressed

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op
from app.mail.models import NOT_COMPRESSED

revision: str = '0002'
down_revision: str | None = '0001'
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(NOT_COMPRESSED)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE outbox ALTER COLUMN raw SET STORAGE EXTENDED")
