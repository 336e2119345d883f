"""The line that a telephone or a mail program adds: "Sent from my iPhone", "Get Outlook for iOS"."""

from __future__ import annotations

import re

from mailparser_reply.constants import MAIL_LANGUAGES  # type: ignore[import-untyped]

# A few words and no sentence: "Sent from my desk, is much easier" is somebody's own.
_WORDS = r"(?:[\s-]['’()\w&/®™*+-]{1,24}){1,6}"
_DEVICES = r"(?:iPhone|iPad|Android|Samsung|Galaxy|mobile|phone|cell|smart ?phone|BlackBerry|tablet|device)"
_PROGRAMS = (
    "Outlook|Mail|Yahoo|Gmail|Google|AOL|Proton|iCloud|Samsung|Galaxy|Android|iPhone|iPad|BlackBerry|Sparrow|Spark|Nine|Boxer|Workspace|VMware"
    "|Zoho|Verizon|AT&T|T-Mobile|Windows|Xfinity|Comcast|Hotmail|Mailbird|Airmail|Newton|Superhuman|Front|Edison|BlueMail|Canary|myMail|Aqua"
    "|K-9|TypeApp|Huawei|Motorola|Tutanota|Fastmail|Thunderbird|MaaS360|Citrix|Secure ?Hub|WebMail|GroupWise"
)
_LIBRARY = "|".join(table["sent_from"] for _, table in sorted(MAIL_LANGUAGES.items()) if table.get("sent_from"))
_EXCUSE = r"(?:please )?(?:excuse|pardon|forgive)\b.{0,40}\b(?:typos?|errors?|brevity|autocorrect|spelling|mistakes|grammar)\b.{0,40}"
_LINK = r"(?:\s?[<(\[]\s?https?://[^\s<>]{1,300}[>)\]]{0,2})?"

_LINES = (
    rf"Sent (?:from|via|with|using) (?:my|an?){_WORDS}",
    rf"Sent (?:from|via|with|using) (?:the )?(?:{_PROGRAMS})\b(?:{_WORDS})?\.?",
    rf"Sent from (?:my )?(?:\w{{1,20}} ){{0,2}}{_DEVICES}\b[^.!?]{{0,40}}?[.,;-]?(?:\s{{1,2}}{_EXCUSE})?",
    r"(?:Get|Download|Try) (?:Outlook|BlueMail|Gmail|Spark|TypeApp|Edison|Yahoo)(?: Mail| Mobile)?"
    r"(?: for (?:iOS|Android|Mac|iPhone|mobile))?\.?",
    _EXCUSE,
    r"(?:Von|Vom) (?:meinem|mein)\b.{1,60}\bgesendet\.?",
    rf"Diese Nachricht wurde von meinem{_WORDS} gesendet\.?",
    rf"(?:Gesendet|Envoyé|Enviado|Inviato|Verzonden|Verstuurd|Skickat|Sendt|Отправлено|Wysłane)"
    rf" (?:mit|von|vom|aus|de|du|depuis|à partir|desde|do|da|dal|vanaf|van|met|från|fra|с|из|z|ze)\b{_WORDS}",
    r"(?:iPhone|iPad)から送信",
    rf"(?:{_LIBRARY})(?:{_WORDS})?",
)
_DEVICE = re.compile(rf"^[\s*_<-]{{0,4}}(?:{'|'.join(_LINES)}){_LINK}[\s*_>]{{0,4}}$", re.IGNORECASE)
LONGEST = 400


def device(window: list[str]) -> int | None:
    """The device line that ends the text; its link may have been wrapped to a line below."""
    last = len(window) - 1
    if is_device(window[last]):
        return last
    if last and window[last].lstrip().startswith(("<http", "(http")) and is_device(f"{window[last - 1].rstrip()} {window[last].strip()}"):
        return last - 1
    return None


def is_device(line: str) -> bool:
    return len(line) <= LONGEST and _DEVICE.match(line) is not None
