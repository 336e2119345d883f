"""who sees what of an entry

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision: str = '0012'
down_revision: str | None = '0011'
branch_labels: str | None = None
depends_on: str | None = None


_NEW = {"email_seen_by": "nobody", "phone_seen_by": "nobody", "about_seen_by": "everyone"}


def upgrade() -> None:
    for name, default in _NEW.items():
        op.add_column("members", sa.Column(name, sa.String(length=10), server_default=default, nullable=False))
    # What was shown to all stays so; what was not stays hidden.
    op.execute("UPDATE members SET email_seen_by = 'everyone' WHERE shows_email")
    op.execute("UPDATE members SET phone_seen_by = 'everyone' WHERE shows_phone")
    for name in ("shows_email", "shows_phone"):
        op.drop_column("members", name)


def downgrade() -> None:
    for name in ("shows_email", "shows_phone"):
        op.add_column("members", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE members SET shows_email = (email_seen_by = 'everyone'), shows_phone = (phone_seen_by = 'everyone')")
    for name in _NEW:
        op.drop_column("members", name)
