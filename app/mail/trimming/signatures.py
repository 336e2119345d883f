"""A signature: under a delimiter, or without one where a closing word, a name and ways to reach its bearer stand together.

"Thanks, Alex" is no signature: it is what Alex wrote. It takes a telephone number, an address or a site as well.
"""

from __future__ import annotations

import re

from app.mail.trimming.lines import has_words

MOST_LINES = 25  # of a signature under "-- "; others are shorter
MOST_LINES_BARE = 12
LONGEST = 200
LONGEST_BARE = 90

_DASHED_NAME = re.compile(r"^[-–—~]{1,2}\s?(?:[A-Z][\w.'’-]{0,20}\s){1,3}[A-Z][\w.'’-]{1,20}$")
_BARE = ("--", "—", "––", "__")
_CLOSING = re.compile(
    r"^(?:(?:with |kind(?:est)? |best |warm(?:est)? |my |many ){0,4}(?:regards|wishes)|best|respectfully(?: submitted| yours)?"
    r"|sincerely(?: yours)?|yours(?: truly| sincerely| faithfully)?|very respectfully|v/?r|r/|cordially"
    r"|semper fi(?:delis)?|in service|cheers"
    r"|mit freundlichen grüßen|(?:viele|beste|liebe) grüße|mfg|cordialement|bien à vous|(?:un )?saludos?|atentamente|cordiali saluti"
    r"|met vriendelijke groet(?:en)?|с уважением)\s?[,.!]?$",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"^(?:(?:many |sincere )?thanks(?: again| in advance| so much| a lot)?|thank you(?: .{1,40})?"
    r"|danke|merci|gracias|grazie|(?:be|stay) safe)\s?[,.!]?$",
    re.IGNORECASE,
)
_RANK = (
    r"(?:chief|asst\.?|assistant|deputy|sheriff|undersheriff|captain|capt\.?|lieutenant|lt\.?|sergeant|sgt\.?|corporal|cpl\.?"
    r"|detective|det\.?|officer|ofc\.?|commander|cmdr\.?|major|maj\.?|colonel|col\.?|trooper|inspector|special agent|agent"
    r"|investigator|inv\.?|director|dr\.?|mr\.?|mrs\.?|ms\.?)"
)
_NAME = re.compile(
    rf"^[*_]{{0,2}}(?:(?i:{_RANK})\s){{0,3}}[A-ZÀ-Ý][\w.'’-]{{0,24}}(?:\s(?:[A-ZÀ-Ý][\w.'’-]{{0,24}}|\"\w{{1,20}}\"|“\w{{1,20}}”|de|van|von|la|der)){{0,4}}"
    r"(?:,?\s?(?:Ph\.?D\.?|Esq\.?|M\.?\w{1,3}\.?|J\.?D\.?|Jr\.?|Sr\.?|I{2,3}|CPA|CP[PS])){0,3}(?:\s?[,#|/–-]\s?.{0,60})?[*_]{0,2}$"
)
_REACH = re.compile(
    r"(?:\+\d{1,3}[ .-]?)?\(?\d{3}\)?[ .–-]{0,3}\d{3}[ .–-]\d{4}\b|\+\d[\d ().-]{7,18}\d|[\w.+'-]{1,64}@[\w-]{1,60}\.[\w.-]{2,60}"
    r"|\b(?:https?://|www\.)\S{3,200}|^\S{0,40}\.(?:gov|org|com|net|us)$"
)
# The author tells whom to reach: those lines are the answer.
_TELLS = re.compile(
    r"\b(?:address|and|are|at|contacts?|call|e-?mail|info(?:rmation)?|is|number|or|poc|reach|to|with|write to)\W{0,3}$|:\s*$"
    r"|\b(?:ask for|call|contact|reach|speak (?:to|with)|talk to|point of contact|poc|here (?:is|are)|his|her|their) .{0,80}$",
    re.IGNORECASE,
)
_SPOKEN = re.compile(r"^(?=.*[a-zà-ÿ]{2,}[.!?]\s*$)(?:\S+\s+){3,}\S")
_SENTENCE = re.compile(r"[a-zà-ÿ]{2,}[.!?;:]$|^\s{0,8}(?:[-*•+]|\d{1,2}[.)])\s")


def delimited(window: list[str]) -> int | None:
    """Everything under the last "-- ", or under "--" or "__" where it is short enough to be a signature."""
    for at in range(len(window) - 1, -1, -1):
        line = window[at].rstrip()
        if line in _BARE and not window[at].startswith(" "):
            return at if _signs([text for text in window[at + 1 :] if text.strip()], standard=window[at] == "-- ") else None
    return None


def _signs(below: list[str], standard: bool) -> bool:
    """Is it a signature that stands below the delimiter? Sentences under a bare "--" are not."""
    if standard:
        return len(below) <= MOST_LINES and all(len(text) <= LONGEST for text in below)
    return len(below) <= MOST_LINES_BARE and all(len(text) <= LONGEST_BARE and not _SPOKEN.search(text) for text in below)


def dashed_name(window: list[str]) -> int | None:
    """ "-Jo Smith", in a paragraph of its own and in no list."""
    last = len(window) - 1
    alone = last > 0 and not window[last - 1].strip()
    if not alone or len(window[last]) > LONGEST_BARE or not _DASHED_NAME.match(window[last].rstrip()):
        return None
    return None if any(line.lstrip().startswith(("-", "–", "—", "*", "•")) for line in window[:last]) else last


def undelimited(window: list[str]) -> int | None:
    """A closing word, a name and a way to reach; or a name and two ways, in a paragraph of its own under a finished sentence."""
    top = _top(window)
    return next((found for found in (_closed(window, top), _block(window, top)) if found is not None), None)


def _top(window: list[str]) -> int:
    """The first of the lines at the end that may belong to a signature: short ones, that are neither sentences nor items of a list."""
    at, lines = len(window), 0
    while at and lines <= MOST_LINES_BARE:
        line = window[at - 1].strip()
        if line and not _CLOSING.match(line[:LONGEST]) and not _THANKS.match(line[:LONGEST]):
            if len(line) > LONGEST_BARE or (_SENTENCE.search(line) and not _REACH.search(line)):
                return at
            lines += 1
        at -= 1
    return at


def _closed(window: list[str], top: int) -> int | None:
    for at in range(len(window) - 1, top - 1, -1):
        line = window[at].strip()
        closing, thanks = _CLOSING.match(line), _THANKS.match(line)
        if closing or thanks:
            below = [text.strip() for text in window[at + 1 :] if has_words(text)]
            signed = bool(below) and _NAME.match(below[0]) and any(_REACH.search(text) for text in below)
            return (at if closing else at + 1) if signed else None
    return None


def _block(window: list[str], top: int) -> int | None:
    start = len(window)
    while start > top and window[start - 1].strip():
        start -= 1
    block = window[start:]
    above = next((line.strip() for line in reversed(window[:start]) if has_words(line)), "")
    if not above or window[start - 1].strip() or _TELLS.search(above[-300:]) or not re.search(r"[.!?)\"”]$|\W$", above):
        return None
    reach = sum(_REACH.search(line) is not None for line in block)
    return start if reach >= 2 and len(block) >= 3 and _NAME.match(block[0].strip()) else None
