"""What a report says of figures: nobody is named first or last by chance, and a declared percentage is one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kpi.models import Report
from kpi.report_facts import SECTIONS, Cite, Facts, Line, Missing, comparison, narrative, proposals, without_figures
from kpi.report_paper import paper_of, unit_tables

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


@pytest.mark.parametrize("kind", SECTIONS)
def test_an_indicator_is_called_by_its_name_and_its_code_stands_in_brackets(kind):
    other = replace(OWN, code="T-2", text="Biết dùng dịch vụ công.", denominator=None, goal=None, before=Decimal(1))
    missing = [Missing(f"T-{n}", "chưa ghi nhận kết quả nào.", f"Việc {n}") for n in (3, 4)]
    told = facts([90, 10], compared=CITE, missing=[*missing, Missing("T-5", "Chưa có khoá học.", "Việc 5")])
    told = replace(told, lines=[OWN, other])
    said = narrative(kind, told)
    text = "\n".join(said.values())
    assert re.findall(r"(?<!\()T-\d", text) == []
    assert "theo chỉ tiêu Được đào tạo (T-1):" in text
    if kind == "periodic":
        assert "Chưa ghi nhận kết quả nào (2 chỉ tiêu):\n+ Việc 3 (T-3);\n+ Việc 4 (T-4)." in said["chua_co_so"]
        assert "Việc 5 (T-5): Chưa có khoá học." in said["chua_co_so"]
        assert "Biết dùng dịch vụ công (T-2): tăng 9" in said["thay_doi"]
    assert all("Chỉ tiêu Được đào tạo (T-1) theo đơn vị" in table.title for table in unit_tables(told))


@pytest.mark.parametrize("kind", SECTIONS)
def test_a_report_says_of_how_many_indicators_it_tells_and_how_many_there_are(kind):
    missing = [Missing(f"T-{n}", "chưa có số.", f"Việc {n}") for n in range(3)]
    said = narrative(kind, facts([], missing=missing))["chung"]
    assert said.startswith("Trong 4 chỉ tiêu của các văn bản, Tỉnh có số liệu của 1 chỉ tiêu thuộc 1 văn bản: ")
    assert "3 chỉ tiêu chưa có số liệu đến ngày chốt" in said
    assert ("lý do ở phần" in said) == (kind == "periodic"), "a briefing has no such part"


@pytest.mark.parametrize(
    ("comparator", "count", "asked", "reached"),
    [
        ("<=", 12, 15, True),
        ("<=", 16, 15, False),
        ("exists", 1, None, True),
        (">", 15, 15, False),
        (">=", 15, 15, True),
    ],
)
def test_a_declared_value_is_set_against_its_target_as_on_the_pages(comparator, count, asked, reached):
    line = replace(
        OWN, count=Decimal(count), target_value=asked and Decimal(asked), goal=None, comparator=comparator,
        measured_in="", is_declared=True,
    )  # fmt: skip
    assert line.reached is reached


def test_an_indicator_that_tells_units_apart_leads_before_one_of_which_all_are_alike():
    alike = replace(OWN, code="T-0")
    told = facts([90, 40])
    told = replace(told, lines=[alike, OWN], below=told.below | {"T-0": [replace(alike, count=Decimal(0))] * 5})
    assert told.leading == OWN
    assert told.differ("T-1")
    assert not told.differ("T-0")


@pytest.mark.parametrize(
    ("percents", "places"),
    [([90, 90, 40], ["1. Xã A", "1. Xã B", "3. Xã C"]), ([0, 0, 0], []), ([50, 20], ["1. Xã A", "2. Xã B"])],
)
def test_who_is_alike_shares_a_place_and_where_all_are_nobody_is_ranked(percents, places):
    told = facts(percents)
    paper = paper_of(Report(kind="briefing"), told)
    assert [bar.name for bar in paper.ranking] == places
    assert len(unit_tables(told)) == bool(places)


@pytest.mark.parametrize(
    ("issuer", "lines"),
    [
        ("Uỷ ban nhân dân tỉnh Bắc Ninh", "Uỷ ban nhân dân tỉnh\u00a0Bắc\u00a0Ninh"),
        ("Sở Khoa học và Công nghệ", "Sở Khoa học và Công nghệ"),
    ],
)
def test_the_head_is_broken_before_the_place(issuer, lines):
    assert paper_of(Report(kind="periodic"), facts([1, 2], issuer=[issuer])).head == [lines]
