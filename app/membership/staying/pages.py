"""The page on which a member confirms that all is as it was; and for reviewers the answers that need them, and who is behind."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from app.accounts.paths import own_path
from app.core.access import Actor, Right
from app.core.fields import Id
from app.core.paging import cursor, read_cursor
from app.membership.names import CLASS_NAMES
from app.membership.staying import access, answers, queries
from app.membership.staying.forms import ConfirmForm, SettleForm
from app.membership.staying.models import ConfirmationState
from app.web.forms import FormState, parse
from app.web.guard import SIGNED_IN, Allow, NotSignedIn
from app.web.request import Context, Read, Write
from app.web.routing import Routes

pages = Routes()
REVIEW = Allow(Right.REVIEW)
PAGE = 50
Typed = Annotated[str, Query(max_length=1000)]
_SAID = {ConfirmationState.RENEWED: "membership-confirmed", ConfirmationState.NOTED: "membership-noted"}


def _asker(ctx: Context) -> Actor:
    """Who answers: a member to whom nothing else may be open now."""
    if ctx.visit is None or (ctx.visit.actor is None and not ctx.visit.waits_at):
        raise NotSignedIn
    origin = ctx.visit.actor.origin if ctx.visit.actor else ctx.call.origin
    return Actor(id=ctx.visit.account_id, name=ctx.visit.name, origin=origin)


@pages.get("/verify", SIGNED_IN)
def verify_page(ctx: Read, key: Typed = "", next: Typed = "") -> Response:
    own = queries.own(ctx.conn, _asker(ctx).member_id)
    typed = ctx.form or FormState()
    values = typed.values or {"rank": own.row.rank, "phone": own.row.phone, "key": key, "next": own_path(next)}
    return ctx.page("membership/verify.html", own=own, class_name=CLASS_NAMES[own.row.member_class], form=FormState(values, typed.errors))


@pages.post("/verify", SIGNED_IN, again=verify_page)
def verify(ctx: Write) -> Response:
    state = answers.confirm(ctx.session, _asker(ctx), ctx.platform.signer, parse(ConfirmForm, ctx.call.fields))
    wanted = own_path(next((v for k, v in ctx.call.fields if k == "next"), ""))
    return ctx.redirect(wanted if state in _SAID else "/verify", said=_SAID.get(state, "membership-waits"))


@pages.get("/moderation/renewals", REVIEW, slow=True)
def renewals_page(ctx: Read, after: Typed = "") -> Response:
    waiting = queries.waiting(ctx.conn, ctx.actor, PAGE)
    behind = queries.behind(ctx.conn, ctx.actor, PAGE, read_cursor(after, int)[0] if after else 0)
    more = cursor(behind[PAGE - 1].row.id) if len(behind) > PAGE else ""
    names: dict[str, Any] = {"says": queries.SAYS, "class_names": CLASS_NAMES}
    return ctx.page("membership/renewals.html", waiting=waiting, behind=behind[:PAGE], more=more, **names)


@pages.get("/moderation/renewals/{id}", REVIEW)
def renewal_page(ctx: Read, id: Id) -> Response:
    row = queries.answer(ctx.conn, ctx.actor, id)
    names: dict[str, Any] = {"says": queries.SAYS, "signals": queries.SIGNALS, "class_names": CLASS_NAMES, "states": queries.STATES}
    earlier = queries.earlier(ctx.conn, ctx.actor, row)
    may = access.may_settle(ctx.actor, row)
    return ctx.page("membership/renewal.html", answer=row, earlier=earlier, may_settle=may, is_admin=ctx.actor.may(Right.ADMIN), **names)


@pages.post("/moderation/renewals/{id}", REVIEW, again=renewal_page, step_up=True)
def settle(ctx: Write, id: Id) -> Response:
    answers.settle(ctx.session, ctx.actor, id, parse(SettleForm, ctx.call.fields))
    return ctx.redirect("/moderation/renewals", said="answer-settled")
