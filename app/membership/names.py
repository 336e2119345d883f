"""What the member classes and the purposes of a case are called on pages. The association's own names come here."""

from __future__ import annotations

from app.membership.models import MemberClass, Purpose, SeenBy

CLASS_NAMES: dict[str, str] = {
    MemberClass.HEAD: "Head of agency",
    MemberClass.SWORN: "Sworn",
    MemberClass.CIVILIAN: "Professional staff",
    MemberClass.RETIRED: "Retired",
    MemberClass.PARTNER: "Partner",
    MemberClass.STAFF: "Association staff",
}

PURPOSE_NAMES: dict[str, str] = {
    Purpose.JOIN: "Wants to join",
    Purpose.RETURN: "Wants to return",
    Purpose.RECOVER: "Lost their sign-in",
}

SEEN_BY_NAMES: dict[str, str] = {
    SeenBy.EVERYONE: "All members",
    SeenBy.AGENCY: "My agency",
    SeenBy.NOBODY: "Nobody",
}
