"""The tree of a QTI item in names that versions 2.1 and 3 share. Pure."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from quizzes.formats.building import number_read
from quizzes.formats.xmlfiles import LINE, local, tree_of

#: What learners do not read as part of the question.
DROPPED = ("rubricblock", "feedbackblock", "feedbackinline", "stylesheet", "templateblock")


def plain_tree(data: bytes) -> Element:
    """The tree with names that both versions share: no namespace, no ``qti-``, no dashes, small letters."""
    root = tree_of(data)
    for element in root.iter():
        element.tag = local(element.tag).removeprefix("qti")
        named = {name if name == LINE else local(name): value for name, value in element.attrib.items()}
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


def bare(key: str) -> str:
    return key[2:] if key[:2] in ("L-", "R-") else key


def bound(branch: Element, name: str) -> str:
    found = next(branch.iter(name), None)
    return number_read(found.findtext("basevalue") or "") if found is not None else ""
