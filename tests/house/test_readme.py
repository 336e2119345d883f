"""The README's map: each package in one sentence, with the file to open first. A package that is missing fails."""

from __future__ import annotations

import re

from tests.house.source import APP, ROOT

ROW = re.compile(r"^\| `app/([\w/]+?)/?` \| (.+?) \| `([\w/.]+)` \|$", re.MULTILINE)


def rows() -> dict[str, tuple[str, str]]:
    return {found[1]: (found[2], found[3]) for found in ROW.finditer((ROOT / "README.md").read_text())}


def test_every_package_is_on_the_map() -> None:
    packages = {p.name for p in APP.iterdir() if (p / "__init__.py").is_file()}
    assert packages
    assert set(rows()) == packages


def test_the_map_leads_somewhere() -> None:
    for package, (says, first) in rows().items():
        assert says.endswith("."), package
        assert (APP / package / first).is_file(), f"{package}: {first}"


def test_every_decision_is_listed_and_every_link_leads_to_a_file() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text()
    assert [p.name for p in (ROOT / "docs" / "decisions").glob("0*.md") if p.name not in listed] == []
