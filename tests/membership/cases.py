"""What tests of applications share: applying as a person does, the letters that went out, working a case."""

from __future__ import annotations

import email
import email.policy
import html
import re
from email.message import EmailMessage

import httpx
from sqlalchemy import select

from app.mail.models import OutboxMessage
from app.membership.models import Application, CallBack, Evidence
from tests.world import Client, World

FIELDS = {
    "name": "Hollis Crane", "rank": "Lieutenant", "email": "h.crane@larkspur.example", "agency": "", "agency_name": "", "agency_state": "",
    "member_class": "sworn", "supervisor": "Chief Adele Norgaard", "reach": "", "phone": "360-555-0176", "statement": "yes", "sponsor": "",
}  # fmt: skip
REVIEW = "read,write,moderate"


def fields(world: World, **values: str) -> dict[str, str]:
    return FIELDS | {"agency": str(world.ids.agencies["corvane"])} | values


def apply(world: World, client: Client | None = None, **values: str) -> httpx.Response:
    return (client or world.outsider()).post("/apply", fields(world, **values), page="/apply")


def letters(world: World, to: str) -> list[EmailMessage]:
    """Letters queued for an address, the oldest first."""
    with world.db.read() as conn:
        raws = conn.execute(select(OutboxMessage.raw).where(OutboxMessage.recipient == to).order_by(OutboxMessage.id)).scalars().all()
    return [email.message_from_bytes(raw, policy=email.policy.default) for raw in raws]  # type: ignore[misc]


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(letter: EmailMessage, path: str) -> str:
    found = re.search(re.escape(path) + r"[\w-]+", text_of(letter))
    assert found, text_of(letter)
    return found[0]


def code_on(page: httpx.Response) -> str:
    found = re.search(r'id="enrolment-code">([^<]+)<', page.text)
    assert found, page.text
    return html.unescape(found[1])


def status_link(page: httpx.Response) -> str:
    found = re.search(r'id="status-link">http://localhost:8000([^<]+)<', page.text)
    assert found, page.text
    return found[1]


def case_id(world: World, address: str = FIELDS["email"]) -> int:
    with world.db.read() as conn:
        found = conn.execute(select(Application.id).where(Application.email == address).order_by(Application.id.desc()))
        return int(found.scalars().first() or 0)


def version_of(world: World, application_id: int) -> int:
    return int(world.one(select(Application.version).where(Application.id == application_id)).version)


def state_of(world: World, application_id: int) -> str:
    return str(world.one(select(Application.state).where(Application.id == application_id)).state)


def submitted(world: World, **values: str) -> int:
    """A case whose address is confirmed."""
    address = fields(world, **values)["email"]
    client = world.outsider()
    apply(world, client, **values)
    link = link_in(letters(world, address)[-1], "/apply/confirm/")
    assert client.post(link, page=link).status_code == 303
    return case_id(world, address)


CALL = {
    "number": "360-555-0101", "found_at": "https://larkspur.example/police", "person": "Sgt. Dana Ridley",
    "spoke_at": "2026-11-23T15:30:00Z",
}  # fmt: skip


def act(world: World, key: str, application_id: int, what: str, **body: str) -> httpx.Response:
    """A reviewer's call on a case, with the version of the moment."""
    values = {"version": version_of(world, application_id)} | body
    return world.script(key, REVIEW).call("POST", f"/applications/{application_id}/{what}", values)


def make_ready(world: World, application_id: int) -> int:
    """All that an approval takes besides people, put there without a change of version; nothing where it is there already."""
    if not world.count(CallBack, CallBack.application_id == application_id):
        common = {"application_id": application_id, "created_at": world.now}
        who = {"caller_id": world.id("reviewer1"), "caller_name": "Joan Abara"}
        call = CallBack(**common, **who, number=CALL["number"], found_at=CALL["found_at"], person=CALL["person"], spoke_at=world.now)
        with world.db.write() as session:
            session.add_all([call, Evidence(**common, kind="letter", note="On letterhead.", added_by=world.id("reviewer1"))])
    return application_id


def decide(world: World, key: str, application_id: int, verdict: str = "approve", reason: str = "Called back.") -> httpx.Response:
    """One reviewer's verdict; an approval finds the case ready."""
    if verdict == "approve" and state_of(world, application_id) != "approved":
        make_ready(world, application_id)
    body = {"version": version_of(world, application_id), "verdict": verdict, "reason": reason}
    return world.script(key, REVIEW).call("POST", f"/applications/{application_id}/decisions", body)
