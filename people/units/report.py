"""What the file of a new structure would do, in words: for the page, the command and programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from people.units.importing import Plan

#: What each number counts; the page puts them into the reader's language.
WORDS = {
    "added": gettext_noop("Đơn vị mới"),
    "unchanged": gettext_noop("Không đổi"),
    "renamed": gettext_noop("Đổi tên, mã hoặc loại"),
    "moved": gettext_noop("Chuyển cấp trên"),
    "merged": gettext_noop("Sáp nhập từ nhiều đơn vị"),
    "split": gettext_noop("Chia tách"),
    "ended": gettext_noop("Kết thúc, không có đơn vị kế thừa"),
    "reused": gettext_noop("Mã được dùng lại cho đơn vị khác"),
    "faults": gettext_noop("Chỗ sai"),
    "people": gettext_noop("Tư cách thành viên chuyển theo"),
    "unplaced": gettext_noop("Người chưa xếp đơn vị"),
}
#: Those of which the page lists the units.
LISTED = ("added", "renamed", "moved", "merged", "split", "ended", "reused")


def lines_of(plan: Plan, key: str) -> list[str]:
    """One line of words for each unit of a kind; empty for mere numbers."""
    if key == "added":
        return [f"{row.name} ({row.code})" for row in plan.added]
    if key in ("renamed", "moved", "reused"):
        pairs = {"renamed": plan.renamed, "moved": plan.moved, "reused": plan.reused}[key]
        if key == "moved":
            words = _("%(unit)s (%(code)s): nay thuộc %(above)s")
            return [
                words % {"unit": row.name, "code": row.code, "above": _name(plan, row.parent_code)}
                for row, _before in pairs
            ]
        if key == "renamed":
            return [f"{unit.name} ({unit.code}) → {row.name} ({row.code})" for row, unit in pairs]
        words = _("%(code)s: %(unit)s, khác với %(before)s trước đây")
        return [words % {"code": row.code, "unit": row.name, "before": unit.name} for row, unit in pairs]
    if key == "merged":
        before: dict[str, list[str]] = {row.code: [] for row in plan.merged}
        for old, new, principal in plan.links:
            if new in before:
                before[new].append(old if principal else _("một phần %(code)s") % {"code": old})
        words = _("%(unit)s (%(code)s) từ %(units)s")
        return [words % {"unit": r.name, "code": r.code, "units": ", ".join(before[r.code])} for r in plan.merged]
    if key == "split":
        words = _("%(unit)s (%(code)s) thành %(units)s")
        return [
            words % {"unit": unit.name, "code": unit.code, "units": ", ".join(r.name for r in rows)}
            for unit, rows in plan.split
        ]
    if key == "ended":
        return [f"{unit.name} ({unit.code})" for unit in plan.ended]
    return [str(fault) for fault in plan.faults] if key == "faults" else []


def _name(plan: Plan, code: str) -> str:
    return plan.rows[code].name if code in plan.rows else code


def faults_shown(plan: Plan) -> list[dict[str, Any]]:
    """What is wrong, for programs."""
    return [asdict(fault) for fault in plan.faults]


def report_of(plan: Plan) -> list[dict[str, Any]]:
    """The report for the page: what, how many, and the first lines of each."""
    counts = plan.counts()
    return [
        {"key": key, "title": _(WORDS[key]), "number": counts[key], "lines": lines_of(plan, key)[:200]}
        for key in (*LISTED, "unchanged", "people", "unplaced")
        if counts[key]
    ]
