"""Imports every module that has tables, so that migrations and tests see one whole schema."""

from __future__ import annotations

import app.accounts.addresses.models
import app.accounts.addresses.triggers
import app.accounts.disavow.models
import app.accounts.models
import app.accounts.passkeys.models
import app.accounts.recover.models
import app.accounts.terms.models
import app.agencies.dotgov.models
import app.agencies.models
import app.association.models
import app.attachments.models
import app.core.audit
import app.core.audit_chain
import app.core.jobs
import app.core.site
import app.forum.adoptions.models
import app.forum.archive.models
import app.forum.masks.models
import app.forum.mentions.models
import app.forum.models
import app.forum.own.models
import app.forum.polls.models
import app.forum.practices.models
import app.forum.rounds.models
import app.mail.health.models
import app.mail.inbound.models
import app.mail.models
import app.mail.notices.models
import app.membership.evidence.models
import app.membership.models
import app.membership.roster.models
import app.membership.roster_file.models
import app.membership.sponsors.models
import app.membership.statements.models
import app.membership.staying.models
import app.membership.triggers
import app.membership.watch.models
import app.moderation.flags.models
import app.search.models
import app.search.triggers
import app.web.idempotency  # noqa: F401
from app.core.db import Base

metadata = Base.metadata
