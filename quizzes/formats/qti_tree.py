"""The tree of a QTI item in names that versions 2.1 and 3 share. Pure."""

from __future__ import annotations

from html import escape
from xml.etree.ElementTree import Element, tostring

from quizzes.formats.building import number_read
from quizzes.formats.xmlfiles import LINE, local, tree_of

#: What learners do not read as part of the question.
DROPPED = ("rubricblock", "feedbackblock", "feedbackinline", "stylesheet", "templateblock")


def plain_tree(data: bytes) -> Element:
    """The tree with names that both versions share: no namespace, no ``qti-``, no dashes, small letters."""
    root = tree_of(data)
    for element in root.iter():
        element.tag = local(element.tag).removeprefix("qti")
        line = {LINE: element.get(LINE, "0")} if element is root else {}
        named = line | {local(name): value for name, value in element.attrib.items() if name != LINE}
        element.attrib.clear()
        element.attrib.update(named)
    return root


def stripped(element: Element) -> None:
    """Take out what is not said to everybody, but leave the words behind it."""
    for parent in list(element.iter()):
        for place, child in reversed(list(enumerate(list(parent)))):
            if child.tag in DROPPED and child is not element:
                stand = Element("span")
                stand.tail = child.tail
                parent[place] = stand


def html_within(element: Element) -> str:
    """What stands in an element as HTML, without the element and what follows it."""
    inner = element
    while len(inner) == 1 and inner[0].tag == "contentbody" and not (inner.text or "").strip():
        inner = inner[0]
    return escape(inner.text or "", quote=False) + "".join(
        # As XML, which leaves no bare signs in attributes.
        tostring(child, encoding="unicode")
        for child in inner
    )


def bare(key: str) -> str:
    return key[2:] if key[:2] in ("L-", "R-") else key


def bound(branch: Element, name: str) -> str:
    found = next(branch.iter(name), None)
    return number_read(found.findtext("basevalue") or "") if found is not None else ""
