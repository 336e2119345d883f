"""Subjects of questions and discussions in the search index: the worker writes anew what it says of those that have any

Revision ID: 0125
Revises: 0120
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op


revision: str = '0125'
down_revision: str | None = '0120'
branch_labels: str | None = None
depends_on: str | None = None

JOBS = sa.table(
    'jobs', sa.column('kind', sa.String), sa.column('payload', sa.JSON), sa.column('state', sa.String),
    sa.column('run_at', sa.DateTime(timezone=True)), sa.column('attempts', sa.Integer), sa.column('error', sa.Text),
)
TAGGED = sa.text("SELECT DISTINCT t.id FROM threads t JOIN thread_subjects s ON s.thread_id = t.id WHERE t.kind <> 'lesson' ORDER BY t.id")


def upgrade() -> None:
    now = dt.datetime.now(dt.UTC)
    same = {'kind': 'search.thread', 'state': 'queued', 'run_at': now, 'attempts': 0, 'error': ''}
    rows = [{**same, 'payload': {'thread': thread}} for thread in op.get_bind().execute(TAGGED).scalars()]
    if rows:
        op.bulk_insert(JOBS, rows)


def downgrade() -> None:
    """More in the index than is asked for does no harm."""
