"""what a sponsor answered, and whom members invited

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from app.core.db import UtcDateTime

revision: str = '0027'
down_revision: str | None = '0026'
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table('sponsor_answers',
    sa.Column('application_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sponsor_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', UtcDateTime(), nullable=False),
    sa.Column('stands_by', sa.Boolean(), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['application_id'], ['applications.id'], name=op.f('fk_sponsor_answers_application_id')),
    sa.ForeignKeyConstraint(['sponsor_id'], ['members.id'], name=op.f('fk_sponsor_answers_sponsor_id')),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_sponsor_answers'))
    )
    with op.batch_alter_table('sponsor_answers', schema=None) as batch_op:
        batch_op.create_index('ix_sponsor_answers_sponsor_id', ['sponsor_id'], unique=False)

    op.create_table('invitations',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('sent_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_invitations_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invitations_token_hash'))
    )
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.create_index('ix_invitations_member_id', ['member_id'], unique=False)


def downgrade() -> None:
    op.drop_table('invitations')
    op.drop_table('sponsor_answers')
