"""Files that came in a message pass the gate that files on the site pass. What does not is told to its author, and stays with the raw
message."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from email.message import Message

from sqlalchemy.orm import Session

from app.attachments import intake, operations
from app.attachments.intake import TakenFile
from app.attachments.limits import MOST_FILES
from app.core.access import Actor
from app.core.config import Settings
from app.core.errors import Invalid
from app.mail.inbound.models import InboundMessage
from app.mail.inbound.parsing import Parsed, parse
from app.mail.notices import kinds
from app.mail.notices.operations import Line, tell

NOT_TAKEN = "not taken: a file"
"""Of a piece that stands among what was cut."""
_PASSED_BY = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "text/calendar"})
_DECORATION = 20_000  # bytes of a picture in a signature; one that somebody sends has more


def take(session: Session, settings: Settings, actor: Actor, row: InboundMessage) -> list[int]:
    """The ids of the message's files, which hang on nothing yet. Those that are not taken stand among what was cut, and their author is
    told on the site."""
    taken, refused = list[TakenFile](), list[list[str]]()
    for name, data in _files(parse(zlib.decompress(row.raw))):
        try:
            if len(taken) == MOST_FILES:
                raise Invalid(file=f"A message takes at most {MOST_FILES} files.")
            taken.append(_into_storage(settings, name, data))
        except Invalid as error:
            refused.append([f"{name}: {' '.join(error.errors.values())}", NOT_TAKEN])
    if refused:
        row.cut = [*row.cut, *refused]
        text = f"Of a message that you sent, {len(refused)} {'file was' if len(refused) == 1 else 'files were'} not taken: {refused[0][0]}"
        tell(session, actor.member_id, Line(kinds.INBOUND, text[:300], f"files:{row.id}", f"/settings/mail/received/{row.id}"))
    return [file.id for file in operations.take(session, actor, taken)] if taken else []


def names(row: InboundMessage) -> list[str]:
    return [name for name, _ in _files(parse(zlib.decompress(row.raw)))]


def _into_storage(settings: Settings, name: str, data: bytes) -> TakenFile:
    sink = intake.begin(settings)
    try:
        sink.write(data)
        return sink.finish(name)
    except BaseException:
        sink.discard()
        raise


def _files(message: Parsed) -> Iterator[tuple[str, bytes]]:
    """Each with its name, in order; neither what proves the sender, nor a signature's small pictures."""
    for part in _leaves(message):
        name, kind = _name(part), part.get_content_type()
        data = part.get_payload(decode=True) if name and kind not in _PASSED_BY else None
        if isinstance(data, bytes) and data and not _decorates(part, len(data)):
            yield name, data


def _leaves(part: Parsed) -> Iterator[Parsed]:
    """Not those of a message inside the message. How deep it goes was looked at before (parsing.py)."""
    payload = part.get_payload()
    if part.get_content_maintype() == "message":
        return
    if not isinstance(payload, list):
        yield part
        return
    for child in payload:
        if isinstance(child, Message):
            yield from _leaves(child)


def _name(part: Parsed) -> str:
    try:
        return str(part.get_filename() or "")
    except (LookupError, ValueError, TypeError, AttributeError):  # of the parser itself
        return ""


def _decorates(part: Parsed, size: int) -> bool:
    return part["Content-ID"] is not None and part.get_content_disposition() != "attachment" and size < _DECORATION
