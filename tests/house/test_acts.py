"""The third fence: every verb takes the actor, and every verb is in the log (R1). Read from the code, so that none is forgotten."""

from __future__ import annotations

import ast

from tests.house.source import dotted, functions, name, python_files

# A named, shrinking list: verbs that write no row of the log, and why.
_MARKS = "a read mark is the reader's own bookmark; reading what is strictly marked is logged where it is read"
_READING = ("mark_all_read", "mark_forum_read", "mark_read", "read_up_to", "set_read_mark", "start_mark")
UNLOGGED = {f"app/forum/operations/reading.py:{verb}": _MARKS for verb in _READING} | {
    f"app/mail/notices/operations.py:{verb}": "what one was told is seen: one's own mark" for verb in ("note_seen", "seen_up_to")
}
UNLOGGED["app/attachments/operations.py:attach"] = "the message's own row names its files: by nobody, where the message has no name"


def _verbs() -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Public functions that are given a session and an actor: by this house's rule that is what an act looks like."""
    found: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
    for path in python_files():
        for node in functions(path):
            names = [a.arg for a in node.args.args]
            if (
                names[:2] == ["session", "actor"]
                and not node.name.startswith(("_", "require_", "may_", "visible_"))
                and _is_verbs_file(name(path))
            ):
                found[f"{name(path)}:{node.name}"] = node
    return found


def _is_verbs_file(path: str) -> bool:
    return not any(part.startswith(("access", "queries", "directory", "audit")) for part in path.removesuffix(".py").split("/")[1:])


def _calls(node: ast.AST) -> set[str]:
    return {called for n in ast.walk(node) if isinstance(n, ast.Call) and (called := dotted(n.func))}


def _writes(node: ast.AST) -> set[str]:
    """The last names of all that a function calls, and those that its own helpers call, by name."""
    return {called.split(".")[-1] for called in _calls(node)}


def test_every_verb_is_logged() -> None:  # R1
    verbs = _verbs()
    by_name: dict[str, list[ast.AST]] = {}
    assert len(verbs) > 20
    for path in python_files():
        for node in functions(path):
            by_name.setdefault(node.name, []).append(node)
    logged = {n for n, nodes in by_name.items() if any(_calls(node) & {"audit.record", "audit.line"} for node in nodes)}
    while True:  # … or calls what is logged, however deep
        more = {n for n, nodes in by_name.items() if n not in logged and any(_writes(node) & logged for node in nodes)}
        if not more:
            break
        logged |= more
    silent = {key for key in verbs if key.split(":")[1] not in logged}
    assert silent == set(UNLOGGED)


def test_the_log_is_written_by_one_function() -> None:  # R1
    from tests.house.test_one_place import calls

    assert [path for path in calls("insert") if "AuditEvent" in path] == []
    users = {name(p) for p in python_files() if "AuditEvent(" in p.read_text().replace("class AuditEvent(", "")}
    assert users == set()
