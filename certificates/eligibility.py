"""Whether somebody can be put on a list of certificates, and if not: why, who mends that, and where. Pure: no I/O.

Of several things in the way the one is said that takes longest to mend: a clerk who corrects a name has not helped
somebody who has a course left to learn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from certificates.wording import score_text
from common.text import vi_date, vi_hours, vi_score


class Code(StrEnum):
    """What stands in the way, in the order in which it is looked for."""

    ISSUED = "issued"
    NOT_LATEST_ROUND = "not_latest_round"
    WAITING = "waiting"
    COURSES_MISSING = "courses_missing"
    EXPIRED = "expired"
    SCORE_BELOW = "score_below"
    HOURS_BELOW = "hours_below"
    NAME_UNUSABLE = "name_unusable"
    BIRTH_DATE_MISSING = "birth_date_missing"
    ELIGIBLE = "eligible"


#: As the page heads each group.
LABELS: dict[Code, str] = {
    Code.ELIGIBLE: "Đủ điều kiện",
    Code.ISSUED: "Đã được cấp",
    Code.WAITING: "Đang ở đợt khác",
    Code.NAME_UNUSABLE: "Họ tên chưa in được",
    Code.BIRTH_DATE_MISSING: "Thiếu ngày sinh",
    Code.SCORE_BELOW: "Chưa đủ điểm",
    Code.HOURS_BELOW: "Chưa đủ thời lượng",
    Code.COURSES_MISSING: "Còn thiếu khoá học",
    Code.EXPIRED: "Kết quả đã hết hạn",
    Code.NOT_LATEST_ROUND: "Lượt học cũ",
}
_PERSON_MENDS = (
    "Người học sửa ở trang Tài khoản, hoặc đầu mối của đơn vị sửa trong danh sách nhập tại Quản lý; sau đó lập lại "
    "danh sách này."
)


@dataclass(frozen=True)
class Rule:
    """What a kind of paper asks for beyond the courses themselves. Percent, hours; None: nothing."""

    min_score: Decimal | None = None
    min_hours: Decimal | None = None
    needs_birth_date: bool = False


@dataclass(frozen=True)
class Facts:
    """What is known of a person on a day. ``missing``: titles of courses left; ``valid_until``: the earliest end of
    what was learnt; ``waiting_in``: the title of another list that is not decided; names and birth dates are what the
    paper could carry (frozen at completion, or of today's roster)."""

    names: tuple[str, ...]
    birth_dates: tuple[date | None, ...]
    hours: Decimal
    score: Decimal | None
    on: date
    missing: tuple[str, ...] = ()
    valid_until: date | None = None
    has_certificate: bool = False
    waiting_in: str = ""
    is_latest: bool = True


@dataclass(frozen=True)
class Verdict:
    """The outcome for a person: ``text`` says what is the case, ``fix`` who mends it and where. Vietnamese."""

    code: Code
    text: str = ""
    fix: str = ""

    @property
    def label(self) -> str:
        """The heading of its group."""
        return LABELS[self.code]


#: Said of most people; one object for all of them.
ELIGIBLE = Verdict(Code.ELIGIBLE)


def usable_name(name: str) -> bool:
    """Whether a paper can carry the name: one word, a digit or an @ is a log-in, not a name."""
    return " " in name.strip() and not re.search(r"[0-9@]", name)


def verdict(facts: Facts, rule: Rule) -> Verdict:
    """Whether a person can be put on a list under a rule."""
    return _standing(facts) or _learning(facts, rule) or _person(facts, rule) or ELIGIBLE


def _standing(facts: Facts) -> Verdict | None:
    if facts.has_certificate:
        return Verdict(
            Code.ISSUED, "Đã có giấy loại này.", "Nếu giấy sai hoặc mất, đơn vị cấp giấy cấp lại từ trang của giấy đó."
        )
    if not facts.is_latest:
        return Verdict(
            Code.NOT_LATEST_ROUND,
            "Đã học lại khoá này ở một lượt sau.",
            "Không cần làm gì: lượt học mới nhất được xét.",
        )
    if facts.waiting_in:
        return Verdict(
            Code.WAITING,
            f"Đang có trong đợt «{facts.waiting_in}».",
            "Chờ đơn vị cấp giấy duyệt đợt đó, hoặc loại người này khỏi đợt đó.",
        )
    return None


def _learning(facts: Facts, rule: Rule) -> Verdict | None:
    if facts.missing:
        return Verdict(
            Code.COURSES_MISSING,
            f"Còn {len(facts.missing)} khoá chưa hoàn thành: {_listed(facts.missing)}.",
            "Người học học xong khoá còn thiếu; đầu mối có thể nhắc ở trang Quản lý.",
        )
    if facts.valid_until and facts.valid_until < facts.on:
        return Verdict(
            Code.EXPIRED,
            f"Kết quả học chỉ có giá trị đến {vi_date(facts.valid_until)}.",
            "Người học học lại khoá đã hết hạn.",
        )
    return _score(facts, rule) or _hours(facts, rule)


def _score(facts: Facts, rule: Rule) -> Verdict | None:
    if rule.min_score is None or (facts.score is not None and facts.score >= rule.min_score):
        return None
    asked = f"cần từ {vi_score(rule.min_score)}/100"
    if facts.score is None:
        text = f"Không có điểm kiểm tra, {asked}."
        return Verdict(Code.SCORE_BELOW, text, "Chọn loại giấy không đòi điểm, hoặc thêm bài kiểm tra cuối khoá.")
    return Verdict(
        Code.SCORE_BELOW,
        f"Đạt {score_text(facts.score)}, {asked}.",
        "Điểm đã ghi không đổi được: người học học lại khoá ở lượt mới rồi làm bài kiểm tra.",
    )


def _hours(facts: Facts, rule: Rule) -> Verdict | None:
    if rule.min_hours is None or facts.hours >= rule.min_hours:
        return None
    return Verdict(
        Code.HOURS_BELOW,
        f"Học {vi_hours(facts.hours)}, cần từ {vi_hours(rule.min_hours)}.",
        "Chọn khoá học dài hơn hoặc loại giấy khác; đơn vị cấp giấy đặt số giờ ở trang Loại giấy.",
    )


def _person(facts: Facts, rule: Rule) -> Verdict | None:
    if not any(usable_name(name) for name in facts.names):
        shown = next((name for name in facts.names if name), "")
        return Verdict(Code.NAME_UNUSABLE, f"«{shown}» chưa phải họ và tên đầy đủ để in lên giấy.", _PERSON_MENDS)
    if rule.needs_birth_date and not any(facts.birth_dates):
        return Verdict(Code.BIRTH_DATE_MISSING, "Chưa có ngày sinh, mà loại giấy này bắt buộc có.", _PERSON_MENDS)
    return None


def _listed(titles: tuple[str, ...], most: int = 3) -> str:
    shown = ", ".join(f"«{title}»" for title in titles[:most])
    return f"{shown} và {len(titles) - most} khoá khác" if len(titles) > most else shown
