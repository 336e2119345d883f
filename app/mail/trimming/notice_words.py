"""How agencies and their gateways word the notices under a mail. Patterns, one a line, without regard to capitals."""

from __future__ import annotations

import re

# A title that notices have. With two sayings it is one, or with one saying or topic if it speaks of itself.
_TITLES = """
(?:confidential(?:ity)?|privacy|privileged?|legal|security|important|e-?mail|public records?|sensitive|law enforcement)\
(?: and| &)?[ /,]{0,2}(?:(?:confidential(?:ity)?|privacy|privileged?|legal)[ /,]{0,2}){0,2}(?:notice|disclaimer|statement|warning)\\b
(?:hinweis|vertraulichkeitshinweis|haftungsausschluss|avis|avertissement|aviso|confidencialidad|advertencia|avviso)\\b.{0,30}:
"""
# How a notice without such a title begins. With two sayings it is one, or with one saying if it speaks of itself.
_OPENINGS = """
(?:notice|disclaimer|warning|note|caution|attention|confidential(?:ity)?|privileged)\\s?[:.–-]
(?:law enforcement sensitive|for official use only|unclassified|les|fouo|cui)\\b
(?:this|the (?:information|contents?|documents?|foregoing)|any information|information)\\b.{0,40}?\
(?:e-?mail|message|communication|transmission|electronic|facsimile)
if you (?:are not the|have received|received)\\b
(?:under|pursuant to|per|in accordance with|in compliance with) .{3,60}(?:law|act|statutes?|code|records)\\b
(?:please note|please be advised|be advised|florida)\\b
(?:your |all |any )?(?:e-?mails?(?: correspondence| messages| communications?)?|correspondence|communications?|messages)\\b\
.{0,30}\\b(?:to|from|sent)\\b
(?:diese (?:e-?mail|nachricht)|ce (?:message|courriel|mail)|este (?:mensaje|correo|e-?mail)|esta mensagem|questo messaggio|dit bericht)\\b
"""
# What only notices say.
_SAYINGS = """
intended recipients?
intended (?:only|solely|exclusively) for
(?:solely|only|exclusively|intended) for the (?:use|person|individual|addressee)
(?:use|attention) of the (?:individual|person|addressee|recipient|entity)
(?:is|are) (?:strictly )?prohibited
received (?:this|it|the) .{0,50}in error
in error,? (?:please|kindly)
(?:notify|contact|advise|inform) the (?:sender|originator)
(?:delete|destroy) (?:all copies|any copies|the original|this (?:e-?mail|message|communication)|it from your)
unauthori[sz]ed (?:use|review|disclosure|interception|access|distribution|dissemination|release)
(?:dissemination|distribution|copying),? (?:or|and|of)\\b
electronic communications privacy act
18 u\\.?s\\.?c
and any (?:attachments?|files|documents)
may contain\\b.{0,80}(?:confidential|privileged|sensitive|protected)
very broad public records?
subject to (?:the )?.{0,60}?(?:public (?:records?|disclosure|information)|freedom of information|open records)
(?:are|is|become|considered) (?:a )?public records?
(?:public records?|public information|open records|right[- ]to[- ]know) (?:law|act|statute)s?
disclosed to third parties
do not send electronic mail
(?:not|necessarily) (?:reflect|represent) the (?:views|opinions?|official)
scanned (?:for|by)
nicht der (?:richtige|beabsichtigte) (?:adressat|empfänger)
vertrauliche
ausschließlich für
pièces jointes
destinatari?[aoe]
confidencial
riservat[eio]
"""
# Of itself, and of the address that it comes from.
_SELF = r"\b(?:this|the) (?:e-?mail|electronic mail|message|communication|transmission|correspondence|transmittal)\b" + (
    r"|\b(?:in|to|from) this (?:address|account|office|entity|agency)\b|your e-?mail communications?|the information contained"
)
# What police say as well; it counts under a title only.
_TOPICS = """
confidential
privileged
law enforcement sensitive
official use only
public records?
disseminat
distribut
need to know
criminal justice information
property of
"""
# Notices of one line.
_WHOLE = """
please consider the environment\\b.{0,60}
virus-free\\b.{0,60}
(?:this|the) (?:e-?mail|message) (?:has been|was) (?:scanned|checked) .{0,120}
"""
_LEAD = r"^[\s*_#>\[(\"“/-]{0,8}"


def _any(patterns: str) -> str:
    return "|".join(f"(?:{line})" for line in patterns.strip().split("\n"))


TITLE = re.compile(f"{_LEAD}(?:{_any(_TITLES)})", re.IGNORECASE)
OPENING = re.compile(f"{_LEAD}(?:{_any(_OPENINGS)})", re.IGNORECASE)
SAYING = re.compile("|".join(f"({line})" for line in _SAYINGS.strip().split("\n")), re.IGNORECASE)
"""Each saying is a group, so that two of them can be told from one said twice."""
SELF = re.compile(_SELF, re.IGNORECASE)
TOPIC = re.compile(_any(_TOPICS), re.IGNORECASE)
WHOLE = re.compile(f"{_LEAD}(?:{_any(_WHOLE)})$", re.IGNORECASE)
