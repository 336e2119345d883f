"""C4: a word that stands in a hidden field is met by nobody who may not meet it, wherever they go."""

from __future__ import annotations

import pytest

from tests.closedness.audiences import MEMBERS
from tests.closedness.crawler import addresses, crawl
from tests.closedness.scene import Scene
from tests.mail.helpers import SLOT, digests, mails, whole
from tests.world import World

OUTSIDERS = ("anonymous", "suspended")
SCOPES = "read,write,moderate,admin"
STARTS = [
    "/",
    "/forums",
    "/new",
    "/members",
    "/agencies",
    "/settings/profile",
    "/admin",
    "/moderation",
    "/sign-in",
    "/apply",
    "/no-such-page",
]


def met(world: World, scene: Scene, who: str) -> dict[str, str]:
    """The words that someone meets in bodies and headers, each with the first address where they did."""
    found: dict[str, str] = {}
    starts = addresses(world, scene.ids)
    pages, api = [p for p in starts if not p.startswith("/api/")], [p for p in starts if p.startswith("/api/")]
    browser = world.outsider() if who == "anonymous" else world.browser(who)
    script = world.outsider() if who == "anonymous" else world.script(who, SCOPES)
    for client, paths in ((browser, STARTS + pages), (script, api)):
        for path, answer in crawl(client, list(dict.fromkeys(paths))):
            assert answer.status_code < 500, (who, path)
            text = answer.text + repr(answer.headers.raw)
            for word in scene.may:
                if word in text:
                    found.setdefault(word, path)
    return found


@pytest.mark.parametrize("engine", ["sqlite"])
def test_nobody_meets_a_word_that_is_not_theirs(world: World) -> None:  # C4
    scene = Scene(world)
    everyone: set[str] = set()
    for who in (*OUTSIDERS, *sorted(MEMBERS)):
        found = met(world, scene, who)
        strange = {scene.what[word]: path for word, path in found.items() if who not in scene.may[word]}
        assert strange == {}, who
        missed = {scene.what[word] for word in scene.may if who in scene.may[word]} - {scene.what[word] for word in found}
        assert missed == set(), f"{who} should have met them: the crawl does not reach what it is to guard"
        everyone |= set(found)
    assert {scene.what[word] for word in set(scene.may) - everyone} == UNSEEN


UNSEEN = {
    "former phone", "former about", "applicant's phone", "audit detail", "job payload", "job error", "mail", "mail error",
    "answer", "browser", "address asked", "recovery address", "told of",
    "contact ended why", "hidden record",
}  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite"])
def test_no_mail_holds_a_word_that_is_not_its_readers(world: World) -> None:  # C4 M6
    scene = Scene(world)
    world.now = SLOT
    assert digests(world) > 0
    by_title = {what: word for word, what in scene.what.items()}
    sent = {key: "\n".join(whole(mail) for mail in mails(world) if mail["To"].split("@")[0] == key) for key in MEMBERS}
    assert by_title["patrol title"] in sent["chief"]
    assert by_title["task force body"] in sent["reviewer2"]
    for key, text in sent.items():
        strange = [scene.what[word] for word in scene.may if word in text and key not in scene.may[word]]
        assert strange == [], key
        stricter = [what for what in by_title if what.startswith(("red ", "command ")) and by_title[what] in text]
        assert stricter == [], key
