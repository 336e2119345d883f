"""Messages that something went wrong with: by a server, by a program that can't write mail, or by somebody who means it."""

from __future__ import annotations

import random
import re


def mutated(base: bytes, dice: random.Random) -> bytes:
    """A message that something went wrong with."""
    head, _, body = base.partition(b"\n\n")
    kinds = [
        lambda: base[: dice.randrange(len(base))],
        lambda: bytes(b ^ (dice.random() < 0.03) * dice.randrange(256) for b in base),
        lambda: head.replace(b"text/plain", b"multipart/mixed") + b"\n\n" + body,
        lambda: head + b"\nX-Long: " + b"a" * 70_000 + b"\n\n" + body,
        lambda: head.replace(b"utf-8", b"x-none-such") + b"\n\n" + bytes(dice.randrange(256) for _ in range(300)),
        lambda: head + b"\nSubject: =?utf-8?b?////?= =?x?q?" + bytes(dice.randrange(128, 256) for _ in range(40)) + b"\n\n" + body,
        lambda: base.replace(b"\n", dice.choice([b"\r", b"\r\r\n", b"\n\0", b""])),
        lambda: bytes(dice.randrange(256) for _ in range(dice.randrange(2000))),
        lambda: re.sub(rb"Content-T[^\n]*\n", b"", head) + b"\n"
        + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i) for i in range(dice.randrange(20, 300))) + body,
        lambda: head.replace(b"From:", dice.choice([b"Form:", b"From", b"From:\n\n", b"From: <@>, "])) + b"\n\n" + body,
    ]  # fmt: skip
    return dice.choice(kinds)()
