"""What a gateway writes at the top of mail from outside: "CAUTION: This email originated from outside the organization"."""

from __future__ import annotations

import re

from app.mail.trimming.lines import Lines, Why

MOST = 4
MOST_LINES = 12
_OPENING = re.compile(
    r"^[^\w\[]{0,10}(?:\[(?:external|ext|external (?:e-?mail|sender|message))\]\W{0,5}$"
    r"|external (?:e-?mail|sender|message)\W{0,5}(?:$|(?:this|do not|use|please)\b)"
    r"|(?:\[?(?:caution|warning|attention|alert|notice|external(?: e-?mail| sender| message)?|be careful|security)\]?\W{1,10}){1,3}"
    r".{0,30}?\b(?:e-?mail|mail|message|sender)\b.{0,30}?\b(?:originated|came|comes|is|was|sent|coming)\b.{0,30}\b(?:outside|external)\b"
    r"|(?:this|the) (?:e-?mail|message|sender)\b.{0,20}\b(?:originated|came|comes|is|was sent|was received)\b(?: from)?(?: an?)?"
    r" (?:outside|external) (?:of |sender|source|e-?mail|to )?)",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    r"outside (?:of )?(?:the|our|your|this)|outside sender|\bexternal\b|\blinks?\b|attachments?\b|recogni[sz]e|(?:is|are) safe\b"
    r"|phish|suspicious|exercise caution|use caution|unless you|help ?desk",
    re.IGNORECASE,
)


def mark(lines: Lines) -> None:
    """Cut the banners above the first own words."""
    at = lines.next_words(0)
    for _ in range(MOST):
        if at == len(lines) or lines.why[at] is not None or not _OPENING.match(lines.texts[at][:300]):
            return
        end = _end(lines.texts, at)
        lines.cut(at, end, Why.BANNER)
        at = lines.next_words(end)


def _end(texts: list[str], at: int) -> int:
    """Wrapped lines go on to the last that speaks as a banner does; what stands below it without a blank line is the author's."""
    end = at + 1
    for here in range(at + 1, min(at + MOST_LINES, len(texts))):
        if not texts[here].strip() or texts[here].lstrip().startswith(">"):
            break
        if _PHRASE.search(texts[here][:300]):
            end = here + 1
    return end
