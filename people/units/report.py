"""What the file of a new structure would do, in words: for the page, the command and programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from people.units.importing import Plan

WORDS = {
    "added": "Đơn vị mới",
    "unchanged": "Không đổi",
    "renamed": "Đổi tên, mã hoặc loại",
    "moved": "Chuyển cấp trên",
    "merged": "Sáp nhập từ nhiều đơn vị",
    "split": "Chia tách",
    "ended": "Kết thúc, không có đơn vị kế thừa",
    "reused": "Mã được dùng lại cho đơn vị khác",
    "faults": "Chỗ sai",
    "people": "Tư cách thành viên chuyển theo",
    "unplaced": "Người chưa xếp đơn vị",
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
            return [f"{row.name} ({row.code}): nay thuộc {_name(plan, row.parent_code)}" for row, _ in pairs]
        arrow = "→" if key == "renamed" else "khác với"
        return [
            f"{unit.name} ({unit.code}) {arrow} {row.name} ({row.code})"
            if key == "renamed"
            else f"{row.code}: {row.name}, {arrow} {unit.name} trước đây"
            for row, unit in pairs
        ]
    if key == "merged":
        before: dict[str, list[str]] = {row.code: [] for row in plan.merged}
        for old, new, principal in plan.links:
            if new in before:
                before[new].append(old if principal else f"một phần {old}")
        return [f"{row.name} ({row.code}) từ {', '.join(before[row.code])}" for row in plan.merged]
    if key == "split":
        return [f"{unit.name} ({unit.code}) thành {', '.join(r.name for r in rows)}" for unit, rows in plan.split]
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
        {"key": key, "title": WORDS[key], "number": counts[key], "lines": lines_of(plan, key)[:200]}
        for key in (*LISTED, "unchanged", "people", "unplaced")
        if counts[key]
    ]
