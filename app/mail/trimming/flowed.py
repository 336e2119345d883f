"""format=flowed (RFC 3676): lines that end with a space go on in the next one. Unwrapped, a paragraph is one line again."""

from __future__ import annotations

_DELIMITER = "-- "


def unwrap(text: str, delsp: bool = False) -> str:
    """`delsp`: the space that joins was added by the sender's program, between words of a language without spaces."""
    paragraphs: list[tuple[int, list[str]]] = []
    flows = False
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        depth, line = _depth(raw)
        if not (flows and paragraphs[-1][0] == depth and line != _DELIMITER):
            paragraphs.append((depth, []))
        flows = line.endswith(" ") and line != _DELIMITER
        paragraphs[-1][1].append(line[:-1] if flows and delsp else line)
    return "\n".join(_marked(depth, "".join(pieces)) for depth, pieces in paragraphs)


def _depth(raw: str) -> tuple[int, str]:
    """How deep the line is quoted, and its text without the marks and without the space that was stuffed before it."""
    line = raw.lstrip(">")
    return len(raw) - len(line), line.removeprefix(" ")


def _marked(depth: int, text: str) -> str:
    return f"{'>' * depth} {text}" if depth else text
