"""Each requirement that is owed so far is named beside the test that shows it: `grep -rn "# A6" tests` finds it."""

from __future__ import annotations

import re

import pytest

from tests.house.source import ROOT, python_files

# The main job's and membership's: sign-in, closedness, vetting, the forum, mail, the log, reliability, access.
OWED = (  # noqa: SIM905  # one line a dozen, not one each
    "A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16 A17 C1 C2 C3 C4 C5 C7 C8 C9 C10 C11 C13 C14 "
    "V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 H1 H2 H3 H5 "
    "R1 R2 R3 R4 L1 L5 L6 L10 L12 L16 M1 M4 M5 M6 M12 M13 M14 M15 X1 X2 X3 X4 X5 X6 X7"
).split()


def named() -> set[str]:
    """IDs in comments, as `# A6`, `# A6 L6` or `(A6)` beside a test."""
    found: set[str] = set()
    for path in (*python_files("tests"), *(ROOT / "tests").rglob("*.js")):
        if path.name == "test_requirements.py":
            continue
        for comment in re.findall(r"#(.*)$", path.read_text(), re.MULTILINE):
            found |= set(re.findall(r"\b[ACVMHRLX]\d{1,2}\b", comment))
    return found


@pytest.mark.parametrize("requirement", OWED)
def test_a_test_names_this_requirement(requirement: str) -> None:
    assert requirement in named()
