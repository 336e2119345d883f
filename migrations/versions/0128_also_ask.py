"""Members who ask the same as a question does

Revision ID: 0128
Revises: 0127
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.db import UtcDateTime


revision: str = '0128'
down_revision: str | None = '0127'
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        'also_ask',
        sa.Column('thread_id', sa.Integer(), nullable=False),
        sa.Column('member_id', sa.Integer(), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_also_ask_member_id')),
        sa.ForeignKeyConstraint(['thread_id'], ['threads.id'], name=op.f('fk_also_ask_thread_id')),
        sa.PrimaryKeyConstraint('thread_id', 'member_id', name=op.f('pk_also_ask')),
    )
    op.create_index('ix_also_ask_member_id', 'also_ask', ['member_id'])
    op.add_column('threads', sa.Column('also_ask', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    op.drop_column('threads', 'also_ask')
    op.drop_index('ix_also_ask_member_id', 'also_ask')
    op.drop_table('also_ask')
