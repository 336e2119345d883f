"""The process in which a file is worked on: `python -m app.attachments.workshop.bench JOB FOLDER`. It bounds itself before it opens
anything, prints what it found as JSON, and ends with 1 and a sentence if the file is no good."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

SECONDS, BYTES, WRITTEN = 40, 1_400_000_000, 120_000_000  # a picture of 50 megapixels takes 200 MB, three times over


def _bound() -> None:
    for what, most in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, BYTES),
        (resource.RLIMIT_FSIZE, WRITTEN),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main(job: str, folder: Path) -> int:
    _bound()
    from app.attachments.workshop import documents, pictures, says  # after the bounds, which hold for the decoders too

    jobs: dict[str, Any] = {"picture": pictures.clean, "pdf": documents.pdf, "office": documents.office, "says": says.copy}
    try:
        found = jobs[job](folder)
    except MemoryError:
        sys.stdout.write("It takes too much memory to open.")
        return 1
    except Exception as error:  # decoders raise many kinds for a file that is damaged
        sys.stderr.write(f"{type(error).__name__}: {error}"[:500])
        sys.stdout.write(str(error) if isinstance(error, pictures.NotTaken) else "It is damaged and can't be opened.")
        return 1
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
