"""The part of a host name that somebody registered: `mail.police.abingdon-va.gov` is a name under `abingdon-va.gov`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


class Registrable(NamedTuple):
    """`label` and `suffix` of a registrable name: abingdon-va, gov."""

    label: str
    suffix: str

    @property
    def name(self) -> str:
        return f"{self.label}.{self.suffix}" if self.suffix else self.label


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # late: a megabyte and 40 ms that few requests need

    return PublicSuffixList(only_icann=True)


def registrable(host: str) -> Registrable:
    """By the public suffix list that comes with the program, in ASCII. A host that is itself a suffix is taken as it is."""
    name = _suffixes().privatesuffix(host) or host
    label, _, suffix = name.partition(".")
    return Registrable(label, suffix)
