"""Reports: what they say, their forms as files, what may be done with them and by whom."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
from datetime import date
from decimal import ROUND_DOWN, Decimal

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from docx import Document
from docx.shared import Mm
from openpyxl import load_workbook

from common.errors import Forbidden, Refusal
from common.jobs import job_run
from common.models import AuditEntry, JobState
from kpi import report_jobs
from kpi.models import CountingKind, Indicator, Measure, Report, ReportKind, ReportState
from kpi.report_paper import paper_of
from kpi.report_reading import facts_of, issuer_of
from kpi.services import report_draft, report_drop, report_issue, report_save
from people.services import structures_rebuild
from tests.factories.kpi import DecisionFactory, IndicatorFactory, TargetFactory
from tests.factories.kpi_reports import ClosingFactory, ReportDueFactory, ReportDutyFactory, closed_percent
from tests.factories.people import UnitFactory


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in ("kpi.services.reports", "kpi.report_reading"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 29))


@pytest.fixture
def closed(province):
    """Two closings of the province: a percentage with two communes, one without a head-count, one with nothing."""
    trained = IndicatorFactory(code="BG23-T1", text="100% người dân được đào tạo")
    unknown = IndicatorFactory(code="BG23-T2", text="90% cán bộ được bồi dưỡng")
    IndicatorFactory(code="BG23-T3", text="Tỷ lệ hồ sơ", counts=False, measure=Measure.MANUAL, note="Nhập tay.")
    TargetFactory(indicator=unknown, unit=province.root, year=2030)
    before = ClosingFactory(unit=province.root, structure=province.structure, until=date(2026, 6, 30))
    closing = ClosingFactory(unit=province.root, structure=province.structure)
    closed_percent(before, trained, province.root, 900, 5000)
    for unit, count, of in ((province.root, 1234, 5000), (province.north, 1000, 2000), (province.south, 234, 3000)):
        closed_percent(closing, trained, unit, count, of)
    closed_percent(closing, unknown, province.root, 17, None, target=90)
    closing.before = before
    return closing


@pytest.fixture
def report(closed, lead, province):
    return report_draft(actor=lead, unit=province.root, closing=closed, compared_with=closed.before)


def complete(report, actor):
    said = {
        "title": "Kết quả đào tạo nhân lực chuyển đổi số quý III/2026",
        "addressees": "Chủ tịch Uỷ ban nhân dân tỉnh",
        "place_name": "Bắc Ninh",
        "recipients": "Như trên\nLưu: VT",
        "signer_authority": "TM. Uỷ ban nhân dân",
        "signer_title": "Chủ tịch",
        "signer_name": "Nguyễn Văn Đạt",
    }
    return report_save(actor=actor, report=report, version=report.version, fields=said, parts={})


# --- What a report says ---------------------------------------------------------------------------------------------
def test_the_narrative_is_filled_with_the_years_facts_and_cites_the_closing(report, closed):
    said = report.narrative
    cite = f"(Số liệu chốt đến 30/09/2026, mã xác thực {closed.checksum[:8]}…)"
    assert said["chung"] == (
        "Trong 3 chỉ tiêu của các văn bản, tỉnh Bắc Ninh có số liệu của 2 chỉ tiêu thuộc 1 văn bản: "
        "0 chỉ tiêu đạt mục tiêu, 1 chỉ tiêu chưa đạt, 1 chỉ tiêu chưa đủ căn cứ để so với mục tiêu. "
        f"1 chỉ tiêu chưa có số liệu đến ngày chốt, lý do ở phần «Nội dung chưa có số liệu và lý do».\n{cite}"
    )
    assert said["ket_qua"] == (
        "100% người dân được đào tạo (BG23-T1): đạt 1.234 trên 5.000 (24,6\N{NO-BREAK SPACE}%), "
        f"mục tiêu từ 100\N{NO-BREAK SPACE}%, còn thiếu 3.766, cần 1.256 mỗi tháng đến 31/12/2026.\n{cite}"
    )
    assert (
        "Cao nhất: Xã Xuân Lương (50,0\N{NO-BREAK SPACE}%). Thấp nhất: Xã Yên Thế (7,8\N{NO-BREAK SPACE}%)."
        in said["so_sanh"]
    )
    assert "100% người dân được đào tạo (BG23-T1): tăng 334, từ 900 đến 1.234." in said["thay_doi"]
    assert "Kỳ trước chưa có số liệu: 90% cán bộ được bồi dưỡng (BG23-T2)." in said["thay_doi"]
    assert said["chua_co_so"] == (
        "Chưa có số phải học nên chưa tính được tỷ lệ: 90% cán bộ được bồi dưỡng (BG23-T2).\n"
        "Tỷ lệ hồ sơ (BG23-T3): Nhập tay."
    )
    assert all(cite in said[part] for part in ("chung", "ket_qua", "so_sanh", "thay_doi"))


def test_a_commune_reports_its_own_figures_from_the_provinces_closing(closed, coordinator, province):
    report = report_draft(actor=coordinator, unit=province.north, closing=closed)
    facts = facts_of(report)
    assert [(line.code, line.count, line.percent) for line in facts.lines] == [("BG23-T1", 1000, Decimal(50))]
    assert "Xã Yên Thế" not in str(report.narrative)


def test_what_another_unit_declares_is_no_gap_of_this_one(closed, lead, coordinator, province):
    """The department declares for the province: to the province its value is missing, to a commune it is not."""
    declared = IndicatorFactory(code="BG23-T4", text="Mạng lưới", counts=False, counting=CountingKind.DECLARED)
    declared.responsible.set([province.department])
    nobody = IndicatorFactory(code="BG23-T5", text="Thứ hạng", counts=False, counting=CountingKind.DECLARED)
    nobody.responsible.clear()
    for actor, unit, why in (
        (lead, province.root, "chưa có số liệu đơn vị báo được duyệt đến ngày chốt."),
        (coordinator, province.north, "không do đơn vị này báo số liệu."),
    ):
        facts = facts_of(report_draft(actor=actor, unit=unit, closing=closed))
        said = {one.code: one.why for one in facts.missing}
        assert (said["BG23-T4"], said["BG23-T5"]) == (why, why)
        assert len(facts.lines) + len(facts.missing) == Indicator.objects.count()


def test_a_briefing_names_late_reports_and_what_to_decide(closed, lead, province):
    ReportDueFactory(duty=ReportDutyFactory(), unit=province.south, due_on=date(2026, 9, 19), period="Quý III/2026")
    report = report_draft(actor=lead, unit=province.root, closing=closed, kind=ReportKind.BRIEFING)
    assert "Xã Yên Thế: 1 báo cáo, lâu nhất từ hạn 19/09/2026." in report.narrative["cham"]
    assert "Xã Yên Thế (7,8\N{NO-BREAK SPACE}%)" in report.narrative["quyet_dinh"]


def test_a_new_report_takes_over_head_and_foot_of_the_last(closed, report, lead, province):
    complete(report, lead)
    later = report_draft(actor=lead, unit=province.root, closing=closed)
    assert (later.signer_name, later.place_name) == ("Nguyễn Văn Đạt", "Bắc Ninh")


def test_queries_do_not_depend_on_units(closed, lead, province):
    report = report_draft(actor=lead, unit=province.root, closing=closed)

    def queries():
        with CaptureQueriesContext(connection) as log:
            facts_of(Report.objects.select_related("closing", "unit").get(pk=report.pk))
        return len(log)

    few = queries()
    for n in range(20):
        unit = UnitFactory(code=f"1{n:04}", name=f"Xã {n}", parent=province.root)
        closed_percent(closed, IndicatorFactory._meta.model.objects.get(code="BG23-T1"), unit, n, 100)
    structures_rebuild()
    assert queries() == few
    assert len(facts_of(report).below["BG23-T1"]) == 22


# --- Wrong input and rights -----------------------------------------------------------------------------------------
def test_a_report_that_cannot_be_begun_is_explained(closed, province, lead):
    def refused(**said):
        with pytest.raises(Refusal) as error:
            report_draft(actor=lead, **{"unit": province.root, "closing": closed} | said)
        assert error.value.fix
        return error.value.code

    assert refused(unit=province.department) == "not_in_closing"
    assert refused(compared_with=closed) == "not_earlier"
    assert not Report.objects.exists()


def test_scope(closed, province, coordinator, other_coordinator, stranger, report):
    with pytest.raises(Forbidden):
        report_draft(actor=coordinator, unit=province.south, closing=closed)
    with pytest.raises(Http404):
        report_draft(actor=stranger, unit=province.north, closing=closed)
    with pytest.raises(Forbidden):
        report_issue(actor=other_coordinator, report=report, version=1, number="1/BC", dated_on=date(2026, 10, 5))
    with pytest.raises(Forbidden):
        report_jobs.report_files_open(actor=coordinator, report=report)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"number": " "}, "no_number"),
        ({"dated_on": None}, "no_date"),
        ({"dated_on": date(2026, 11, 30)}, "bad_day"),
        ({"dated_on": date(2026, 9, 30)}, "bad_day"),  # the closing was made on the next day
        ({"unsigned": True}, "no_signer"),
        ({"again": True}, "number_taken"),
    ],
)
def test_issuing_asks_for_what_is_missing(report, closed, lead, province, said, code):
    if not said.pop("unsigned", False):
        complete(report, lead)
    if said.pop("again", False):
        other = complete(report_draft(actor=lead, unit=province.root, closing=closed), lead)
        report_issue(actor=lead, report=other, version=2, number="15/BC-UBND", dated_on=date(2026, 10, 5))
    report.refresh_from_db()
    whole = {"version": report.version, "number": "15/BC-UBND", "dated_on": date(2026, 10, 5)} | said
    with pytest.raises(Refusal) as refused:
        report_issue(actor=lead, report=report, **whole)
    assert refused.value.code == code
    assert refused.value.fix
    report.refresh_from_db()
    assert report.state == ReportState.DRAFT


@pytest.fixture
def issued(report, lead):
    complete(report, lead)
    return report_issue(actor=lead, report=report, version=2, number="15/BC-UBND", dated_on=date(2026, 10, 5))


@pytest.mark.parametrize("act", ["save", "issue", "drop"])
def test_an_issued_report_is_not_changed(issued, lead, act):
    before = Report.objects.values().get()
    acts = {
        "save": lambda: report_save(
            actor=lead, report=issued, version=3, fields={"title": "Khác"}, parts={"chung": "Khác"}
        ),
        "issue": lambda: report_issue(actor=lead, report=issued, version=3, number="16/BC", dated_on=date(2026, 10, 6)),
        "drop": lambda: report_drop(actor=lead, report=issued),
    }
    with pytest.raises(Refusal) as refused:
        acts[act]()
    assert refused.value.code == "issued_already"
    assert Report.objects.values().get() == before


def test_an_issued_report_says_what_it_said_whatever_is_mended_afterwards(issued, province):
    """Indicators, decisions and units are renamed, an indicator is added: the signed paper stays."""

    def told():
        report = Report.objects.select_related(*report_jobs.RELATED).get(pk=issued.pk)
        facts = facts_of(report)
        return facts, paper_of(report, facts)

    before = told()
    indicators = IndicatorFactory._meta.model.objects
    indicators.update(text="Lời khác", counting="declared", note="Khác", recurrence="cumulative")
    DecisionFactory._meta.model.objects.update(title="Văn bản khác")
    province.root._meta.model.objects.update(name="Đơn vị khác")
    IndicatorFactory(code="BG23-T9", decision=indicators.first().decision)
    structures_rebuild()
    assert told() == before
    assert before[0].lines[0].text == "100% người dân được đào tạo"


def test_a_draft_follows_what_is_mended(report):
    IndicatorFactory._meta.model.objects.update(text="Lời mới")
    assert facts_of(report).lines[0].text == "Lời mới"


# --- Two people, one draft ------------------------------------------------------------------------------------------
def test_who_saves_second_overwrites_nothing_unseen(report, lead, official):
    save = {"report": report, "version": 1, "fields": {"title": "Của Hằng"}}
    report_save(actor=lead, parts={"chung": "Lời của Hằng."}, **save)
    before = Report.objects.values().get()
    with pytest.raises(Refusal) as refused:
        report_save(actor=official, parts={"chung": "Lời của Hiếu."}, **save)
    assert refused.value.code == "saved_meanwhile"
    assert re.match(r"Vũ Thị Hằng đã lưu báo cáo này lúc \d\d:\d\d ngày \d\d/\d\d/\d{4}", refused.value.text)
    assert Report.objects.values().get() == before
    saved = report_save(actor=official, parts={"chung": "Của cả hai."}, **save | {"version": 2})
    assert (saved.narrative["chung"], saved.version, saved.saved_by) == ("Của cả hai.", 3, official)


def test_what_was_changed_since_it_was_read_is_not_issued(report, lead):
    complete(report, lead)
    with pytest.raises(Refusal) as refused:
        report_issue(actor=lead, report=report, version=1, number="15/BC-UBND", dated_on=date(2026, 10, 5))
    assert refused.value.code == "saved_meanwhile"


# --- For a period of the calendar -----------------------------------------------------------------------------------
@pytest.fixture
def due(province):
    return ReportDueFactory(duty=ReportDutyFactory(), unit=province.north)


def test_a_report_is_made_for_a_period_that_its_closing_tells_of(closed, due, coordinator, province):
    said = {"actor": coordinator, "unit": province.north, "closing": closed, "due": due}
    report = report_draft(**said)
    assert (report.duty, report.period) == (due.duty, "Năm 2026")
    assert (report.addressees, report.recipients) == ("Sở Khoa học và Công nghệ", "Như trên\nLưu: VT")
    assert "chuyển đổi số năm 2026, số liệu đến ngày 30/09/2026" in report.title
    for change, code in (
        ({"due": ReportDueFactory(duty=due.duty, unit=province.south)}, "other_unit"),
        ({"kind": ReportKind.BRIEFING}, "other_unit"),
        ({"due": ReportDueFactory(
            duty=due.duty, unit=province.north, period="Năm 2025", due_on=date(2025, 11, 29),
            begins_on=date(2025, 1, 1), until=date(2025, 12, 31),
        )}, "other_period"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            report_draft(**said | change)
        assert refused.value.code == code
        assert refused.value.fix
    released = report_save(actor=coordinator, report=report, version=1, fields={}, parts={})
    assert (released.duty, released.period) == (None, "")


# --- Files ----------------------------------------------------------------------------------------------------------
def text_of(pdf, tmp_path):
    (tmp_path / "report.pdf").write_bytes(pdf)
    told = subprocess.run(["pdftotext", "-layout", "report.pdf", "-"], cwd=tmp_path, capture_output=True, check=True)
    return " ".join(told.stdout.decode().split())


def test_the_job_makes_three_files_once_and_keeps_them_by_hash(issued, lead, django_capture_on_commit_callbacks):
    job = report_jobs.report_files_open(actor=lead, report=issued)
    job_run(uuid=str(job.uuid))
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.DONE, "")
    issued.refresh_from_db()
    for name in ("docx", "pdf", "xlsx"):
        content = report_jobs.file_content(issued, name)
        assert hashlib.sha256(content).hexdigest() == report_jobs.hash_of(issued, name) == job.result[name]
    names = [getattr(issued, name).name for name in ("docx", "pdf", "xlsx")]
    report_jobs.report_files_make(report=issued, actor=lead)
    issued.refresh_from_db()
    assert [getattr(issued, name).name for name in ("docx", "pdf", "xlsx")] == names
    assert AuditEntry.objects.filter(act="kpi.report_files_made").count() == 1


def test_a_file_that_was_touched_is_not_handed_out(issued, lead):
    report_jobs.report_files_make(report=issued, actor=lead)
    issued.refresh_from_db()
    with open(issued.docx.path, "ab") as file:
        file.write(b"x")
    with pytest.raises(Refusal) as refused:
        report_jobs.file_content(issued, "docx")
    assert refused.value.code == "file_changed"


def test_saving_a_draft_drops_its_files(report, lead):
    report_jobs.report_files_make(report=report, actor=lead)
    report.refresh_from_db()
    assert report.pdf
    complete(report, lead)
    report.refresh_from_db()
    assert not report.pdf


GOLDEN = (
    "UỶ BAN NHÂN DÂN TỈNH BẮC NINH",
    "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "Số: 15/BC-UBND",
    "Bắc Ninh, ngày 05 tháng 10 năm 2026",
    "BÁO CÁO",
    "Kết quả đào tạo nhân lực chuyển đổi số quý III/2026",
    "Kính gửi: Chủ tịch Uỷ ban nhân dân tỉnh",
    "I. Tình hình chung",
    "II. Kết quả thực hiện chỉ tiêu",
    "III. So sánh giữa các đơn vị",
    "VI. Nhiệm vụ thời gian tới và kiến nghị",
    "Nơi nhận:",
    "- Như trên;",
    "- Lưu: VT.",
    "TM. UỶ BAN NHÂN DÂN",
    "CHỦ TỊCH",
    "Nguyễn Văn Đạt",
    "số liệu chốt đến 30/09/2026, mã xác thực ",
)


def made(report, name):
    return report_jobs._content(Report.objects.select_related(*report_jobs.RELATED).get(pk=report.pk), name)


def test_the_pdf_has_the_form_of_the_decree_and_is_the_same_every_time(issued, tmp_path):
    pdf = made(issued, "pdf")
    told = text_of(pdf, tmp_path)
    assert [words for words in GOLDEN[1:] if words not in told] == []
    assert re.search(r"UỶ BAN NHÂN DÂN .*TỈNH BẮC NINH", told)  # two lines beside those of the country
    assert re.search(r"1\.234 5\.000 24,6 % từ 100 % 3\.766 900", told)
    assert "DỰ THẢO" not in told
    assert made(issued, "pdf") == pdf
    told = subprocess.run(["pdffonts", "report.pdf"], cwd=tmp_path, capture_output=True, check=True).stdout.decode()
    fonts = [line.split()[0].split("+")[-1] for line in told.splitlines()[2:]]
    # As wide as Times New Roman, which the decree asks for.
    assert {font.split("-")[0] for font in fonts} == {"Tinos"}


def test_a_draft_says_that_it_is_one(report, tmp_path):
    assert "DỰ THẢO, chưa ban hành" in text_of(made(report, "pdf"), tmp_path)


def test_what_every_reader_must_know_stands_under_the_table_and_stays_in_what_was_issued(issued, lead, tmp_path):
    caution = "Gồm cả trường tiểu học."
    told = Indicator.objects.get(code="BG23-T1")
    assert [
        note for part in paper_of(issued, facts_of(issued)).parts for one in part.tables for note in one.notes
    ] == []
    told.caution = caution
    told.save()
    draft = report_draft(actor=lead, unit=issued.unit, closing=issued.closing)
    figures, units = (part.tables for part in paper_of(draft, facts_of(draft)).parts[1:3])
    assert [(one.rows[0][1][-3:], one.notes) for one in figures] == [("(*)", [f"(*) {caution}"])]
    assert [one.notes for one in units] == [[f"(*) {caution}"]]
    assert f"(*) {caution}" in text_of(made(draft, "pdf"), tmp_path)
    assert f"(*) {caution}" in [line.text for line in Document(io.BytesIO(made(draft, "docx"))).paragraphs]
    assert [
        note for part in paper_of(issued, facts_of(issued)).parts for one in part.tables for note in one.notes
    ] == []
    briefing = report_draft(actor=lead, unit=issued.unit, closing=issued.closing, kind=ReportKind.BRIEFING)
    assert "(Gồm cả trường tiểu học)" in paper_of(briefing, facts_of(briefing)).bars[0].name
    complete(draft, lead)
    draft.refresh_from_db()
    again = report_issue(
        actor=lead, report=draft, version=draft.version, number="99/BC-UBND", dated_on=date(2026, 11, 29)
    )
    Indicator.objects.update(caution="")
    assert facts_of(again).lines[0].caution == caution


def test_the_briefing_has_bars_and_ranks(closed, lead, province, tmp_path):
    report = report_draft(actor=lead, unit=province.root, closing=closed, kind=ReportKind.BRIEFING)
    told = text_of(made(report, "pdf"), tmp_path)
    for words in ("1. Xã Xuân Lương", "2. Xã Yên Thế", "III. Báo cáo chậm", "IV. Nội dung đề nghị", "Trang 1/3"):
        assert words in told


def test_the_docx_has_the_form_of_the_decree(issued):
    document = Document(io.BytesIO(made(issued, "docx")))
    section = document.sections[0]
    margins = [section.left_margin, section.right_margin, section.top_margin, section.bottom_margin]
    assert [round(margin.mm) for margin in margins] == [30, 15, 20, 20]
    assert round(section.page_width.mm) == 210
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    assert document.styles["Normal"].font.name == "Times New Roman"
    tables = [[cell.text for row in table.rows for cell in row.cells] for table in document.tables]
    told = " ".join([*(p.text for p in document.paragraphs), *(text for table in tables for text in table)])
    assert [words for words in GOLDEN if words not in " ".join(told.split())] == []
    assert len(document.tables) == 4  # head, figures, units, foot
    assert document.tables[1].rows[1].cells[2].text == "1.234"
    assert sum(cell.width for cell in document.tables[1].rows[0].cells) <= Mm(166)


def recomputed(book):
    """The formulas of the sheet of figures, worked out here from the sheet of data alone."""
    data = [
        dict(zip([c.value for c in book["Dữ liệu"][1]], row, strict=True))
        for row in book["Dữ liệu"].iter_rows(min_row=2, values_only=True)
    ]
    for own in (row for row in data if row["Cấp"] == "đơn vị báo cáo"):
        count, heads, goal = (
            None if own[n] is None else Decimal(str(own[n])) for n in ("Đã đạt", "Phải học", "Số phải đạt")
        )
        whole = heads if own["Tính theo"] == "%" or goal is None else goal
        percent = (count / whole * 100).quantize(Decimal("0.1"), ROUND_DOWN) if whole else None
        under = [row["Đã đạt"] for row in data if row["Chỉ tiêu"] == own["Chỉ tiêu"] and row["Cấp"] != own["Cấp"]]
        below = sum(under) if under else None  # nothing below is no sum, which is not zero
        gap = None if goal is None else max(Decimal(0), goal - count)
        yield own["Chỉ tiêu"], count, whole, percent, gap, below


def test_the_workbook_reckons_by_formulas_over_the_frozen_rows(issued, closed):
    content = made(issued, "xlsx")
    formulas, values = load_workbook(io.BytesIO(content)), load_workbook(io.BytesIO(content), data_only=True)
    assert formulas.sheetnames == ["Số liệu", "Dữ liệu", "Nguồn"]
    sheet = values["Số liệu"]
    shown = []
    for row in sheet.iter_rows(min_row=4, values_only=True):
        number = [None if cell in ("", None) else Decimal(str(cell)) for cell in (row[3], row[8], row[9], row[10])]
        shown.append((row[0], *number, row[13] if row[13] != "" else None))
    assert shown == list(recomputed(values))
    assert shown[0] == ("BG23-T1", Decimal(1234), Decimal(5000), Decimal("24.6"), Decimal(3766), 1234)
    written = {cell.coordinate: cell.value for cell in formulas["Số liệu"][4]}
    assert written["D4"] == "=IF('Dữ liệu'!D2=\"\",\"\",'Dữ liệu'!D2)"
    assert written["J4"] == '=IF(N(I4)=0,"",ROUNDDOWN(D4*1000/I4,0)/10)'
    assert written["K4"] == '=IF(F4="","",MAX(0,F4-D4))'
    assert "SUMIFS('Dữ liệu'!$D$2:$D$5" in written["N4"]
    assert [(row[13] or None, row[14] or None) for row in sheet.iter_rows(min_row=4, values_only=True)] == [
        (1234, None), (None, None),
    ]  # fmt: skip
    assert closed.checksum in [cell.value for cell in formulas["Nguồn"]["B"]]


def test_a_unit_with_nothing_below_has_no_sum_to_differ_from(closed, coordinator, province):
    report = report_draft(actor=coordinator, unit=province.north, closing=closed)
    sheet = load_workbook(io.BytesIO(made(report, "xlsx")), data_only=True)["Số liệu"]
    (row,) = sheet.iter_rows(min_row=4, values_only=True)
    assert (row[3], row[13] or None, row[14] or None) == (1000, None, None)


def test_issuers(province):
    ward = UnitFactory(code="1", name="Phường Kinh Bắc", kind="ward", parent=province.root)
    assert issuer_of(ward) == ["Uỷ ban nhân dân phường Kinh Bắc"]
    assert issuer_of(province.department) == ["UBND tỉnh Bắc Ninh", "Sở Khoa học và Công nghệ"]
    school = UnitFactory(code="2", name="Trường THCS A", kind="school", parent=ward)
    assert issuer_of(school) == ["Uỷ ban nhân dân phường Kinh Bắc", "Trường THCS A"]
