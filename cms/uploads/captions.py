"""Captions (WebVTT): grammar, line by line. https://www.w3.org/TR/webvtt1/"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_CUE = re.compile(rf"^{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t]+(.*))?$")
_SETTING = re.compile(r"^(?:vertical:(?:rl|lr)|(?:line|position|size|align|region):\S+)$")
_SRT = re.compile(r"\d\d:\d\d:\d\d,\d{3}")

Problem = tuple[str, str]


def problem_in(data: bytes) -> Problem | None:
    """The first mistake with its line, and how to mend it; None in a sound file."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _("Dòng %(line)s có chữ không phải mã UTF-8.") % {"line": line}, _(
            "Lưu lại tệp phụ đề với mã hoá UTF-8."
        )
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.match(r"^WEBVTT(?:[ \t].*)?$", lines[0]):
        return _("Dòng 1 phải là WEBVTT."), _("Thêm dòng WEBVTT lên đầu tệp, rồi để một dòng trống.")
    if len(lines) > 1 and lines[1].strip():
        return _("Dòng 2 phải để trống."), _("Để một dòng trống sau dòng WEBVTT.")
    return _cues(lines)


def _cues(lines: list[str]) -> Problem | None:
    """Blocks between empty lines: notes, styles, and at least one cue."""
    cues, last = 0, 0
    block: list[tuple[int, str]] = []
    for number, line in enumerate([*lines[1:], ""], start=2):
        if line.strip():
            block.append((number, line))
            continue
        if block and not block[0][1].startswith(("NOTE", "STYLE", "REGION")):
            found = _cue(block, last)
            if not isinstance(found, int):
                return found
            cues, last = cues + 1, found
        block = []
    return None if cues else (_("Tệp không có câu phụ đề nào."), _("Thêm ít nhất một câu có thời gian."))


def _cue(block: list[tuple[int, str]], last: int) -> Problem | int:
    """Where the cue begins, in milliseconds, or what is wrong with it."""
    at = 0 if "-->" in block[0][1] else 1
    if at >= len(block) or "-->" not in block[at][1]:
        number = block[0][0]
        return (
            _("Dòng %(number)s: câu phụ đề thiếu dòng thời gian.") % {"number": number},
            _("Thêm dòng kiểu 00:01.000 --> 00:04.000 phía trên chữ."),
        )
    number, timing = block[at]
    found = _CUE.match(timing)
    if not found:
        return _times_problem(number, timing)
    begin, end = _milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:8])
    at_line = {"number": number}
    if end <= begin:
        problem = _("Dòng %(number)s: câu kết thúc trước khi bắt đầu.") % at_line
        return problem, _("Sửa thời gian sau dấu --> cho lớn hơn.")
    if begin < last:
        problem = _("Dòng %(number)s: câu này bắt đầu trước câu phía trên.") % at_line
        return problem, _("Xếp các câu theo thời gian bắt đầu.")
    for setting in (found.group(9) or "").split():
        if not _SETTING.match(setting):
            told = {"number": number, "said": setting[:40]}
            return _("Dòng %(number)s: không hiểu «%(said)s» sau thời gian.") % told, _("Bỏ phần chữ đó đi.")
    for line, words in block[at + 1 :]:
        if "-->" in words:
            problem = _("Dòng %(number)s: thiếu dòng trống trước thời gian này.") % {"number": line}
            return problem, _("Để một dòng trống giữa hai câu phụ đề.")
    if len(block) > at + 1:
        return begin
    return _("Dòng %(number)s: có thời gian mà không có chữ.") % at_line, _("Viết chữ ở dòng dưới.")


def _times_problem(number: int, timing: str) -> Problem:
    as_srt = _("Đây là kiểu của tệp .srt: đổi dấu phẩy thành dấu chấm (00:00:01.000).")
    right = _("Viết đúng kiểu 00:00:01.000 --> 00:00:04.000, phút và giây từ 00 đến 59.")
    told = {"number": number, "said": timing.strip()[:60]}
    return _("Dòng %(number)s: thời gian «%(said)s» viết sai.") % told, as_srt if _SRT.search(timing) else right


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, rest = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest
