"""Workers that are killed at any moment: everyone gets exactly one digest, or a second copy under the same Message-ID."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict

from app.accounts.models import Account
from app.core.config import ROOT
from app.mail.models import DigestSlot, MailState, OutboxMessage
from app.membership.models import GroupMember, Member, MemberClass
from tests.mail.helpers import SLOT, parsed, text, thread
from tests.mail.sink import mail_server
from tests.people import LONG_AGO
from tests.world import World

MEMBERS = 500
KILLS = 20


def _members(world: World, count: int) -> set[str]:
    addresses = {f"member{n}@agency{n % 25}.example" for n in range(count)}
    with world.db.write() as session:
        accounts = [Account(email=address, created_at=LONG_AGO) for address in sorted(addresses)]
        session.add_all(accounts)
        session.flush()
        session.add_all(
            Member(id=a.id, name=f"Member {a.id}", member_class=MemberClass.SWORN, read_before=LONG_AGO, approved_at=LONG_AGO)
            for a in accounts
        )
        session.flush()
        session.add_all(GroupMember(member_id=a.id, group_id=world.ids.groups["sworn"]) for a in accounts)
    return addresses


def test_each_member_gets_one_digest_though_workers_are_killed(world: World) -> None:  # M12 L6 L12
    members = _members(world, MEMBERS)
    for n in range(4):
        thread(world, f"Lesson {n}")
    with mail_server() as (script, url):
        settings = world.settings.model_dump(mode="json", include={"database_url", "data_dir", "base_url", "secret_key"}) | {
            "smtp_url": url
        }
        order = {"settings": settings, "at": SLOT.isoformat(), "kills": KILLS, "seed": 20261123}
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tests.mail.nursery"], input=json.dumps(order), capture_output=True, text=True, cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert report["ended"] == [0, 0, 0]
    assert report["killed"] >= KILLS  # of three times as many: some ended before they were killed
    got: dict[str, list[str]] = defaultdict(list)
    for _, to, raw in script.kept:
        message = parsed(raw)
        assert "Lesson 0" in text(message)
        got[to].append(str(message["Message-ID"]))
    assert members <= set(got)
    assert {address: len(set(ids)) for address, ids in got.items() if len(set(ids)) != 1} == {}
    assert {address: len(ids) for address, ids in got.items() if len(ids) > 2} == {}, "one repeat at worst, however often workers die"
    assert len(set().union(*got.values())) == len(got)
    assert world.count(OutboxMessage, OutboxMessage.state != MailState.SENT) == 0
    assert world.count(DigestSlot) == world.count(Member) - 1  # the suspended one has none
