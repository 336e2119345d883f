"""The applicant's pages: apply, confirm the address, see where it stands, withdraw. Open to anyone, and telling nobody anything."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.agencies.queries import public_agency, search_public
from app.core.errors import Invalid
from app.core.files import ACCEPT
from app.core.uploads import PASSED_BY
from app.membership.applications import inquire, operations, sending_once, standing
from app.membership.applications.forms import AcceptForm, AnswerForm, ApplyForm
from app.membership.evidence import operations as evidence
from app.membership.evidence.intake import ONE_FILE, TakenFile, taken_of
from app.membership.names import CLASS_NAMES
from app.membership.roster_file import answering
from app.membership.statements import access as statements
from app.web.forms import FormState, parse, values_of
from app.web.guard import PUBLIC
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
_FIXED: dict[str, Any] = {"classes": CLASS_NAMES.items(), "accept": ACCEPT}
STATUS = PUBLIC("an applicant sees and withdraws their own application by its private link")


@pages.get("/apply", PUBLIC("people who are no members yet apply here"))
def apply_page(ctx: Read) -> Response:
    form = ctx.form or FormState({name: ctx.query.get(name, "") for name in ("agency_q", "agency_after", "invited")})
    return ctx.page("membership/apply.html", form=form, once=_once(ctx), **_FIXED, **_choices(ctx.conn, form))


def _once(ctx: Read | Write) -> str:
    return sending_once.issue(ctx.platform.signer)


def _choices(conn: Connection, form: FormState) -> dict[str, Any]:
    """The statement, and the agencies to choose from: the one that is chosen, and those that the words typed find."""
    asked, after, chosen = str(form.value("agency_q"))[:100], str(form.value("agency_after")), str(form.value("agency"))
    found, more, is_further = _found(conn, asked, after)
    picked = public_agency(conn, int(chosen)) if chosen.isdecimal() and len(chosen) < 16 else None
    if picked is not None and all(row.id != picked.id for row in found):
        found = [picked, *found]
    return {"agencies": found, "asked": asked, "more": more, "is_further": is_further, "statement": _statement(conn, form)}


def _statement(conn: Connection, form: FormState) -> statements.Asked:
    """What is to be accepted now. A tick that stood beside other words is taken away."""
    if not statements.is_current(conn, str(form.value("statement_version"))):
        form.values.pop("statement", None)
    return statements.current(conn)


def _found(conn: Connection, asked: str, after: str) -> tuple[list[Any], str, bool]:
    """Ten agencies, where the next ten begin, and whether these are not the first. An address that somebody changed shows the first."""
    try:
        return (*search_public(conn, asked, after), bool(after))
    except Invalid:
        return (*search_public(conn, asked), False)


_FIND = PUBLIC("finds an agency for the form and keeps what was typed")


@pages.post("/apply/find", _FIND, mode="own", again=apply_page, takes=PASSED_BY)
def find_agency(ctx: Write) -> Response:
    form = FormState(values_of(ctx.call.fields))
    with ctx.platform.db.read() as conn:
        choices = _choices(conn, form)
    template = "membership/_agency_choices.html" if ctx.call.request.headers.get("hx-request") else "membership/apply.html"
    return ctx.page(template, form=form, once=_once(ctx), **_FIXED, **choices)


@pages.post("/apply", PUBLIC("people who are no members yet apply here"), again=apply_page, takes=ONE_FILE)
def apply(ctx: Write) -> Response:
    form, taken = parse(ApplyForm, ctx.call.fields), taken_of(ctx.call.file)
    applied = operations.apply(ctx.session, ctx.call.origin, form, _secrets(ctx, form, taken))
    if taken is not None and applied.is_new:
        evidence.send_along(ctx.session, applied.status_token, taken)
    link = f"{ctx.platform.settings.origin}/applications/{applied.status_token}"
    return ctx.page("membership/applied.html", code=applied.code, link=link, is_confirmed=False)


def _secrets(ctx: Write, form: ApplyForm, taken: TakenFile | None) -> sending_once.Secrets:
    sent = next((value for name, value in ctx.call.fields if name == "once"), "")
    return sending_once.secrets_of(ctx.platform.signer, sent, form, taken.stored.sha256 if taken is not None else b"")


_CONFIRM = PUBLIC("whoever has the mailbox confirms an application's address")


@pages.get("/apply/confirm/{token}", _CONFIRM)
def confirm_page(ctx: Read, token: str) -> Response:
    """The same for every token: what it is good for shows when the button is pressed."""
    if ctx.form and "statement_version" in ctx.form.values:
        return ctx.page("membership/named.html", statement=_statement(ctx.conn, ctx.form))
    return ctx.page("membership/confirm.html")


@pages.post("/apply/confirm/{token}", _CONFIRM, again=confirm_page)
def confirm(ctx: Write, token: str) -> Response:
    if answering.is_asked(ctx.session, token):
        return _answer_roster(ctx, token)
    operations.confirm(ctx.session, ctx.call.origin, token)
    return ctx.redirect(f"/applications/{operations.status_token(token)}", said="confirmed")


def _answer_roster(ctx: Write, token: str) -> Response:
    """Whom a roster named accepts the statement first; then the code is shown, this once."""
    applied, names = None, {name for name, _ in ctx.call.fields}
    if names & set(AcceptForm.model_fields):
        form = parse(AcceptForm, ctx.call.fields)
        applied = answering.accept(ctx.session, ctx.call.origin, token, form.statement_version)
    if applied is None:
        return ctx.page("membership/named.html", statement=statements.current(ctx.session))
    link = f"{ctx.platform.settings.origin}/applications/{applied.status_token}"
    return ctx.page("membership/applied.html", code=applied.code, link=link, is_confirmed=True)


@pages.get("/applications/{token}", STATUS)
def status_page(ctx: Read, token: str) -> Response:
    case = standing.standing(ctx.conn, token, ctx.now)
    return ctx.page("membership/application_status.html", case=case, here=f"/applications/{token}", accept=ACCEPT)


@pages.post("/applications/{token}/answer", STATUS, again=status_page)
def answer(ctx: Write, token: str) -> Response:
    inquire.answer(ctx.session, ctx.call.origin, token, parse(AnswerForm, ctx.call.fields))
    return ctx.redirect(f"/applications/{token}", said="answered")


@pages.post("/applications/{token}/withdraw", STATUS, again=status_page)
def withdraw(ctx: Write, token: str) -> Response:
    operations.withdraw(ctx.session, ctx.call.origin, token)
    return ctx.redirect(f"/applications/{token}", said="withdrawn")
