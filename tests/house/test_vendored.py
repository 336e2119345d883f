"""The front end comes from us alone: vendored files are listed and unchanged, pages and sheets call no other host."""

import gzip
import hashlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "app" / "static"
VENDORED: dict[str, dict[str, str]] = tomllib.loads((STATIC / "VENDORED.toml").read_text())
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "mail" not in path.relative_to(ROOT / "templates").parts]
SHEETS = [STATIC / "squadroom.css", STATIC / "vendor" / "pico.min.css"]

# What makes a browser fetch something: an address in one of these, unlike a link a member may follow.
FETCHING = re.compile(
    r"""(?:\bsrc(?:set)?\s*=\s*|<(?:link|use|image|base)\b[^>]*?\bhref\s*=\s*)["']?\s*((?:https?:)?//[^\s"'>]+)"""
    r"""|@import\s+(?:url\()?["']?([^"')\s;]+)|url\(\s*["']?((?:https?:)?//[^"')]+)""",
    re.IGNORECASE,
)

# icon("eye"), and mark(text, "ok", "circle-check")
ICON_NAMED = re.compile(r"""(?:\bicon\(\s*|\bmark\([^{}%]*?,\s*["'](?:ok|warn|bad|info)?["'],\s*)["']([a-z0-9-]+)["']""")


def fetched_from_elsewhere(text: str) -> list[str]:
    return ["".join(found) for found in FETCHING.findall(text)]


@pytest.mark.parametrize("name", sorted(VENDORED))
def test_a_vendored_file_is_the_one_that_was_listed(name: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == VENDORED[name]["sha256"]


@pytest.mark.parametrize("name", sorted(VENDORED))
def test_a_vendored_file_has_its_licence_beside_it(name: str) -> None:
    row = VENDORED[name]
    assert set(row) == {"name", "version", "licence", "licence_file", "package", "source", "sha256"}
    assert len((STATIC / row["licence_file"]).read_text()) > 300


def test_every_file_in_vendor_is_listed() -> None:
    here = {f"vendor/{path.name}" for path in (STATIC / "vendor").iterdir()}
    licences = {row["licence_file"] for row in VENDORED.values()}
    assert here == {name for name in VENDORED if name.startswith("vendor/")} | licences


def test_every_vendored_file_is_used() -> None:
    used = "\n".join(path.read_text() for path in TEMPLATES)
    assert [name for name in VENDORED if f"asset('{name}')" not in used] == []


def test_no_page_or_sheet_fetches_from_elsewhere() -> None:  # C8
    found = {str(path.relative_to(ROOT)): fetched_from_elsewhere(path.read_text()) for path in PAGES + SHEETS}
    assert {path: addresses for path, addresses in found.items() if addresses} == {}


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example/x.js"></script>',
        "<img src=//cdn.example/x.png>",
        '<link rel="stylesheet" href="http://cdn.example/x.css">',
        "@import url(https://cdn.example/x.css);",
        "a { background: url('//cdn.example/x.png') }",
    ],
)
def test_the_search_for_foreign_addresses_finds_one(text: str) -> None:
    assert len(fetched_from_elsewhere(text)) == 1


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_page_has_no_inline_style_script_or_handler(path: Path) -> None:  # C9
    text = path.read_text()
    assert re.findall(r"<[^>]*\s(?:style|on[a-z]+|hx-on[\w:-]*)\s*=", text) == []
    assert re.findall(r"<style|<script(?![^>]*\bsrc=)", text) == []
    assert all('nonce="{{ nonce }}"' in tag for tag in re.findall(r"<script[^>]*>", text))


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="i-([a-z0-9-]+)"', (STATIC / "icons.svg").read_text()))
    named = {name for path in TEMPLATES for name in ICON_NAMED.findall(path.read_text())}
    assert {"eye", "circle-check", "triangle-alert"} <= named
    assert named - sprite == set()


def test_the_scripts_of_a_page_stay_under_their_budget() -> None:  # X9
    scripts = list(STATIC.rglob("*.js"))
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) < 60 * 1024
