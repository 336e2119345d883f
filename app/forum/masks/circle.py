"""What may be said of who is behind a mask: only what fits at least five agencies with members, or it would say who it is."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.agencies.models import Agency
from app.agencies.sizes import BANDS, Band, band_of
from app.core.access import Actor
from app.membership.actors import CURRENT
from app.membership.models import Member, MemberClass

FEWEST = 5


def words_about(session: Session, actor: Actor) -> str:
    """For the end of a byline: "head of an agency of 10-24 sworn in CS", or as much of it as may be said; empty: nothing may."""
    state = session.execute(select(Agency.state).where(Agency.id == actor.agency_id)).scalar_one_or_none()
    band = band_of(actor.agency_sworn)
    head = Part("head of an agency", Member.member_class == MemberClass.HEAD) if actor.member_class == MemberClass.HEAD else None
    size = Part(f"of {band.name}", Agency.sworn.between(*band.bounds)) if band else None
    there = Part(f"in {state}", Agency.state == state) if state else None
    for parts in ((head, size, there), (head, size), (size, there), (size,), (there,)):
        fitting = [part for part in parts if part is not None]
        if len(fitting) == len(parts) and _agencies(session, fitting) >= FEWEST:
            return " ".join([*([] if head in fitting else ["at an agency"]), *(part.words for part in fitting)])
    return ""


def said_in(words: str) -> Band | None:
    """The size band that these words about somebody name, if they name one: what all may read, and so may be acted on."""
    return next((band for band in BANDS if f"of {band.name}" in words), None)


class Part(NamedTuple):
    words: str
    fits: ColumnElement[bool]


def _agencies(session: Session, parts: list[Part]) -> int:
    """How many agencies have a current member whom all of this fits."""
    statement = select(func.count(Agency.id.distinct())).join(Member, Member.agency_id == Agency.id)
    return session.execute(statement.where(Member.status.in_(CURRENT), *(part.fits for part in parts))).scalar_one()
