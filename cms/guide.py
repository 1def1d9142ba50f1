"""The editors' guide, read from ``docs/guides`` and drawn for the admin.

Knows as much of Markdown as our guides use: headings, paragraphs, lists, tables, bold, code and links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\[([^\]]+)\]\((/[^)\s]*)\)"), r'<a href="\2">\1</a>'),
)
_ITEM = re.compile(r"^(?:[*-]|(\d+)\.) +(.*)$")


@dataclass(frozen=True)
class Guide:
    """A guide: its title, and the rest as HTML."""

    title: str
    html: SafeString


@cache
def editors_guide() -> Guide:
    """The guide for editors."""
    text = (settings.BASE_DIR / "docs" / "guides" / "bien-tap.md").read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    return Guide(title=first.lstrip("# ").strip(), html=drawn(rest))


def drawn(text: str) -> SafeString:
    """A guide's Markdown as HTML; what is no Markdown of ours stays text."""
    return mark_safe("\n".join(_draw(block) for block in _blocks(text)))  # noqa: S308  (every word is escaped first)


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines that stand together."""
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip():
            block.append(line.rstrip())
        elif block:
            yield block
            block = []


def _draw(lines: list[str]) -> str:
    if lines[0].startswith("#"):
        level = len(lines[0]) - len(lines[0].lstrip("#"))
        heading = f"<h{level}>{_inline(lines[0].lstrip('# '))}</h{level}>"
        return heading + (_draw(lines[1:]) if lines[1:] else "")
    if lines[0].startswith("|"):
        return _table(lines)
    if found := _ITEM.match(lines[0]):
        return _list(lines, "ol" if found.group(1) else "ul")
    return f"<p>{_inline(' '.join(line.strip() for line in lines))}</p>"


def _list(lines: list[str], kind: str) -> str:
    items: list[str] = []
    for line in lines:
        if found := _ITEM.match(line):
            items.append(found.group(2))
        else:
            items[-1] += f" {line.strip()}"  # the item goes on in the next line
    return f"<{kind}>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</{kind}>"


def _table(lines: list[str]) -> str:
    rows = [
        [_inline(cell.strip()) for cell in line.strip("|").split("|")] for line in lines if not set(line) <= set("|- :")
    ]
    head = "".join(f'<th scope="col">{cell}</th>' for cell in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows[1:])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _inline(text: str) -> str:
    html = str(escape(text))
    for pattern, drawn_as in _INLINE:
        html = pattern.sub(drawn_as, html)
    return html
