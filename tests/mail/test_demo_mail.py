"""The page of sent mail: in a demonstration only, and harmless whatever a message holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.mail.delivery import Delivery
from tests.mail.helpers import digests, thread
from tests.mail.test_delivery import letter
from tests.world import World


@pytest.fixture
def demo(world: World) -> Iterator[World]:
    """The same association, served as a demonstration."""
    made = World(world.settings.database_url, world.ids, world.folder, env="demo")
    yield made
    made.close()


def test_there_is_no_such_page_outside_a_demonstration(world: World) -> None:
    letter(world)
    Delivery(world.db, world.settings).run()
    assert world.browser("admin").get("/demo/mail").status_code == 404
    assert world.outsider().get("/demo/mail").status_code == 303


def test_sent_mail_can_be_listed_and_read(demo: World) -> None:
    assert "Nothing was sent yet" in demo.outsider().get("/demo/mail").text
    thread(demo, "A lesson <b>in bold</b>", body="See https://example.org/a?b=1&c=2")
    digests(demo)
    page = demo.browser("chief").get("/demo/mail")
    assert page.status_code == 200
    assert "To sheriff@bexley.example" in page.text
    name = page.text.split('href="/demo/mail/')[1].split('"')[0]
    message = demo.outsider().get(f"/demo/mail/{name}")
    assert "A lesson &lt;b&gt;in bold" in message.text
    assert '<a href="http://localhost:8000/settings/mail">' in message.text
    html = demo.outsider().get(f"/demo/mail/{name}/html")
    assert html.headers["content-security-policy"].startswith("default-src 'none'")
    assert "sandbox" in html.headers["content-security-policy"]
    assert "script" not in html.headers["content-security-policy"]
    assert "A lesson &lt;b&gt;in bold" in html.text


def test_only_messages_can_be_read(demo: World) -> None:
    (demo.settings.data_dir / "mail").mkdir(parents=True)
    (demo.settings.data_dir / "secret.eml").write_text("Subject: no\n\nno")
    for name in ("..%2Fsecret.eml", "nothing.eml", "%2Fetc%2Fpasswd", ".eml"):
        answer = demo.browser("chief").get(f"/demo/mail/{name}")
        assert answer.status_code == 404, name
