"""The application: which packages' routes there are, and in which order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from app.accounts import access_pages, again_pages, demo_pages, enrol_pages, settings_pages
from app.accounts import pages as sign_in_pages
from app.accounts.addresses import own_pages as own_address_pages
from app.accounts.addresses import pages as addresses_pages
from app.accounts.disavow import pages as disavow_pages
from app.accounts.passkeys import pages as passkey_pages
from app.accounts.passkeys import sign_in_pages as passkey_sign_in
from app.accounts.recover import pages as recover_pages
from app.accounts.terms import pages as terms_pages
from app.agencies import above
from app.agencies import admin_pages as agency_admin
from app.agencies import api as agency_api
from app.agencies import domain_pages as agency_domains
from app.agencies import history_pages as agency_history
from app.agencies import pages as agency_pages
from app.association import forum_pages, group_pages, leaving_pages, safety_pages, subject_pages
from app.association import member_pages as admin_member_pages
from app.association import pages as association_pages
from app.attachments import api as attachment_api
from app.attachments import pages as attachment_pages
from app.core.config import Settings
from app.core.db import open_database
from app.forum.adoptions import api as adoption_api
from app.forum.api import api as forum_api
from app.forum.masks_api import api as masks_api
from app.forum.own.api import api as own_api
from app.forum.pages import adoptions as adoption_pages
from app.forum.pages import answering as forum_answering
from app.forum.pages import following as forum_following
from app.forum.pages import history as forum_history
from app.forum.pages import home as home_pages
from app.forum.pages import lessons as lesson_pages
from app.forum.pages import masks as masks_pages
from app.forum.pages import mentions as forum_mentions
from app.forum.pages import moderating as forum_moderating
from app.forum.pages import own as own_pages
from app.forum.pages import polls as forum_polls
from app.forum.pages import practices as practice_pages
from app.forum.pages import quoting as forum_quoting
from app.forum.pages import reading as forum_reading
from app.forum.pages import rounds as rounds_pages
from app.forum.pages import subjects as thread_subject_pages
from app.forum.pages import withdrawing as forum_withdrawing
from app.forum.pages import writing as forum_writing
from app.forum.polls import api as poll_api
from app.forum.practices import api as practice_api
from app.forum.rounds import api as rounds_api
from app.forum.rounds import showing as rounds
from app.mail import api as mail_api
from app.mail import default_pages as mail_default_pages
from app.mail import demo_pages as mail_demo_pages
from app.mail import pages as mail_pages
from app.mail.inbound import audit_pages as inbound_audit_pages
from app.mail.inbound import pages as inbound_pages
from app.mail.notices import api as notices_api
from app.mail.notices import pages as notices_pages
from app.mail.sending import api as sending_api
from app.mail.sending import pages as sending_pages
from app.membership import apply_pages, evidence_pages, member_api, member_pages, review_api, review_pages, status_api
from app.membership.recovery import pages as recovery_pages
from app.membership.roster import api as roster_api
from app.membership.roster import pages as roster_pages
from app.membership.sponsors import pages as sponsor_pages
from app.membership.staying import pages as staying_pages
from app.membership.staying import return_pages
from app.moderation.flags.api import api as flags_api
from app.moderation.flags.pages import pages as flags_pages
from app.search import api as search_api
from app.search import pages as search_pages
from app.search.saved import api as saved_api
from app.search.saved import pages as saved_pages
from app.web import api as web_api
from app.web import pages
from app.web.frame import Frame
from app.web.platform import Platform
from app.web.routing import install
from app.wiring import wire

# The busiest first: routes are tried in this order.
ROUTES = (
    forum_reading.pages,
    forum_writing.pages,
    home_pages.pages,
    search_pages.pages,
    forum_history.pages,
    forum_following.pages,
    forum_mentions.pages,
    forum_polls.pages,
    forum_quoting.pages,
    forum_withdrawing.pages,
    forum_moderating.pages,
    forum_answering.pages,
    own_pages.pages,
    flags_pages,
    flags_api,
    masks_pages.pages,
    practice_pages.pages,
    thread_subject_pages.pages,
    adoption_pages.pages,
    lesson_pages.pages,
    saved_pages.pages,
    saved_api.api,
    search_api.api,  # before the forum's: /threads/similar is no thread's number
    rounds_pages.pages,
    forum_api,
    masks_api,
    own_api,
    practice_api.api,
    rounds_api.api,
    adoption_api.api,
    poll_api.api,
    attachment_pages.pages,
    attachment_api.api,
    web_api.api,
    apply_pages.pages,
    recovery_pages.pages,
    review_pages.pages,
    evidence_pages.pages,
    review_api.api,
    roster_pages.pages,
    roster_api.api,
    staying_pages.pages,
    return_pages.pages,
    sponsor_pages.pages,
    member_pages.pages,
    member_api.api,
    status_api.api,
    agency_pages.pages,
    agency_api.api,
    agency_admin.pages,
    agency_domains.pages,
    agency_history.pages,
    sign_in_pages.pages,
    again_pages.pages,
    enrol_pages.pages,
    recover_pages.pages,
    disavow_pages.pages,
    terms_pages.pages,
    own_address_pages.pages,
    addresses_pages.pages,
    settings_pages.pages,
    passkey_sign_in.pages,
    passkey_pages.pages,
    access_pages.pages,
    mail_pages.pages,
    mail_api.api,
    notices_pages.pages,
    inbound_pages.pages,
    inbound_audit_pages.pages,
    notices_api.api,
    sending_pages.pages,
    mail_default_pages.pages,
    sending_api.api,
    association_pages.pages,
    forum_pages.pages,
    subject_pages.pages,
    group_pages.pages,
    admin_member_pages.pages,
    leaving_pages.pages,
    safety_pages.pages,
)
DEMO_ROUTES = (demo_pages.pages, mail_demo_pages.demo)


def create_app(settings: Settings) -> ASGIApp:
    """The ASGI application, with its database open and nothing else done yet."""
    wire(settings)
    above.register_section("membership/_agency_contact.html", roster_pages.section)
    above.register_waiting("membership/_agencies_wait.html", roster_pages.waiting)
    member_pages.register_section("forum/_knows.html", rounds.known)
    member_pages.register_own_section("forum/_asking.html", rounds.own)
    platform = Platform(settings, open_database(settings))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await platform.close()

    app = FastAPI(title="Squadroom", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.platform = platform
    demo = DEMO_ROUTES if settings.env == "demo" else ()
    install(app, *ROUTES, *demo, pages.public, pages.last)
    return Frame(app, settings)
