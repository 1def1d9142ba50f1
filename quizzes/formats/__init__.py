"""Question files: what format a file is in, reading it, writing one. Pure; docs/features/question-files.md.

``parse`` takes any bytes and never raises: what is wrong is told as faults. ``write`` gives a file in which every
question reads back as it was; what the format cannot say is left out or lost, and told.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from quizzes.formats import aiken, gift, gift_out, moodle, moodle_out, qti, qti_out, xlsx
from quizzes.formats.base import (
    MAX_BYTES,
    MB,
    CannotCarry,
    Entry,
    Fault,
    Media,
    Note,
    Parsed,
    Unreadable,
    Written,
    keys_kept,
)
from quizzes.formats.detecting import detect
from quizzes.formats.xlsx import template

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Format:
    """A format of question files. ``carried`` gives an entry as the format carries it, or raises CannotCarry."""

    label: str
    extension: str
    mime: str
    parse: Callable[[bytes], Parsed]
    carried: Callable[[Entry], Entry]
    render: Callable[[Sequence[Entry], Sequence[Media]], bytes]


FORMATS: Mapping[str, Format] = {
    "gift": Format("GIFT", "gift.txt", "text/plain; charset=utf-8", gift.parse, gift_out.carried, gift_out.render),
    "aiken": Format("Aiken", "txt", "text/plain; charset=utf-8", aiken.parse, aiken.carried, aiken.render),
    "xlsx": Format(
        gettext_noop("Bảng Excel"),
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        xlsx.parse,
        xlsx.carried,
        xlsx.render,
    ),
    "moodle": Format("Moodle XML", "xml", "application/xml", moodle.parse, moodle_out.carried, moodle_out.render),
    "qti": Format("QTI 3", "zip", "application/zip", qti.parse, qti_out.carried, qti_out.render),
}

__all__ = [
    "FORMATS", "Entry", "Fault", "Format", "Media", "Note", "Parsed", "Written", "detect", "keys_kept", "parse",
    "template", "write",
]  # fmt: skip


def parse(data: bytes, format: str = "auto", name: str = "") -> Parsed:
    """All questions of a file, with what is wrong in it. ``format``: a key of FORMATS, or "auto"."""
    try:
        return _parse(data, format, name)
    except Unreadable as error:
        return Parsed(faults=(error.fault,))
    except RecursionError:
        return Parsed(
            faults=(Fault(_("tệp"), "", _("các phần tử lồng nhau quá sâu"), _("Xuất lại tệp từ hệ thống cũ.")),)
        )
    except Exception:  # a fault of ours must not keep a person from hearing that the file was not read
        logger.exception("question file could not be read")
        return Parsed(
            faults=(
                Fault(_("tệp"), "", _("không đọc được tệp này"), _("Gửi tệp cho người quản trị để xem lỗi ở đâu.")),
            )
        )


def _parse(data: bytes, format: str, name: str) -> Parsed:
    if len(data) > MAX_BYTES:
        raise Unreadable(_("nặng hơn %(most)s MB") % {"most": MAX_BYTES // MB}, _("Chia tệp thành nhiều tệp nhỏ hơn."))
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable(_("rỗng"), _("Chọn lại tệp có câu hỏi."))
    found = detect(name, data) if format == "auto" else format
    if found not in FORMATS:
        raise Unreadable(
            _("không phải tệp câu hỏi mà hệ thống biết đọc"),
            _("Dùng một trong các định dạng: %(formats)s.")
            % {"formats": ", ".join(_(one.label) for one in FORMATS.values())},
        )
    parsed = FORMATS[found].parse(data)
    if not (parsed.entries or parsed.faults):
        fault = Fault(_("tệp"), "", _("không tìm thấy câu hỏi nào"), _("Xem tệp mẫu của định dạng này."))
        return replace(parsed, faults=(fault,))
    return parsed


def write(entries: Sequence[Entry], format: str, media: Sequence[Media] = ()) -> Written:
    """A file of questions. ``media``: the pictures and sounds that the contents name by ``id``."""
    chosen = FORMATS[format]
    entries, media = _by_bytes(entries, media)
    known = {one.id for one in media}
    carried: list[Entry] = []
    left_out: list[Fault] = []
    lost: list[Fault] = []
    for entry in entries:
        try:
            kept = chosen.carried(entry)
            if not _media_ids(kept.content) <= known:
                raise CannotCarry(_("không có tệp hình, tiếng đi kèm câu này"))
        except CannotCarry as reason:
            left_out.append(_told(entry, str(reason)))
            continue
        carried.append(kept)
        lost += [_told(entry, _("tệp không có %(what)s") % {"what": what}) for what in _losses(entry, kept)]
    data = chosen.render(carried, media)
    if carried and not _same(carried, chosen.parse(data).entries):
        good = [entry for entry in carried if _same([entry], chosen.parse(chosen.render([entry], media)).entries)]
        left_out += [
            _told(entry, _("định dạng này không giữ được nguyên câu hỏi")) for entry in carried if entry not in good
        ]
        data = chosen.render(good, media)
    return Written(data, tuple(left_out), tuple(lost))


def _media_ids(content: Mapping[str, Any]) -> set[str]:
    """The files that a question needs."""
    own = [option["media"] for option in content["options"] if "media" in option]
    return {row["file"] for row in (*content["media"], *own)}


def _by_bytes(entries: Sequence[Entry], media: Sequence[Media]) -> tuple[list[Entry], list[Media]]:
    """The same with every file named by its bytes, as reading names it."""
    hashed = [replace(one, id=hashlib.sha256(one.data).hexdigest()) for one in media]
    names = {one.id: by_bytes.id for one, by_bytes in zip(media, hashed, strict=True)}

    def renamed(row: Mapping[str, Any]) -> dict[str, Any]:
        return {**row, "file": names.get(row["file"], row["file"])}

    def of(content: Mapping[str, Any]) -> dict[str, Any]:
        options = [{**o, "media": renamed(o["media"])} if "media" in o else o for o in content["options"]]
        return {**content, "media": [renamed(row) for row in content["media"]], "options": options}

    return [replace(entry, content=of(entry.content)) for entry in entries], hashed


def _told(entry: Entry, problem: str) -> Fault:
    return Fault(entry.code or entry.name or entry.content["text"][:60], "", problem, "")


_SHOWN = {
    "explanation": gettext_noop("phần giải thích"),
    "options": gettext_noop("phản hồi của đáp án"),
    "text": gettext_noop("chỗ xuống dòng trong câu hỏi"),
    "source": gettext_noop("nguồn"),
    "media": gettext_noop("hình, tiếng"),
    "settings": gettext_noop("cách tính điểm và phản hồi"),
}


def _losses(entry: Entry, kept: Entry) -> Iterator[str]:
    for name, what in _SHOWN.items():
        if entry.content.get(name) != kept.content.get(name):
            yield _(what)


def _same(wanted: Sequence[Entry], found: Sequence[Entry]) -> bool:
    """Whether what was read is what was written, keys and places aside."""
    return len(wanted) == len(found) and all(
        replace(there, content=keys_kept(there.content, here.content), where=here.where, line=here.line) == here
        for here, there in zip(wanted, found, strict=True)
    )
