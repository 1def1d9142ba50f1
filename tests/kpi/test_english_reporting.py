"""What officials read of closings, the calendar, declarations, head-counts and reports, in English; and that what they
leave is Vietnamese."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from docx import Document
from openpyxl import load_workbook

from common.models import AuditEntry
from kpi.models import AudiencePopulation, CountingKind, DeclarationState, FigureCorrection, Report, ReportDue
from kpi.population_sheet import HEADINGS
from kpi.services import closing_make, declaration_approve, report_draft
from kpi.services.correcting import figures_correct
from kpi.services.dues import due_hand_in, dues_make
from people.models import Notice
from tests.english import english, held_texts
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import DeclarationFactory, IndicatorFactory, TargetFactory
from tests.factories.kpi_reports import ReportDueFactory, ReportDutyFactory
from tests.factories.people import MembershipFactory, UserFactory
from tests.factories.rosters import xlsx_bytes
from tests.kpi.conftest import at
from tests.proof import prove

DAY = date(2026, 12, 2)
SERVICES = ("closings", "declarations", "dues", "duties", "populations", "reports", "reporting_reminders",
            "reporting_links")  # fmt: skip
MODULES = (*(f"services.{name}" for name in SERVICES), "forms", "figures", "denominators", "standing", "declarations",
           "forms_closings", "forms_declarations", "population_sheet", "populations", "report_reading",
           "views_calendar", "views_declarations", "views_reports", "waiting")  # fmt: skip
ROW = ("07246", "Xã Xuân Lương", "Người dân", 2026, 500, "QĐ 12/QĐ-UBND", "19/05/2026")


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in MODULES:
        monkeypatch.setattr(f"kpi.{module}.today", lambda: DAY)


@pytest.fixture
def office(lead):
    """The browser of the provincial lead, with English chosen and a fresh proof given."""
    client = Client()
    client.force_login(lead)
    prove(client)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def world(province, lead, django_capture_on_commit_callbacks):
    """Two closings made by somebody who reads English, a report and who owes it, a declaration, a head-count."""
    trained = IndicatorFactory(code="BG23-T", text="Người dân được đào tạo", audiences=[province.citizen])
    TargetFactory(indicator=trained, unit=province.root, comparator=">=")
    share = IndicatorFactory(code="BG23-D", text="Tỷ lệ hồ sơ số", counts=False, counting=CountingKind.DECLARED)
    share.responsible.add(province.department)
    TargetFactory(indicator=share, unit=province.root, value=50, comparator=">=")
    AudiencePopulation.objects.create(
        audience=province.citizen, unit=province.root, year=2025, value=900, source="Niên giám 2024"
    )
    with django_capture_on_commit_callbacks(execute=True):
        for unit, day in (
            (province.north, "2026-03-05"),
            (province.north, "2026-08-06"),
            (province.south, "2026-11-05"),
        ):
            person = UserFactory(full_name="Lò Thị Hoà")
            MembershipFactory(user=person, unit=unit, audience=province.citizen)
            complete(person, course_with_steps(1, title="Kỹ năng số"), at(day))
    with translation.override("en"):
        first, second = (
            closing_make(actor=lead, unit=province.root, structure=province.structure, period="quarter", until=until)
            for until in (date(2026, 6, 30), date(2026, 9, 30))
        )
        duty = ReportDutyFactory(remind_days=14)
        due = ReportDueFactory(duty=duty, unit=province.root)
        report = report_draft(actor=lead, unit=province.root, closing=second, compared_with=first, due=due)
        declared = DeclarationFactory(
            indicator=share, unit=province.department, year=2026, until=date(2026, 9, 1), value=Decimal(40),
            state=DeclarationState.SUBMITTED, decided_at=None, evidence_link="https://skhcn.example.vn/",
            note="Theo báo cáo tháng",
        )  # fmt: skip
    return SimpleNamespace(
        trained=trained, share=share, first=first, second=second, duty=duty, due=due, report=report, declared=declared
    )


def address(name, *args, **query):
    return reverse(f"kpi:{name}", args=args, query=query or None)


PAGES = {
    "closings": (lambda w: address("closings"), ["Closings", "Close a period"]),
    "new": (lambda w: address("closing_new", ky="month:2026-10-31"), ["To be closed", "1 indicator with a figure"]),
    "closing": (lambda w: address("closing", w.second.uuid, **{"kiem-tra": 1}), ["Intact.", "Same period, recounted"]),
    "below": (lambda w: address("closing", w.second.uuid, **{"chi-tieu": "BG23-T"}), ["BG23-T by unit", "at least"]),
    "corrections": (lambda w: address("closing_corrections", w.second.uuid, "BG23-T"), ["0 corrections"]),
    "stayed": (lambda w: address("closing_people", w.second.uuid, "BG23-T", xem="chot"), ["2 people counted when"]),
    "came": (lambda w: address("closing_people", w.second.uuid, "BG23-T"), ["Finished after the closing day"]),
    "compare": (lambda w: address("closing_compare", w.second.uuid, voi=w.first.uuid), ["To learn, and target"]),
    "calendar": (lambda w: address("calendar"), ["1 report is overdue", "3 days overdue", "Year 2026"]),
    "due": (lambda w: address("due", w.due.uuid), ["report, Year 2026", "Note as handed in by letter"]),
    "duties": (lambda w: address("duties"), ["Kinds of reports by document", "by 29/11 (day/month) of each year"]),
    "duty": (lambda w: address("duty", w.duty.uuid), ["&#x27;s own day"]),
    "span": (lambda w: address("decision_span", w.duty.decision.code), ["Save the dates"]),
    "declarations": (lambda w: address("declarations"), ["Waiting for your approval (1)", "Declared"]),
    "declaration": (lambda w: address("declaration", w.declared.uuid), ["Approve the declaration", "As of"]),
    "populations": (lambda w: address("populations", **{"doi-tuong": "nguoi_dan"}), ["unit by unit", "(from 2025)"]),
    "population": (lambda w: address("population_edit"), ["Number and name of the document"]),
    "import": (lambda w: address("population_import"), ["Must not be empty"]),
    "reports": (lambda w: address("reports"), ["Make a report", "Draft"]),
    "new report": (lambda w: address("report_new", ky=w.due.uuid), ["Choose a closing", "Year 2026"]),
    "report": (lambda w: address("report", w.report.uuid), ["Issue the report", "figures closed up to 30 September"]),
    "write": (lambda w: address("report_edit", w.report.uuid), ["General situation", "Save and preview"]),
    "waiting": (lambda w: "/quan-ly/", ["report is overdue", "declaration waits for your approval"]),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages(office, world, name):
    where, said = PAGES[name]
    shown = english(office.get(where(world)), held=held_texts())
    for words in said:
        assert words in shown


REFUSED = {
    "no end": (lambda w: address("closing_new"), {"ky": "day"}, 200, "Give the last day that counts."),
    "open": (lambda w: address("closing_new"), {"ky": "day", "ngay": "31/12/2026"}, 409, "is not over, so it cannot"),
    "letter": (lambda w: address("due", w.due.uuid), {"bang": "cong-van", "letter": "15", "on": "01/12/2026"}, 200,
               "“15” is not the number of a letter. Give number and code"),
    "duty": (lambda w: address("duty", w.duty.uuid), {"follow": "on", "day": "3", "reason": "Văn bản 5"}, 200,
             "A yearly report needs the month as well."),
    "return": (lambda w: address("declaration", w.declared.uuid), {"tra": "1"}, 200, "Reason for returning it"),
    "population": (lambda w: address("population_edit"), {"year": "1999", "value": "-1"}, 200, "cannot be negative"),
    "issue": (lambda w: address("report_issue", w.report.uuid),
              {"version": "1", "number": "15/BC", "dated_on": "01/12/2026", "confirmed": "on"}, 200,
              "Position and name of the signer are missing."),
    "meanwhile": (lambda w: address("report_edit", w.report.uuid), {"version": "7", "title": "Báo cáo khác"}, 200,
                  "Somebody else has saved this report since you opened the page."),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(office, world, case):
    where, form, status, said = REFUSED[case]
    assert said in english(office.post(where(world), form), status, held=held_texts())


def test_a_faulty_table_is_explained_on_the_page_in_english_and_in_its_file_in_vietnamese(office, world):
    book = SimpleUploadedFile("so.xlsx", xlsx_bytes(list(HEADINGS), [*ROW[:3], 1999, *ROW[4:]], ["1", *ROW[1:]]))
    answer = office.post(address("population_import"), {"file": book})
    page = english(answer, held=held_texts())
    assert "This year makes no sense. Give the year of the number, from 2020 to 2027." in page
    file = office.get(address("population_faults", answer.context["kept"]))
    rows = list(load_workbook(io.BytesIO(file.content)).active.values)
    assert rows[0][-1] == "Cần sửa"
    assert rows[1][-1] == "Năm: Năm này không hợp lý. Ghi năm của số liệu, từ 2020 đến 2027."


def test_a_closing_is_kept_in_vietnamese(office, world):
    entry = AuditEntry.objects.filter(act="kpi.closed").latest("pk")
    assert (entry.subject_name, entry.detail["period"]) == ("Quý III/2026", "Quý III/2026")
    assert world.second.figures.filter(denominator_source="Niên giám 2024").exists()
    office.get(address("closing_people", world.second.uuid, "BG23-T", dang="csv"))
    assert AuditEntry.objects.get(act="kpi.moved_exported").subject_name == "Quý III/2026"


def test_a_correction_says_in_vietnamese_what_happened(world, lead):
    with translation.override("en"):
        declaration_approve(actor=lead, declaration=world.declared)
        figures_correct(closing=world.second, indicators=[world.share.pk])
    assert FigureCorrection.objects.first().said == "Sở Khoa học và Công nghệ, số đến 01/09/2026"
    assert AuditEntry.objects.get(act="declaration_approve").after == {"state": "Đã duyệt"}


def test_dues_and_how_they_are_set_are_kept_in_vietnamese(office, province, world):
    form = {"follow": "on", "day": "5", "month": "12", "remind_days": "7", "reason": "Công văn 5"}
    assert office.post(address("duty", world.duty.uuid), form).status_code == 302
    entry = AuditEntry.objects.get(act="kpi.duty_set")
    assert (entry.before["due"], entry.after["due"]) == ("chậm nhất 29/11 hằng năm", "chậm nhất 5/12 hằng năm")
    quarters = {"freq": "quarterly", "day": 20, "month": "last_of_quarter"}
    ReportDutyFactory(from_names=["Sở Thông tin và Truyền thông"], frequency="quarterly", due_rule=quarters)
    with translation.override("en"):
        dues_make(year=2026)
        due = ReportDue.objects.get(unit=province.department, period="Quý III/2026")
        assert due.period_name == "Quarter III of 2026"
        due_hand_in(actor=MembershipFactory(unit=province.department, role="coordinator").user, due=due,
                    letter="15/BC-SKHCN", on=date(2026, 9, 20))  # fmt: skip
    assert AuditEntry.objects.get(act="kpi.due_handed_in").detail["period"] == "Quý III/2026"


def test_reminders_and_calendar_files_are_vietnamese(office, province, world):
    MembershipFactory(unit=province.root, role="coordinator")
    answer = office.post(address("dues_remind"), follow=True)
    assert "1 coordinator reminded." in english(answer, held=held_texts())
    notice = Notice.objects.get()
    assert notice.subject == "1 báo cáo quá hạn"
    assert "hạn 29/11/2026, đã quá 3 ngày" in notice.body
    calendar = office.get(address("calendar_file")).content.decode().replace("\r\n ", "")
    assert "SUMMARY:QUÁ HẠN: Nộp báo cáo Năm 2026" in calendar


def test_a_report_is_drafted_issued_and_printed_in_vietnamese(
    office, world, django_capture_on_commit_callbacks, settings
):
    report = world.report
    assert report.title.startswith("Kết quả thực hiện các chỉ tiêu đào tạo nhân lực chuyển đổi số năm 2026")
    assert "có số liệu của" in report.narrative["chung"]
    assert report.recipients == "Như trên\nLưu: VT"
    Report.objects.filter(pk=report.pk).update(signer_title="Chủ tịch", signer_name="Lò Thị Hoà")
    form = {"version": "1", "number": "15/BC-UBND", "dated_on": "02/12/2026", "confirmed": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        assert office.post(address("report_issue", report.uuid), form).status_code == 302
    report.refresh_from_db()
    assert "không do đơn vị này báo số liệu." in str(report.frozen) or "chưa có số liệu" in str(report.frozen)
    paper = Document(io.BytesIO(report.docx.read()))
    text = "\n".join(
        [*(p.text for p in paper.paragraphs), *(c.text for t in paper.tables for r in t.rows for c in r.cells)]
    )
    for words in ("I. Tình hình chung", "Số: 15/BC-UBND", "ngày 02 tháng 12 năm 2026", "Nơi nhận:"):
        assert words in text
    assert "General situation" not in text
    names = [cell for sheet in load_workbook(io.BytesIO(report.xlsx.read())) for row in sheet.values for cell in row]
    assert "Chỉ tiêu" in names
    assert not any("indicator" in str(cell).lower() for cell in names)
