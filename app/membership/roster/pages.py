"""The roster of one agency: its contact ticks who still works there; reviewers look on and ask. And who is the contact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection, Row
from starlette.responses import Response

from app.agencies import access as agencies
from app.core import clock
from app.core.access import Actor, Right
from app.core.errors import Invalid
from app.core.fields import Id
from app.membership.names import CLASS_NAMES
from app.membership.roster import access, answering, asking, contacts
from app.membership.roster.forms import AppointForm, DismissForm, SaidForm
from app.membership.roster.models import Word
from app.web.forms import FormState, errors_of, parse
from app.web.guard import MEMBER, Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
ADMIN = Allow(Right.ADMIN)
UNKNOWN_SHOWN = dt.timedelta(days=90)
WHAT_NAMES = {Word.LEFT: "Left the agency", Word.RETIRED: "Retired", Word.UNKNOWN: "Nobody of this name works here, or ever did"}
_FIELDS = {"word": "what"}  # what the page calls a form's field


class Line(NamedTuple):
    """One member on the contact's page: ticked, or not and what was chosen so far."""

    person: Row[Any]
    is_here: bool
    chosen: FormState


# The contact's page ---------------------------------------------------------------------------------------------------------


@pages.get("/agencies/{id}/roster", MEMBER)
def roster(ctx: Read, id: Id) -> Response:
    agency = access.agency_of_roster(ctx.conn, ctx.actor, id)
    contact, waiting = access.contact_of(ctx.conn, id), access.open_round(ctx.conn, id)
    values: dict[str, Any] = {"agency": agency, "contact": contact, "waiting": waiting, "answered_at": access.last_answer(ctx.conn, id)}
    values |= {"month": _month_name(asking.month_of(id)), "class_names": CLASS_NAMES}
    if not access.is_contact(ctx.conn, ctx.actor, id):
        return ctx.page("membership/roster_seen.html", people=access.people_at(ctx.conn, id), **values)
    people = access.to_answer(ctx.conn, id, ctx.actor.member_id, waiting.id if waiting else 0)
    lines, whats = _lines(people, ctx.form or FormState()), [("", "Please choose"), *WHAT_NAMES.items()]
    return ctx.page("membership/roster.html", lines=lines, whats=whats, months=_months(ctx.now), **values)


@pages.post("/agencies/{id}/roster", MEMBER, again=roster, step_up=True)
def answer(ctx: Write, id: Id) -> Response:
    access.require_answer(ctx.session, ctx.actor, id)
    answering.answer(ctx.session, ctx.actor, id, read_page(ctx.call.fields))
    return ctx.redirect(f"/agencies/{id}/roster", said="roster-answered")


@pages.post("/agencies/{id}/roster/ask", MEMBER, again=roster)
def ask(ctx: Write, id: Id) -> Response:
    asking.ask(ctx.session, ctx.actor, id)
    return ctx.redirect(f"/agencies/{id}/roster", said="roster-asked")


def read_page(fields: Iterable[tuple[str, str]]) -> list[SaidForm]:
    """`listed` names who was on the page, `here` who is still ticked, `what-ID`, `month-ID` and `note-ID` say of the others what became
    of them. Invalid, with the error beside the person, where that is not said."""
    pairs = list(fields)
    values, here = dict(pairs), {value for name, value in pairs if name == "here"}
    errors: dict[str, str] = {}
    said = []
    for member in dict.fromkeys(value for name, value in pairs if name == "listed"):
        one = {"member": member, "word": Word.HERE.value}
        if member not in here:
            one = {"member": member, "word": values.get(f"what-{member}", "")}
            one |= {name: values.get(f"{name}-{member}", "") for name in ("month", "note")}
        try:
            said.append(SaidForm.model_validate(one))
        except ValidationError as error:
            errors |= {f"{_FIELDS.get(name, name)}-{member}": text for name, text in errors_of(error).items()}
    if errors:
        raise Invalid(errors)
    return said


def _lines(people: Sequence[Row[Any]], typed: FormState) -> list[Line]:
    listed, here = _many(typed.value("listed")), _many(typed.value("here"))
    return [Line(one, str(one.id) in here or str(one.id) not in listed, typed) for one in people]


def _many(value: Any) -> set[str]:
    return set(value) if isinstance(value, list) else {value}


def _months(now: dt.datetime) -> list[tuple[str, str]]:
    """This month and the eleven before it."""
    ends = [divmod(now.year * 12 + now.month - 1 - back, 12) for back in range(12)]
    return [(f"{year}-{month + 1:02}", f"{_month_name(month + 1)} {year}") for year, month in ends]


def _month_name(month: int) -> str:
    return f"{dt.date(2000, month, 1):%B}"


# Who is the contact ---------------------------------------------------------------------------------------------------------


def section(conn: Connection, actor: Actor, agency_id: int) -> dict[str, Any]:
    """For the administrator's page of an agency."""
    waiting, answered_at = access.open_round(conn, agency_id), access.last_answer(conn, agency_id)
    return {"contact": access.contact_of(conn, agency_id), "waiting": waiting, "answered_at": answered_at}


def waiting(conn: Connection, actor: Actor) -> dict[str, Any]:
    """For the reviewers' page of agencies."""
    unknown = access.said_unknown(conn, actor, clock.now() - UNKNOWN_SHOWN)
    return {"overdue": access.overdue(conn, actor), "unknown": unknown, "dissolved": access.at_dissolved(conn, actor)}


@pages.get("/admin/agencies/{id}/contact", ADMIN)
def contact_page(ctx: Read, id: Id) -> Response:
    agency, contact = agencies.agency_for(ctx.conn, ctx.actor, id), access.contact_of(ctx.conn, id)
    people = [one for one in access.people_at(ctx.conn, id) if contact is None or one.id != contact.member_id]
    return ctx.page("membership/roster_contact.html", agency=agency, contact=contact, people=people, class_names=CLASS_NAMES)


@pages.post("/admin/agencies/{id}/contact", ADMIN, again=contact_page, step_up=True)
def appoint(ctx: Write, id: Id) -> Response:
    contacts.appoint(ctx.session, ctx.actor, id, parse(AppointForm, ctx.call.fields))
    return ctx.redirect(f"/admin/agencies/{id}", said="contact-appointed")


@pages.post("/admin/agencies/{id}/contact/end", ADMIN, again=contact_page, step_up=True)
def dismiss(ctx: Write, id: Id) -> Response:
    contacts.dismiss(ctx.session, ctx.actor, id, parse(DismissForm, ctx.call.fields))
    return ctx.redirect(f"/admin/agencies/{id}", said="saved")
