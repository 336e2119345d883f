"""What a document says about people besides its words. `says` is None where that can't be told."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from app.attachments.workshop import BARE, ORIGINAL


def copy(folder: Path) -> dict[str, Any]:
    from app.attachments.workshop import office_says, pdf_says  # late: PDF's library is slow to come

    with (folder / ORIGINAL).open("rb") as file:
        is_office = zipfile.is_zipfile(file)
    found = (office_says if is_office else pdf_says).copy(folder)
    return {"says": found[:100], "is_bare": (folder / BARE).is_file()}
