"""QTI, read: a package or a single item, version 3 or its twin 2.1. Writing is in ``qti_out.py``. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from common.text import fold, nfc
from quizzes.formats.base import MAX_MEDIA_BYTES, MAX_MEDIA_TOTAL, MB, Gathering, Parsed, Unreadable, media_of
from quizzes.formats.building import (
    LETTERS,
    Row,
    multiple_of,
    number_read,
    plain_number,
    single_of,
    true_false_of,
    weight_read,
    written_of,
)
from quizzes.formats.extras import about_of, plain_rubric, with_extras
from quizzes.formats.markup import text_of_html
from quizzes.formats.packages import Package, beside
from quizzes.formats.qti_out import EXPLANATION, FALLBACK
from quizzes.formats.qti_tree import bare, bound, html_within, plain_tree, stripped
from quizzes.formats.xmlfiles import line_of
from quizzes.kinds.base import ALL

MANIFEST = "imsmanifest.xml"
MAX_ITEM = 4 * MB
MOST_ASKED = 60
NO_ALT = "Hình, tiếng kèm câu hỏi (chưa có lời mô tả)"
GAP_SHOWN = "_____"
_INLINE = ("textentryinteraction", "inlinechoiceinteraction")


def parse(data: bytes) -> Parsed:
    """Every question of a package or of one item. Unreadable for what is neither."""
    gathering = Gathering()
    if not data.startswith(b"PK"):
        root = plain_tree(data)
        if root.tag != "assessmentitem":
            raise Unreadable(
                _("không phải câu hỏi QTI (qti-assessment-item)"), _("Tải lên gói zip QTI, hoặc tệp XML của một câu.")
            )
        _Item(root, _("câu hỏi"), gathering, None, "").read()
        return gathering.parsed()
    package = Package(data)
    for name in _items(package):
        if gathering.full:
            break
        content = package.read(name, MAX_ITEM)
        try:
            root = plain_tree(content) if content is not None else Element("missing")
        except Unreadable as error:
            gathering.fault(_("tệp %(name)s") % {"name": name[-80:]}, "", error.fault.problem, error.fault.fix)
            continue
        if root.tag == "missing":
            gathering.fault(
                _("tệp %(name)s") % {"name": name[-80:]}, "", _("không đọc được tệp này trong gói"), _("Xuất lại gói.")
            )
        elif root.tag == "assessmentitem":
            _Item(root, _("tệp %(name)s") % {"name": name[-80:]}, gathering, package, name).read()
    return gathering.parsed()


def _items(package: Package) -> list[str]:
    """The files that may hold a question, in the order of the manifest."""
    found: list[str] = []
    content = package.read(MANIFEST, MAX_ITEM)
    if content is not None:
        for resource in plain_tree(content).iter("resource"):
            if "item" in (resource.get("type") or "").lower() and resource.get("href"):
                found.append(beside(MANIFEST, resource.get("href") or ""))
    known = [name for name in dict.fromkeys(found) if name in package.names]
    return known or sorted(name for name in package.names if name.lower().endswith(".xml") and name != MANIFEST)


class _Item:
    """One item as it is being read."""

    def __init__(self, root: Element, where: str, gathering: Gathering, package: Package | None, name: str) -> None:
        self.root, self.where, self.gathering, self.package, self.name = root, where, gathering, package, name
        self.declared = {d.get("identifier") or "": d for d in root.findall("responsedeclaration")}
        found = root.find("itembody")
        self.body = found if found is not None else Element("itembody")
        self.told = self._told()
        self.extras = {name: value for name, value in self.told.items() if isinstance(value, str)}
        self.feedbacks = {m.get("identifier") or "": m for m in root.findall("modalfeedback")}
        self.media: list[dict[str, str]] = []
        self.lost: dict[str, None] = {}
        self.sound = True

    def _told(self) -> dict[str, Any]:
        try:
            told = json.loads(self.body.get("datahocso") or "{}")
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}

    def tell(self, text: str) -> None:
        self.gathering.note(self.where, text)

    def fault(self, field: str, problem: str, fix: str = "") -> None:
        self.sound = False
        self.gathering.fault(self.where, field, problem, fix)

    def read(self) -> None:
        asked = [element for element in self.body.iter() if element.tag.endswith("interaction")]
        content = self._content(asked)
        if content is None:
            return
        content = {
            **content, "text": content.get("text") or self._body_text(), "media": self.media,
            "explanation": self._feedback(EXPLANATION, lines=True),
        }  # fmt: skip
        if self.lost:
            self.tell(_("không giữ %(lost)s") % {"lost": ", ".join(self.lost)})
        if not self.sound:
            return
        tags = self.told.get("tags")
        name = self.extras.get("name", "") if self.told else self.root.get("title") or ""
        self.gathering.add(
            with_extras(content, self.extras), where=self.where, line=line_of(self.root), name=name,
            code=self.extras.get("code", "") if self.told else self.root.get("identifier") or "",
            category=self.extras.get("category"), tags=tags if isinstance(tags, list) else (), **about_of(self.extras),
        )  # fmt: skip

    def _content(self, asked: list[Element]) -> dict[str, Any] | None:
        kinds = {element.tag for element in asked}
        if not asked:
            self.tell(_("không có câu hỏi nên bỏ qua"))
            return None
        if len(asked) > MOST_ASKED:
            self.fault("", _("một câu có hơn %(most)s chỗ trả lời") % {"most": MOST_ASKED}, _("Chia thành nhiều câu."))
            return None
        is_gaps = kinds <= set(_INLINE)
        if is_gaps and (len(asked) > 1 or self.told.get("kind") == "blanks" or "inlinechoiceinteraction" in kinds):
            return self._blanks(asked)
        reader = _READERS.get(asked[0].tag)
        if len(asked) > 1 or reader is None:
            names = ", ".join(sorted(kinds))[:80]
            self.fault(
                "", _("cách hỏi «%(names)s» chưa nhập được") % {"names": names}, _("Soạn lại câu này trên hệ thống.")
            )
            return None
        made: dict[str, Any] | None = reader(self, asked[0])
        return made

    # --- Words ---
    def words(self, element: Element, into: list[dict[str, str]] | None = None, *, lines: bool = False) -> str:
        """What stands in an element, without what is told to graders and in feedback."""
        stripped(element)
        html = html_within(element)
        made = text_of_html(html, None if into is None else lambda address, alt: self._keep(address, alt, into))
        self.lost.update(dict.fromkeys(made.lost))
        return made.text if lines else nfc(made.text)

    def _body_text(self) -> str:
        """The question: what stands around the interaction, and its prompt."""
        for parent in list(self.body.iter()):
            for place, child in enumerate(list(parent)):
                if child.tag.endswith("interaction") and child.tag not in _INLINE:
                    prompt = child.find("prompt")
                    stand = Element("div")
                    if prompt is not None:
                        prompt.tag = "div"
                        stand.append(prompt)
                    stand.tail = child.tail
                    parent[place] = stand
        self.body.tag = "div"
        return self.words(self.body, self.media, lines=True)

    def _keep(self, address: str, alt: str, into: list[dict[str, str]]) -> bool:
        if re.match(r"[a-z]+:", address, re.IGNORECASE) or self.package is None:
            return False
        name = beside(self.name, address)
        data = self.package.read(name, MAX_MEDIA_BYTES)
        media = media_of(data, name) if data is not None else None
        if media is None:
            self.fault(
                "media",
                _("tệp «%(name)s» không có, quá nặng hoặc không phải hình, tiếng") % {"name": address[:60]},
                _("Xuất lại gói cùng các tệp."),
            )
            return True
        if media.id not in self.gathering.media:
            self.gathering.media_bytes += len(media.data)
            if self.gathering.media_bytes > MAX_MEDIA_TOTAL:
                self.fault(
                    "media",
                    _("các tệp kèm theo nặng hơn %(most)s MB") % {"most": MAX_MEDIA_TOTAL // MB},
                    _("Chia gói thành nhiều gói."),
                )
                return True
            self.gathering.media[media.id] = media
        if not alt:
            self.tell(
                _("tệp «%(name)s» chưa có lời mô tả; hãy viết lời mô tả cho người không xem được")
                % {"name": address[:60]}
            )
        into.append({"file": media.id, "alt": alt or NO_ALT})
        return True

    def _feedback(self, name: str, *, lines: bool = False) -> str:
        found = self.feedbacks.get(name)
        return self.words(found, lines=lines) if found is not None else ""

    # --- Keys ---
    def right(self, name: str) -> list[str]:
        declared = self.declared.get(name)
        values = declared.findall("correctresponse/value") if declared is not None else []
        return [(value.text or "").strip() for value in values]

    def mapped(self, name: str) -> dict[str, str]:
        """Shares in percent by key."""
        declared = self.declared.get(name)
        mapping = declared.find("mapping") if declared is not None else None
        if mapping is None:
            return {}
        rows = {
            row.get("mapkey") or "": number_read(row.get("mappedvalue") or "") for row in mapping.findall("mapentry")
        }
        shares = {key: Decimal(value) for key, value in rows.items() if value}
        most = max((abs(share) for share in shares.values()), default=Decimal(1))
        scale = most if most > 1 else Decimal(1)
        return {key: plain_number(share * 100 / scale) for key, share in shares.items()}

    def _rows(self, name: str, choices: list[Element]) -> list[tuple[str, Row]]:
        right, shares, found = set(self.right(name)), self.mapped(name), []
        for choice in choices:
            key = choice.get("identifier") or ""
            inline = choice.find(".//feedbackinline")
            said = self._feedback(f"{name}-{key}") or (
                self.words(inline) if inline is not None else self._feedback(key)
            )
            media: list[dict[str, str]] = []
            choice.tag = "div"
            words = self.words(choice, media)
            weight = weight_read(shares[key], self.tell) if key in shares else None
            row = Row(
                words or (media[0]["alt"] if media else ""), weight, key in right, said, media[0] if media else None
            )
            found.append((key, row))
        return found

    def _keyed(self, made: dict[str, Any], keys: list[str]) -> dict[str, Any]:
        """Our own keys stay; those of others become letters."""
        for place, (option, key) in enumerate(zip(made["options"], keys, strict=True)):
            option["key"] = key if self.told else LETTERS[place % 26]
        return made

    def choice(self, interaction: Element) -> dict[str, Any]:
        name = interaction.get("responseidentifier") or "RESPONSE"
        declared = self.declared.get(name)
        keyed = self._rows(name, [c for c in interaction.iter() if c.tag == "simplechoice"])
        rows, keys = [row for _key, row in keyed], [key for key, _row in keyed]
        explicit = self.extras.get("weights") == "1"
        texts = sorted(fold(row.text) for row in rows)
        if self.told.get("kind") == "true_false" or (not self.told and texts in (["dung", "sai"], ["false", "true"])):
            return self._true_false(rows, keys)
        if declared is not None and declared.get("cardinality") == "multiple":
            if not any(row.weight is not None for row in rows):
                options = [{"text": row.text, "correct": row.right, "feedback": row.feedback} for row in rows]
                return self._keyed({"kind": "multiple", "options": options, "settings": {"credit": ALL}}, keys)
            made = multiple_of(rows, credit=self.extras.get("credit", ""), explicit=explicit, tell=self.tell)
        else:
            made = single_of(rows, explicit=explicit, tell=self.tell)
        return self._keyed(made, keys)

    def _true_false(self, rows: list[Row], keys: list[str]) -> dict[str, Any]:
        true = {fold(row.text) in ("dung", "true"): row for row in rows}
        yes, no = true.get(True, Row("")), true.get(False, Row(""))
        made = true_false_of(yes.right, feedback_true=yes.feedback, feedback_false=no.feedback)
        return made if not self.told or len(keys) != 2 else self._keyed(made, keys)

    def written(self, name: str) -> dict[str, Any] | None:
        """A short text or a number, as its declaration and the comparing of it say."""
        declared = self.declared.get(name)
        base = (declared.get("basetype") if declared is not None else "") or "string"
        fallback = self._feedback(f"{name}-{FALLBACK}")
        if base.lower() in ("float", "integer"):
            rows = list(self._compared(name)) or [
                {"value": number_read(v), "tolerance": "0", "weight": "100"} for v in self.right(name)
            ]
            if not rows or not all(row["value"] for row in rows):
                self.fault("settings", _("không có đáp án là một số"), _("Thêm đáp án đúng cho câu này."))
                return None
            return written_of("numeric", self._fed(name, rows), fallback)
        shares = self.mapped(name) or dict.fromkeys(self.right(name), "100")
        mapping = declared.find("mapping/mapentry") if declared is not None else None
        fold_case = mapping is None or (mapping.get("casesensitive") or "").lower() == "false"
        rows = [{"text": text, "weight": weight} for text, weight in shares.items()]
        return written_of("short_text", self._fed(name, rows), fallback, fold_case=fold_case)

    def _fed(self, name: str, rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [{**row, "feedback": self._feedback(f"{name}-{place}")} for place, row in enumerate(rows, start=1)]

    def _compared(self, name: str) -> Iterator[dict[str, str]]:
        """Numbers that the response processing compares with, or the ends of its range."""
        for branch in self.root.iter():
            if branch.tag not in ("responseif", "responseelseif"):
                continue
            if not any(variable.get("identifier") == name for variable in branch.iter("variable")):
                continue
            score = branch.findtext("setoutcomevalue/basevalue") or "1"
            weight = plain_number(min(Decimal(1), Decimal(number_read(score) or 1)) * 100)
            equal = next(branch.iter("equal"), None)
            low, high = (bound(branch, "gte") or bound(branch, "gt"), bound(branch, "lte") or bound(branch, "lt"))
            if equal is not None:
                tolerance = number_read((equal.get("tolerance") or "0").split()[0]) or "0"
                yield {
                    "value": number_read(equal.findtext("basevalue") or ""),
                    "tolerance": tolerance,
                    "weight": weight,
                }
            elif low and high:
                middle, half = (Decimal(low) + Decimal(high)) / 2, (Decimal(high) - Decimal(low)) / 2
                yield {"value": plain_number(middle), "tolerance": plain_number(abs(half)), "weight": weight}

    def entry(self, interaction: Element) -> dict[str, Any] | None:
        made = self.written(interaction.get("responseidentifier") or "RESPONSE")
        interaction.tag = "span"
        parent = next((one for one in self.body.iter() if interaction in list(one)), None)
        alone = parent is not None and not "".join(parent.itertext()).strip()
        interaction.text = "" if alone else GAP_SHOWN
        return made

    def matching(self, interaction: Element) -> dict[str, Any] | None:
        sets = interaction.findall("simplematchset")
        if len(sets) != 2:
            self.fault("settings", _("câu ghép đôi không có đủ hai vế"))
            return None
        right = dict(
            pair.split(None, 1) for pair in self.right(interaction.get("responseidentifier") or "") if " " in pair
        )
        sides = [[(c.get("identifier") or "", self._choice_words(c)) for c in side] for side in sets]
        names = {key: bare(key) if self.told else str(n) for n, (key, _text) in enumerate(sides[1], start=1)}
        pairs = [
            {
                "key": bare(key) if self.told else LETTERS[n % 26],
                "left": text,
                "right": names.get(right.get(key, ""), ""),
            }
            for n, (key, text) in enumerate(sides[0])
        ]
        choices = [{"key": names[key], "text": text} for key, text in sides[1]]
        return {"kind": "matching", "options": [], "settings": {"pairs": pairs, "choices": choices}}

    def _choice_words(self, choice: Element) -> str:
        choice.tag = "div"
        return self.words(choice)

    def ordering(self, interaction: Element) -> dict[str, Any]:
        name = interaction.get("responseidentifier") or "RESPONSE"
        keyed = dict(self._rows(name, interaction.findall("simplechoice")))
        order = [key for key in self.right(name) if key in keyed]
        options = [{"text": keyed[key].text, "correct": False} for key in order]
        if len(order) < len(keyed):
            self.fault("options", _("thứ tự đúng chưa có đủ các dòng"), _("Bổ sung thứ tự đúng rồi xuất lại."))
        return self._keyed({"kind": "ordering", "options": options, "settings": {}}, order)

    def essay(self, interaction: Element) -> dict[str, Any]:
        if "rubric" not in self.extras:
            self.tell(_("là câu tự luận; đã thêm một tiêu chí chấm để người soạn sửa lại"))
        return {"kind": "essay", "options": [], "settings": {"rubric": plain_rubric()}}

    def _blanks(self, asked: list[Element]) -> dict[str, Any] | None:
        gaps = []
        for place, interaction in enumerate(asked, start=1):
            name = interaction.get("responseidentifier") or ""
            if interaction.tag == "textentryinteraction":
                made = self.written(name)
            else:
                keyed = self._rows(name, interaction.findall("inlinechoice"))
                explicit = self.extras.get(f"{self._named(place)}.weights") == "1"
                made = single_of([row for _key, row in keyed], explicit=explicit, tell=self.tell)
                made = self._keyed(made, [key for key, _row in keyed])
            if made is None:
                return None
            options = {"options": made["options"]} if made["options"] else {}
            gaps.append({"key": str(place), "kind": made["kind"], **made["settings"], **options})
            interaction.tag, interaction.text = "span", f"[[{place}]]"
            for child in list(interaction):
                interaction.remove(child)
        return {"kind": "blanks", "text": self._body_text(), "options": [], "settings": {"gaps": gaps}}

    def _named(self, place: int) -> str:
        names = self.extras.get("gaps", "").split()
        return names[place - 1] if place <= len(names) else str(place)


_READERS: Mapping[str, Any] = {
    "choiceinteraction": _Item.choice,
    "textentryinteraction": _Item.entry,
    "extendedtextinteraction": _Item.essay,
    "matchinteraction": _Item.matching,
    "orderinteraction": _Item.ordering,
}
