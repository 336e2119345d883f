"""Mail as the site shows it: what a member sent and was told, and what an administrator sees of mail that could not be sent."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage

from playwright.sync_api import Page

from app.mail import reply_tokens
from tests.browser.site import Site
from tests.browser.walks.steps import press, stops, unchecked
from tests.commands.squadroom import Squadroom

ANSWER = (
    "We moved ours in May: four tens, and one relief officer.\n\n-- \nDale Okafor, Sheriff\nOffice 555-0100\n\n"
    "On Mon, Nov 23, 2026 at 7:10 AM Squadroom <squadroom@localhost> wrote:\n> Has anyone moved a small agency to ten-hour shifts?\n"
)
OPEN_QUESTION = "Sample policy for stacking"  # that no walk locks
FORUM = "forum+patrol@localhost"
LETTER = "INSERT INTO outbox (kind, recipient, key, message_id, raw, about, state, attempts, created_at, next_try_at, lease, error)"


def correspondent(page: Page, site: Site) -> Iterator[str]:
    to = _answer_address(site, "sheriff", site.thread(OPEN_QUESTION))
    site.rows("UPDATE forums SET mail_threads = 1 WHERE slug = 'patrol'")
    me = site.cast["sheriff"]["email"]
    _bring(site, me, to, ANSWER)
    _bring(site, me, to, "A server in between lost the proof.", vouched=False)
    _bring(site, me, FORUM, "Has anybody bought body cameras together with a neighbor?")
    said = "smtp; 452 4.2.2 The recipient's mailbox is over its quota"
    site.rows(
        "INSERT INTO address_health (email, account_id, state, score, warnings, said, cause, first_at, last_at)"
        " VALUES (?, ?, 'failing', 2, 0, ?, '', datetime('now', '-2 days'), datetime('now', '-1 day'))",
        me, site.member("sheriff"), said,
    )  # fmt: skip
    yield from stops(page, {"notifications": "/notifications", "mail sent": "/settings/mail/received", "mail came back": "/settings/mail"})
    found = site.rows("SELECT id, state FROM inbound_messages WHERE member_id = ?", site.member("sheriff"))
    ids = {str(state): number for number, state in found}
    yield from stops(page, {f"mail sent, {state}": f"/settings/mail/received/{ids[state]}" for state in ("posted", "refused", "held")})
    page.fill("#title", "")
    unchecked(page)
    press(page, "Post it")
    yield "mail sent, with an error"
    page.goto(f"{site.thread(OPEN_QUESTION)}")
    page.get_by_role("link", name="Came by mail").first.click()
    yield "what was cut"
    yield from stops(page, {"settings, what one is told": "/settings/mail/notifications"})


def postmaster(page: Page, site: Site) -> Iterator[str]:
    gone, late = "records@bexley.example", "patrol.lieutenant@greenriver.example"
    values = "VALUES ('reply', ?, ?, ?, x'', '{}', ?, ?, datetime('now', '-3 days'), datetime('now', '+4 hours'), '', ?)"
    for number, (who, state, said) in enumerate((
        (gone, "failed", "550 5.1.1 no such user"), (late, "queued", "451 4.7.1 Greylisted, please try again in 300 seconds"),
        (late, "failed", "554 5.7.1 Message rejected by policy https://mail.greenriver.example/rejected/0123456789abcdef0123456789abcdef"),
    )):  # fmt: skip
        site.rows(f"{LETTER} {values}", who, f"walk:{number}", f"<{number}@localhost>", state, number + 2, said)
    site.rows(
        "INSERT INTO address_health (email, state, score, warnings, said, cause, first_at, last_at, suppressed_at)"
        " VALUES (?, 'suppressed', 0, 0, '550 5.1.1 no such user', 'bounce', datetime('now'), datetime('now'), datetime('now'))", gone,
    )  # fmt: skip
    paths = {
        "admin, mail": "/admin/mail", "admin, mail that failed": "/admin/mail/failures", "admin, mail to one": f"/admin/mail/to?to={late}",
        "admin, addresses without mail": "/admin/mail/addresses", "admin, mail before members choose": "/admin/mail/defaults",
    }  # fmt: skip
    yield from stops(page, paths)
    page.goto("/admin/mail")
    press(page, "Pause all mail")
    yield "admin, mail paused"
    press(page, "Let mail go on")


def _answer_address(site: Site, key: str, thread: str) -> str:
    token = reply_tokens.new()
    with Squadroom(site.folder).database() as db, db.write() as session:
        reply_tokens.keep(session, [reply_tokens.row_of(token, site.member(key), [int(thread.rpartition("/")[2])])])
    return reply_tokens.address(token, "localhost")


def _bring(site: Site, me: str, to: str, words: str, vouched: bool = True) -> None:
    """As the mail server in front hands it over."""
    m, domain = EmailMessage(), me.partition("@")[2]
    m["Authentication-Results"] = f"{'localhost' if vouched else 'elsewhere.example'}; dmarc=pass header.from={domain}"
    m["From"], m["To"], m["Subject"], m["Message-ID"] = me, to, "Body cameras, bought together", f"<{len(words)}@{domain}>"
    m.set_content(words)
    command = ("mail", "accept", "--from", me, "--to", to)
    done = Squadroom(site.folder).run(*command, stdin=m.as_bytes(), ENV="demo", BASE_URL=site.origin)
    assert done.returncode == (0 if vouched else 77), done.stderr
