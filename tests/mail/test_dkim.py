"""DKIM: what we sign is checked by another's verifier, which is fed the DNS record that we would tell the administrator to add."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from app.core.config import ConfigError, Settings
from app.mail import transports
from app.mail.delivery import Delivery
from app.mail.digest.run import queue_digests
from app.mail.sending.signature import DkimSigner, signer_of
from app.mail.sending.smtp import Envelope, SmtpTransport
from app.mail.transports import server_of
from tests.mail.helpers import SLOT, thread
from tests.mail.sink import mail_server
from tests.mail.test_delivery import letter
from tests.world import World

KEYS = {"rsa": rsa.generate_private_key(65537, 2048), "ed25519": ed25519.Ed25519PrivateKey.generate()}
RAW = (
    b"From: Us <us@mail.example>\r\nTo: you@a.example\r\nSubject: A  thing\r\n that goes on\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n"
    b"Message-ID: <1@mail.example>\r\nReceived: by nobody\r\nList-Unsubscribe: <https://x.example/u>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nA line.  \r\nTwo  spaces\tand a tab.\r\n\r\n..\r\n\r\n\r\n"
)


def key_file(folder: Path, key: object) -> Path:
    path = folder / "dkim.pem"
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(*pem))  # type: ignore[attr-defined]
    return path


def settings(path: Path | None, **other: str) -> Settings:
    return Settings(dkim_key_file=path, mail_from="us@mail.example", secret_key="x", _env_file=None, **other)


def signer(folder: Path, kind: str) -> DkimSigner:
    made = signer_of(settings(key_file(folder, KEYS[kind]), dkim_selector="s1"))
    assert made is not None
    return made


def dns_of(made: DkimSigner) -> Callable[..., bytes]:
    def answer(name: bytes, timeout: int = 5) -> bytes:
        return made.record.encode() if name == f"{made.selector}._domainkey.{made.domain}.".encode() else b""

    return answer


@pytest.mark.parametrize("kind", list(KEYS))
def test_another_verifier_finds_the_signature_good(tmp_path: Path, kind: str) -> None:  # M2
    made = signer(tmp_path, kind)
    signed = made(RAW)
    assert signed.endswith(RAW)
    assert max(map(len, signed.split(b"\r\n"))) <= 78
    assert dkim.verify(signed, dnsfunc=dns_of(made))
    for name in (b"from:", b"to:", b"subject:", b"date:", b"message-id:", b"list-unsubscribe:", b"list-unsubscribe-post:"):
        assert name in signed.split(b"bh=")[0], name
    folded = signed.replace(b"Subject: A  thing\r\n that", b"Subject:  A thing that").replace(b"A line.  \r\n", b"A line.\r\n")
    assert folded != signed
    assert dkim.verify(folded, dnsfunc=dns_of(made)), "a server on the way folds and spaces as it likes"


@pytest.mark.parametrize(
    "change",
    [
        (b"Subject: A", b"Subject: Another"), (b"A line.", b"A lie."), (b"Date: Mon", b"Date: Tue"),
        (b"One-Click", b"Two-Clicks"), (b"From: Us", b"From: evil@evil.example\r\nFrom: Us"),
        (b"To: you", b"Reply-To: evil@evil.example\r\nTo: you"), (b"To: you", b"Subject: Pay here\r\nTo: you"),
    ],
)  # fmt: skip
def test_what_is_changed_or_added_on_the_way_breaks_it(tmp_path: Path, change: tuple[bytes, bytes]) -> None:  # M2
    made = signer(tmp_path, "rsa")
    signed = made(RAW)
    assert dkim.verify(signed, dnsfunc=dns_of(made))
    assert not dkim.verify(signed.replace(*change, 1), dnsfunc=dns_of(made))


def test_every_message_leaves_signed(world: World, tmp_path: Path) -> None:  # M2
    thread(world, "Über alles: a lesson", body="First.\n\n.\n\nA line with a dot alone above.\n\n" + "x " * 700)
    queue_digests(world.db, world.settings, SLOT)
    letter(world)
    world.now = SLOT
    made = signer(tmp_path, "rsa")
    with mail_server() as (script, url):
        out = Envelope(lambda n: f"bounce+{n}@mail.example", made)
        assert Delivery(world.db, world.settings, SmtpTransport(server_of(url), out)).run() == len(script.kept) > 4
    for _, _, raw in script.kept:
        whole = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
        assert dkim.verify(whole, dnsfunc=dns_of(made))


def test_a_file_that_holds_no_key_is_one_clear_line_at_the_start(tmp_path: Path) -> None:
    transports.check(settings(key_file(tmp_path, KEYS["rsa"])))
    wrong = {
        "can't be read": tmp_path / "nowhere",
        "holds no private key": tmp_path / "words",
        "must hold an RSA key": key_file(tmp_path, ec.generate_private_key(ec.SECP256R1())),
    }
    wrong["holds no private key"].write_text("words")
    for said, path in wrong.items():
        with pytest.raises(ConfigError, match=said) as error:
            transports.check(settings(path))
        assert str(error.value).startswith("SQUADROOM_DKIM_KEY_FILE: ")
        assert "\n" not in str(error.value)
