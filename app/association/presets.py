"""The forums that first steps offers: nine that most associations end up with, and who may do what in them."""

from __future__ import annotations

from dataclasses import dataclass

from app.forum.markings import Marking
from app.forum.models import GrantRight
from app.membership.models import MemberClass

READ, POST = GrantRight.READ, GrantRight.POST
MODERATORS = "Forum moderators"  # a made group, empty at first, that moderates all of them

_SERVING = (MemberClass.HEAD, MemberClass.SWORN, MemberClass.CIVILIAN)


@dataclass(frozen=True, slots=True)
class Preset:
    title: str
    description: str
    floor: Marking
    rights: dict[MemberClass, GrantRight]


def _rights(posting: tuple[MemberClass, ...], reading: tuple[MemberClass, ...] = ()) -> dict[MemberClass, GrantRight]:
    return {**dict.fromkeys(reading, READ), **dict.fromkeys(posting, POST)}


_STAFF, _RETIRED = (MemberClass.STAFF,), (MemberClass.RETIRED,)
_OPEN = _rights((*_SERVING, MemberClass.STAFF), _RETIRED)

PRESETS = (
    Preset("Association Notices", "Hearings, deadlines and dates, from the association's staff.", Marking.CLEAR,
           _rights(_STAFF, (*_SERVING, MemberClass.RETIRED, MemberClass.PARTNER))),
    Preset("Patrol and Operations", "Staffing, calls for service, mutual aid, and what went wrong on the night.", Marking.GREEN, _OPEN),
    Preset("Investigations", "Methods and cooperation. No names, no open-case detail.", Marking.AMBER, _rights(_SERVING)),
    Preset("Command Staff", "For heads of agencies among themselves.", Marking.AMBER, _rights((MemberClass.HEAD,))),
    Preset("Policy, Legal and Records", "Policies, new law, records requests and the questions that come with them.", Marking.GREEN, _OPEN),
    Preset("Recruitment and Retention", "Hiring, keeping, promoting and paying people.", Marking.GREEN, _OPEN),
    Preset("Training and Wellness", "Courses worth the trip, peer support, and life after a bad call.", Marking.GREEN,
           _rights((*_SERVING, MemberClass.STAFF, MemberClass.RETIRED))),
    Preset("Partners and Products", "Where firms answer questions about what they sell, and members say how it works.", Marking.CLEAR,
           _rights((*_SERVING, MemberClass.STAFF, MemberClass.PARTNER), _RETIRED)),
    Preset("Retired Members", "For those who have left the service: their own matters, and what they would pass on.", Marking.GREEN,
           _rights((*_RETIRED, MemberClass.STAFF))),
)  # fmt: skip
