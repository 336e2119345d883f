"""The second fence, as a lint: rows of guarded tables are reached through the owning package's access.py, and start from its
`visible_…`. Reading one by `select(Thread)` or `session.get(Thread` anywhere else is an offence; so is changing many at once
(`update(Thread)`) outside the owning package's verbs. Adding rows, and changing a row that access gave, is what verbs are for."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

# Table → the folder of the package that owns it.
GUARDED = {
    **dict.fromkeys(
        (
            "Forum",
            "Thread",
            "Reply",
            "ReplyRevision",
            "ThreadReader",
            "ArchiveMessage",
            "Mask",
            "Unmasking",
            "Thanks",
            "AlsoAsks",
            "Bookmark",
            "Draft",
            "Mention",
        ),
        "app/forum/",
    ),
    "Adoption": "app/forum/adoptions/",
    **dict.fromkeys(("Askable", "MemberSubject", "Asked", "Course"), "app/forum/rounds/"),
    "Mention": "app/forum/",
    **dict.fromkeys(("Mention", "Poll", "PollChoice", "PollVote"), "app/forum/"),
    **dict.fromkeys(("Practice", "PracticeRevision", "Subject", "ThreadSubject"), "app/forum/practices/"),
    **dict.fromkeys(
        (
            "Member",
            "Application",
            "Evidence",
            "Decision",
            "CaseNote",
            "CallBack",
            "Waiver",
            "Question",
            "EvidenceFile",
            "EvidenceFileLink",
            "Confirmation",
            "DirectoryAlert",
            "Statement",
        ),
        "app/membership/",
    ),
    **dict.fromkeys(("AgencyContact", "RosterRound", "RosterAnswer"), "app/membership/roster/"),
    **dict.fromkeys(("RosterImport", "RosterChange"), "app/membership/roster_file/"),
    **dict.fromkeys(("Agency", "AgencyDomain", "FormerName", "FormerOri"), "app/agencies/"),
    **dict.fromkeys(("Drill", "SiteText"), "app/association/"),
    "Flag": "app/moderation/",
    **dict.fromkeys(("Notification", "InboundMessage", "AddressHealth"), "app/mail/"),
    **dict.fromkeys(("BearerToken", "SignInSession", "KeptForm", "Recovery", "TermsAcceptance"), "app/accounts/"),
    **dict.fromkeys(("Attachment", "AttachmentText"), "app/attachments/"),
    **dict.fromkeys(("SavedSearch", "SavedHit"), "app/search/"),
    **dict.fromkeys(("Passkey", "PasskeyChallenge"), "app/accounts/"),
    **dict.fromkeys(("AccountAddress", "AddressRequest", "Disavowal"), "app/accounts/"),
}
TABLES = {
    "forums", "threads", "replies", "reply_revisions", "thread_readers", "members", "applications", "evidence", "decisions", "case_notes",
    "call_backs", "waivers", "questions", "confirmations", "evidence_files", "evidence_file_links",
    "account_addresses", "address_requests", "disavowals", "terms_acceptances",
    "agencies", "agency_domains", "agency_names", "agency_oris", "agency_contacts", "roster_rounds", "roster_answers",
    "roster_imports", "roster_changes",
    "bearer_tokens", "sessions", "kept_forms", "recoveries", "passkeys", "passkey_challenges",
    "directory_alerts", "statements", "drills", "notifications", "inbound_messages", "address_health", "archive_messages",
    "masks", "unmaskings", "thanks", "also_ask", "bookmarks", "drafts", "flags", "mentions", "polls", "poll_choices", "poll_votes",
    "adoptions", "practices", "practice_revisions", "subjects", "thread_subjects",
    "askable_members", "member_subjects", "asked_members", "question_courses", "site_texts",
    "attachments", "attachment_texts", "saved_searches", "saved_hits",
}  # fmt: skip
READS = {"select", "exists", "get", "get_one", "query", "aliased", "lambda_stmt"}
CHANGES = {"update", "delete"}
RAW = re.compile(r"\b(?:from|join|update|into)\s+\"?(" + "|".join(sorted(TABLES)) + r")\b", re.IGNORECASE)
# In the owning package, where its rules are said: the list form, the check form and the template form side by side.
ACCESS = re.compile(r"^app/(\w+)/(?:\w+/)?(?:access|directory)(?:\.py|/\w+\.py)$")
# Accounts' tables hold what is a person's own, found by the account's id: the package reads them anywhere but in its pages.
OWN = {
    "Passkey",
    "PasskeyChallenge",
    "BearerToken",
    "SignInSession",
    "KeptForm",
    "Recovery",
    "AccountAddress",
    "AddressRequest",
    "Disavowal",
    "TermsAcceptance",
}
PAGES = re.compile(r"(?:pages|api)(?:\.py$|/)")
NO_VERBS = re.compile(r"(?:pages|api|queries|forms)(?:\.py$|/)")


@dataclass(frozen=True)
class Offence:
    line: int
    model: str
    call: str


def offences(source: str, path: str) -> list[Offence]:
    """What a file does past the fence. `path` is relative to the project."""
    tree = ast.parse(source)
    names = _names(tree)
    found: list[Offence] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            call = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
            for model in _models(node, names) if call in READS | CHANGES else ():
                if not _allowed(call, model, path):
                    found.append(Offence(node.lineno, model, call))
            found += _raw(node, path) if call in ("text", "exec_driver_sql") else []
    return sorted(set(found), key=lambda offence: (offence.line, offence.model))


def _names(tree: ast.Module) -> dict[str, str]:
    """Under which names this file has guarded tables: imported, imported as, or given another name (`t = BearerToken`)."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in GUARDED}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names:
            names |= {target.id: names[node.value.id] for target in node.targets if isinstance(target, ast.Name)}
    return names


def _models(call: ast.Call, names: dict[str, str]) -> set[str]:
    """The guarded tables among a call's arguments: the class, a column of it, `models.Thread`, `*columns` and labels too."""
    found: set[str] = set()
    for argument in (*call.args, *[k.value for k in call.keywords]):
        for node in ast.walk(argument):
            if isinstance(node, ast.Name) and node.id in names and not _inside_call(argument, node):
                found.add(names[node.id])
            elif (
                isinstance(node, ast.Attribute)
                and node.attr in GUARDED
                and isinstance(node.value, ast.Name)
                and node.value.id.endswith("models")
            ):
                found.add(node.attr)
    return found


def _inside_call(argument: ast.expr, name: ast.Name) -> bool:
    """Whether the name stands within a call of its own inside the argument that is judged by itself, such as a sub-select."""
    return any(
        isinstance(node, ast.Call) and _callee(node) in (READS | CHANGES | {"is_visible"}) and name in ast.walk(node)
        for node in ast.walk(argument)
    )


def _callee(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def _allowed(call: str, model: str, path: str) -> bool:
    inside = path.startswith(GUARDED[model])
    if inside and (ACCESS.match(path) or (model in OWN and not PAGES.search(path))):
        return True
    return call in CHANGES and inside and not NO_VERBS.search(path)


def _raw(call: ast.Call, path: str) -> list[Offence]:
    """SQL as text past every rule."""
    text = "".join(node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    found = RAW.search(text)
    return [Offence(call.lineno, found[1], "text")] if found and not ACCESS.match(path) else []
