"""The program's own log: one line an event, text or JSON, and nothing that a message brings can break the line."""

from __future__ import annotations

import json
import logging
import re
import sys

import pytest

from app.core.logs import JsonLines, TextLines


def entry(message: str, *args: object, failed: bool = False) -> logging.LogRecord:
    exc_info = None
    if failed:
        try:
            raise ValueError("it broke")
        except ValueError:
            exc_info = sys.exc_info()
    return logging.LogRecord("squadroom.test", logging.WARNING, "x.py", 1, message, args, exc_info)


def test_a_line_of_text_has_when_how_bad_who_and_what() -> None:
    line = TextLines().format(entry("%s of %d", "one", 2))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING squadroom.test: one of 2", line)


@pytest.mark.parametrize("evil", ["a\nb", "a\r\nb", "a\x00b", "a\x1b[31mb", "a\x9bb", "a\x7fb"])
@pytest.mark.parametrize("lines", [TextLines(), JsonLines()])
def test_controls_in_a_message_stay_within_its_line(lines: logging.Formatter, evil: str) -> None:  # R2
    said = lines.format(entry("from %s", evil))
    assert not re.search(r"[\x00-\x1f\x7f\x1b]", said)
    assert len(said.splitlines()) == 1


def test_a_line_of_json_is_one_object() -> None:
    line = json.loads(JsonLines().format(entry("it failed", failed=True)))
    assert (line["level"], line["logger"], line["message"]) == ("warning", "squadroom.test", "it failed")
    assert "ValueError: it broke" in line["exception"]
