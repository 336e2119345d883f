"""Markdown in, safe HTML and plain text out."""

from __future__ import annotations

import re
import subprocess
import sys
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.markup import RENDER_VERSION, excerpt, limits, render
from app.core.markup.sanitise import sanitise
from tests.core.markup_corpus import PAYLOADS
from tests.core.markup_reader import Reader

A = '<a href="/leaving?to={}" rel="noopener noreferrer">{}</a>'
EXAMPLE = A.format("https%3A%2F%2Fexample.org%2Fpolicy", "{}")
SCROLL = '<div class="scroll" tabindex="0" role="group" aria-label="Table">'

# name: (message, HTML with the line ends between blocks left out, plain text)
FEATURES = {
    "paragraphs": ("One.\n\nTwo.", "<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
    "line end": ("one\ntwo", "<p>one two</p>", "one\ntwo"),
    "hard break": ("one  \ntwo", "<p>one<br> two</p>", "one\ntwo"),
    "emphasis": ("*a* __b__ ~~c~~", "<p><em>a</em> <strong>b</strong> <s>c</s></p>", "a b ~~c~~"),
    "escape": (r"\*a\*", "<p>*a*</p>", "*a*"),
    "entity": ("&copy; &amp; &lt;b&gt;", "<p>© &amp; &lt;b&gt;</p>", "© & <b>"),
    "h1": ("# A", "<h4>A</h4>", "A"),
    "h2": ("A\n---\nb", "<h5>A</h5><p>b</p>", "A\n\nb"),
    "h3": ("### A", "<h6>A</h6>", "A"),
    "h4": ("#### A", "<h6>A</h6>", "A"),
    "h6": ("###### A", "<h6>A</h6>", "A"),
    "rule": ("a\n\n***", "<p>a</p><hr>", "a\n\n* * *"),
    "bullets": ("- a\n- b", "<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
    "loose bullets": ("- a\n\n  b\n- c", "<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>", "- a\n\n  b\n\n- c"),
    "nested list": ("- a\n  1. b\n- c", "<ul><li>a <ol><li>b</li></ol></li><li>c</li></ul>", "- a\n  1. b\n- c"),
    "numbers": ("9. a\n9. b", '<ol start="9"><li>a</li><li>b</li></ol>', "9. a\n10. b"),
    "quote": ("> a\n>\n> > b", "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>", "> a\n>\n> > b"),
    "code": ("a `<b>`", "<p>a <code>&lt;b&gt;</code></p>", "a <b>"),
    "fence": ("```py\n<b>\n```", '<pre tabindex="0"><code>&lt;b&gt; </code></pre>', "<b>"),
    "indented": ("    a", '<pre tabindex="0"><code>a </code></pre>', "a"),
    "raw HTML": ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>", "<b>x</b>"),
    "link": ("[a](https://example.org/policy)", f"<p>{EXAMPLE.format('a')}</p>", "a (https://example.org/policy)"),
    "link title": (
        "[a](https://example.org/policy 't')",
        f"<p>{EXAMPLE.format('a')}</p>",
        "a (https://example.org/policy)",
    ),
    "reference": (
        "[a]\n\n[a]: https://example.org/policy",
        f"<p>{EXAMPLE.format('a')}</p>",
        "a (https://example.org/policy)",
    ),
    "empty link": ("[](https://example.org/policy)", f"<p>{EXAMPLE.format('')}</p>", "https://example.org/policy"),
    "autolink": (
        "<https://example.org/policy>",
        f"<p>{EXAMPLE.format('https://example.org/policy')}</p>",
        "https://example.org/policy",
    ),
    "address": (
        "See https://example.org/policy.",
        f"<p>See {EXAMPLE.format('https://example.org/policy')}.</p>",
        "See https://example.org/policy.",
    ),
    "domain": ("example.org", f"<p>{A.format('http%3A%2F%2Fexample.org', 'example.org')}</p>", "example.org"),
    "mail": ("a@b.org", '<p><a href="mailto:a@b.org" rel="noopener noreferrer">a@b.org</a></p>', "a@b.org"),
    "mail link": (
        "[x](mailto:a@b.org)",
        '<p><a href="mailto:a@b.org" rel="noopener noreferrer">x</a></p>',
        "x (a@b.org)",
    ),
    "image": (
        "![a *b*](https://example.org/policy)",
        f"<p>{EXAMPLE.format('a b')}</p>",
        "a b (https://example.org/policy)",
    ),
    "bare image": (
        "![](https://example.org/policy)",
        f"<p>{EXAMPLE.format('https://example.org/policy')}</p>",
        "https://example.org/policy",
    ),
    "image in link": (
        "[![a](https://x.org/i)](https://example.org/policy)",
        f"<p>{EXAMPLE.format('a')}</p>",
        "a (https://example.org/policy)",
    ),
    "table": (
        "| a | b | c |\n|---|--:|:-:|\n| 1 | **2** |",
        f'<p></p>{SCROLL}<table><thead><tr><th scope="col">a</th><th class="right" scope="col">b</th>'
        '<th class="center" scope="col">c</th></tr></thead><tbody><tr><td>1</td>'
        '<td class="right"><strong>2</strong></td>'
        '<td class="center"></td></tr></tbody></table></div>',
        "a | b | c\n- | - | -\n1 | 2 |",
    ),
    "table with an empty corner": (
        "| | b |\n|---|---|\n| 1 | 2 |",
        f'<p></p>{SCROLL}<table><thead><tr><td></td><th scope="col">b</th></tr></thead>'
        "<tbody><tr><td>1</td><td>2</td></tr></tbody></table></div>",
        "  | b\n- | -\n1 | 2",
    ),
    "nothing": ("", "", ""),
    "blanks": (" \n\t\n", "", ""),
}


@pytest.mark.parametrize("name", FEATURES)
def test_markdown_features(name: str) -> None:
    message, html, plain = FEATURES[name]
    rendered = render(message)
    lines = re.sub(r"(?<=>)\n(?=<)|\n\Z", "", rendered.html).replace("\n", " ")
    assert re.sub(r" (?=</(li|ul|ol|p)>)", "", lines) == html.removeprefix("<p></p>")
    assert rendered.plain == plain


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_gets_out(payload: str) -> None:  # H5
    assert Reader(render(payload).html).faults == []


@pytest.mark.parametrize("frame", ["> {}", "- {}", "# {}", "**{}**", "|a|\n|-|\n|{}|", "[{}](https://x.org)", "x `{}"])
def test_no_payload_gets_out_of_a_block_or_a_link(frame: str) -> None:  # H5
    faults = {payload: Reader(render(frame.replace("{}", payload)).html).faults for payload in PAYLOADS}
    assert {payload: found for payload, found in faults.items() if found} == {}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_sanitiser_alone_stops_what_a_parser_let_through(payload: str) -> None:  # H5
    found = Reader(sanitise(limits.readable(payload), "/leaving?to=")).faults
    assert [fault for fault in found if not fault.startswith(("left open", "stray"))] == []


@pytest.mark.parametrize(
    "html",
    [
        '<a href="//evil.example" title="x">x</a>',
        '<a href="//evil.example">x</a>',
        '<a href="/sign-out">x</a>',
        '<a href="java\tscript:alert(1)">x</a>',
        '<a href=" javascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
    ],
)
def test_the_sanitiser_keeps_no_other_link(html: str) -> None:  # H5
    assert sanitise(html, "/leaving?to=") == '<a rel="noopener noreferrer">x</a>'


def test_the_reader_of_these_tests_sees_what_is_wrong() -> None:
    """Were the reader blind, every test above would pass."""
    seen = [payload for payload in PAYLOADS if Reader(payload).faults]
    assert len(seen) > 60
    assert Reader('<a href="javascript:alert(1)" rel="noopener noreferrer">x</a>').faults
    assert Reader('<a href="/leaving?to=https%3A%2F%2Fx.org">x</a>').faults == ["link without rel"]
    assert Reader('<p class="x">').faults == ["attribute p class=x", "left open: p"]


def test_links_leave_by_the_page_that_names_their_target() -> None:  # C8
    target = "https://example.org/a b?x=1&y=%22#part".replace(" ", "%20")
    (href,) = Reader(render(f"[a](<{target}>)").html).links
    assert href.startswith("/leaving?to=")
    assert unquote(href.removeprefix("/leaving?to=")) == target
    mail = render(f"[a](<{target}>) a@b.org", leaving="https://forum.example/leaving?to=")
    assert Reader(mail.html).links == ["https://forum.example" + href, "mailto:a@b.org"]


MARKS = st.text(alphabet="ab1 \n\t*_~`[]()<>!|-:#&;\\\"'=/.@\0\ud800", max_size=120)
TARGETS = st.sampled_from(["http://a.b", "(https://a.b 't')", "javascript:", "a.com", "x@a.com", "&amp;"])
MIXED = st.lists(st.one_of(MARKS, TARGETS, st.sampled_from(PAYLOADS), st.text(max_size=20)), max_size=6).map("".join)


@given(st.one_of(st.text(alphabet=st.characters(), max_size=200), MIXED))
@settings(deadline=None, max_examples=400)
def test_any_text_gives_only_what_is_allowed(text: str) -> None:  # H5
    rendered = render(text)
    assert Reader(rendered.html).faults == []
    rendered.html.encode()
    rendered.plain.encode()


@given(MIXED)
@settings(deadline=None, max_examples=200)
def test_the_plain_text_says_what_the_page_says(text: str) -> None:
    """No word of the page is missing from the mail, in the same order; and no tag of ours is in it."""
    rendered = render(text)
    rest = iter("".join(rendered.plain.split()))
    assert [c for c in "".join(Reader(rendered.html).words.split()) if c not in rest] == []


@given(st.text(alphabet="ab *_~`[]()!|-:#\n.", max_size=200))
@settings(deadline=None, max_examples=200)
def test_plain_text_has_no_tag_that_was_not_written(text: str) -> None:
    assert "<" not in render(text).plain


@given(st.text(max_size=100), st.integers(-1, 120))
def test_excerpts_fit(text: str, limit: int) -> None:
    cut = excerpt(text, limit)
    assert len(cut) <= max(limit, 0)
    assert "\n" not in cut


@pytest.mark.parametrize(
    ("limit", "cut"),
    [
        (99, "We cut it, then stopped."),
        (24, "We cut it, then stopped."),
        (23, "We cut it, then…"),
        (16, "We cut it, then…"),
        (15, "We cut it…"),
        (11, "We cut it…"),
        (10, "We cut…"),
        (9, "We cut…"),
        (2, "W…"),
        (1, "…"),
        (0, ""),
    ],
)
def test_an_excerpt_ends_after_a_word(limit: int, cut: str) -> None:
    assert excerpt("We cut it,\nthen  stopped.", limit) == cut


def test_the_parser_is_not_loaded_at_start_up() -> None:
    code = "import sys, app.core.markup; print({'markdown_it', 'nh3', 'linkify_it'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_version_is_kept_with_each_rendering() -> None:
    assert RENDER_VERSION >= 1
