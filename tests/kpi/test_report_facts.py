"""What a report says of figures: nobody is named first or last by chance, and a declared percentage is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kpi.report_facts import Cite, Facts, Line, comparison, proposals, without_figures

CITE = Cite(date(2026, 9, 30), "ab" * 32)
OWN = Line("T-1", "Được đào tạo", "Đề án", "Tỉnh", Decimal(10), denominator=100, goal=100, measured_in="%")


def facts(percents: list[int | None], **more: object) -> Facts:
    below = [
        replace(OWN, unit=f"Xã {chr(65 + at)}", count=Decimal(share or 0), denominator=None if share is None else 100)
        for at, share in enumerate(percents)
    ]
    return Facts("Tỉnh", CITE, [OWN], {"T-1": below}, **{"units_below": len(percents), **more})


@pytest.mark.parametrize(
    ("percents", "says", "asks"),
    [
        ([0, 0, 0, 0], "Các đơn vị này bằng nhau: 0,0\u00a0%.", ""),
        ([90, 0, 0, 0, 0], "Cao nhất: Xã A (90,0\u00a0%). Thấp nhất: 4 đơn vị cùng 0,0\u00a0%.", "4 đơn vị cùng"),
        ([90, 40, 20, 10], "Xã A (90,0\u00a0%), Xã B (40,0\u00a0%). Thấp nhất: Xã D (10,0\u00a0%), Xã C", "Xã D (10,0"),
    ],
)
def test_who_is_first_and_last(percents, says, asks):
    told = facts(percents)
    assert says in comparison(told)
    assert ("Tập trung hỗ trợ" in proposals(told)) == bool(asks)
    assert asks in proposals(told)


def test_units_without_a_figure_are_told():
    said = comparison(facts([50, 20, None], units_below=9))
    assert "1 đơn vị chưa có số phải học nên chưa xếp được." in said
    assert "6 đơn vị chưa ghi nhận kết quả nào và chưa có số phải học." in said


def test_a_declared_percentage_needs_no_head_count():
    declared = replace(OWN, count=Decimal("85.5"), denominator=None, goal=80, is_declared=True)
    assert declared.percent == Decimal("85.5")
    assert declared.reached
    assert not declared.lacks_heads
    assert without_figures(Facts("Tỉnh", CITE, [declared])) == "Mọi chỉ tiêu đều có số liệu."
    assert "phải học" in without_figures(Facts("Tỉnh", CITE, [replace(declared, is_declared=False)]))
