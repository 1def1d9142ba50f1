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

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from common.wording import day, hours
from common.wording import score as score_said


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
    Code.ELIGIBLE: gettext_noop("Đủ điều kiện"),
    Code.ISSUED: gettext_noop("Đã được cấp"),
    Code.WAITING: gettext_noop("Đang ở đợt khác"),
    Code.NAME_UNUSABLE: gettext_noop("Họ tên chưa in được"),
    Code.BIRTH_DATE_MISSING: gettext_noop("Thiếu ngày sinh"),
    Code.SCORE_BELOW: gettext_noop("Chưa đủ điểm"),
    Code.HOURS_BELOW: gettext_noop("Chưa đủ thời lượng"),
    Code.COURSES_MISSING: gettext_noop("Còn thiếu khoá học"),
    Code.EXPIRED: gettext_noop("Kết quả đã hết hạn"),
    Code.NOT_LATEST_ROUND: gettext_noop("Lượt học cũ"),
}
_PERSON_MENDS = gettext_noop(
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
    """The outcome for a person: ``text`` says what is the case, ``fix`` who mends it and where."""

    code: Code
    text: str = ""
    fix: str = ""

    @property
    def label(self) -> str:
        """The heading of its group."""
        return _(LABELS[self.code])


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
            Code.ISSUED,
            _("Đã được cấp giấy loại này."),
            _(
                "Nếu giấy sai hoặc mất, đơn vị cấp giấy chỉnh sửa hoặc cấp lại từ trang của giấy đó; giấy đã thu hồi "
                "thì không cấp lại."
            ),
        )
    if not facts.is_latest:
        return Verdict(
            Code.NOT_LATEST_ROUND,
            _("Đã học lại khoá này ở một lượt sau."),
            _("Không cần làm gì: lượt học mới nhất được xét."),
        )
    if facts.waiting_in:
        return Verdict(
            Code.WAITING,
            _("Đang có trong đợt «%(batch)s».") % {"batch": facts.waiting_in},
            _("Chờ đơn vị cấp giấy duyệt đợt đó, hoặc loại người này khỏi đợt đó."),
        )
    return None


def _learning(facts: Facts, rule: Rule) -> Verdict | None:
    if facts.missing:
        count = len(facts.missing)
        text = ngettext(
            "Còn %(count)s khoá chưa hoàn thành: %(titles)s.", "Còn %(count)s khoá chưa hoàn thành: %(titles)s.", count
        )
        return Verdict(
            Code.COURSES_MISSING,
            text % {"count": count, "titles": _listed(facts.missing)},
            _("Người học học xong khoá còn thiếu; đầu mối có thể nhắc ở trang Quản lý."),
        )
    if facts.valid_until and facts.valid_until < facts.on:
        return Verdict(
            Code.EXPIRED,
            _("Kết quả học chỉ có giá trị đến %(day)s.") % {"day": day(facts.valid_until)},
            _("Người học học lại khoá đã hết hạn."),
        )
    return _score(facts, rule) or _hours(facts, rule)


def _score(facts: Facts, rule: Rule) -> Verdict | None:
    if rule.min_score is None or (facts.score is not None and facts.score >= rule.min_score):
        return None
    asked = score_said(rule.min_score)
    if facts.score is None:
        return Verdict(
            Code.SCORE_BELOW,
            _("Không có điểm kiểm tra, cần từ %(asked)s/100.") % {"asked": asked},
            _("Chọn loại giấy không đòi điểm, hoặc thêm bài kiểm tra cuối khoá."),
        )
    return Verdict(
        Code.SCORE_BELOW,
        _("Đạt %(score)s/100, cần từ %(asked)s/100.") % {"score": score_said(facts.score), "asked": asked},
        _("Điểm đã ghi không đổi được: người học học lại khoá ở lượt mới rồi làm bài kiểm tra."),
    )


def _hours(facts: Facts, rule: Rule) -> Verdict | None:
    if rule.min_hours is None or facts.hours >= rule.min_hours:
        return None
    return Verdict(
        Code.HOURS_BELOW,
        _("Học %(hours)s, cần từ %(asked)s.") % {"hours": hours(facts.hours), "asked": hours(rule.min_hours)},
        _("Chọn khoá học dài hơn hoặc loại giấy khác; đơn vị cấp giấy đặt số giờ ở trang Loại giấy."),
    )


def _person(facts: Facts, rule: Rule) -> Verdict | None:
    if not any(usable_name(name) for name in facts.names):
        shown = next((name for name in facts.names if name), "")
        text = _("«%(name)s» chưa phải họ và tên đầy đủ để in lên giấy.") % {"name": shown}
        return Verdict(Code.NAME_UNUSABLE, text, _(_PERSON_MENDS))
    if rule.needs_birth_date and not any(facts.birth_dates):
        text = _("Chưa có ngày sinh, mà loại giấy này bắt buộc có.")
        return Verdict(Code.BIRTH_DATE_MISSING, text, _(_PERSON_MENDS))
    return None


def _listed(titles: tuple[str, ...], most: int = 3) -> str:
    shown = ", ".join(_("«%(title)s»") % {"title": title} for title in titles[:most])
    if (more := len(titles) - most) <= 0:
        return shown
    text = ngettext("%(shown)s và %(count)s khoá khác", "%(shown)s và %(count)s khoá khác", more)
    return text % {"shown": shown, "count": more}
