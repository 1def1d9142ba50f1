"""What is said of a finding, and how it can be mended: plain sentences, to the learner or about a person."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.wording import day, score
from courses.models import Level
from kpi.explaining import Condition
from kpi.explaining_reads import Explained
from kpi.rules import day_of
from people.querysets import today


class Said(NamedTuple):
    """What is so, and what to do about it."""

    what: str
    fix: str


def said_of(one: Explained, year: int) -> Said:
    """The two sentences of one indicator."""
    return _SAYS[one.finding.condition](one, year)


def _day(one: Explained) -> str:
    return day(day_of(one.finding.fact.completed_at)) if one.finding.fact else ""


def _about(one: Explained) -> dict[str, str]:
    """The completion of which a finding speaks: course and day."""
    return {"title": one.learnt, "day": _day(one)}


def _name(text: str) -> SafeString:
    """The name of a unit or audience, which is the same in every language."""
    return format_html('<span translate="no">{}</span>', text)


def _counted(one: Explained, year: int) -> Said:
    assert one.row is not None  # nobody counts without a row
    what = format_html(
        _("Được tính nhờ khoá «{title}», ngày {day}, cho {unit}."),
        title=one.row.completion.course_title,
        day=day(one.row.counted_on),
        unit=_name(one.row.unit.name) if one.row.unit else _("chưa rõ đơn vị"),
    )
    moved = _("Đó là đơn vị lúc hoàn thành; chuyển đơn vị sau đó không đổi số.") if one.is_elsewhere else ""
    return Said(what, moved)


def _not_in_audience(one: Explained, year: int) -> Said:
    names = _name(", ".join(str(audience) for audience in one.indicator.all_audiences))
    what = format_html(_("Chỉ tiêu này dành cho: {names}."), names=names)
    return Said(what, _("Nếu danh sách ghi sai đối tượng, đầu mối của đơn vị sửa lại."))


def _no_completion(one: Explained, year: int) -> Said:
    if one.rule.yearly:
        what = _("Trong năm %(year)s chưa hoàn thành khoá học nào.")
    else:
        what = _("Đến hết năm %(year)s chưa hoàn thành khoá học nào.")
        if year >= today().year:
            what = _("Đến nay chưa hoàn thành khoá học nào.")
    return Said(what % {"year": year}, _to_learn(one))


def _other_year(one: Explained, year: int) -> Said:
    if one.rule.yearly:
        what = _("Đã hoàn thành «%(title)s» ngày %(day)s; năm %(year)s phải học lại hoặc học khoá khác.")
    else:
        what = _("Đã hoàn thành «%(title)s» ngày %(day)s; sau khi hết năm %(year)s.")
    return Said(what % {**_about(one), "year": year}, _to_learn(one))


def _wrong_course(one: Explained, year: int) -> Said:
    what = _("Đã học «%(title)s», nhưng khoá đó không được tính cho chỉ tiêu này.")
    return Said(what % {"title": one.learnt}, _to_learn(one))


def _audience_then(one: Explained, year: int) -> Said:
    what = _("Lúc hoàn thành «%(title)s» ngày %(day)s chưa thuộc đối tượng của chỉ tiêu.")
    kept = _("Lượt đã hoàn thành giữ nguyên như lúc đó.")
    return Said(what % _about(one), f"{kept} {_to_learn(one)}")


def _score(one: Explained, year: int) -> Said:
    values = {"title": one.learnt, "needed": score(one.rule.min_score), "reached": score(one.finding.reached)}
    if one.finding.reached is None:
        what = _("Khoá «%(title)s» không có điểm kiểm tra; cần từ %(needed)s trên 100.")
        return Said(what % values, _to_learn(one))
    what = _("Điểm kiểm tra cao nhất là %(reached)s («%(title)s»); cần từ %(needed)s trên 100.")
    again = _("Học lại khi khoá mở lượt mới.")
    return Said(what % values, f"{again} {_to_learn(one)}")


def _level(one: Explained, year: int) -> Said:
    what = _("Đã học «%(title)s»; cần một khoá ở trình độ %(level)s.")
    return Said(what % {"title": one.learnt, "level": str(Level(one.rule.level).label).lower()}, _to_learn(one))


def _hours(one: Explained, year: int) -> Said:
    what = _("Đã học %(reached)s giờ, cần %(needed)s giờ.")
    return Said(what % {"reached": score(one.finding.reached), "needed": score(one.rule.min_hours)}, _to_learn(one))


def _paper_missing(one: Explained, year: int) -> Said:
    names = _(" hoặc ").join(f"«{series}»" for series in one.indicator.series.all())
    what = _("Đã hoàn thành «%(title)s» nhưng chưa được cấp %(names)s.") % {"title": one.learnt, "names": names}
    return Said(what, _("Đơn vị cấp giấy lập danh sách rồi cấp."))


def _paper_ended(one: Explained, year: int) -> Said:
    if one.paper is None:
        return Said(_("Giấy đã bị thu hồi hoặc huỷ bỏ."), _("Hỏi đơn vị cấp giấy."))
    values = {
        "number": one.paper.number,
        "state": one.paper.get_state_display().lower(),
        "day": day(one.paper.ended_on),
    }
    return Said(_("Giấy số %(number)s %(state)s ngày %(day)s.") % values, _("Hỏi đơn vị cấp giấy."))


def _fulfilled(one: Explained, year: int) -> Said:
    what = _("Đủ điều kiện nhưng số liệu chưa được tính lại.")
    return Said(what, _("Báo đơn vị chủ trì cấp tỉnh để tính lại số liệu."))


def _to_learn(one: Explained) -> str:
    """What learning would do; the courses themselves are listed beside it."""
    if one.courses:
        return _("Học một trong các khoá được tính:")
    if one.rule.courses or one.rule.level:
        return _("Chưa có khoá nào được tính đang mở; hỏi đơn vị chủ trì cấp tỉnh.")
    return _("Học bất kỳ khoá nào đang mở.")


_SAYS = {
    Condition.COUNTED: _counted,
    Condition.NOT_IN_AUDIENCE: _not_in_audience,
    Condition.NO_COMPLETION: _no_completion,
    Condition.OTHER_YEAR: _other_year,
    Condition.WRONG_COURSE: _wrong_course,
    Condition.AUDIENCE_THEN: _audience_then,
    Condition.SCORE: _score,
    Condition.LEVEL: _level,
    Condition.HOURS: _hours,
    Condition.PAPER_MISSING: _paper_missing,
    Condition.PAPER_ENDED: _paper_ended,
    Condition.FULFILLED: _fulfilled,
}
