"""A row of the search index that can't be written is no end of the act that it is of (PostgreSQL)

Revision ID: 0127
Revises: 0126
"""

from __future__ import annotations

from alembic import op

from app.search import triggers


revision: str = '0127'
down_revision: str | None = '0126'
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(triggers.PUT)


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(triggers.DROP_PUT)
