"""Drafts keep all that a composer holds, and their files

Revision ID: 0126
Revises: 0125
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision: str = '0126'
down_revision: str | None = '0125'
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fields', sa.JSON(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('files', sa.Text(), server_default='', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('drafts', schema=None) as batch_op:
        batch_op.drop_column('files')
        batch_op.drop_column('fields')
