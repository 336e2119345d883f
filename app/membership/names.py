"""What the member classes are called on pages. The association's own names come here."""

from __future__ import annotations

from app.membership.models import MemberClass

CLASS_NAMES: dict[str, str] = {
    MemberClass.HEAD: "Head of agency",
    MemberClass.SWORN: "Sworn",
    MemberClass.CIVILIAN: "Professional staff",
    MemberClass.RETIRED: "Retired",
    MemberClass.PARTNER: "Partner",
    MemberClass.STAFF: "Association staff",
}
