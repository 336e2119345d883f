"""Reads the demo's content. The shapes are those of content/*.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "content"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def agencies() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _read("agencies")["agency"]
    return found


def people() -> list[dict[str, Any]]:
    """Members, and the applicant, whose key is `applicant`."""
    found: list[dict[str, Any]] = _read("people")["person"]
    return found


def forums() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _read("forums")["forum"]
    return found


def subjects() -> list[str]:
    """Their names, in order."""
    return [row["name"] for row in _read("subjects")["subject"]]


def threads(slug: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _read(f"threads-{slug}")["thread"]
    return found
