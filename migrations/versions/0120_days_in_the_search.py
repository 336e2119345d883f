"""Days and scopes as words of PostgreSQL's search index

Revision ID: 0120
Revises: 0111
"""

from __future__ import annotations

from alembic import op


revision: str = '0120'
down_revision: str | None = '0111'
branch_labels: str | None = None
depends_on: str | None = None
# As app/search/documents.py writes them from now on: where a row is looked for, and its day in blocks of 512, 64 and 8 days and alone.
MARKED = """
UPDATE search_docs SET words = words || CAST(format(
    '''~%s%s'' ''~i%s'' ''~h%s'' ''~e%s'' ''~d%s''', CASE WHEN scope > 0 THEN 'f' ELSE 'r' END, abs(scope),
    id >> 41, id >> 38, id >> 35, id >> 32) AS tsvector)
"""


def upgrade() -> None:
    op.drop_index('ix_search_docs_scope', 'search_docs')
    if op.get_bind().dialect.name != 'postgresql':
        return
    op.execute('DROP INDEX gin_search_docs_words')  # made anew at once in place of a million times a little
    op.execute(MARKED)
    op.execute('CREATE INDEX gin_search_docs_words ON search_docs USING gin (words)')
    op.execute('ANALYZE search_docs')


def downgrade() -> None:
    op.create_index('ix_search_docs_scope', 'search_docs', ['scope', 'id'])
