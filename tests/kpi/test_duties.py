"""Who owes which report: loading, following, making dues, handing in, asking."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.errors import DataError, Forbidden, Refusal
from common.models import AuditEntry
from kpi import duties_loading, loading
from kpi.models import Decision, ReportDue, ReportDuty, ReportKind, ReportState
from kpi.services.dues import LETTER, due_excuse, due_hand_in, due_reopen, dues_make
from kpi.services.duties import decision_span_set, duties_load, duty_set, spans_load
from kpi.services.reporting_reminders import dues_remind
from kpi.tasks import make_dues, remind_dues
from people.models import Notice, Role, UnitKind
from people.services import structures_rebuild
from tests.factories.kpi import DecisionFactory, IndicatorFactory, TargetFactory
from tests.factories.kpi_reports import ClosingFactory, ReportDueFactory, ReportDutyFactory, ReportFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory

SENT = date(2026, 11, 20)
PROVINCES = {"Bắc Giang": 24, "Bình Phước": 7, "Tuyên Quang": 5}


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in ("kpi.services.dues", "kpi.services.duties", "kpi.services.reporting_reminders", "kpi.tasks"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 29))


@pytest.fixture
def duty(province):
    return ReportDutyFactory()


# --- Loading --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "number"), PROVINCES.items())
def test_every_duty_of_the_release_is_read_and_its_reporters_are_known_or_explained(name, number):
    entries = duties_loading.read(loading.DATA, name)
    assert len(entries) == number
    for entry in entries:
        found = duties_loading.named(entry.texts("from_units"))
        assert found.kinds or found.names or all(why for _, why in found.unknown)


@pytest.fixture
def decisions(db):
    for code in ("BG22", "BG23", "BG24"):
        DecisionFactory(code=code)
    return duties_loading.read(loading.DATA, "Bắc Giang")


def test_loading_twice_changes_nothing_and_keeps_what_the_province_set(province, decisions, lead):
    assert duties_load(entries=decisions) == ReportDuty.objects.count() == 24
    followed = set(ReportDuty.objects.filter(is_followed=True).values_list("code", flat=True))
    assert followed == {"BG22-R2", "BG22-R3", "BG24-R1q"}
    duty_set(
        actor=lead, duty=ReportDuty.objects.get(code="BG22-R2"), follow=True, own_day=(5, 12), reason="CV 12/SKHCN"
    )
    duty_set(actor=lead, duty=ReportDuty.objects.get(code="BG24-R1q"), follow=False, own_day=None, reason="Tạm dừng")
    before = list(ReportDuty.objects.values())
    duties_load(entries=decisions)
    assert list(ReportDuty.objects.values()) == before
    assert ReportDuty.objects.get(code="BG22-R2").due_rule["own"] == {"freq": "yearly", "month": 12, "day": 5}


@pytest.mark.parametrize(
    ("file", "change", "field"),
    [
        ("reporting.yaml", {"due_rule": {"freq": "yearly", "month": 13, "day": 1}}, "due_rule"),
        ("reporting.yaml", {"from_units": ["Sở Nào Đó"]}, "from_units"),
        ("reporting.yaml", {"from_units": []}, "from_units"),
        ("reporting.yaml", {"quote": ""}, "quote"),
        ("reporting.yaml", {"code": "XX99-R1"}, "code"),
        ("reporting_units.yaml", {"kinds": ["quận"]}, "kinds"),
        ("reporting_units.yaml", {"kinds": [], "why": ""}, "why"),
        ("reporting_units.yaml", {"kind": ["ward"]}, "kind"),
    ],
)
def test_a_wrong_entry_is_named_with_file_line_and_field(tmp_path, file, change, field):
    for name in ("reporting.yaml", "reporting_units.yaml"):
        shutil.copy(loading.DATA / name, tmp_path / name)
    document = yaml.safe_load((tmp_path / file).read_text())
    next(iter(document.values()))[0].update(change)
    (tmp_path / file).write_text(yaml.safe_dump(document, allow_unicode=True))
    with pytest.raises(DataError) as wrong:
        duties_loading.read(tmp_path, "Bắc Giang")
    assert (wrong.value.file, wrong.value.field) == (file, field)
    assert "dòng" in wrong.value.where


def test_a_duty_of_a_decision_that_is_not_there_is_refused(db):
    with pytest.raises(DataError, match="chưa nạp văn bản"):
        duties_load(entries=duties_loading.read(loading.DATA, "Tuyên Quang"))


# --- Making ---------------------------------------------------------------------------------------------------------
def test_dues_are_made_once_for_the_units_named(province, duty):
    ReportDutyFactory(is_followed=False)
    assert dues_make(year=2026).created == 2
    again = dues_make(year=2026)
    assert (again.created, again.unchanged) == (0, 2)
    dues = ReportDue.objects.order_by("unit__code")
    assert [(d.unit, d.period, d.due_on) for d in dues] == [
        (province.north, "Năm 2026", date(2026, 11, 29)),
        (province.south, "Năm 2026", date(2026, 11, 29)),
    ]


def test_departments_by_name_and_quarters(province):
    ReportDutyFactory(
        from_names=["Sở Thông tin và Truyền thông", "Ban Tuyên giáo Tỉnh uỷ"], frequency="quarterly",
        due_rule={"freq": "quarterly", "day": 20, "month": "last_of_quarter", "before": True}, code="BG24-R1q",
    )  # fmt: skip
    made = dues_make(year=2026)
    assert made.created == 4
    assert made.unmapped == ["BG24-R1q: Ban Tuyên giáo Tỉnh uỷ"]
    assert set(ReportDue.objects.values_list("unit", flat=True)) == {province.department.pk}


def test_a_unit_that_ended_before_the_day_owes_nothing(province, duty):
    province.south.valid_to = date(2026, 7, 1)
    province.south.save()
    dues_make(year=2026)
    assert list(ReportDue.objects.values_list("unit", flat=True)) == [province.north.pk]


def test_communes_of_the_other_province_of_a_merger_owe_nothing(reform):
    """X and Y came from the province that the decision bound; Z came from another one."""
    stranger = UnitFactory(code="9Z", name="Xã Z", parent=reform.new, valid_from=date(2025, 7, 1))
    structures_rebuild()
    duty = ReportDutyFactory()
    TargetFactory(indicator=IndicatorFactory(decision=duty.decision), unit=reform.old)
    dues_make(year=2026)
    assert set(ReportDue.objects.values_list("unit", flat=True)) == {reform.x.pk, reform.y.pk}
    assert stranger.kind == UnitKind.COMMUNE


def test_queries_of_making_do_not_depend_on_units(province, duty):
    def queries():
        ReportDue.objects.all().delete()
        with CaptureQueriesContext(
            connection,
        ) as log:
            dues_make(year=2026)
        return len(log)

    few = queries()
    for n in range(30):
        UnitFactory(code=f"1{n:04}", name=f"Xã {n}", parent=province.root)
    structures_rebuild()
    assert queries() == few
    assert ReportDue.objects.count() == 32


def test_the_task_and_the_command_do_the_same(province, duty):
    out = StringIO()
    call_command("report_dues", "--year", "2026", "--dry-run", "--json", stdout=out)
    assert json.loads(out.getvalue())["created"] == 2
    assert not ReportDue.objects.exists()
    assert make_dues() == 2
    call_command("report_dues", "--year", "2026", stdout=out)
    assert "0 báo cáo mới, 0 đổi hạn, 2 không đổi" in out.getvalue()
    with pytest.raises(CommandError, match="2000–2100"):
        call_command("report_dues", "--year", "99")


# --- Following ------------------------------------------------------------------------------------------------------
def test_an_own_day_moves_what_is_open_and_leaves_what_was_handed_in(province, duty, lead, coordinator):
    dues_make(year=2026)
    due_hand_in(actor=coordinator, due=ReportDue.objects.get(unit=province.north), letter="15/BC-UBND", on=SENT)
    duty_set(actor=lead, duty=duty, follow=True, own_day=(5, 12), reason="CV 12/SKHCN")
    days = dict(ReportDue.objects.values_list("unit__code", "due_on"))
    assert days == {"07246": date(2026, 11, 29), "07288": date(2026, 12, 5)}
    entry = AuditEntry.objects.get(act="kpi.duty_set")
    assert entry.detail["reason"] == "CV 12/SKHCN"
    assert entry.before["due"] == "chậm nhất 29/11 hằng năm"
    duty_set(actor=lead, duty=duty, follow=True, own_day=None, reason="Theo lại văn bản")
    assert set(ReportDue.objects.values_list("due_on", flat=True)) == {date(2026, 11, 29)}


def test_unfollowing_drops_what_is_open(province, duty, lead, coordinator):
    dues_make(year=2026)
    due_hand_in(actor=coordinator, due=ReportDue.objects.get(unit=province.north), letter="15/BC-UBND", on=SENT)
    duty_set(actor=lead, duty=duty, follow=False, own_day=None, reason="Không còn hiệu lực")
    assert list(ReportDue.objects.values_list("unit", flat=True)) == [province.north.pk]


@pytest.mark.parametrize(
    ("change", "asked", "code"),
    [
        ({}, {"reason": " "}, "no_reason"),
        ({"due_rule": None}, {}, "no_day"),
        ({"due_rule": {"freq": "quarterly"}, "frequency": "quarterly"}, {}, "no_day"),
        ({}, {"own_day": (31, 11)}, "bad_day"),
        ({}, {"own_day": (3, None)}, "bad_day"),
        ({"frequency": "adhoc", "due_rule": None}, {"own_day": (3, 4)}, "bad_day"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(province, lead, change, asked, code):
    duty = ReportDutyFactory(**change)
    before = ReportDuty.objects.values().get()
    with pytest.raises(Refusal) as refused:
        duty_set(actor=lead, duty=duty, **{"follow": True, "own_day": None, "reason": "CV 12"} | asked)
    assert refused.value.code == code
    assert refused.value.fix
    assert ReportDuty.objects.values().get() == before


def test_only_a_keeper_of_the_province_sets_duties(province, duty, coordinator, learner):
    said = {"duty": duty, "follow": False, "own_day": None, "reason": "CV 12"}
    with pytest.raises(Forbidden):
        duty_set(actor=coordinator, **said)
    with pytest.raises(Http404):
        duty_set(actor=learner, **said)


# --- Handing in -----------------------------------------------------------------------------------------------------
@pytest.fixture
def due(province, duty):
    return ReportDueFactory(duty=duty, unit=province.north)


def test_a_letter_hands_in_on_the_day_it_was_sent(due, coordinator):
    handed = due_hand_in(actor=coordinator, due=due, letter=" 15/BC-UBND ", on=date(2026, 11, 20))
    assert (handed.handed_in_note, handed.handed_in_at.date()) == ("15/BC-UBND", date(2026, 11, 20))
    assert AuditEntry.objects.get(act="kpi.due_handed_in").detail["number"] == "15/BC-UBND"


def a_report(unit, province, **more):
    """A report with the closing of the third quarter, issued unless said otherwise."""
    closing = ClosingFactory(unit=province.root, structure=province.structure)
    said = {"state": ReportState.ISSUED, "number": "15/BC-UBND", "dated_on": date(2026, 11, 25)}
    return ReportFactory(unit=unit, closing=closing, **said | more)


def made_for(due, province, **more):
    return a_report(due.unit, province, duty=due.duty, period=due.period, **more)


def test_the_report_issued_for_this_duty_unit_and_period_hands_in(province, due, coordinator):
    report = made_for(due, province)
    handed = due_hand_in(actor=coordinator, due=due, report=report)
    assert (handed.report, handed.handed_in_at.date()) == (report, date(2026, 11, 25))


WRONG_REPORTS = {
    "other_unit": lambda due, province: a_report(province.south, province, duty=due.duty, period=due.period),
    "not_issued": lambda due, province: made_for(due, province, state=ReportState.DRAFT, number="", dated_on=None),
    "other_duty": lambda due, province: a_report(due.unit, province, duty=ReportDutyFactory(), period=due.period),
    "other_duty for nobody": lambda due, province: a_report(due.unit, province),
    "other_duty a briefing": lambda due, province: made_for(due, province, kind=ReportKind.BRIEFING),
    "other_period": lambda due, province: a_report(due.unit, province, duty=due.duty, period="Năm 2025"),
}


@pytest.mark.parametrize("wrong", WRONG_REPORTS)
def test_another_report_does_not_settle_a_due_and_the_one_that_would_is_named(province, due, coordinator, wrong):
    report = WRONG_REPORTS[wrong](due, province)
    if fits := wrong != "other_period":
        ReportFactory(
            unit=due.unit, closing=report.closing, duty=due.duty, period=due.period, number="21/BC-UBND",
            state=ReportState.ISSUED, dated_on=date(2026, 11, 26),
        )  # fmt: skip
    with pytest.raises(Refusal) as refused:
        due_hand_in(actor=coordinator, due=due, report=report)
    assert refused.value.code == wrong.split()[0]
    says = "số 21/BC-UBND ngày 26/11/2026" if fits else "Bấm «Lập báo cáo cho kỳ này»"
    assert says in refused.value.fix
    due.refresh_from_db()
    assert due.is_open


WRONG_LETTERS = [
    ({"letter": " "}, "nothing_handed_in"),
    ({"letter": "đã nộp"}, "bad_letter"),
    ({"letter": "15"}, "bad_letter"),
    ({"on": None}, "no_date"),
    ({"on": date(2026, 12, 1)}, "day_to_come"),
    ({"on": date(2025, 12, 31)}, "before_period"),
    ({"letter": "7/bc-ubnd"}, "letter_taken"),
]


def test_a_letter_needs_number_and_day_of_its_own(due, coordinator):
    ReportDueFactory(
        duty=due.duty, unit=due.unit, period="Năm 2025", due_on=date(2025, 11, 29), handed_in_note="7/BC-UBND",
        handed_in_at=datetime(2026, 1, 5, 5, tzinfo=UTC),
    )  # fmt: skip
    for said, code in WRONG_LETTERS:
        whole = {"letter": "15/BC-UBND", "on": SENT} | said
        with pytest.raises(Refusal) as refused:
            due_hand_in(actor=coordinator, due=due, **whole)
        assert refused.value.code == code
        assert refused.value.fix
    due.refresh_from_db()
    assert due.is_open


@pytest.mark.parametrize("letter", ["15/BC-UBND", "1234-CV/TU", "12/SKHCN-CĐS", "7a/BC-UBND.VX"])
def test_numbers_of_letters_as_offices_write_them(letter):
    assert LETTER.fullmatch(letter)


def test_what_is_settled_is_settled_once(province, due, coordinator, lead):
    with pytest.raises(Refusal, match="Vừa chọn"):
        due_hand_in(actor=coordinator, due=due, report=made_for(due, province), letter="15/BC-UBND", on=SENT)
    due_hand_in(actor=coordinator, due=due, letter="15/BC-UBND", on=SENT)
    for again in (
        lambda: due_hand_in(actor=coordinator, due=due, letter="16/BC-UBND", on=SENT),
        lambda: due_excuse(actor=lead, due=due, reason="Không phải nộp"),
    ):
        with pytest.raises(Refusal) as refused:
            again()
        assert refused.value.code == "handed_in"


# --- Excusing -------------------------------------------------------------------------------------------------------
def test_who_is_excused_owes_nothing_until_it_is_opened_again(due, coordinator, lead):
    with pytest.raises(Forbidden):
        due_excuse(actor=coordinator, due=due, reason="Chúng tôi bận")
    with pytest.raises(Refusal, match="lý do"):
        due_excuse(actor=lead, due=due, reason=" ")
    excused = due_excuse(actor=lead, due=due, reason="Xã mới thành lập tháng 11")
    assert not ReportDue.objects.open().exists()
    assert AuditEntry.objects.get(act="kpi.due_excused").detail["reason"] == "Xã mới thành lập tháng 11"
    with pytest.raises(Refusal, match="được miễn"):
        due_hand_in(actor=coordinator, due=excused, letter="15/BC-UBND", on=SENT)
    assert dues_make(year=2026).unchanged == 1
    assert due_reopen(actor=lead, due=due, reason="Miễn nhầm").is_open


def test_rights_of_handing_in_and_reopening(due, coordinator, other_coordinator, stranger, lead):
    with pytest.raises(Forbidden):
        due_hand_in(actor=other_coordinator, due=due, letter="1/BC", on=SENT)
    with pytest.raises(Http404):
        due_hand_in(actor=stranger, due=due, letter="1/BC", on=SENT)
    with pytest.raises(Refusal, match="chưa được nộp"):
        due_reopen(actor=lead, due=due, reason="Nhầm")
    due_hand_in(actor=coordinator, due=due, letter="1/BC", on=SENT)
    with pytest.raises(Forbidden):
        due_reopen(actor=coordinator, due=due, reason="Nhầm")
    with pytest.raises(Refusal, match="lý do"):
        due_reopen(actor=lead, due=due, reason="")
    assert due_reopen(actor=lead, due=due, reason="Ghi nhầm số").handed_in_at is None


# --- Validity -------------------------------------------------------------------------------------------------------
QUARTERS = {"freq": "quarterly", "day": 20, "month": "last_of_quarter", "before": True}


@pytest.fixture
def quarterly(province):
    """The duty of a plan for 2024: its quarters are made of that year alone."""
    decision = DecisionFactory(code="BG24", title="Kế hoạch 2024")
    decision.valid_from, decision.valid_until = date(2024, 1, 1), date(2024, 12, 31)
    decision.save()
    return ReportDutyFactory(decision=decision, code="BG24-R1q", frequency="quarterly", due_rule=QUARTERS)


def test_a_plan_of_one_year_asks_for_nothing_in_another(quarterly):
    assert dues_make(year=2026).created == 0
    Decision.objects.update(valid_until=date(2026, 9, 30))
    assert dues_make(year=2026).created == 2 * 3
    Decision.objects.update(valid_from=None, valid_until=None)
    assert dues_make(year=2026).created == 2


def test_what_was_counted_late_outside_the_span_goes(quarterly, province, coordinator):
    """As an installation finds it that knew no spans: open dues of 2026 go, what was handed in stays."""
    open_, _ = (
        ReportDueFactory(
            duty=quarterly, unit=unit, period="Quý I/2026", due_on=date(2026, 3, 19), until=date(2026, 3, 31)
        )
        for unit in (province.north, province.south)
    )
    due_hand_in(actor=coordinator, due=open_, letter="15/BC-UBND", on=date(2026, 3, 1))
    assert dues_make(year=2026).dropped == 1
    assert list(ReportDue.objects.values_list("unit", flat=True)) == [province.north.pk]


def test_spans_of_the_release_are_loaded_and_an_own_one_stays(decisions, province, lead):
    spans_load(spans=duties_loading.spans_read(loading.DATA))
    held = dict(Decision.objects.values_list("code", "valid_until"))
    assert held == {"BG22": date(2030, 12, 31), "BG23": date(2030, 12, 31), "BG24": date(2024, 12, 31)}
    plan = Decision.objects.get(code="BG24")
    assert "năm 2024" in plan.valid_source
    decision_span_set(
        actor=lead, decision=plan, valid_from=date(2024, 1, 1), valid_until=date(2026, 12, 31), reason="QĐ 12/QĐ-UBND"
    )
    spans_load(spans=duties_loading.spans_read(loading.DATA))
    plan.refresh_from_db()
    assert (plan.valid_until, plan.valid_source, plan.valid_is_own) == (date(2026, 12, 31), "QĐ 12/QĐ-UBND", True)


def test_a_lead_sets_the_span_and_the_calendar_follows(quarterly, province, lead, coordinator):
    said = {"actor": lead, "decision": quarterly.decision, "valid_from": date(2024, 1, 1)}
    decision_span_set(**said, valid_until=date(2026, 6, 30), reason="QĐ 12/QĐ-UBND")
    assert set(ReportDue.objects.values_list("period", flat=True)) == {"Quý I/2026", "Quý II/2026"}
    decision_span_set(**said, valid_until=date(2024, 12, 31), reason="Kế hoạch của năm 2024")
    assert not ReportDue.objects.exists()
    entry = AuditEntry.objects.filter(act="kpi.decision_span_set").latest("pk")
    assert (entry.before["valid_until"], entry.after["valid_until"]) == ("30/06/2026", "31/12/2024")
    assert entry.detail["dropped"] == 4
    for change, code in (({"reason": " "}, "no_reason"), ({"valid_until": date(2023, 1, 1)}, "bad_span")):
        with pytest.raises(Refusal) as refused:
            decision_span_set(**said, **{"valid_until": date(2024, 12, 31), "reason": "QĐ"} | change)
        assert refused.value.code == code
    with pytest.raises(Forbidden):
        decision_span_set(**said | {"actor": coordinator}, valid_until=None, reason="QĐ")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"until": "2024"}, "until"),
        ({"until": date(2021, 1, 1)}, "until"),
        ({"decision": "XX99"}, "decision"),
        ({"quote": ""}, "quote"),
        ({"untill": date(2024, 1, 1)}, "untill"),
    ],
)
def test_a_wrong_span_is_named(tmp_path, change, field):
    document = yaml.safe_load((loading.DATA / duties_loading.SPANS).read_text())
    document["spans"][0].update(change)
    (tmp_path / duties_loading.SPANS).write_text(yaml.safe_dump(document, allow_unicode=True))
    with pytest.raises(DataError) as wrong:
        duties_loading.spans_read(tmp_path)
    assert wrong.value.field == field


# --- Asking ---------------------------------------------------------------------------------------------------------
def test_a_reminder_names_each_report_unit_and_day_once_a_day(province, duty, coordinator, other_coordinator, lead):
    """Of Xã Yên Thế, which owes a late report, one that comes due, and one far off, beside what Xã Xuân Lương did."""
    due_hand_in(
        actor=coordinator, due=ReportDueFactory(duty=duty, unit=province.north), letter="15/BC-UBND", on=SENT
    )  # fmt: skip
    for period, day in (("Năm 2025", date(2025, 11, 29)), ("Năm 2026", date(2026, 12, 10)), ("Xa", date(2026, 12, 14))):
        ReportDueFactory(duty=duty, unit=province.south, period=period, due_on=day)
    ReportDueFactory(duty=duty, unit=province.department, due_on=date(2026, 11, 1))
    told = dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/quan-ly/chi-tieu/lich-bao-cao/")
    made = told.notices
    assert told.silent == [province.department]
    assert [notice.user for notice in made] == [other_coordinator]
    assert made[0].subject == "1 báo cáo quá hạn, 1 báo cáo sắp đến hạn"
    assert made[0].body.splitlines() == [
        "Tỉnh Bắc Ninh nhắc nộp báo cáo:",
        f"- Xã Yên Thế: {duty.subject}, Năm 2025, hạn 29/11/2025, đã quá 365 ngày.",
        f"- Xã Yên Thế: {duty.subject}, Năm 2026, hạn 10/12/2026, còn 11 ngày.",
        "Mở Lịch báo cáo để nộp, hoặc ghi số và ngày công văn đã gửi.",
    ]
    again = dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/")
    assert (again.notices, again.lately) == ([], 1)
    assert Notice.objects.count() == 1
    with pytest.raises(Forbidden):
        dues_remind(actor=coordinator, dues=ReportDue.objects.all(), path="/")
    Notice.objects.update(made_at=timezone.now() - timedelta(days=1))
    assert len(dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/").notices) == 1


@pytest.mark.parametrize(("days", "reminded"), [(14, False), (15, True), (0, False)])
def test_how_long_before_the_day_is_set_for_each_duty(province, coordinator, lead, days, reminded):
    ReportDueFactory(duty=ReportDutyFactory(remind_days=days), unit=province.north, due_on=date(2026, 12, 14))
    if reminded:
        assert dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/").notices
        return
    with pytest.raises(Refusal) as refused:
        dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/")
    assert refused.value.code == "nothing_to_remind"


def test_a_long_list_is_cut_and_says_so(province, duty, coordinator, lead):
    for n in range(15):
        ReportDueFactory(duty=duty, unit=province.north, period=f"Kỳ {n}", due_on=date(2026, 10, 1 + n))
    (notice,) = dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/").notices
    assert notice.subject == "15 báo cáo quá hạn"
    assert notice.body.splitlines()[13] == "- Và 3 báo cáo khác."


def test_nobody_to_remind_is_said(province, due, lead):
    with pytest.raises(Refusal, match="Không có ai để nhắc"):
        dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/")


@pytest.fixture
def owing(province, duty):
    """The south owes a late report and one that comes due, the north one that is far off, the department a late one."""
    for period, day in (("Năm 2025", date(2025, 11, 29)), ("Năm 2026", date(2026, 12, 10))):
        ReportDueFactory(duty=duty, unit=province.south, period=period, due_on=day)
    ReportDueFactory(duty=duty, unit=province.north, due_on=date(2026, 12, 14))
    ReportDueFactory(duty=duty, unit=province.department, due_on=date(2026, 11, 1))


def test_every_morning_sends_what_the_button_would_send_once_a_day(
    owing, province, coordinator, other_coordinator, lead
):
    assert settings.CELERY_BEAT_SCHEDULE["remind-of-report-dues"]["task"] == remind_dues.name
    assert remind_dues() == 1
    (notice,) = Notice.objects.all()
    assert (notice.user, notice.actor, notice.unit) == (other_coordinator, None, province.root)
    assert notice.path == reverse("kpi:calendar")
    assert AuditEntry.objects.get(act="kpi.dues_reminded").detail["people"] == 1
    assert remind_dues() == 0, "a repeat sends nothing"
    by_button = dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/")
    assert (by_button.notices, by_button.lately) == ([], 1), "nor does the button on the same day"
    Notice.objects.all().delete()
    (said,) = dues_remind(actor=lead, dues=ReportDue.objects.all(), path=notice.path).notices
    assert (said.subject, said.body) == (notice.subject, notice.body)
    assert remind_dues() == 0, "whom the button reminded today the morning leaves alone"
    Notice.objects.update(made_at=timezone.now() - timedelta(days=1))
    assert remind_dues() == 1, "on the next day the report is still owed"


def test_the_morning_has_nothing_to_say_where_nothing_is_owed(province):
    assert remind_dues() == 0
    assert not AuditEntry.objects.filter(act="kpi.dues_reminded").exists()


def test_the_command_reminds_and_tries(owing, province, other_coordinator):
    def said(*more):
        out = StringIO()
        call_command("report_remind", "--json", *more, stdout=out)
        return json.loads(out.getvalue())

    told = {"dues": 3, "reminded": 1, "reminded_today": 0, "without_reporter": [province.department.name]}
    assert said("--dry-run") == told | {"dry_run": True}
    assert not Notice.objects.exists()
    assert said() == told | {"dry_run": False}
    assert said() == told | {"dry_run": False, "reminded": 0, "reminded_today": 1}
    out = StringIO()
    call_command("report_remind", stdout=out)
    assert out.getvalue().splitlines()[:2] == [
        "3 báo cáo quá hạn hoặc sắp đến hạn: nhắc 0 đầu mối.",
        "1 đầu mối đã được nhắc hôm nay.",
    ]


def test_the_command_without_a_province_is_refused(db):
    with pytest.raises(CommandError) as refused:
        call_command("report_remind")
    assert refused.value.returncode == 2
    assert remind_dues() == 0


def test_queries_of_reminding_do_not_depend_on_units(province, duty, lead):
    def queries():
        ReportDue.objects.all().delete()
        Notice.objects.all().delete()
        dues_make(year=2026)
        with CaptureQueriesContext(connection) as log:
            dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/")
        return len(log)

    MembershipFactory(user=UserFactory(), unit=province.north, role=Role.COORDINATOR, audience=province.staff)
    few = queries()
    for n in range(10):
        unit = UnitFactory(code=f"1{n:04}", name=f"Xã {n}", parent=province.root)
        MembershipFactory(user=UserFactory(), unit=unit, role=Role.COORDINATOR, audience=province.staff)
    structures_rebuild()
    assert queries() == few
