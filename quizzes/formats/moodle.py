"""Moodle XML, read. Writing is in ``moodle_out.py``; grammar and limits: docs/features/question-files.md. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from common.text import nfc
from quizzes.formats.base import (
    MAX_MEDIA_BYTES,
    MAX_MEDIA_TOTAL,
    MB,
    Gathering,
    Parsed,
    Unreadable,
    media_of,
)
from quizzes.formats.building import (
    Row,
    matching_of,
    multiple_of,
    number_read,
    single_of,
    true_false_of,
    weight_read,
    written_of,
)
from quizzes.formats.cloze import NoGap, gaps_read
from quizzes.formats.extras import about_of, plain_rubric, with_extras
from quizzes.formats.markup import text_of_html
from quizzes.formats.xmlfiles import line_of, local, tree_of
from quizzes.kinds.base import ALL, PARTIAL

TOP = re.compile(r"^\$\w+\$(?:/top)?(?:/|$)")
NO_ALT = "Hình, tiếng kèm câu hỏi (chưa có lời mô tả)"
_CHECKED_ORDER = "ALL_OR_NOTHING"


def parse(data: bytes) -> Parsed:
    """Every question of a Moodle XML file. Unreadable for what is no such file."""
    root = tree_of(data)
    if local(root.tag) != "quiz":
        raise Unreadable(
            _("không phải Moodle XML: phần tử ngoài cùng phải là <quiz>"), _("Xuất lại từ Moodle, chọn Moodle XML.")
        )
    gathering, category = Gathering(), ""
    number = 0
    for element in root:
        if local(element.tag) != "question":
            continue
        if element.get("type") == "category":
            category = TOP.sub("", _text(element.find("category")))
            continue
        number += 1
        _Question(element, _("câu %(number)s") % {"number": number}, gathering).read(category)
    return gathering.parsed()


def _text(element: Element | None) -> str:
    """What stands in ``<text>`` within an element."""
    return (element.findtext("text") or "").strip() if element is not None else ""


def _has(element: Element, name: str) -> bool:
    return (element.findtext(name) or "").strip().lower() in ("1", "true")


class _Question:
    """One question as it is being read."""

    def __init__(self, element: Element, where: str, gathering: Gathering) -> None:
        self.element, self.gathering = element, gathering
        self.name = nfc(_text(element.find("name")))
        self.where = _("%(where)s (dòng %(line)s)") % {"where": where, "line": line_of(element)}
        self.kind = (element.get("type") or "").strip().lower()
        self.media: list[dict[str, str]] = []
        self.lost: dict[str, None] = {}
        self.sound = True
        self.extras = {
            str(item.get("name")): item.text or "" for item in element.findall("hocso/item") if item.get("name")
        }

    def tell(self, text: str) -> None:
        self.gathering.note(self.where, text)

    def fault(self, field: str, problem: str, fix: str = "") -> None:
        self.sound = False
        self.gathering.fault(self.where, field, problem, fix)

    def read(self, category: str) -> None:
        if self.kind == "description":
            self.tell(_("«%(name)s» là đoạn mô tả, không có câu hỏi nên bỏ qua") % {"name": self.name})
            return
        reader = _READERS.get(self.kind)
        if reader is None:
            self.fault(
                "",
                _("loại câu «%(kind)s» chưa nhập được") % {"kind": self.kind[:40]},
                _("Soạn lại câu này trên hệ thống, hoặc đổi loại trong Moodle."),
            )
            return
        html = self._html(self.element.find("questiontext"))
        content = reader(self, html)
        if content is None:
            return
        content.setdefault("text", self.words(self.element.find("questiontext"), self.media, lines=True))
        explanation = self.words(self.element.find("generalfeedback"), None, lines=True)
        content = {**content, "explanation": explanation, "media": self.media}
        self._tell_lost()
        if self.sound:
            self.gathering.add(
                with_extras(content, self.extras), where=self.where, line=line_of(self.element),
                name="" if "unnamed" in self.extras else self.name,
                category=category, code=self.element.findtext("idnumber") or "",
                tags=[_text(tag) for tag in self.element.findall("tags/tag")], **about_of(self.extras),
            )  # fmt: skip

    def _tell_lost(self) -> None:
        if self.lost:
            self.tell(_("không giữ %(lost)s") % {"lost": ", ".join(self.lost)})
        if _has(self.element, "hidden"):
            self.tell(_("câu đang ẩn trong Moodle; đã đọc như các câu khác"))

    # --- Words and files ---
    def _html(self, element: Element | None) -> str:
        return element.findtext("text") or "" if element is not None else ""

    def words(self, element: Element | None, into: list[dict[str, str]] | None, *, lines: bool = False) -> str:
        """Words of an element; its pictures and sounds go ``into`` a list, or are told as lost."""
        if element is None:
            return ""
        return self.plain(self._html(element), element, into, lines=lines)

    def plain(self, raw: str, element: Element, into: list[dict[str, str]] | None, *, lines: bool = False) -> str:
        """The same for words of the element that were changed on the way."""
        if element.get("format") in ("plain_text", "markdown"):
            return raw if lines else nfc(raw)
        files = {file.get("name") or "": file for file in element.findall("file")}
        made = text_of_html(raw, None if into is None else lambda address, alt: self._keep(address, alt, files, into))
        self.lost.update(dict.fromkeys(made.lost))
        return made.text if lines else nfc(made.text)

    def _keep(self, address: str, alt: str, files: dict[str, Element], into: list[dict[str, str]]) -> bool:
        """Take a picture or sound that is in the file."""
        if address.startswith("data:"):
            name, packed = "hinh", address.partition("base64,")[2]
        elif address.startswith("@@PLUGINFILE@@/"):
            name = unquote(address.removeprefix("@@PLUGINFILE@@/").split("?")[0]).rpartition("/")[2]
            if name not in files:
                self.fault(
                    "media",
                    _("không có tệp «%(name)s» trong tệp câu hỏi") % {"name": name[:60]},
                    _("Xuất lại từ Moodle cùng các tệp."),
                )
                return True
            packed = files[name].text or ""
        else:
            return False
        if not alt:
            self.tell(
                _("tệp «%(name)s» chưa có lời mô tả; hãy viết lời mô tả cho người không xem được") % {"name": name[:60]}
            )
        if found := self._unpacked(name, packed):
            into.append({"file": found, "alt": alt or NO_ALT})
        return True

    def _unpacked(self, name: str, packed: str) -> str:
        """The id of a file in base64; empty after telling why it is not taken."""
        gathering = self.gathering
        told = _("tệp «%(name)s»") % {"name": name[:60]}
        if len(packed) > MAX_MEDIA_BYTES * 3 // 2:
            self.fault(
                "media",
                _("%(file)s nặng hơn %(most)s MB") % {"file": told, "most": MAX_MEDIA_BYTES // MB},
                _("Thu nhỏ hình hoặc cắt ngắn tiếng."),
            )
            return ""
        try:
            data = base64.b64decode(re.sub(r"\s", "", unquote(packed)).encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError, ValueError):
            self.fault("media", _("%(file)s bị hỏng") % {"file": told}, _("Xuất lại từ Moodle."))
            return ""
        media = media_of(data, name)
        if media is None:
            self.fault(
                "media",
                _("%(file)s không phải hình JPG, PNG, GIF, WebP hay tiếng MP3") % {"file": told},
                _("Đổi tệp sang một trong các loại đó."),
            )
            return ""
        if media.id not in gathering.media:
            gathering.media_bytes += len(data)
            if gathering.media_bytes > MAX_MEDIA_TOTAL:
                self.fault(
                    "media",
                    _("các tệp kèm theo nặng hơn %(most)s MB") % {"most": MAX_MEDIA_TOTAL // MB},
                    _("Chia tệp thành nhiều tệp."),
                )
                return ""
            gathering.media[media.id] = media
        return media.id

    # --- Answers ---
    def rows(self) -> Iterator[Row]:
        for answer in self.element.findall("answer"):
            media: list[dict[str, str]] = []
            words = self.words(answer, media)
            fraction = answer.get("fraction")
            weight = None if fraction is None else weight_read(fraction, self.tell)
            feedback = self.words(answer.find("feedback"), None)
            yield Row(words or (media[0]["alt"] if media else ""), weight, False, feedback, media[0] if media else None)

    @property
    def explicit(self) -> bool:
        return self.extras.get("weights") == "1"

    def choice(self, html: str) -> dict[str, Any]:
        rows = list(self.rows())
        if self.kind == "multichoiceset":
            right = [bool(row.weight and Fraction(row.weight) > 0) for row in rows]
            options = [
                {
                    "text": row.text,
                    "correct": good,
                    "feedback": row.feedback,
                    **({"media": row.media} if row.media else {}),
                }
                for row, good in zip(rows, right, strict=True)
            ]
            return {"kind": "multiple", "options": options, "settings": {"credit": ALL}}
        if (self.element.findtext("single") or "true").strip().lower() in ("true", "1"):
            return single_of(rows, explicit=self.explicit, tell=self.tell)
        return multiple_of(rows, credit=self.extras.get("credit", ""), explicit=self.explicit, tell=self.tell)

    def true_false(self, html: str) -> dict[str, Any] | None:
        answers = {_text(answer).lower(): answer for answer in self.element.findall("answer")}
        if not {"true", "false"} <= set(answers):
            self.fault("options", _("câu đúng–sai cần hai đáp án true và false"))
            return None
        return true_false_of(
            _fraction(answers["true"]) > _fraction(answers["false"]),
            feedback_true=self.words(answers["true"].find("feedback"), None),
            feedback_false=self.words(answers["false"].find("feedback"), None),
        )

    def short_text(self, html: str) -> dict[str, Any]:
        accepted = [
            {
                "text": nfc(_text(answer)),
                "weight": weight_read(answer.get("fraction", "0"), self.tell),
                "feedback": self.words(answer.find("feedback"), None),
            }
            for answer in self.element.findall("answer")
        ]
        return written_of("short_text", accepted, fold_case=not _has(self.element, "usecase"))

    def numeric(self, html: str) -> dict[str, Any] | None:
        accepted = []
        for answer in self.element.findall("answer"):
            words = _text(answer)
            value = "*" if words == "*" else number_read(words)
            if not value:
                self.fault(
                    "settings", _("«%(words)s» không phải số") % {"words": words[:30]}, _("Sửa đáp án thành một số.")
                )
                return None
            row = {"value": value, "tolerance": number_read(answer.findtext("tolerance") or "0") or "0"}
            weight = weight_read(answer.get("fraction", "0"), self.tell)
            accepted.append({**row, "weight": weight, "feedback": self.words(answer.find("feedback"), None)})
        return written_of("numeric", accepted, unit=self._unit())

    def _unit(self) -> str:
        """The unit in which the key is; others would need arithmetic."""
        units = [
            (number_read(unit.findtext("multiplier") or "1"), nfc(unit.findtext("unit_name") or ""))
            for unit in self.element.findall("units/unit")
        ]
        if len(units) > 1:
            self.tell(_("chỉ giữ đơn vị chính, bỏ các đơn vị quy đổi"))
        return next((name for multiplier, name in units if multiplier and Fraction(multiplier) == 1), "")

    def matching(self, html: str) -> dict[str, Any]:
        media: list[dict[str, str]] = []
        pairs = [
            (self.words(pair, media), nfc(_text(pair.find("answer")))) for pair in self.element.findall("subquestion")
        ]
        if media:
            self.fault(
                "media", _("hình ở vế trái của câu ghép đôi chưa nhập được"), _("Chuyển hình vào nội dung câu hỏi.")
            )
        return matching_of(pairs)

    def ordering(self, html: str) -> dict[str, Any]:
        kind = (self.element.findtext("gradingtype") or "").strip()
        options = [{"text": self.words(answer, None)} for answer in self.element.findall("answer")]
        credit = ALL if kind in ("", _CHECKED_ORDER, "-1") else PARTIAL
        if kind not in ("", "0", "-1", _CHECKED_ORDER, "ABSOLUTE_POSITION"):
            self.tell(_("cách tính điểm theo vị trí tương đối đổi thành theo vị trí đúng"))
        return {"kind": "ordering", "options": options, "settings": {"credit": credit}}

    def essay(self, html: str) -> dict[str, Any]:
        told = self.words(self.element.find("graderinfo"), None)
        if "rubric" not in self.extras:
            self.tell(
                _("câu tự luận chưa có tiêu chí chấm; đã tạo một tiêu chí từ hướng dẫn chấm để người soạn sửa lại")
            )
        if self.words(self.element.find("responsetemplate"), None):
            self.tell(_("không giữ mẫu trả lời có sẵn"))
        settings: dict[str, Any] = {"rubric": plain_rubric(told if "rubric" not in self.extras else "")}
        for ours, theirs in (("least_words", "minwordlimit"), ("most_words", "maxwordlimit")):
            found = (self.element.findtext(theirs) or "").strip()
            settings[ours] = int(found) if re.fullmatch(r"[0-9]{1,5}", found) else 0
        return {"kind": "essay", "options": [], "settings": settings}

    def gaps(self, html: str) -> dict[str, Any] | None:
        try:
            marked, gaps = gaps_read(html, self.tell, lambda key: self.extras.get(f"{self._named(key)}.weights") == "1")
        except NoGap as reason:
            self.fault("settings", str(reason), _("Soạn lại câu này trên hệ thống."))
            return None
        return self._blanks(marked, gaps)

    def _named(self, key: str) -> str:
        """The name that a gap has in our bank."""
        names = self.extras.get("gaps", "").split()
        return names[int(key) - 1] if int(key) <= len(names) else key

    def _blanks(self, html: str, gaps: list[dict[str, Any]]) -> dict[str, Any]:
        element = self.element.find("questiontext")
        text = self.plain(html, element, self.media, lines=True) if element is not None else ""
        return {"kind": "blanks", "text": text, "options": [], "settings": {"gaps": gaps}}

    def chosen_gaps(self, html: str) -> dict[str, Any] | None:
        """ddwtos and gapselect: ``[[2]]`` is the place of the second choice, among those of its group."""
        boxes = self.element.findall("dragbox") or self.element.findall("selectoption")
        choices = [(nfc(text_of_html(_text(box)).text), (box.findtext("group") or "1").strip()) for box in boxes]
        gaps: list[dict[str, Any]] = []

        def take(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            if not 0 <= at < len(choices):
                raise NoGap(_("chỗ trống [[%(number)s]] không có đáp án") % {"number": found[1]})
            texts = dict.fromkeys(text for text, group in choices if group == choices[at][1])
            options = [
                {"key": key, "text": text, "correct": text == choices[at][0]}
                for key, text in zip("abcdefghijklmnopqrstuvwxyz", texts, strict=False)
            ]
            gaps.append({"key": str(len(gaps) + 1), "kind": "single", "options": options})
            return f"[[{len(gaps)}]]"

        try:
            marked = re.sub(r"\[\[(\d{1,3})\]\]", take, html)
        except NoGap as reason:
            self.fault("text", str(reason), _("Sửa câu này trong Moodle rồi xuất lại."))
            return None
        return self._blanks(marked, gaps)


def _fraction(answer: Element) -> Fraction:
    return Fraction(weight_read(answer.get("fraction", "0"), lambda _text: None) or 0)


_READERS = {
    "multichoice": _Question.choice,
    "multichoiceset": _Question.choice,
    "truefalse": _Question.true_false,
    "shortanswer": _Question.short_text,
    "numerical": _Question.numeric,
    "matching": _Question.matching,
    "match": _Question.matching,
    "ordering": _Question.ordering,
    "essay": _Question.essay,
    "multianswer": _Question.gaps,
    "cloze": _Question.gaps,
    "ddwtos": _Question.chosen_gaps,
    "gapselect": _Question.chosen_gaps,
}
