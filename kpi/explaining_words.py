"""What is said of a finding, and how it can be mended: plain sentences, to the learner or about a person."""

from __future__ import annotations

from typing import NamedTuple

from common.text import vi_date, vi_score
from courses.models import Level
from kpi.explaining import Condition
from kpi.explaining_reads import Explained
from kpi.rules import day_of


class Said(NamedTuple):
    """What is so, and what to do about it."""

    what: str
    fix: str


def said_of(one: Explained, year: int) -> Said:
    """The two sentences of one indicator."""
    return _SAYS[one.finding.condition](one, year)


def _day(one: Explained) -> str:
    return vi_date(day_of(one.finding.fact.completed_at)) if one.finding.fact else ""


def _counted(one: Explained, year: int) -> Said:
    assert one.row is not None  # nobody counts without a row
    unit = one.row.unit.name if one.row.unit else "chưa rõ đơn vị"
    what = f"Được tính nhờ khoá «{one.row.completion.course_title}», ngày {vi_date(one.row.counted_on)}, cho {unit}."
    moved = "Đó là đơn vị lúc hoàn thành; chuyển đơn vị sau đó không đổi số." if one.is_elsewhere else ""
    return Said(what, moved)


def _not_in_audience(one: Explained, year: int) -> Said:
    names = ", ".join(str(audience) for audience in one.indicator.all_audiences)
    return Said(f"Chỉ tiêu này dành cho: {names}.", "Nếu danh sách ghi sai đối tượng, đầu mối của đơn vị sửa lại.")


def _no_completion(one: Explained, year: int) -> Said:
    when = f"Trong năm {year}" if one.rule.yearly else f"Đến hết năm {year}"
    return Said(f"{when} chưa hoàn thành khoá học nào.", _to_learn(one))


def _other_year(one: Explained, year: int) -> Said:
    asked = f"năm {year} phải học lại hoặc học khoá khác" if one.rule.yearly else f"sau khi hết năm {year}"
    return Said(f"Đã hoàn thành «{one.learnt}» ngày {_day(one)}; {asked}.", _to_learn(one))


def _wrong_course(one: Explained, year: int) -> Said:
    return Said(f"Đã học «{one.learnt}», nhưng khoá đó không được tính cho chỉ tiêu này.", _to_learn(one))


def _audience_then(one: Explained, year: int) -> Said:
    what = f"Lúc hoàn thành «{one.learnt}» ngày {_day(one)} chưa thuộc đối tượng của chỉ tiêu."
    return Said(what, f"Lượt đã hoàn thành giữ nguyên như lúc đó. {_to_learn(one)}")


def _score(one: Explained, year: int) -> Said:
    needed = f"cần từ {vi_score(one.rule.min_score)} trên 100"
    if one.finding.reached is None:
        return Said(f"Khoá «{one.learnt}» không có điểm kiểm tra; {needed}.", _to_learn(one))
    what = f"Điểm kiểm tra cao nhất là {vi_score(one.finding.reached)} («{one.learnt}»); {needed}."
    return Said(what, f"Học lại khi khoá mở lượt mới. {_to_learn(one)}")


def _level(one: Explained, year: int) -> Said:
    needed = Level(one.rule.level).label.lower()
    return Said(f"Đã học «{one.learnt}»; cần một khoá ở trình độ {needed}.", _to_learn(one))


def _hours(one: Explained, year: int) -> Said:
    what = f"Đã học {vi_score(one.finding.reached)} giờ, cần {vi_score(one.rule.min_hours)} giờ."
    return Said(what, _to_learn(one))


def _paper_missing(one: Explained, year: int) -> Said:
    names = " hoặc ".join(f"«{series}»" for series in one.indicator.series.all())
    return Said(f"Đã hoàn thành «{one.learnt}» nhưng chưa được cấp {names}.", "Đơn vị cấp giấy lập danh sách rồi cấp.")


def _paper_ended(one: Explained, year: int) -> Said:
    if one.paper is None:
        return Said("Giấy đã bị thu hồi hoặc huỷ bỏ.", "Hỏi đơn vị cấp giấy.")
    state = one.paper.get_state_display().lower()
    return Said(f"Giấy số {one.paper.number} {state} ngày {vi_date(one.paper.ended_on)}.", "Hỏi đơn vị cấp giấy.")


def _fulfilled(one: Explained, year: int) -> Said:
    return Said("Đủ điều kiện nhưng số liệu chưa được tính lại.", "Báo đơn vị chủ trì cấp tỉnh để tính lại số liệu.")


def _to_learn(one: Explained) -> str:
    """What learning would do; the courses themselves are listed beside it."""
    if one.courses:
        return "Học một trong các khoá được tính:"
    if one.rule.courses or one.rule.level:
        return "Chưa có khoá nào được tính đang mở; hỏi đơn vị chủ trì cấp tỉnh."
    return "Học bất kỳ khoá nào đang mở."


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
