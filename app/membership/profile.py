"""A member's own entry: what they may change of it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import audit
from app.core.access import Actor
from app.core.errors import Forbidden, NotFound
from app.core.fields import Form, Line, PersonName, PlainLine, Text
from app.membership.models import Member, SeenBy

_PHONE = re.compile(r"\+?[0-9(][0-9()\-. /]{5,}( ?(x|ext\.?) ?[0-9]{1,6})?")
_ZONE_NAME = re.compile(r"[A-Za-z_]+(/[A-Za-z_+\-0-9]+){1,2}")

# What the list offers; any other zone of the tz database is taken too.
ZONES = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Mountain, no daylight saving (Arizona)",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Atlantic (Puerto Rico, Virgin Islands)",
    "Pacific/Guam": "Chamorro (Guam, Northern Marianas)",
    "Pacific/Pago_Pago": "Samoa",
}


@lru_cache(maxsize=200)
def is_zone(name: str) -> bool:
    if not _ZONE_NAME.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _zone(value: str) -> str:
    if value and not is_zone(value):
        raise ValueError("is not a time zone")
    return value


def _phone(value: str) -> str:
    if value and not _PHONE.fullmatch(value):
        raise ValueError("must be a phone number such as 503-555-0142 or 503-555-0142 x12")
    return value


class EditProfile(Form):
    name: PersonName
    rank: Annotated[PlainLine, StringConstraints(max_length=100)] = ""
    about: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
    phone: Annotated[Line, StringConstraints(max_length=40), AfterValidator(_phone)] = ""
    email_seen_by: SeenBy = SeenBy.NOBODY  # what a form leaves out is hidden
    phone_seen_by: SeenBy = SeenBy.NOBODY
    about_seen_by: SeenBy = SeenBy.NOBODY
    time_zone: Annotated[str, StringConstraints(max_length=60), AfterValidator(_zone)] = ""


_BESIDE_MESSAGES = frozenset({"name", "rank"})
_SAID_TO_OTHERS = _BESIDE_MESSAGES | {"about"}


def edit_profile(session: Session, actor: Actor, form: EditProfile) -> None:
    """Change the actor's own entry. Whoever is restricted may still change what others see of their address and number, and no more.

    The log keeps old and new name and rank, as they stand beside messages, and of the rest only that it changed.
    """
    member = session.execute(select(Member).where(Member.id == actor.member_id).with_for_update()).scalar_one_or_none()
    if member is None:
        raise NotFound
    changed = {name: value for name, value in form.model_dump().items() if value != getattr(member, name)}
    if not actor.may_write and _SAID_TO_OTHERS & set(changed):
        raise Forbidden("While your membership is restricted, your name, rank and text stay as they are.")
    if not changed:
        return
    shown: dict[str, Any] = {name: [getattr(member, name), changed[name]] for name in sorted(_BESIDE_MESSAGES & set(changed))}
    for name, value in changed.items():
        setattr(member, name, value)
    if shown:
        member.version += 1
    audit.record(session, actor, "member.edit_profile", ("member", member.id), fields=sorted(changed), **shown)
