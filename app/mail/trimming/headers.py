"""The block of fields above a quote: "From: … Sent: … To: … Subject: …", as Outlook and many others write it."""

from __future__ import annotations

import re

# Field names by what they say, in the languages that mail programs speak.
_NAMES = {
    "from": "From Von De Da Van Od От Från Fra Lähettäjä Gönderen 发件人 寄件者 差出人 보낸|사람",
    "sent": "Sent Date Gesendet Datum Envoyé Enviado Enviada Fecha Data Inviato Verzonden Odesláno Wysłano Отправлено Дата"
    " Skickat Sendt Dato Lähetetty Gönderildi 发送时间 日期 送信日時 日時 보낸|날짜",
    "to": "To An À A Para Aan Do Komu Кому Till Til Vastaanottaja Kime 收件人 宛先 받는|사람",
    "subject": "Subject Betreff Objet Asunto Assunto Oggetto Onderwerp Předmět Temat Тема Ämne Emne Aihe Konu 主题 件名 제목",
    "": "Cc Bcc Kopie Copie Kopia Копия DW Reply-To Importance Priority Attachments Organization Sender 抄送 참조",
}
_KINDS = {name.replace("|", " ").lower(): kind for kind, names in _NAMES.items() for name in names.split()}
_FIELD = re.compile(r"^[*_\s]{0,4}([^\W\d_][\w -]{0,20}?)\s?[*_]{0,2}\s?[:：][*_]{0,2}(?:\s|$)")
_FIRST = ("from", "sent", "to", "subject")
MOST_LINES = 30
MOST_WRAPPED = 8  # lines that a long list of recipients may take

_ORIGINAL = "|".join(
    (
        "original (?:message|appointment|e-?mail)", "(?:ursprüngliche|original) ?nachricht", "message d'origine|message original",
        "mensaje original", "mensagem original", "messaggio originale", "oorspronkelijk bericht", "oprindelig meddelelse",
        "ursprungligt meddelande|originalmeddelande", "wiadomość oryginalna|oryginalna wiadomość", "исходное сообщение", "reply message",
    )
)  # fmt: skip
_FORWARDED = "|".join(
    (
        "(?:original )?forwarded (?:message|by .{1,80})", "weitergeleitete nachricht", "message transféré", "mensaje reenviado",
        "mensagem encaminhada", "messaggio inoltrato", "doorgestuurd bericht", "пересылаемое сообщение",
    )
)  # fmt: skip
_ORIGINAL_LINE = re.compile(rf"^\s{{0,4}}[-_]{{2,20}}\s?(?:{_ORIGINAL})\s?[-_]{{2,20}}\s*$", re.IGNORECASE)
_FORWARDED_LINE = re.compile(rf"^\s{{0,4}}(?:-{{2,20}}\s?(?:{_FORWARDED})\s?-{{2,20}}|begin forwarded message:)\s*$", re.IGNORECASE)
_RULE = re.compile(r"^\s{0,40}(?:[-_=]\s?){5,200}$")


def original_line(line: str) -> bool:
    return _ORIGINAL_LINE.match(line) is not None


def forwarded_line(line: str) -> bool:
    """What stands below it, the author chose to pass on."""
    return _FORWARDED_LINE.match(line) is not None


def rule(line: str) -> bool:
    return original_line(line) or (len(line) < 240 and _RULE.match(line) is not None)


def _kind(line: str) -> str | None:
    found = _FIELD.match(line)
    return _KINDS.get(found[1].strip().lower()) if found else None


def ends(texts: list[str], start: int) -> int | None:
    """The line after the block that begins here; None where none does. It names a sender and two of date, recipients and subject."""
    if _kind(texts[start]) not in _FIRST:
        return None
    kinds, wrapped, at = set[str](), 0, start
    while at < min(len(texts), start + MOST_LINES) and texts[at].strip():
        kind = _kind(texts[at])
        wrapped = 0 if kind is not None else wrapped + 1
        if wrapped > MOST_WRAPPED or (kind is None and "subject" in kinds and len(kinds - {""}) > 2):
            break
        kinds.add(kind or "")
        at += 1
    return at if "from" in kinds and len(kinds - {""}) >= 3 else None
