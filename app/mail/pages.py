"""Pages of one's own mail: the settings, and the stop link's page, which needs no sign-in."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from app.accounts.addresses import access as addresses
from app.core.errors import Invalid
from app.mail import operations, queries, stopping
from app.mail.digest import now
from app.mail.forms import Lifted, MailForm, OwnDigestForm, SubscriptionsForm
from app.mail.health import access as health
from app.mail.health import ladder
from app.mail.models import Level
from app.mail.queries import Subscriptions
from app.web.forms import parse
from app.web.guard import MEMBER, PUBLIC
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()

US_ZONES = {
    "America/New_York": "Eastern time", "America/Chicago": "Central time", "America/Denver": "Mountain time",
    "America/Phoenix": "Arizona", "America/Los_Angeles": "Pacific time", "America/Anchorage": "Alaska", "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Puerto Rico", "Pacific/Guam": "Guam", "Pacific/Pago_Pago": "American Samoa",
}  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = [(hour, f"{hour % 12 or 12}:00 {'AM' if hour < 12 else 'PM'}") for hour in range(24)]
FORUM = "forum-"


def _zones(*wanted: str) -> list[tuple[str, str]]:
    """The zones of the country, and those that are in use here without being among them."""
    return [*US_ZONES.items(), *((name, name) for name in dict.fromkeys(wanted) if name not in US_ZONES)]


def _values(mine: Subscriptions) -> dict[str, Any]:
    values = {name: getattr(mine, name) for name in ("hour", "weekday", "time_zone", "content")}
    values |= {"sent_to": mine.sent_to or "", "on": "yes" if mine.on else "", "quiet_weekend": "yes" if mine.quiet_weekend else ""}
    values["paused_until"] = mine.paused_until.isoformat() if mine.paused_until else ""
    return values | {FORUM + forum.slug: forum.level.value for forum in mine.forums}


@pages.get("/settings/mail", MEMBER)
def settings(ctx: Read) -> Response:
    site = ctx.platform.site.get(ctx.conn)
    mine = queries.subscriptions(ctx.conn, ctx.actor, site)
    email = queries.address(ctx.conn, ctx.actor)
    own = ctx.form.values if ctx.form else {}  # of this form, or of the small one beside it, which has none of the settings
    values = own if "time_zone" in own else _values(mine)
    return ctx.page(
        "mail/settings.html", mine=mine, email=email, values=values, hours=HOURS, zones=_zones(site.time_zone, mine.time_zone),
        weekdays=list(enumerate(WEEKDAYS)), health=health.my_health(ctx.conn, ctx.actor),
        others=[(row.email, row.email) for row in addresses.my_addresses(ctx.conn, ctx.actor.member_id) if not row.is_primary],
    )  # fmt: skip


@pages.post("/settings/mail", MEMBER, again=settings)
def change_settings(ctx: Write) -> Response:
    site = ctx.platform.site.get(ctx.conn)
    form = parse(MailForm, ctx.call.fields)
    switches: dict[str, Any] = {"on": form.on == "yes", "quiet_weekend": form.quiet_weekend == "yes"}
    digest = OwnDigestForm(**switches, **form.model_dump(exclude=set(switches)))
    mine = queries.subscriptions(ctx.conn, ctx.actor, site)
    operations.change_subscriptions(ctx.session, ctx.actor, site, SubscriptionsForm(digest=digest, forums=_levels(ctx, mine)))
    return ctx.redirect("/settings/mail", said="mail-saved")


def _levels(ctx: Write, mine: Subscriptions) -> dict[str, Level]:
    """The levels that differ from what stands."""
    shown = {forum.slug: forum.level.value for forum in mine.forums}
    given = {k.removeprefix(FORUM): v for k, v in ctx.call.fields if k.startswith(FORUM)}
    wrong = {FORUM + slug: "Please choose one of these." for slug, value in given.items() if value not in list(Level)}
    if wrong:
        raise Invalid(wrong)
    return {slug: Level(value) for slug, value in given.items() if shown.get(slug) != value}


@pages.post("/settings/mail/now", MEMBER, again=settings)
def send_now(ctx: Write) -> Response:
    now.ask(ctx.session, ctx.actor)
    return ctx.redirect("/settings/mail", said="digest-asked")


@pages.post("/settings/mail/lift", MEMBER)
def lift(ctx: Write) -> Response:
    ladder.lift(ctx.session, ctx.actor, parse(Lifted, ctx.call.fields).email)
    return ctx.redirect("/settings/mail", said="mail-lifted")


@pages.post("/settings/mail/links", MEMBER)
def revoke_links(ctx: Write) -> Response:
    operations.revoke_links(ctx.session, ctx.actor)
    return ctx.redirect("/settings/mail", said="mail-links-revoked")


@pages.get("/unsubscribe/{token}", PUBLIC("the stop link of a mail works without signing in; it shows one button"), counts=False)
def unsubscribe(ctx: Read, token: str) -> Response:
    link = stopping.require_link(ctx.conn, ctx.platform.signer, token)
    return ctx.page("mail/unsubscribe.html", done=False, what=link.list.name.lower())


@pages.post("/unsubscribe/{token}", PUBLIC("mail programs stop a list by themselves (RFC 8058)"), csrf=False)
def stop(ctx: Write, token: str) -> Response:
    link = stopping.stop(ctx.session, ctx.platform.signer, token, ctx.call.origin)
    return ctx.page("mail/unsubscribe.html", done=True, what=link.list.name.lower())
