"""The members' directory, a member's page, and one's own entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import Connection
from starlette.responses import Response

from app.agencies.access import may_see_agencies
from app.agencies.like import asked_for, offered
from app.agencies.sizes import size_band
from app.core.access import Actor
from app.core.fields import Id
from app.membership import directory, knowing, profile
from app.membership.directory import Ask
from app.membership.models import MemberStatus, SeenBy
from app.membership.names import CLASS_NAMES, SEEN_BY_NAMES
from app.membership.staying import queries as staying
from app.membership.watch import counting
from app.membership.watch.models import Alarm
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write, one_of
from app.web.routing import Routes

pages = Routes()
Typed = Annotated[str, Query(max_length=200)]
PREVIEWS = (SeenBy.EVERYONE, SeenBy.AGENCY)
Section = Callable[[Connection, Actor, int], Any]
_sections: dict[str, Section] = {}
_own_sections: dict[str, Section] = {}


def register_section(template: str, rows: Section) -> None:
    """A package above adds to a member's page: `template` is drawn with `rows`, what this actor may see of that member's there."""
    _sections[template] = rows


def register_own_section(template: str, rows: Section) -> None:
    """The same for the page where a member changes their own entry."""
    _own_sections[template] = rows


@pages.get("/members", MEMBER, same_site=True, slow=True)
def members(ctx: Read, q: Typed = "", cursor: Typed = "", like: Typed = "", subject: Typed = "") -> Response:  # C10
    alike = asked_for(ctx.conn, ctx.actor, like)
    found = directory.find(ctx.conn, ctx.actor, Ask(q, cursor=cursor, alike=alike, subject=subject))
    counting.show_listed(ctx.platform.db, ctx.actor, len(found.items), ctx.now)
    kept = {name: value for name, value in (("q", q), ("like", like), ("subject", subject)) if value}
    shown: dict[str, Any] = {"q": q, "cursor": cursor, "like": like, "alike": alike or offered(ctx.actor), "kept": kept}
    shown |= {"subject": subject, "subjects": knowing.offered(ctx.conn)}
    return ctx.page("membership/members.html", found=found, **shown, **_names(ctx))


@pages.get("/members/{id}", MEMBER, same_site=True, slow=True)
def member(ctx: Read, id: Id) -> Response:  # C10
    row = seen(ctx, id)
    sections = {template: rows(ctx.conn, ctx.actor, id) for template, rows in _sections.items()}
    return ctx.page("membership/member.html", member=row, sections=sections, preview="", **_names(ctx))


def _names(ctx: Read) -> dict[str, Any]:
    return {"class_names": CLASS_NAMES, "size_band": size_band, "sees_agencies": may_see_agencies(ctx.actor)}


@pages.get("/settings/profile/preview", MEMBER)
def preview(ctx: Read, to: Annotated[str, Query()] = "everyone") -> Response:
    """One's own entry as others see it."""
    to = one_of(to, dict.fromkeys(PREVIEWS))
    row = directory.as_others_see(ctx.conn, ctx.actor, is_colleague=to == SeenBy.AGENCY)
    return ctx.page("membership/member.html", member=row, sections={}, preview=to, **_names(ctx))


def seen(ctx: Read, member_id: int) -> Any:
    """A member's entry, once it is counted: committed before it is shown, so that many at once count as many (C14). What isn't
    there counts too, or its number could be learned by trying. One's own page is free."""
    if member_id != ctx.actor.id:
        with ctx.platform.db.write() as session:
            count = counting.count_page(session, ctx.actor, ctx.now)
        counting.require_page(count)
    row = directory.member_for(ctx.conn, ctx.actor, member_id)
    if row.status == MemberStatus.BAIT:
        with ctx.platform.db.write() as session:
            counting.raise_alarm(session, ctx.actor, Alarm.BAIT, ctx.now)
    return row


@pages.get("/settings/profile", MEMBER)
def own_profile(ctx: Read) -> Response:
    own = directory.own_entry(ctx.conn, ctx.actor)
    typed = ctx.form or FormState()
    values = typed.values or {name: getattr(own, name) for name in profile.EditProfile.model_fields}
    zones = [("", "As the association's"), *((zone, f"{said} ({zone})") for zone, said in profile.ZONES.items())]
    if values.get("time_zone") and values["time_zone"] not in profile.ZONES:
        zones.append((values["time_zone"], values["time_zone"]))
    names: dict[str, Any] = {"class_name": CLASS_NAMES[own.member_class], "zones": zones, "seen_by": list(SEEN_BY_NAMES.items())}
    standing = staying.own(ctx.conn, ctx.actor.member_id)
    names["sections"] = {template: rows(ctx.conn, ctx.actor, ctx.actor.member_id) for template, rows in _own_sections.items()}
    return ctx.page("membership/profile.html", own=own, standing=standing, form=FormState(values, typed.errors), **names)


@pages.post("/settings/profile", MEMBER, again=own_profile)
def save_profile(ctx: Write) -> Response:
    profile.edit_profile(ctx.session, ctx.actor, parse(profile.EditProfile, ctx.call.fields))
    return ctx.redirect("/settings/profile", said="saved")
