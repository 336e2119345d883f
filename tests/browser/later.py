"""`squadroom serve` under a clock that a test sets. The product has no such option: this moves the clock, then starts the server."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path

from app.commands.serving import Options, serve
from app.core import clock


@dataclass(frozen=True)
class Hands:
    """The hands of that clock, in a file: the test sets them, the server reads them each time it asks what time it is."""

    file: Path

    def set(self, moment: dt.datetime) -> None:
        half = self.file.with_suffix(".half")  # nobody reads half a moment
        half.write_text(moment.isoformat())
        half.replace(self.file)

    def now(self) -> dt.datetime:
        return dt.datetime.fromisoformat(self.file.read_text())


if __name__ == "__main__":
    with clock.at(Hands(Path(sys.argv[1])).now):
        serve(Options(host="127.0.0.1", port=None, workers=1, with_worker=False))
