"""The mails that trimming is measured by: real ones, read in place, and shapes of our own for where those are not."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from app.mail.trimming.words import Words, read

REAL = Path(__file__).parents[3] / "shared" / "data" / "replies"
needs_real_replies = pytest.mark.skipif(not REAL.exists(), reason="the real reply mails (../shared/data/replies) are not here")
TRIMMED = Path(__file__).parent / "trimmed"
KEPT = "\n#### kept\n"


class Mail(NamedTuple):
    """`wanted`: what a person who read it would post, written by hand."""

    name: str
    words: Words
    wanted: str


def real() -> Iterator[Mail]:
    """Those of GitHub are bare texts, those of talon whole messages."""
    for wanted in sorted((TRIMMED / "expected").glob("*/*.txt")):
        if wanted.parent.name == "github":
            words = Words((REAL / "github" / wanted.name).read_bytes().decode())
        else:
            words = from_bytes((REAL / "talon" / "standard_replies" / f"{wanted.stem}.eml").read_bytes())
        yield Mail(f"{wanted.parent.name}/{wanted.stem}", words, wanted.read_text())


def shapes() -> list[Mail]:
    """A file with nothing below the mail is one of which all must stay."""
    found = []
    for path in sorted((TRIMMED / "shapes").glob("*.txt")):
        text, _, wanted = path.read_text().partition(KEPT)
        found.append(Mail(path.stem, Words(text), wanted or text))
    return found


def from_bytes(raw: bytes) -> Words:
    return read(email.message_from_bytes(raw, policy=email.policy.default))


def looks(text: str) -> str:
    """The text as a reader sees it: each line's spaces as one, and at most one blank line between two others."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def lost(wanted: str, kept: str) -> list[str]:
    """The wanted words that are not in what was kept, in their order."""
    left = iter(re.findall(r"\w+", kept))
    return [word for word in re.findall(r"\w+", wanted) if word not in left]
