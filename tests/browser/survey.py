"""What is looked at on every stop of every walk. The walks are gone once, and each test asks for its own part of what was found.

Lengths are measured on every stop, at 1280 and at 320 pixels. axe costs more, so it looks where there is something it has not seen: at
each kind of page, and at each stop with an element in a new place. Colours, light and dark, it looks for in the new places alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.site import NARROW, PHONE, WIDE, Stage
from tests.browser.walks import WALKS

_AXE = Axe().axe_script
COLOURS = ("color-contrast", "link-in-text-block")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
IN_COLOUR = {"preload": False, "runOnly": {"type": "rule", "values": COLOURS}}
EVERYTHING = {"rules": {"target-size": {"enabled": True}} | {rule: {"enabled": False} for rule in COLOURS}}
AGAIN = EVERYTHING | {"preload": False}  # one rule reads the style sheets themselves (orientation): once is enough, they are the same

EXPECTED = re.compile(r"the server responded with a status of (403|404|422) ")  # the walks make errors on purpose

HEADINGS = """() => {
  const levels = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(h => +h.tagName[1]);
  const ones = levels.filter(l => l === 1).length, wrong = levels.filter((l, i) => i && l > levels[i - 1] + 1);
  return [...(ones === 1 ? [] : [`${ones} h1`]), ...wrong.map(l => `h${l} after a higher one`)];
}"""
# A link inside a sentence is as high as its line; a tick is as big as its label. Everything else is a target of its own (WCAG 2.5.8).
TARGETS = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].flatMap(e => {
  const own = e.labels?.[0] && /checkbox|radio/.test(e.type) ? e.labels[0] : e;
  const box = own.getBoundingClientRect(), style = getComputedStyle(own);
  if (!e.checkVisibility({visibilityProperty: true}) || !box.width || e.closest('.vh, .skip') || own.matches('.vh, .skip')) return [];
  const text = e.closest('p, li, dd, td, small, pre, span:not([class])');
  const inText = style.display.startsWith('inline') && text && text.textContent.trim().length > e.textContent.trim().length + 1;
  const whole = e.matches('li > a:first-child') && getComputedStyle(e, '::after').position === 'absolute';
  if (whole || inText || (box.width >= 24 && box.height >= 24)) return [];
  return [`${e.tagName} "${(e.textContent || e.name || '').trim().slice(0, 30)}" ${Math.round(box.width)}x${Math.round(box.height)}`];
})"""
# Tables and code may scroll inside their own frame; the page may not.
SIDEWAYS = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [`${document.documentElement.scrollWidth} wide: ` +
  [...document.querySelectorAll('main *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.parentElement.closest('.scroll, pre'))
    .slice(0, 3).map(e => e.outerHTML.slice(0, 90)).join(' | ')]"""
# WCAG 1.4.12, through a constructed sheet: the page's own policy lets no other style in.
SPACED = """() => { const sheet = new CSSStyleSheet(); sheet.replaceSync(`p { margin-bottom: 2em !important }
  * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }`);
  document.adoptedStyleSheets = [sheet]; }"""
HEADER = "() => document.querySelector('.topbar')?.innerText ?? ''"
HEADER_ROWS = """() => { const bar = document.querySelector('.topbar'); if (!bar) return [];
  return bar.getBoundingClientRect().height <= 110 ? [] : [`${Math.round(bar.getBoundingClientRect().height)} px high`]; }"""
INLINE = """() => [...document.querySelectorAll('[style]')].filter(e => !e.closest('.post-body')).map(e => e.outerHTML.slice(0, 90))"""
# An element's place is what it is and what it stands in: names, classes and states, three levels up, and the kind of page. Style sheets
# know little else: what is in the same place on another page looks the same there.
PLACES = """() => {
  const said = ['type', 'role', 'lang', 'aria-current', 'aria-invalid', 'aria-pressed', 'aria-live', 'aria-expanded'];
  const had = ['disabled', 'readonly', 'open', 'hidden', 'required', 'aria-label', 'aria-labelledby', 'aria-describedby'];
  const own = e => [e.tagName, ...[...e.classList].sort(), e.checked ? 'checked' : '',
    ...said.map(a => e.getAttribute(a)), ...had.filter(a => e.hasAttribute(a))].filter(Boolean).join('.');
  const names = new Map(), placed = new Map();
  for (const e of document.querySelectorAll('html, body, body :not(script, svg *)')) {
    names.set(e, own(e));
    const around = [e, e.parentElement, e.parentElement?.parentElement, e.parentElement?.parentElement?.parentElement];
    const place = [document.body.className, ...around.map(one => names.get(one))].join('>');
    placed.has(place) ? placed.get(place).push(e) : placed.set(place, [e]);
  }
  window.placed = placed;
  return [...placed.keys()];
}"""
WIDELY = f"() => [{', '.join(f'({script})()' for script in (HEADINGS, TARGETS, INLINE, HEADER, PLACES))}]"
NARROWLY = f"""() => {{ const plain = ({SIDEWAYS})();
  ({SPACED})(); const spaced = ({SIDEWAYS})(); document.adoptedStyleSheets = []; return [plain, spaced]; }}"""
AXE = """([options, places]) => axe.run(places ? {include: places.flatMap(place => window.placed.get(place))} : document, options)"""


@dataclass
class Findings:
    """By what was looked for: every finding, with the stop it was made at."""

    stops: list[str] = field(default_factory=list)
    made: dict[str, list[str]] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)  # of pages that axe has looked at: the address without numbers and secrets
    places: set[str] = field(default_factory=set)  # that it has looked at
    headers: set[str] = field(default_factory=set)  # that were measured

    def note(self, stop: str, what: str, found: list[str]) -> None:
        self.made.setdefault(what, []).extend(f"{stop}: {one}" for one in found)


def survey(stage: Stage, look: Callable[[Page, str], None] | None = None) -> Findings:
    """Go all walks. With `look`, only that is done at each stop (a camera, for instance)."""
    findings = Findings()
    for who, walk in WALKS:
        page = stage.page_of(who)
        for name in walk(page, stage.site):
            stop = f"{who or 'outsider'}, {name}"
            findings.stops.append(stop)
            (look or (lambda page, stop: examine(page, stop, findings)))(page, stop)
        page.close()
    findings.note("everywhere", "foreign requests", foreign(stage))
    findings.note("everywhere", "complaints", [text for text in stage.complaints if not EXPECTED.search(text)])
    return findings


def foreign(stage: Stage) -> list[str]:
    return [url for url in stage.requests if not url.startswith((stage.site.origin + "/", "data:image/"))]


def examine(page: Page, stop: str, findings: Findings) -> None:
    *found, header, places = page.evaluate(WIDELY)
    for what, some in zip(("headings", "targets", "inline styles"), found, strict=True):
        findings.note(stop, what, some)
    _examine_with_axe(page, stop, findings, [place for place in places if place not in findings.places])
    if header not in findings.headers:
        findings.headers.add(header)
        page.set_viewport_size(PHONE)
        findings.note(stop, "phone header", page.evaluate(HEADER_ROWS))
    page.set_viewport_size(NARROW)
    for what, some in zip(("sideways", "sideways, spaced"), page.evaluate(NARROWLY), strict=True):
        findings.note(stop, what, some)
    page.set_viewport_size(WIDE)


def _examine_with_axe(page: Page, stop: str, findings: Findings, new: list[str]) -> None:
    kind = re.sub(r"/[\w-]*\d[\w-]*", "/n", urlsplit(page.url).path)
    if kind in findings.kinds and not new:
        return
    options = AGAIN if findings.kinds else EVERYTHING
    findings.kinds.add(kind)
    findings.places.update(new)
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_AXE)
    findings.note(stop, "axe, light", axe(page, options))
    for scheme in SCHEMES if new else ():
        page.emulate_media(color_scheme=scheme)
        findings.note(stop, f"axe, {scheme}", axe(page, IN_COLOUR, new))
    page.emulate_media(color_scheme="light")


def axe(page: Page, options: dict[str, Any], places: list[str] | None = None) -> list[str]:
    """What axe finds on the page, or at these places and within."""
    found = page.evaluate(AXE, [options | {"resultTypes": ["violations"]}, places])["violations"]
    return [f"{rule['id']}: {_said(node)}" for rule in found for node in rule["nodes"]]


def _said(node: dict[str, Any]) -> str:
    why = (node["any"] + node["all"] + node["none"] + [{"message": ""}])[0]["message"]
    return f"{node['html'][:140]} {why}"
