"""No text is lost or slow: what is unreadable, too long, too deep or too dense."""

from __future__ import annotations

import time
from functools import cache

import pytest

from app.core.markup import limits, render
from tests.core.markup_reader import Reader


def test_controls_become_visible_and_overrides_go() -> None:
    assert render("a\x00b\x1bc\ud800d").plain == "a\ufffdb\ufffdc\ufffdd"
    assert render("\u202egnp.exe").plain == "gnp.exe"
    assert render("a\r\nb\rc\vd\u2028e").plain == "a\nb\nc\nd\ne"


@pytest.mark.parametrize(
    "message",
    [
        ">" * 30 + " kept",
        "- " * 30 + "kept",
        "kept " * 10_001,
        "kept\n" * 4_001,
        "*" * 60 + "kept" + "*" * 60,
        "|kept" * 200 + "\n" + "|-" * 200 + "\n" + "|\n" * 300,
    ],
)
def test_what_is_too_long_deep_or_dense_is_shown_as_written(message: str) -> None:
    rendered = render(message)
    assert rendered.html.startswith('<pre tabindex="0"><code>')
    assert Reader(rendered.html).words.strip("\n") == message.strip("\n") == rendered.plain


def test_up_to_the_limits_it_is_markdown() -> None:
    assert "<p>" in render("a" * limits.MAX_CHARACTERS).html
    assert "<p>" in render("a\n" * limits.MAX_LINES).html
    assert render("> " * 9 + "a").html.count("<blockquote>") == 9


QUICK = [
    "[",
    "![",
    "*[",
    "[[]",
    "[a](",
    "[a][",
    "![[]()",
    "*",
    "*a* ",
    "_a ",
    "~~a ",
    "`",
    "`a ",
    ">",
    "> ",
    "- ",
    "- a\n",
    "1) a\n",
    "a\n",
    "\n",
    "|",
    "|\n",
    "<",
    "<http://a",
    "&",
    "\\",
    "a@b.co ",
    "a.com,",
    "http://",
    "(",
    "\0",
    "\ud800",
]


@cache
def ordinary() -> float:
    """Seconds for an ordinary text of the greatest length, on this machine: about a quarter, and more where others work beside."""
    text = ("Some **words** with a [link](https://a.example).\n\n- one\n- two\n\n" * 2000)[: limits.MAX_CHARACTERS]
    start = time.process_time()
    render(text)
    return time.process_time() - start


def is_quick(seconds: float) -> bool:
    """The slowest takes twelve times the ordinary one. A processor's clock goes up and down: before too long is said, the ordinary text is
    measured in the same moment."""
    return seconds < 20 * ordinary() or seconds < 20 * ordinary.__wrapped__()


@pytest.mark.parametrize("size", [limits.MAX_CHARACTERS, 1_000_000])
@pytest.mark.parametrize("seed", QUICK)
def test_pathological_input_is_quick(seed: str, size: int) -> None:
    text = (seed * size)[:size]
    start = time.process_time()
    render(text)
    assert is_quick(time.process_time() - start)


@pytest.mark.parametrize(
    "text",
    [
        "|" + "a|" * 4000 + "\n|" + "-|" * 4000 + "\n" + "|\n" * 3000,
        "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n" + "a\n" * 3000,
        ">" * 18 + "a [*\n" * 3999,
        "- " * 9 + "a [*\n" * 3999,
        "[" * 20_000 + "](a)" * 5_000,
        "*" * 19_000 + "a" + "*" * 19_000,
        "".join("e" + "`" * n for n in range(280)),
        ("&" * 80 + "\n") * 12_000,
        "".join(" " * 2 * n + "- a\n" for n in range(200)),
    ],
)
def test_pathological_structure_is_quick(text: str) -> None:
    start = time.process_time()
    render(text)
    assert is_quick(time.process_time() - start)
