"""Pages of the calendar and of reports: what they show, to whom, with how many queries."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.jobs import job_run
from common.models import Job
from kpi.models import Report, ReportDue, ReportDuty, ReportState
from kpi.services import report_draft
from people.models import Notice
from tests.factories.kpi import IndicatorFactory
from tests.factories.kpi_reports import ClosingFactory, ReportDueFactory, ReportDutyFactory, closed_percent
from tests.factories.people import UnitFactory
from tests.proof import prove

WHO = [
    ("coordinator", 200), ("lead", 200), ("official", 200), ("other_coordinator", 403), ("learner", 404),
    ("stranger", 404), ("editor", 404),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    services = ("services.dues", "services.duties", "services.reports")
    for module in (*services, "report_reading", "views_calendar", "views_reports"):
        monkeypatch.setattr(f"kpi.{module}.today", lambda: date(2026, 12, 2))


@pytest.fixture
def due(province):
    return ReportDueFactory(duty=ReportDutyFactory(), unit=province.north)


@pytest.fixture
def closed(province):
    trained = IndicatorFactory(code="BG23-T1", text="100% người dân được đào tạo")
    closing = ClosingFactory(unit=province.root, structure=province.structure)
    for unit, count, of in ((province.root, 1234, 5000), (province.north, 1000, 2000), (province.south, 234, 3000)):
        closed_percent(closing, trained, unit, count, of)
    return closing


@pytest.fixture
def report(closed, lead, province):
    return report_draft(actor=lead, unit=province.north, closing=closed)


def page(name, *args):
    return reverse(f"kpi:{name}", args=args)


@pytest.mark.parametrize(("who", "status"), WHO)
def test_who_opens_a_due_and_a_report(client, request, due, report, who, status):
    client.force_login(request.getfixturevalue(who))
    pages = [page("due", due.uuid), page("report", report.uuid), page("report_edit", report.uuid)]
    assert [client.get(address).status_code for address in pages] == [status] * 3


@pytest.mark.parametrize(("who", "status"), [(who, 200 if status == 403 else status) for who, status in WHO])
def test_who_opens_the_lists(client, request, due, report, who, status):
    client.force_login(request.getfixturevalue(who))
    pages = [page(name) for name in ("calendar", "duties", "reports", "report_new")]
    assert [client.get(address).status_code for address in pages] == [status] * 4


def test_guests_sign_in(client, due):
    assert client.get(page("calendar")).status_code == 302


def test_the_calendar_shows_late_reports_first_and_only_the_readers_units(client, province, due, lead, coordinator):
    ReportDueFactory(duty=due.duty, unit=province.south, due_on=date(2026, 12, 14), period="Năm 2026 b")
    client.force_login(lead)
    shown = client.get(page("calendar"))
    assert [row.unit for row, _ in shown.context["rows"]] == [province.north, province.south]
    text = shown.content.decode()
    assert "1 báo cáo quá hạn chưa nộp" in text
    assert "Quá hạn 3 ngày" in text
    client.force_login(coordinator)
    shown = client.get(page("calendar"))
    assert [row.unit for row, _ in shown.context["rows"]] == [province.north]
    assert "Nhắc đầu mối" not in shown.content.decode()


@pytest.mark.parametrize(
    ("query", "units"),
    [
        ({"trang_thai": "cham"}, ["Xã Xuân Lương"]),
        ({"trang_thai": "da-nop"}, []),
        ({"don_vi": "yen the"}, ["Xã Yên Thế"]),
        ({"van_ban": "BG23"}, ["Xã Xuân Lương", "Xã Yên Thế"]),
        ({"nam": "2025"}, []),
        ({"nam": "x", "trang_thai": "la"}, ["Xã Xuân Lương", "Xã Yên Thế"]),
    ],
)
def test_filters(client, province, due, lead, query, units):
    ReportDueFactory(duty=due.duty, unit=province.south, due_on=date(2026, 12, 14))
    client.force_login(lead)
    assert [row.unit.name for row, _ in client.get(page("calendar"), query).context["rows"]] == units


def test_queries_of_the_lists_do_not_depend_on_rows(client, province, due, report, lead):
    client.force_login(lead)

    def queries():
        found = []
        for name in ("calendar", "reports", "duties"):
            with CaptureQueriesContext(connection) as log:
                assert client.get(page(name)).status_code == 200
            found.append(len(log))
        return found

    queries()
    few = queries()
    for n in range(8):
        unit = UnitFactory(code=f"1{n:04}", name=f"Xã {n}", parent=province.root)
        ReportDueFactory(duty=ReportDutyFactory(), unit=unit, due_on=date(2026, 1, n + 1))
        ReportDueFactory(duty=due.duty, unit=province.north, due_on=date(2026, 2, n + 1))
        report.pk, report.uuid = None, unit.uuid
        report.save(force_insert=True)
    assert queries() == few


def test_handing_in_by_letter_from_the_page(client, due, coordinator):
    client.force_login(coordinator)
    wrong = client.post(page("due", due.uuid), {"letter": ""})
    assert "Chưa chọn báo cáo, cũng chưa ghi số công văn." in wrong.content.decode()
    client.post(page("due", due.uuid), {"letter": "15/BC-UBND", "on": "01/12/2026"})
    due.refresh_from_db()
    assert (due.handed_in_note, due.handed_in_by) == ("15/BC-UBND", coordinator)
    assert "chậm 2 ngày" in client.get(page("calendar")).content.decode()
    assert "chậm 2 ngày" in client.get(page("due", due.uuid)).content.decode()


@pytest.mark.parametrize(("who", "status"), [("coordinator", 403), ("stranger", 404), ("lead", 200)])
def test_who_sets_a_duty(client, request, due, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(page("duty", due.duty.uuid)).status_code == status


def test_a_duty_is_set_from_its_page(client, due, lead):
    client.force_login(lead)
    prove(client)
    address = page("duty", due.duty.uuid)
    wrong = client.post(address, {"follow": "on", "day": "31", "month": "11", "reason": "CV 12"})
    assert "tháng 11 không có ngày 31" in wrong.content.decode()
    assert "Hãy ghi lý do" in client.post(address, {"follow": "on"}).content.decode()
    client.post(address, {"follow": "on", "day": "5", "month": "12", "reason": "CV 12/SKHCN"})
    assert ReportDuty.objects.get().due_rule["own"]["day"] == 5
    assert ReportDue.objects.get(unit=due.unit).due_on == date(2026, 12, 5)
    assert "chậm nhất 5/12 hằng năm (tỉnh đặt)" in client.get(page("duties")).content.decode()


def test_reminding_and_reopening_from_the_pages(client, due, lead, coordinator):
    client.force_login(coordinator)
    assert client.post(page("dues_remind")).status_code == 403
    client.post(page("due", due.uuid), {"letter": "15/BC-UBND"})
    assert client.post(page("due_reopen", due.uuid), {"reason": "x"}).status_code == 403
    client.force_login(lead)
    prove(client)
    client.post(page("due_reopen", due.uuid), {"reason": "Ghi nhầm"})
    client.post(page("dues_remind"))
    due.refresh_from_db()
    assert due.handed_in_at is None
    assert Notice.objects.get().user == coordinator


def test_a_report_from_choosing_to_its_files(client, province, closed, coordinator, django_capture_on_commit_callbacks):
    client.force_login(coordinator)
    said = {"unit": province.north.uuid, "kind": "periodic", "closing": closed.uuid}
    client.post(page("report_new"), said)
    report = Report.objects.get()
    assert (report.unit, report.closing, report.created_by) == (province.north, closed, coordinator)
    form = client.get(page("report_edit", report.uuid)).context["form"]
    written = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    written |= {"signer_title": "Chủ tịch", "signer_name": "Lò Văn Hà", "part_chung": "Lời của xã."}
    saved = client.post(page("report_edit", report.uuid), written, follow=True)
    assert "Lời của xã." in saved.content.decode()
    assert "DỰ THẢO" in saved.content.decode()
    issue = {"number": "", "dated_on": "01/12/2026", "confirmed": "on"}
    prove(client)
    assert "Chưa ghi số báo cáo." in client.post(page("report_issue", report.uuid), issue).content.decode()
    job = client.post(page("report_issue", report.uuid), issue | {"number": "15/BC-UBND"})
    assert job.status_code == 302
    job_run(uuid=str(Job.objects.get().uuid))
    shown = client.get(page("report", report.uuid)).content.decode()
    assert "Word (.docx)" in shown
    assert "Ban hành báo cáo" not in shown
    for form in ("docx", "pdf", "xlsx"):
        assert client.get(page("report_file", report.uuid, form)).content
    assert client.get(page("report_file", report.uuid, "exe")).status_code == 404
    assert client.get(page("report_edit", report.uuid)).status_code == 302


def test_wrong_choices_of_a_new_report(client, province, closed, coordinator):
    client.force_login(coordinator)
    said = {"unit": province.north.uuid, "kind": "periodic"}
    assert "Chưa có kỳ chốt số liệu nào có Xã Xuân Lương." in client.post(page("report_new"), said).content.decode()
    other = client.post(page("report_new"), said | {"unit": province.south.uuid, "closing": closed.uuid})
    assert other.context["form"].errors["unit"]
    assert not Report.objects.exists()


def test_without_a_closing_the_page_leads_on(client, province, coordinator):
    client.force_login(coordinator)
    assert "Chưa có kỳ chốt số liệu nào" in client.get(page("report_new")).content.decode()


@pytest.mark.parametrize(("who", "status"), [("other_coordinator", 403), ("stranger", 404), ("coordinator", 302)])
@pytest.mark.parametrize("act", ["report_files", "report_drop"])
def test_who_acts_on_a_report(client, request, report, who, status, act):
    client.force_login(request.getfixturevalue(who))
    assert client.post(page(act, report.uuid)).status_code == status
    gone = act == "report_drop" and status == 302
    assert Report.objects.filter(state=ReportState.DRAFT).exists() is not gone


@pytest.mark.parametrize(("who", "status"), [("other_coordinator", 403), ("stranger", 404)])
def test_strangers_neither_issue_nor_fetch(client, request, report, who, status):
    client.force_login(request.getfixturevalue(who))
    prove(client)
    said = {"number": "1/BC", "dated_on": "01/12/2026", "confirmed": "on"}
    assert client.post(page("report_issue", report.uuid), said).status_code == status
    assert client.get(page("report_file", report.uuid, "pdf")).status_code == status
