"""What a returned message says: which kind of failure, in the words of RFC 3464, of other servers' own inventions (flufl.bounce), or of a
complaint (ARF, RFC 5965). Anybody may have written it: only the envelope's signed address says whose message it was."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from typing import Any

from app.mail.inbound.parsing import Parsed, header

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_GONE = {"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"}  # no such mailbox or system, moved, takes no mail, closed
_CODE = re.compile(r"\b(55[0-4])\b")
_NO_ONE = re.compile(r"(no such|unknown|invalid|nonexistent|does ?n[o']t exist|not found|disabled|no longer)", re.IGNORECASE)
_NO_MAIL = re.compile(r"null ?mx|domain .{1,260} does not accept mail", re.IGNORECASE)  # RFC 7505, in Postfix's words


class Failure(enum.StrEnum):
    GONE = "gone"  # the mailbox is not there, and will not be
    REFUSED = "refused"  # for good, but perhaps only this message
    SOFT = "soft"  # not now


@dataclass(frozen=True, slots=True)
class Report:
    """`failure` none: the report says that all is well, or nothing that we understand. `said`: the other server's words."""

    failure: Failure | None
    said: str = ""
    is_complaint: bool = False


MOST_LINES, LONGEST_LINE = 3000, 2000


def bounded(raw: bytes) -> bytes:
    """As much of it as says what failed: that comes before the message which is sent back with it. Whoever had one mail of ours has an
    address that takes reports, and the patterns below take time that grows with the square of the lines."""
    lines = [line[:LONGEST_LINE] for line in raw[: MOST_LINES * LONGEST_LINE].splitlines()]
    kept = [line for before, line in zip([b"-", *lines], lines, strict=False) if line.strip() or before.strip()]
    return b"\n".join(kept[:MOST_LINES])


def read(message: Parsed) -> Report:
    if message.get_content_type() == "multipart/report":
        kind = str(message.get_param("report-type") or "").lower()
        if kind == "feedback-report":
            return _complaint(message)
        said = [report for report in map(_of_block, _blocks(message)) if report is not None]
        if said:  # a mailbox that forwards has several: one that failed says more than one that was passed on
            return next((report for report in said if report.failure is not None), said[0])
    return _by_shape(message)


def _parts(message: Parsed) -> list[Message[Any, Any]]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _blocks(message: Parsed) -> list[Message[Any, Any]]:
    """The fields of each recipient in the machine-readable part; the first block is about the message."""
    for part in _parts(message):
        if part.get_content_type() == "message/delivery-status":
            return _parts(part)
        if part.get_content_type() == "message/global-delivery-status":  # RFC 6533; the parser knows its older twin alone
            return [message_from_string(block) for block in re.split(r"\n\s*\n", _fields(part))]
    return []


def _fields(part: Message[Any, Any]) -> str:
    """What stands below a part's own headers."""
    return "\n".join(inner.as_string() for inner in _parts(part)) or str(part.get_payload())


def _of_block(block: Message[Any, Any]) -> Report | None:
    action = header(block, "action").split(" ")[0].lower()
    if not action:
        return None
    said = header(block, "diagnostic-code").partition(";")[2].strip() or header(block, "status")
    if action == "delayed":
        return Report(Failure.SOFT, said)
    return Report(_failure(header(block, "status"), said), said) if action == "failed" else Report(None, said)


def _failure(status: str, said: str) -> Failure:
    found = _STATUS.search(status) or _STATUS.search(said)
    if found and found[1] == "4":
        return Failure.SOFT
    detail = f"{found[2]}.{found[3]}" if found else ""
    if detail in _GONE or _NO_MAIL.search(said) or (_CODE.search(said) and _NO_ONE.search(said)):
        return Failure.GONE
    return Failure.REFUSED


def _complaint(message: Parsed) -> Report:
    return Report(
        None,
        "a complaint about unwanted mail",
        is_complaint=any(p.get_content_type() == "message/feedback-report" for p in _parts(message)),
    )


def _by_shape(message: Parsed) -> Report:
    """Servers that write their reports as they like."""
    from flufl.bounce import all_failures  # type: ignore[import-untyped]  # late: a few dozen patterns that only such a message needs

    try:
        temporary, permanent = all_failures(message)
    except Exception:  # its patterns meet whatever anybody sends: what it can't read says nothing
        return Report(None)
    if permanent:
        return Report(Failure.GONE if _NO_ONE.search(_text(message)) else Failure.REFUSED, "returned")
    return Report(Failure.SOFT, "delayed") if temporary else Report(None)


def _text(message: Parsed) -> str:
    raw = message.as_bytes()[:20_000]
    return raw.decode("utf-8", "replace")
