"""/admin/mail/defaults: what mail members of each class get before they choose."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from app.core.access import Right
from app.core.errors import Invalid
from app.mail import defaults
from app.mail.forms import DefaultForm
from app.mail.pages import HOURS
from app.membership.names import CLASS_NAMES
from app.web.forms import FormState, parse
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes("/admin/mail/defaults")
ADMIN = Allow(Right.ADMIN)


def _values(ours: dict[str, defaults.Defaults]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, one in ours.items():
        values |= {f"{name}-hour": one.hour, f"{name}-level": one.level.value, f"{name}-content": one.content.value}
        values |= {f"{name}-on": "yes" if one.on else "", f"{name}-quiet_weekend": "yes" if one.quiet_weekend else ""}
    return values


def _form_of(name: str, fields: list[tuple[str, str]]) -> DefaultForm:
    """The fields of one class, which stand under its name."""
    try:
        return parse(DefaultForm, [(key.removeprefix(f"{name}-"), value) for key, value in fields if key.startswith(f"{name}-")])
    except Invalid as error:
        raise Invalid({f"{name}-{key}": text for key, text in error.errors.items()}) from None


@pages.get("", ADMIN)
def defaults_page(ctx: Read) -> Response:
    form = ctx.form or FormState(_values(defaults.of_all(ctx.conn)))
    return ctx.page("mail/admin_defaults.html", form=form, classes=list(CLASS_NAMES.items()), hours=HOURS)


@pages.post("", ADMIN, again=defaults_page, step_up=True)
def save_defaults(ctx: Write) -> Response:
    site = ctx.platform.site.get(ctx.conn)
    defaults.save(ctx.session, ctx.actor, site, {name: _form_of(name, ctx.call.fields) for name in CLASS_NAMES})
    return ctx.redirect("/admin/mail/defaults", said="saved")
