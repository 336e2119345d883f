"""What is done in one place: committing, asking the time, letting HTML through, opening sockets outwards."""

from __future__ import annotations

import ast
import re

from tests.house.source import dotted, name, python_files, tree


def calls(*ends: str) -> dict[str, set[str]]:
    """Files by what they call: `session.commit(` is found by "commit", but not by "=commit"."""
    found: dict[str, set[str]] = {}
    for path in python_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                called = dotted(node.func) or (f"….{node.func.attr}" if isinstance(node.func, ast.Attribute) else "")
                if any(called == end.removeprefix("=") or ("=" not in end and called.endswith(f".{end}")) for end in ends):
                    found.setdefault(name(path), set()).add(called)
    return found


def test_the_search_finds_what_is_there() -> None:
    assert "app/core/audit_chain/seal.py" in calls("with_for_update")


def test_only_the_database_module_commits() -> None:
    assert set(calls("commit", "session.begin", "conn.begin", "connection.begin", "engine.begin", "writer.begin")) == {"app/core/db.py"}


def test_only_the_clock_asks_the_time() -> None:
    assert set(calls("datetime.now", "dt.now", "datetime.utcnow", "datetime.today", "date.today", "time.time")) == {"app/core/clock.py"}


def test_stored_html_is_let_through_in_one_place() -> None:  # H5
    assert set(calls("Markup")) <= set(MARKUP), "templates make HTML; a message's was sanitised when it was written"


# Where stored, sanitised HTML or a value of ours becomes Markup, and why.
MARKUP = {
    "app/forum/fragments.py": "a message's HTML, sanitised when it was written, and what the page's own template made",
    "app/mail/words.py": "the same, for mail",
    "app/web/chrome.py": "comment marks of ours, where the pieces of a page go",
    "app/web/render.py": "parts of a page that our own templates made, with escaping on",
}
# The association's own texts, written by its administrator in Markdown, and sanitised when they were written.
SAFE_TEMPLATES = {"templates/shared/_rules.html", "templates/forum/home.html"}


def test_nothing_is_run_from_text() -> None:
    assert calls("=eval", "=exec", "os.system", "pickle.loads", "yaml.load") == {}


def test_nothing_prints_but_the_commands() -> None:
    assert [path for path in calls("=print") if not path.startswith(("app/cli.py", "app/commands/"))] == []


def test_templates_do_not_switch_escaping_off() -> None:  # H5
    from tests.house.source import TEMPLATES

    text = {name(p): p.read_text() for p in TEMPLATES.rglob("*.html")}
    assert text
    # `'a literal'|safe` is markup of the template's own.
    unsafe = {path for path, body in text.items() if re.search(r"(?<!['\"])\s*\|\s*safe\b|autoescape false", body)}
    assert unsafe <= SAFE_TEMPLATES
    assert [path for path, body in text.items() if " style=" in body and not path.startswith("templates/mail/")] == []
