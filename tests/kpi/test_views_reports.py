"""Pages of the calendar and of reports: what they show, to whom, with how many queries."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.jobs import job_run
from common.models import Job
from kpi.models import CalendarLink, Report, ReportDue, ReportDuty, ReportState
from kpi.services import report_draft, report_save
from kpi.services.dues import due_excuse, due_hand_in
from people.models import Notice
from people.services import structures_rebuild
from tests.factories.kpi import IndicatorFactory
from tests.factories.kpi_reports import (
    ClosingFactory,
    ReportDueFactory,
    ReportDutyFactory,
    ReportFactory,
    closed_percent,
)
from tests.factories.people import UnitFactory
from tests.proof import prove

LETTER = {"bang": "cong-van", "letter": "15/BC-UBND", "on": "01/12/2026"}
WHO = [
    ("coordinator", 200), ("lead", 200), ("official", 200), ("other_coordinator", 403), ("learner", 404),
    ("stranger", 404), ("editor", 404),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    services = ("dues", "duties", "reports", "reporting_reminders", "reporting_links")
    pages = ("report_reading", "views_calendar", "views_reports")
    for module in (*(f"services.{name}" for name in services), *pages):
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
    pages.append(f"{page('report_new')}?ky={due.uuid}")
    assert [client.get(address).status_code for address in pages] == [status] * 4


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
    for said, told in (
        ({}, "Hãy ghi số công văn"),
        ({"letter": "15/BC-UBND"}, "Hãy ghi ngày"),
        ({"letter": "đã nộp", "on": "01/12/2026"}, "«đã nộp» chưa phải số công văn"),
    ):
        assert told in client.post(page("due", due.uuid), LETTER | {"letter": "", "on": ""} | said).content.decode()
    client.post(page("due", due.uuid), LETTER)
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
    client.post(address, {"follow": "on", "day": "5", "month": "12", "reason": "CV 12/SKHCN", "remind_days": "30"})
    assert ReportDuty.objects.get().due_rule["own"]["day"] == 5
    assert ReportDuty.objects.get().remind_days == 30
    assert ReportDue.objects.get(unit=due.unit).due_on == date(2026, 12, 5)
    assert "chậm nhất 5/12 hằng năm (tỉnh đặt)" in client.get(page("duties")).content.decode()


def test_reminding_and_reopening_from_the_pages(client, due, lead, coordinator):
    client.force_login(coordinator)
    assert client.post(page("dues_remind")).status_code == 403
    client.post(page("due", due.uuid), LETTER)
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
    written = {name: form[name].value() or "" for name in form.fields}
    written |= {"signer_title": "Chủ tịch", "signer_name": "Lò Văn Hà", "part_chung": "Lời của xã."}
    saved = client.post(page("report_edit", report.uuid), written, follow=True)
    assert "Lời của xã." in saved.content.decode()
    assert "DỰ THẢO" in saved.content.decode()
    issue = {"number": "", "dated_on": "01/12/2026", "confirmed": "on", "version": "2"}
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
    assert "Hãy chọn kỳ chốt" in client.post(page("report_new"), said).content.decode()
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
    said = {"number": "1/BC", "dated_on": "01/12/2026", "confirmed": "on", "version": "1"}
    assert client.post(page("report_issue", report.uuid), said).status_code == status
    assert client.get(page("report_file", report.uuid, "pdf")).status_code == status


# --- What earlier years owe -----------------------------------------------------------------------------------------
def late_of_2025(duty, unit, **more):
    said = {"period": "Năm 2025", "begins_on": date(2025, 1, 1), "until": date(2025, 12, 31)}
    return ReportDueFactory(duty=duty, unit=unit, due_on=date(2025, 11, 29), **said | more)


def test_on_1_january_late_reports_stay_first_until_they_are_settled(client, province, due, lead, monkeypatch):
    for module in ("services.dues", "views_calendar"):
        monkeypatch.setattr(f"kpi.{module}.today", lambda: date(2027, 1, 1))
    ReportDueFactory(
        duty=due.duty, unit=province.north, period="Năm 2027", due_on=date(2027, 11, 29), begins_on=date(2027, 1, 1)
    )
    oldest = late_of_2025(due.duty, province.south)
    client.force_login(lead)
    shown = client.get(page("calendar"))
    assert [row.period for row, _ in shown.context["rows"]] == ["Năm 2025", "Năm 2026", "Năm 2027"]
    assert "2 báo cáo của các năm trước quá hạn chưa nộp" in shown.content.decode()
    assert [row.period for row, _ in client.get(page("calendar"), {"nam": "2025"}).context["rows"]] == ["Năm 2025"]
    due_excuse(actor=lead, due=oldest, reason="Xã mới thành lập")
    due_hand_in(actor=lead, due=due, letter="15/BC-UBND", on=date(2026, 12, 30))
    assert [row.period for row, _ in client.get(page("calendar")).context["rows"]] == ["Năm 2027"]
    assert "Được miễn" in client.get(page("calendar"), {"nam": "2025"}).content.decode()


def test_a_late_report_of_an_earlier_year_is_asked_for(client, province, due, lead, other_coordinator):
    late_of_2025(due.duty, province.south)
    client.force_login(lead)
    client.post(page("dues_remind"))
    assert "Năm 2025, hạn 29/11/2025" in Notice.objects.get(user=other_coordinator).body


# --- From a due to its report and back ------------------------------------------------------------------------------
def test_the_report_of_a_period_is_made_issued_and_handed_in(client, province, due, closed, coordinator):
    client.force_login(coordinator)
    assert f"?ky={due.uuid}" in client.get(page("due", due.uuid)).content.decode()
    address = f"{page('report_new')}?ky={due.uuid}"
    assert "Lập cho Xã Xuân Lương, Năm 2026" in client.get(address).content.decode()
    client.post(address, {"unit": province.north.uuid, "closing": closed.uuid})
    report = Report.objects.get()
    assert (report.duty, report.period) == (due.duty, "Năm 2026")
    form = client.get(page("report_edit", report.uuid)).context["form"]
    written = {name: form[name].value() or "" for name in form.fields}
    assert written["due"] == due.uuid
    client.post(page("report_edit", report.uuid), written | {"signer_title": "Chủ tịch", "signer_name": "Lò Văn Hà"})
    prove(client)
    issue = {"number": "21/BC-UBND", "dated_on": "01/12/2026", "confirmed": "on", "version": "2"}
    client.post(page("report_issue", report.uuid), issue)
    assert "Báo cáo này chưa được ghi là đã nộp" in client.get(page("report", report.uuid)).content.decode()
    client.post(page("due", due.uuid), {"report": report.uuid})
    due.refresh_from_db()
    assert due.report == report
    assert "chưa được ghi là đã nộp" not in client.get(page("report", report.uuid)).content.decode()


def test_another_report_is_refused_on_the_page_with_the_one_that_fits(client, province, due, closed, coordinator):
    said = {"unit": province.north, "closing": closed, "state": ReportState.ISSUED, "dated_on": date(2026, 12, 1)}
    other = ReportFactory(number="20/BC-UBND", **said)
    ReportFactory(number="21/BC-UBND", duty=due.duty, period=due.period, **said)
    client.force_login(coordinator)
    shown = client.get(page("due", due.uuid)).content.decode()
    assert "21/BC-UBND" in shown
    assert "20/BC-UBND" not in shown
    refused = client.post(page("due", due.uuid), {"report": other.uuid}).content.decode()
    assert "Báo cáo hợp với Xã Xuân Lương, Năm 2026: số 21/BC-UBND ngày 01/12/2026." in refused


def test_without_a_closing_within_the_period_the_page_leads_on(client, province, due, closed, coordinator):
    due.begins_on = date(2026, 10, 1)
    due.save()
    client.force_login(coordinator)
    assert "Chưa có kỳ chốt số liệu nào trong Năm 2026" in client.get(
        page("report_new"), {"ky": due.uuid}
    ).content.decode()  # fmt: skip


@pytest.mark.parametrize(("who", "status"), [("coordinator", 403), ("stranger", 404), ("lead", 302)])
def test_who_excuses_and_sets_spans(client, request, due, who, status):
    client.force_login(request.getfixturevalue(who))
    prove(client)
    assert client.post(page("due_excuse", due.uuid), {"reason": "Xã mới"}).status_code == status
    assert client.get(page("decision_span", due.duty.decision.code)).status_code == (200 if who == "lead" else status)


def test_a_span_is_set_from_its_page(client, due, lead):
    client.force_login(lead)
    prove(client)
    address = page("decision_span", due.duty.decision.code)
    said = {"valid_from": "01/01/2024", "valid_until": "31/12/2023", "reason": "QĐ 12/QĐ-UBND"}
    assert "sớm hơn ngày bắt đầu" in client.post(address, said).content.decode()
    assert client.post(address, said | {"valid_until": "31/12/2024"}).status_code == 302
    assert not ReportDue.objects.exists()
    assert "01/01/2024 – 31/12/2024" in client.get(page("duties")).content.decode()


# --- Two people, one draft ------------------------------------------------------------------------------------------
def test_the_second_to_save_is_told_who_saved_and_keeps_their_text(client, report, lead, coordinator):
    client.force_login(coordinator)
    form = client.get(page("report_edit", report.uuid)).context["form"]
    written = {name: form[name].value() or "" for name in form.fields}
    client.force_login(lead)
    client.post(page("report_edit", report.uuid), written | {"part_chung": "Lời của tỉnh."})
    client.force_login(coordinator)
    mine = written | {"part_chung": "Lời của xã."}
    told = client.post(page("report_edit", report.uuid), mine)
    text = told.content.decode()
    assert "Chưa lưu: Vũ Thị Hằng đã lưu báo cáo này lúc" in text
    assert told.context["saved"] == [("Tình hình chung", "Lời của tỉnh.")]
    assert told.context["form"]["part_chung"].value() == "Lời của xã."
    assert "Lời của tỉnh." in text
    report.refresh_from_db()
    assert report.narrative["chung"] == "Lời của tỉnh."
    again = {name: told.context["form"][name].value() or "" for name in told.context["form"].fields}
    assert client.post(page("report_edit", report.uuid), again | {"part_chung": "Của cả hai."}).status_code == 302
    report.refresh_from_db()
    assert report.narrative["chung"] == "Của cả hai."


def test_what_changed_since_it_was_read_is_not_issued(client, report, lead, coordinator):
    said = {"title": "Khác", "signer_title": "Chủ tịch", "signer_name": "Hà"}
    report_save(actor=lead, report=report, version=1, fields=said, parts={})
    client.force_login(coordinator)
    prove(client)
    issue = {"number": "15/BC-UBND", "dated_on": "01/12/2026", "confirmed": "on", "version": "1"}
    told = client.post(page("report_issue", report.uuid), issue, follow=True).content.decode()
    assert "Chưa ban hành. Vũ Thị Hằng đã lưu báo cáo này" in told
    assert Report.objects.get().state == ReportState.DRAFT


# --- Queries --------------------------------------------------------------------------------------------------------
def test_queries_of_a_report_its_form_and_a_due_do_not_depend_on_sizes(client, province, due, report, closed, lead):
    """Indicators, units below, dues and issued reports of the unit: one, then many of each."""
    client.force_login(lead)
    whole = report_draft(actor=lead, unit=province.root, closing=closed)
    pages = [page("report", whole.uuid), page("report_edit", report.uuid), page("due", due.uuid)]
    pages += [page("calendar"), page("report_new"), f"{page('report_new')}?ky={due.uuid}"]
    issued = {
        "unit": province.north, "closing": closed, "duty": due.duty, "period": due.period,
        "state": ReportState.ISSUED, "dated_on": date(2026, 12, 1),
    }  # fmt: skip
    ReportFactory(number="1/BC", **issued)

    def queries():
        found = []
        for address in pages:
            with CaptureQueriesContext(connection) as log:
                assert client.get(address).status_code == 200
            found.append(len(log))
        return found

    queries()
    few = queries()
    for n in range(4):
        unit = UnitFactory(code=f"1{n:04}", name=f"Xã {n}", parent=province.root)
        indicator = IndicatorFactory(code=f"BG23-M{n}")
        for place in (province.root, province.north, unit):
            closed_percent(closed, indicator, place, n, 100)
        more = ReportDueFactory(duty=ReportDutyFactory(), unit=province.north, due_on=date(2026, 11, n + 1))
        ReportFactory(number=f"1{n}/BC", **issued)
        late_of_2025(more.duty, unit)
    structures_rebuild()
    assert queries() == few
    assert max(few) <= 30


# --- A calendar of one's own ----------------------------------------------------------------------------------------
def feed(token):
    return reverse("kpi_feed:calendar", args=[token])


def test_a_person_takes_what_they_owe_into_their_calendar(client, due, province, coordinator, other_coordinator):
    client.force_login(coordinator)
    text = client.get(page("calendar_file")).content.decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert "DTSTART;VALUE=DATE:20261129" in text
    client.post(page("calendar_link"))
    token = CalendarLink.objects.get(user=coordinator).token
    assert feed(token) in client.get(page("calendar")).content.decode()
    client.logout()
    answer = client.get(feed(token))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert str(due.uuid) in answer.content.decode().replace("\r\n ", "")
    due_hand_in(actor=coordinator, due=due, letter="15/BC-UBND", on=date(2026, 12, 1))
    assert "BEGIN:VEVENT" not in client.get(feed(token)).content.decode()
    assert client.get(feed("khac")).status_code == 404
    client.force_login(other_coordinator)
    assert "BEGIN:VEVENT" not in client.get(page("calendar_file")).content.decode()


def test_an_address_ends_when_it_is_changed_given_up_or_the_office_ends(client, due, coordinator):
    client.force_login(coordinator)
    client.post(page("calendar_link"))
    first = CalendarLink.objects.get().token
    client.post(page("calendar_link"))
    second = CalendarLink.objects.get().token
    assert [client.get(feed(token)).status_code for token in (first, second)] == [404, 200]
    coordinator.memberships.update(valid_to=date(2026, 11, 1))
    assert "BEGIN:VEVENT" not in client.get(feed(second)).content.decode()
    coordinator.memberships.update(valid_to=None)
    client.post(page("calendar_link"), {"bo": "1"})
    assert client.get(feed(second)).status_code == 404


def test_who_has_no_office_has_no_calendar(client, learner):
    client.force_login(learner)
    assert client.get(page("calendar_file")).status_code == client.post(page("calendar_link")).status_code == 404
