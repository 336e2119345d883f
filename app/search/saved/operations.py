"""Keeping a search, changing how its finds are delivered, and letting it go."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden
from app.search import asking
from app.search.models import Deliver, SavedSearch
from app.search.saved import access
from app.search.saved.forms import SaveForm

MOST = 20  # of one member


def save(session: Session, actor: Actor, form: SaveForm) -> SavedSearch:
    """The same words again change how they are delivered."""
    if not actor.may_write:
        raise Forbidden("You can search, but not keep a search.")
    mine = access.own(session, actor)
    found = next((one for one in mine if one.q == form.q), None)
    if found is not None:
        set_delivery(session, actor, found.id, form.deliver)
        return found
    if len(mine) >= MOST:
        raise Conflict(f"You keep {MOST} searches already. Delete one first.")
    made = SavedSearch(member_id=actor.member_id, q=form.q, deliver=form.deliver, key_word=key_word(form.q), created_at=clock.now())
    session.add(made)
    session.flush()
    audit.record(session, actor, "search.save", ("saved_search", made.id), deliver=form.deliver)
    return made


def set_delivery(session: Session, actor: Actor, search_id: int, deliver: Deliver) -> None:
    found = access.search_for_act(session, actor, search_id)
    found.deliver = deliver
    audit.record(session, actor, "search.deliver", ("saved_search", search_id), deliver=deliver)


def delete(session: Session, actor: Actor, search_id: int) -> None:
    session.delete(access.search_for_act(session, actor, search_id))
    audit.record(session, actor, "search.delete", ("saved_search", search_id))


def key_word(q: str) -> str:
    """The longest of the words that every hit must have: most likely the rarest. Empty where only operators were given."""
    return max(asking.read(q).stems, key=lambda word: (len(word), word), default="")
