"""Imports point down, machine-checked; and what one package may take of another."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import APP, ROOT, name, python_files, tree

# Files besides pages and API that speak HTTP: they build the Visit, or are about sessions. (web/ and the top are free.)
SPEAK_HTTP = {"app/accounts/sessions.py", "app/membership/actors.py"}
# Pages and API under other names than pages.py and api.py: by the end of their name.
PAGE_ENDINGS = ("pages", "api")
OWN_ALONE = ("pages", "api", "forms", "jobs")


def imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found += [node.module, *[f"{node.module}.{alias.name}" for alias in node.names]]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found


def is_page(path: Path) -> bool:
    within = path.relative_to(APP).with_suffix("").parts[1:]
    return any(part.endswith(PAGE_ENDINGS) for part in within)


def packages() -> list[str]:
    return sorted(p.name for p in APP.iterdir() if (p / "__init__.py").is_file())


def test_imports_point_down() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_only_pages_and_api_import_the_web() -> None:
    low = [
        p for p in python_files() if p.relative_to(APP).parts[0] in packages() and p.relative_to(APP).parts[0] not in ("web", "commands")
    ]
    assert low
    wrong = [name(p) for p in low if not is_page(p) and any(i == "app.web" or i.startswith("app.web.") for i in imports(p))]
    assert sorted(set(wrong) - SPEAK_HTTP - set(WEB_EXCEPTIONS)) == []
    assert sorted(set(WEB_EXCEPTIONS) - set(wrong)) == [], "no longer needed"


# A shrinking list: what imports app.web and is no page, and why.
WEB_EXCEPTIONS = {
    "app/forum/fragments.py": "draws a message once, with the page's own template, and keeps it",
    "app/forum/rows.py": "draws the rows of lists likewise",
}
_BY_MAIL = "what comes by mail is posted by the forum's own operations, which take a form"
FORM_EXCEPTIONS = {
    "app/association/demo/writing.py": "writes the demo as its members would, by operations, which take a form",
    **{f"app/mail/inbound/{file}.py": _BY_MAIL for file in ("judging", "opening", "pages")},
}


def test_nothing_takes_another_packages_pages_forms_or_jobs() -> None:
    wrong: list[str] = []
    for path in python_files():
        own = path.relative_to(APP).parts[0]
        if own not in packages() or own == "commands" or name(path) in FORM_EXCEPTIONS:
            continue  # main and worker wire everything
        for taken in imports(path):
            parts = taken.split(".")
            if len(parts) > 2 and parts[0] == "app" and parts[1] not in (own, "core", "web") and parts[2] in OWN_ALONE:
                wrong.append(f"{name(path)} takes {taken}")
    assert wrong == []


@pytest.mark.parametrize("package", packages())
def test_core_and_web_know_no_domain(package: str) -> None:
    if package in ("core", "web", "commands"):
        return
    for path in (p for p in python_files() if p.relative_to(APP).parts[0] in ("core", "web")):
        assert [i for i in imports(path) if i.startswith(f"app.{package}")] == [], name(path)
