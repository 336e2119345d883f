"""Mail templates: `templates/mail/NAME.txt` and `NAME.html`. The HTML's rules are written into the tags, as mail programs want."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core.config import ROOT

if TYPE_CHECKING:
    from css_inline import CSSInliner


def _is_html(name: str | None) -> bool:
    return name is not None and name.endswith(".html")


@cache
def environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=_is_html, undefined=StrictUndefined,  # noqa: S701  # on for .html
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip


@cache
def _inliner() -> CSSInliner:
    from css_inline import CSSInliner  # late: only what sends mail needs it

    # At-rules stay in the head: dark mode can't be written into a tag. Nothing is fetched.
    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@cache
def _rules() -> str:
    return (ROOT / "templates" / "mail" / "mail.css").read_text()


def part(name: str, /, **values: Any) -> tuple[str, str]:
    """The text and the HTML of a part of a message."""
    text = environment().get_template(f"{name}.txt").render(values)
    return text, _inliner().inline_fragment(environment().get_template(f"{name}.html").render(values), _rules())


def render(name: str, /, **values: Any) -> tuple[str, str]:
    """The text and the HTML of `mail/NAME`."""
    text = environment().get_template(f"{name}.txt").render(values)
    return text, _inliner().inline(environment().get_template(f"{name}.html").render(values))
