"""No file of the project names a machine, a mirror or a stub; the locks name packages, versions and hashes, and no host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, name, project_files, python_files, tree

TEXT = {".py", ".md", ".toml", ".lock", ".html", ".txt", ".css", ".js", ".yaml", ".yml", ".ini", ".cfg", ".csv", ".mako", ".svg", ""}
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
# Built from parts, so that this file does not hold them itself.
MACHINE = re.compile("|".join(("/" + "work/", "/" + "root/", "/home/" + r"\w", "/Users/" + r"\w", r"C:\\" + "Users")))


def texts() -> list[Path]:
    return [p for p in project_files() if p.suffix in TEXT and p.name != "uv" and "vendor" not in p.parts]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda p: p.name)
def test_locks_are_exact_hashed_and_name_no_host(lock: Path) -> None:  # L16
    text = lock.read_text()
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host|@ git|file:", text) == []
    packages = re.findall(r"^([A-Za-z0-9][^\s=]*)(\S*)", text, re.MULTILINE)
    assert packages
    assert [p for p, version in packages if not version.startswith("==")] == []
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_locks_hold_what_the_project_asks_for() -> None:  # L16
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for lock, asked in (("run", project["project"]["dependencies"]), ("test", project["dependency-groups"]["test"])):
        held = {
            m[1].lower() for m in re.finditer(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements" / f"{lock}.lock").read_text(), re.MULTILINE)
        }
        wanted = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in asked}  # type: ignore[index]
        assert wanted - held == set(), lock


def test_no_file_names_a_machine() -> None:
    assert len(texts()) > 50
    assert {name(p): found[0] for p in texts() if (found := MACHINE.findall(p.read_text(errors="replace")))} == {}


def test_no_stub_is_left() -> None:
    mark = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    assert {name(p): found[0] for p in texts() if p.suffix != ".lock" and (found := mark.findall(p.read_text(errors="replace")))} == {}


def test_no_test_is_skipped_without_its_one_reason() -> None:
    """Only what reads the real data may skip, where the folder is absent."""
    mark = re.compile(r"(?:pytest\.|mark\.)(?:skip|xfail)\w*|importorskip")
    found = [p for p in python_files("tests") if p != Path(__file__) and mark.search(p.read_text())]
    assert [name(p) for p in found if "shared" not in p.read_text()] == []


def test_tests_do_not_sleep() -> None:
    import ast

    sleeping = [
        name(p) for p in python_files("tests") for node in ast.walk(tree(p))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sleep"
    ]  # fmt: skip
    assert set(sleeping) == {"tests/mail/sink.py"}, "a mail server that is slow on purpose, and nothing else"
