"""QTI 3, written: a package with a manifest and one item a question. Pure.

What QTI has no words for is JSON in ``data-hocso`` of the item's body, an attribute that other systems pass over.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from django.utils.translation import gettext as _

from quizzes.formats.base import CannotCarry, Entry, Media
from quizzes.formats.building import Row, matching_pairs, multiple_rows, plain_number, single_rows
from quizzes.formats.extras import extras_of
from quizzes.kinds.arranged import GAP
from quizzes.kinds.written import decimal_of

NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_MANIFEST = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
_TEMPLATES = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/"
KINDS = ("single", "multiple", "true_false", "short_text", "numeric", "matching", "ordering", "blanks", "essay")
EXPLANATION, FALLBACK = "EXPLANATION", "FALLBACK"


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    """A child; names with dashes come in a dict."""
    return SubElement(parent, tag, attributes)


def carried(entry: Entry) -> Entry:
    """The entry as QTI carries it; CannotCarry with the reason where it cannot."""
    if entry.content["kind"] not in KINDS:
        raise CannotCarry(_("QTI không có loại câu này theo cách của hệ thống"))
    _item(entry, "q", {})
    return entry


def render(entries: Sequence[Entry], media: Sequence[Media] = ()) -> bytes:
    """A package of entries that ``carried`` let pass, with the pictures and sounds that they name."""
    files = {one.id: one for one in media}
    target = io.BytesIO()
    manifest = Element("manifest", xmlns=_MANIFEST, identifier="hoc-so")
    resources = _add(manifest, "resources")
    used: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, entry in enumerate(entries, start=1):
            name = f"q{number:04d}"
            resource = _add(
                resources, "resource", identifier=name, type="imsqti_item_xmlv3p0", href=f"items/{name}.xml"
            )
            _add(resource, "file", href=f"items/{name}.xml")
            for row in _media_rows(entry.content):
                if (file := files.get(row["file"])) is not None:
                    _add(resource, "file", href=f"media/{_file_name(file)}")
                    used.add(file.id)
            _put(archive, f"items/{name}.xml", _xml(_item(entry, name, files)))
        for one in sorted(used):
            _put(archive, f"media/{_file_name(files[one])}", files[one].data)
        _put(archive, "imsmanifest.xml", _xml(manifest))
    return target.getvalue()


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """One day for every file, so that the same questions make the same package."""
    archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


def _xml(root: Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode").encode()


def _file_name(file: Media) -> str:
    return f"{file.id[:16]}.{file.name.rpartition('.')[2]}"


def _media_rows(content: Mapping[str, Any]) -> list[Mapping[str, str]]:
    return [*content["media"], *(option["media"] for option in content["options"] if "media" in option)]


class _Item:
    """The parts of an item that grow side by side."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.declarations: list[Element] = []
        self.body = Element("qti-item-body")
        self.feedbacks: list[tuple[str, str]] = []
        self.rules: list[Element] = []

    def declare(self, name: str, cardinality: str, base: str, right: Sequence[str]) -> Element:
        named = {"identifier": name, "cardinality": cardinality, "base-type": base}
        declared = Element("qti-response-declaration", named)
        if right:
            correct = _add(declared, "qti-correct-response")
            for value in right:
                _add(correct, "qti-value").text = value
        self.declarations.append(declared)
        return declared

    def feedback(self, name: str, text: str) -> None:
        if text:
            self.feedbacks.append((name, text))


def _item(entry: Entry, name: str, files: Mapping[str, Media]) -> Element:
    content = entry.content
    named = {
        "xmlns": NAMESPACE,
        "identifier": name,
        "title": entry.name or content["text"][:60].replace("\n", " "),
        "adaptive": "false",
        "time-dependent": "false",
        "xml:lang": "vi",
    }
    root = Element("qti-assessment-item", named)
    item = _Item(root)
    _WRITERS[content["kind"]](item, content, files)
    item.body.set("data-hocso", json.dumps(_beside(entry), ensure_ascii=False))
    item.feedback(EXPLANATION, content["explanation"])
    root.extend(item.declarations)
    _add(root, "qti-outcome-declaration", identifier="SCORE", cardinality="single", **{"base-type": "float"})
    root.append(item.body)
    _processing(item)
    for identifier, text in item.feedbacks:
        modal = _add(
            root, "qti-modal-feedback", identifier=identifier, **{"outcome-identifier": "FEEDBACK", "show-hide": "show"}
        )
        _lines(_add(modal, "qti-content-body"), text)
    return root


def _beside(entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": entry.content["kind"], **extras_of(entry)}
    for name in ("code", "name", "category"):
        if getattr(entry, name):
            told[name] = getattr(entry, name)
    return told | ({"tags": list(entry.tags)} if entry.tags else {})


def _lines(parent: Element, text: str) -> None:
    for line in text.split("\n"):
        paragraph = _add(parent, "p")
        paragraph.text = line
        if not line:
            _add(paragraph, "br")


def _ask(item: _Item, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    _lines(item.body, content["text"])
    for row in content["media"]:
        _picture(item.body, row, files)


def _picture(parent: Element, row: Mapping[str, str], files: Mapping[str, Media]) -> None:
    file = files.get(row["file"])
    if file is not None:
        is_sound = file.mime.startswith("audio/")
        source = f"../media/{_file_name(file)}"
        _add(parent, "audio" if is_sound else "img", src=source, **{"title" if is_sound else "alt": row["alt"]})


def _processing(item: _Item) -> None:
    if item.rules:
        processing = _add(item.root, "qti-response-processing")
        processing.extend(item.rules)
    elif item.declarations and item.declarations[0].find("qti-mapping") is not None:
        _add(item.root, "qti-response-processing", template=f"{_TEMPLATES}map_response")
    elif item.declarations and item.declarations[0].find("qti-correct-response") is not None:
        _add(item.root, "qti-response-processing", template=f"{_TEMPLATES}match_correct")


def _mapping(declared: Element, rows: Sequence[tuple[str, str]], **attributes: str) -> None:
    mapping = _add(declared, "qti-mapping", **{"default-value": "0", "lower-bound": "0", "upper-bound": "1"})
    for key, share in rows:
        _add(mapping, "qti-map-entry", **{"map-key": key, "mapped-value": _of_one(share)}, **attributes)


def _of_one(percent: str) -> str:
    return plain_number(Decimal(percent) / 100)


def _choices(
    item: _Item, name: str, rows: Sequence[tuple[str, Row]], interaction: Element, tag: str, files: Mapping[str, Media]
) -> None:
    for key, row in rows:
        choice = _add(interaction, tag, identifier=key)
        choice.text = row.text
        if row.media:
            _picture(choice, row.media, files)
        item.feedback(f"{name}-{key}", row.feedback)


def _choice(item: _Item, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    several = content["kind"] == "multiple"
    rows = [(o["key"], row) for o, row in zip(content["options"], _rows(content), strict=True)]
    right = [option["key"] for option in content["options"] if option["correct"]]
    declared = item.declare("RESPONSE", "multiple" if several else "single", "identifier", right)
    if several or any("weight" in option for option in content["options"]):
        _mapping(declared, [(key, row.weight) for key, row in rows if row.weight is not None])
    _ask(item, content, files)
    interaction = _add(
        item.body, "qti-choice-interaction", shuffle="true",
        **{"response-identifier": "RESPONSE", "max-choices": "0" if several else "1"},
    )  # fmt: skip
    _choices(item, "RESPONSE", rows, interaction, "qti-simple-choice", files)


def _rows(content: Mapping[str, Any]) -> list[Row]:
    return multiple_rows(content) if content["kind"] == "multiple" else single_rows(content)


def _written(item: _Item, name: str, settings: Mapping[str, Any], is_number: bool) -> None:
    """A short text by a mapping; a number by comparing within its tolerance."""
    accepted = settings["accepted"]
    field = "value" if is_number else "text"
    best = max(accepted, key=lambda row: Decimal(row["weight"]))
    declared = item.declare(name, "single", "float" if is_number else "string", [best[field]])
    if not is_number:
        is_exact = str(not settings["fold_case"]).lower()
        _mapping(declared, [(row["text"], row["weight"]) for row in accepted], **{"case-sensitive": is_exact})
    elif any(decimal_of(row["tolerance"]) is None for row in accepted):
        raise CannotCarry(_("sai số không phải số"))
    else:
        item.rules.append(_compared(name, accepted))
    for place, row in enumerate(accepted, start=1):
        item.feedback(f"{name}-{place}", row["feedback"])
    item.feedback(f"{name}-{FALLBACK}", settings["fallback"])


def _compared(name: str, accepted: Sequence[Mapping[str, str]]) -> Element:
    condition = Element("qti-response-condition")
    for place, row in enumerate(accepted):
        branch = _add(condition, "qti-response-if" if not place else "qti-response-else-if")
        equal = _add(
            branch, "qti-equal", tolerance=f"{row['tolerance']} {row['tolerance']}", **{"tolerance-mode": "absolute"}
        )
        _add(equal, "qti-variable", identifier=name)
        _add(equal, "qti-base-value", **{"base-type": "float"}).text = row["value"]
        score = _add(branch, "qti-set-outcome-value", identifier="SCORE")
        _add(score, "qti-base-value", **{"base-type": "float"}).text = _of_one(row["weight"])
    return condition


def _entry(item: _Item, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    _ask(item, content, files)
    _written(item, "RESPONSE", content["settings"], content["kind"] == "numeric")
    paragraph = _add(item.body, "p")
    _add(paragraph, "qti-text-entry-interaction", **{"response-identifier": "RESPONSE"})


def _blanks(item: _Item, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    gaps = {gap["key"]: gap for gap in content["settings"]["gaps"]}
    numbers = {key: f"RESPONSE{n}" for n, key in enumerate(GAP.findall(content["text"]), start=1)}
    for line in content["text"].split("\n"):
        paragraph = _add(item.body, "p")
        last: Element | None = None
        for place, piece in enumerate(GAP.split(line)):
            if place % 2:
                last = _gap(item, paragraph, numbers[piece], gaps[piece])
            elif last is None:
                paragraph.text = piece
            else:
                last.tail = piece
        if not line:
            _add(paragraph, "br")
    for row in content["media"]:
        _picture(item.body, row, files)


def _gap(item: _Item, paragraph: Element, name: str, gap: Mapping[str, Any]) -> Element:
    if gap["kind"] != "single":
        _written(item, name, gap, gap["kind"] == "numeric")
        return _add(paragraph, "qti-text-entry-interaction", **{"response-identifier": name})
    rows = [(o["key"], row) for o, row in zip(gap["options"], single_rows({"options": gap["options"]}), strict=True)]
    if any(row.media for _key, row in rows):
        raise CannotCarry(_("đáp án của một chỗ trống có hình hoặc tiếng"))
    declared = item.declare(name, "single", "identifier", [o["key"] for o in gap["options"] if o["correct"]])
    if any("weight" in option for option in gap["options"]):
        _mapping(declared, [(key, row.weight) for key, row in rows if row.weight is not None])
    inner = _add(paragraph, "qti-inline-choice-interaction", shuffle="true", **{"response-identifier": name})
    _choices(item, name, rows, inner, "qti-inline-choice", {})
    return inner


def _matching(item: _Item, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    matching_pairs(content)  # refuses what nobody could tell apart
    settings = content["settings"]
    pairs = [f"L-{pair['key']} R-{pair['right']}" for pair in settings["pairs"]]
    declared = item.declare("RESPONSE", "multiple", "directedPair", pairs)
    each = plain_number(round(Decimal(100) / len(pairs), 5))
    _mapping(declared, [(pair, each) for pair in pairs])
    _ask(item, content, files)
    interaction = _add(
        item.body, "qti-match-interaction", shuffle="true",
        **{"response-identifier": "RESPONSE", "max-associations": str(len(pairs))},
    )  # fmt: skip
    most = str(len(pairs))
    for side, rows, field, limit in (("L", settings["pairs"], "left", "1"), ("R", settings["choices"], "text", most)):
        together = _add(interaction, "qti-simple-match-set")
        for row in rows:
            choice = _add(
                together, "qti-simple-associable-choice", identifier=f"{side}-{row['key']}", **{"match-max": limit}
            )
            choice.text = row[field]


def _ordering(item: _Item, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    item.declare("RESPONSE", "ordered", "identifier", [option["key"] for option in content["options"]])
    _ask(item, content, files)
    interaction = _add(item.body, "qti-order-interaction", shuffle="true", **{"response-identifier": "RESPONSE"})
    for option in content["options"]:
        _add(interaction, "qti-simple-choice", identifier=option["key"]).text = option["text"]


def _essay(item: _Item, content: Mapping[str, Any], files: Mapping[str, Media]) -> None:
    item.declare("RESPONSE", "single", "string", [])
    _ask(item, content, files)
    _add(item.body, "qti-extended-text-interaction", **{"response-identifier": "RESPONSE"})


_WRITERS = {
    "single": _choice, "multiple": _choice, "true_false": _choice, "short_text": _entry, "numeric": _entry,
    "matching": _matching, "ordering": _ordering, "blanks": _blanks, "essay": _essay,
}  # fmt: skip
