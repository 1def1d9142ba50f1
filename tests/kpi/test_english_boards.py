"""What officials read of figures, programmes and targets, in English; and that what they leave is Vietnamese."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from common.models import AuditEntry
from kpi.models import ClosedFigure, CountingKind, Period, Target
from kpi.services import closing_make
from kpi.services.comparing import closings_export, export_name
from people.models import Notice
from tests.english import english, held_texts
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import ClosingFactory, IndicatorFactory, ProgrammeFactory, TargetFactory
from tests.factories.people import MembershipFactory, UserFactory
from tests.factories.rosters import xlsx_bytes
from tests.kpi.conftest import at
from tests.proof import prove

DAY = date(2026, 11, 20)
MODULES = ("kpi.forms", "kpi.boards", "kpi.trends", "kpi.figures", "kpi.denominators", "kpi.services.targets",
           "kpi.standing", "kpi.allocations", "kpi.services.allocating", "kpi.services.closings",
           "kpi.views_allocation", "kpi.views_people")  # fmt: skip
PAPERS = {"decision_no": "84/KH-UBND", "decided_on": "19/05/2026", "reason": "Theo kế hoạch năm"}


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in MODULES:
        monkeypatch.setattr(f"{module}.today", lambda: DAY)


@pytest.fixture
def indicator(province, django_capture_on_commit_callbacks):
    """Of four members of teams one has learnt; beside it indicators of every other kind, and a programme."""
    course = course_with_steps(1, title="Kỹ năng số")
    one = IndicatorFactory(
        code="BG23-T", text="Thành viên tổ được đào tạo", audiences=[province.team], caution="Gồm cả tổ mới."
    )
    TargetFactory(indicator=one, unit=province.root, value=70, comparator=">=")
    IndicatorFactory(code="BG23-C", text="Người dân được đào tạo", audiences=[province.citizen])
    counted = {"audiences": [province.team], "counting": CountingKind.TEAM, "text": "Tổ được đào tạo đủ"}
    IndicatorFactory(code="BG23-TO", **counted)
    declared = {"counting": CountingKind.DECLARED, "counts": False, "metric_kind": "count", "text": "Số cuộc thi"}
    IndicatorFactory(code="BG23-D", **declared)
    ProgrammeFactory(
        code="BG23-10", audiences=[province.team], courses=[course], headcount=31, detail={"budget_vnd": 300_000_000}
    )
    people = [UserFactory(full_name=f"Lò Thị Hoà {n}", claimed_at=at("2026-01-01")) for n in range(4)]
    for person in people:
        MembershipFactory(user=person, unit=province.north, audience=province.team)
    with django_capture_on_commit_callbacks(execute=True):
        complete(people[0], course, at("2026-03-05"))
    return one


@pytest.fixture
def office(lead):
    """The browser of the provincial lead, with English chosen and a fresh proof given."""
    client = Client()
    client.force_login(lead)
    prove(client)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def address(name, *args, **query):
    return reverse(f"kpi:{name}", args=args, query=query or None)


@pytest.mark.parametrize(
    ("name", "args", "query", "said"),
    [
        ("dashboard", (), {}, ["Indicators of Tỉnh Bắc Ninh", "1 indicator can be compared:", "at least 70% in 2030"]),
        ("dashboard", (), {"tinh-trang": "cham"}, ["Showing only the indicators of the chosen state."]),
        ("indicator", ("BG23-T",), {}, ["target: at least 70% in 2030", "2 people", "Trend and forecast", "By unit"]),
        ("indicator", ("BG23-T",), {"loc": "chua-dat", "so-sanh": "1"}, ["cannot be compared yet: no target"]),
        ("indicator", ("BG23-TO",), {}, ["Trained teams", "there are no teams on the platform yet"]),
        ("indicator", ("BG23-D",), {}, ["not declared", "Declared by the unit with evidence"]),
        ("people", ("BG23-T",), {}, ['People who have learned: <span class="nowrap">BG23-T</span>', "1 person"]),
        ("people", ("BG23-TO",), {}, ['Trained teams: <span class="nowrap">BG23-TO</span>']),
        ("missing", ("BG23-T",), {}, ["People on the lists of 20 November 2026", "Remind these people"]),
        ("missing", ("BG23-C",), {}, ["No list names every citizen who must learn"]),
        ("map", (), {}, ["Map of an indicator in Tỉnh Bắc Ninh", "Table of figures, slowest first"]),
        ("equity", (), {}, ["Who is learning in Tỉnh Bắc Ninh", "By age"]),
        ("programmes", (), {}, ["Planned (people)", "300,000,000"]),
        ("programme", ("BG23-10",), {}, ["Learning or learned", "What the document says"]),
        ("targets", (), {}, ["Targets of Tỉnh Bắc Ninh", "at least 70% in 2030"]),
        ("target_edit", ("BG23-T",), {}, ["Set the target of Tỉnh Bắc Ninh", "at least (≥)"]),
        (
            "target_history",
            ("BG23-T",),
            {},
            ['History of the target <span class="nowrap">BG23-T</span> of Tỉnh Bắc Ninh'],
        ),
        (
            "target_allocation",
            ("BG23-T",),
            {},
            ['Allocate the target of <span class="nowrap">BG23-T</span> to units', "To learn"],
        ),
        ("findings", (), {}, ["Points to note in the documents", "Ask before reporting"]),
    ],
)
def test_pages(office, indicator, name, args, query, said):
    page = english(office.get(address(name, *args, **query)), held=held_texts())
    for words in said:
        assert words in page


def test_what_is_refused(office, province, indicator):
    root = province.root.uuid
    page = english(office.get(address("dashboard", nam="1999")), 404, held=held_texts())
    assert "There are figures from 2022 to 2026 only." in page
    form = PAPERS | {"comparator": ">=", "value": "110", "measured_in": "%", "year": "2030", "seen": "0"}
    page = english(office.post(address("target_edit", "BG23-T", **{"don-vi": root}), form), held=held_texts())
    assert "110% is more than 100%." in page
    share = {f"giao-{province.north.uuid}": "-1", "giao": "1"}
    where = address("target_allocation", "BG23-T", **{"don-vi": root})
    assert "Write a number of zero or more" in english(office.post(where, PAPERS | share), held=held_texts())
    book = xlsx_bytes(["Mã đơn vị", "Tên đơn vị", "Số người phải học", "Giao"], ["99999", "Xã Xa", 4, 70])
    book = SimpleUploadedFile("giao.xlsx", book)
    page = english(office.post(where, {"file": book, "tep": "1"}), held=held_texts())
    assert "There is no such unit right below the unit that allocates." in page


# --- What stays -----------------------------------------------------------------------------------------------------
def test_the_log_keeps_targets_in_vietnamese(office, province, indicator):
    root = {"don-vi": province.root.uuid}
    form = PAPERS | {"comparator": ">=", "value": "1.234,5", "measured_in": "giờ", "year": "2030", "seen": "0"}
    answer = office.post(address("target_edit", "BG23-C", **root), form, follow=True)
    assert "for Tỉnh Bắc Ninh is set: ≥ 1,234.5 giờ in 2030." in english(answer, held=held_texts())
    assert AuditEntry.objects.get(act="target_set").after["target"] == "≥ 1.234,5 giờ, năm 2030"
    shares = {f"giao-{province.north.uuid}": "70", "giao": "1", "seen": "0"}
    answer = office.post(address("target_allocation", "BG23-T", **root), PAPERS | shares, follow=True)
    assert "The target is allocated: 1 unit changed." in english(answer, held=held_texts())
    assert AuditEntry.objects.get(act="target_allocate").after["target"] == "≥ 70 %, năm 2030"
    Target.objects.filter(allocated_from__isnull=False).delete()
    answer = office.post(
        address("target_drop", "BG23-T", **root), {f"rut-{name}": value for name, value in PAPERS.items()}, follow=True
    )
    assert "is withdrawn." in english(answer, held=held_texts())
    assert AuditEntry.objects.get(act="target_withdraw").before["target"] == "≥ 70 %, năm 2030"


def test_sharing_out_again_begins_with_a_vietnamese_reason(office, province, indicator):
    root = {"don-vi": province.root.uuid}
    shares = {f"giao-{province.north.uuid}": "70", "giao": "1", "seen": "0"}
    office.post(address("target_allocation", "BG23-T", **root), PAPERS | shares)
    said = PAPERS | {"comparator": ">=", "value": "80", "measured_in": "%", "year": "2030", "seen": "0"}
    office.post(address("target_edit", "BG23-T", **root), said)
    page = office.get(address("target_allocation", "BG23-T", **root | {"chia-lai": "1"}))
    assert page.context["papers_form"]["reason"].value() == "Chia lại theo bản 1 của mục tiêu"
    assert "Look before you share out again" in english(page, held=held_texts())


@pytest.mark.parametrize(("name", "heading"), [("people", "Khoá học"), ("missing", "Chức danh")])
def test_files_of_people(office, indicator, name, heading):
    content = office.get(address(name, "BG23-T", dang="csv")).content.decode()
    assert heading in content.splitlines()[0]
    assert "Lò Thị Hoà" in content


def test_reminders_are_written_in_vietnamese(office, province, indicator):
    answer = office.post(address("missing_reminders", "BG23-T", **{"don-vi": province.north.uuid}), follow=True)
    assert "Reminded:" in answer.content.decode()
    assert {notice.subject for notice in Notice.objects.all()} == {"Nhắc học năm 2026"}
    assert "Bạn thuộc diện phải học theo chỉ tiêu" in Notice.objects.first().body


def test_a_closing_freezes_its_sources_in_vietnamese(province, indicator, lead):
    asked = {"period": Period.MONTH, "until": date(2026, 10, 31), "structure": province.structure}
    with translation.override("en"):
        closing_make(actor=lead, unit=province.root, **asked)
    sources = ClosedFigure.objects.filter(indicator=indicator).values_list("denominator_source", flat=True)
    assert set(sources) == {"theo danh sách trên hệ thống ngày 31/10/2026"}


def test_two_closings_beside_each_other_are_a_vietnamese_file(province, indicator, lead):
    first, second = (
        ClosingFactory(unit=province.root, period=Period.MONTH, until=until)
        for until in (date(2026, 9, 30), date(2026, 10, 31))
    )
    with translation.override("en"):
        content = closings_export(actor=lead, first=first, second=second, unit=province.root, form="csv").decode()
        assert export_name(first, second, "csv") == "so-sanh-thang-9-2026-thang-10-2026.csv"
        assert first.name == "September 2026"
    assert "Số đã chốt, Tháng 9/2026" in content
    assert AuditEntry.objects.get(act="kpi.closings_compared").detail["later"] == "Tháng 10/2026"


def test_numbers_in_fields_stay_as_they_are_typed(office, province, indicator):
    Target.objects.update(value=Decimal("1234.5"), measured_in="người")
    page = office.get(address("target_edit", "BG23-T", **{"don-vi": province.root.uuid}))
    assert page.context["target_form"]["value"].value() == "1.234,5"
