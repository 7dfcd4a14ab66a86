"""From the HTML of the fediverse to text. Bios and posts come from any server, so nothing about the HTML is taken for granted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tweetfocus.errors import MissingExtra

__all__ = ["PlainText", "html_to_text"]

_MOST = 100_000  # characters of HTML; what is longer is cut
_LINES = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
})  # fmt: skip
_PARAGRAPHS = frozenset({
    "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul",
})  # fmt: skip
_SILENT = frozenset({
    "audio", "button", "canvas", "embed", "head", "iframe", "input", "math", "noscript", "object", "option", "script",
    "select", "style", "svg", "template", "textarea", "title", "video",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlainText:
    """The text of some HTML, and the addresses that it links to, in order, without those of mentions and hashtags."""

    text: str
    urls: tuple[str, ...]


def html_to_text(html: str, *, mentions: Mapping[str, str] | None = None) -> PlainText:
    r"""The text of HTML as a reader sees it: paragraphs and line breaks as lines, addresses in full, no tags.

    Args:
        html: as a fediverse server sends it; broken, huge and hostile HTML is read as well.
        mentions: address of a profile to `user@host`; a mention of it is written `@user@host` then.

    Raises:
        MissingExtra: the parser is not installed.

    Example:
        >>> html = '<p>With <a href="https://a.example/@ana" class="mention">@<span>ana</span></a>:<br>dbt &amp; rows</p>'
        >>> html_to_text(html, mentions={"https://a.example/@ana": "ana@a.example"}).text
        'With @ana@a.example:\ndbt & rows'
    """
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError:
        raise MissingExtra("mastodon", "reading from Mastodon") from None
    root = LexborHTMLParser(html[:_MOST]).body
    parts: list[str] = []
    urls: list[str] = []

    def link(node: Any) -> None:
        href, said = (node.attributes.get("href") or "").strip(), "".join(_words(node))
        known = (mentions or {}).get(href)
        if known:
            parts.append(f"@{known}")
            return
        web = re.match(r"https?://", href, re.IGNORECASE) is not None
        bare = said.strip()
        if web and not bare.startswith(("@", "#", "＃")):
            urls.append(href)
        # what looks like an address may lead elsewhere, or be shortened
        parts.append(href if web and re.match(r"https?://|www\.", bare, re.IGNORECASE) else said)

    if root is not None:
        _walk(root, parts, link)
    lines = [line.strip() for line in "".join(parts).split("\n")]
    return PlainText(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), tuple(dict.fromkeys(urls)))


def _walk(root: Any, parts: list[str], link: Callable[[Any], None]) -> None:
    """Depth first without recursion: hostile HTML is nested as deeply as it likes."""
    node, depth = root.child, 1
    while node is not None:
        tag, below = node.tag, None
        at_start = not parts or parts[-1].endswith("\n")
        if tag == "br" or (tag in _LINES and not at_start):
            parts.append("\n")
        if tag == "-text":
            said = re.sub(r"\s+", " ", node.text_content or "")
            parts.append(said.lstrip() if at_start else said)
        elif tag == "a":
            link(node)
        elif tag not in _SILENT and not _hidden(node):
            below = node.child
        if below is not None:
            node, depth = below, depth + 1
            continue
        while node.next is None:
            node, depth = node.parent, depth - 1
            if depth == 0:
                return
            if node.tag in _LINES:
                parts.append("\n\n" if node.tag in _PARAGRAPHS else "\n")  # runs are shortened at the end
        node = node.next


def _words(root: Any) -> list[str]:
    return [node.text_content or "" for node in root.traverse(include_text=True) if node.tag == "-text"]


def _hidden(node: Any) -> bool:
    return "invisible" in (node.attributes.get("class") or "").split()
