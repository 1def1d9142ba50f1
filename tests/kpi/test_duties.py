"""Who owes which report: loading, following, making dues, handing in, asking."""

from __future__ import annotations

import json
import shutil
from datetime import date
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from common.errors import DataError, Forbidden, Refusal
from common.models import AuditEntry
from kpi import duties_loading, loading
from kpi.models import ReportDue, ReportDuty, ReportState
from kpi.services.dues import due_hand_in, due_reopen, dues_make, dues_remind
from kpi.services.duties import duties_load, duty_set
from kpi.tasks import make_dues
from people.models import Notice, Role, UnitKind
from people.services import structures_rebuild
from tests.factories.kpi import DecisionFactory, IndicatorFactory, TargetFactory
from tests.factories.kpi_reports import ClosingFactory, ReportDueFactory, ReportDutyFactory, ReportFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory

PROVINCES = {"Bắc Giang": 24, "Bình Phước": 7, "Tuyên Quang": 5}


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in ("kpi.services.dues", "kpi.services.duties", "kpi.tasks"):
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
    due_hand_in(actor=coordinator, due=ReportDue.objects.get(unit=province.north), letter="15/BC-UBND")
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
    due_hand_in(actor=coordinator, due=ReportDue.objects.get(unit=province.north), letter="15/BC-UBND")
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
    closing = ClosingFactory(unit=province.root, structure=province.structure)
    return ReportFactory(unit=unit, closing=closing, **more)


def test_an_issued_report_of_the_unit_hands_in(province, due, coordinator):
    report = a_report(
        province.north, province, state=ReportState.ISSUED, number="15/BC-UBND", dated_on=date(2026, 11, 25)
    )
    handed = due_hand_in(actor=coordinator, due=due, report=report)
    assert (handed.report, handed.handed_in_at.date()) == (report, date(2026, 11, 25))


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("nothing", "nothing_handed_in"),
        ("other unit", "other_unit"),
        ("draft", "not_issued"),
        ("to come", "day_to_come"),
        ("twice", "handed_in"),
    ],
)
def test_a_hand_in_that_cannot_be_is_refused(province, due, coordinator, how, code):
    said = {"letter": "15/BC-UBND"}
    if how == "nothing":
        said = {}
    elif how == "other unit":
        said = {"report": a_report(province.south, province, state=ReportState.ISSUED, dated_on=date(2026, 11, 1))}
    elif how == "draft":
        said = {"report": a_report(province.north, province)}
    elif how == "to come":
        said["on"] = date(2026, 12, 1)
    elif how == "twice":
        due_hand_in(actor=coordinator, due=due, **said)
    before = ReportDue.objects.values().get()
    with pytest.raises(Refusal) as refused:
        due_hand_in(actor=coordinator, due=due, **said)
    assert refused.value.code == code
    assert refused.value.fix
    assert ReportDue.objects.values().get() == before


def test_rights_of_handing_in_and_reopening(due, coordinator, other_coordinator, stranger, lead):
    with pytest.raises(Forbidden):
        due_hand_in(actor=other_coordinator, due=due, letter="1")
    with pytest.raises(Http404):
        due_hand_in(actor=stranger, due=due, letter="1")
    with pytest.raises(Refusal, match="chưa được nộp"):
        due_reopen(actor=lead, due=due, reason="Nhầm")
    due_hand_in(actor=coordinator, due=due, letter="1")
    with pytest.raises(Forbidden):
        due_reopen(actor=coordinator, due=due, reason="Nhầm")
    with pytest.raises(Refusal, match="lý do"):
        due_reopen(actor=lead, due=due, reason="")
    assert due_reopen(actor=lead, due=due, reason="Ghi nhầm số").handed_in_at is None


# --- Asking ---------------------------------------------------------------------------------------------------------
def test_reminders_reach_the_coordinators_who_owe_once(province, duty, coordinator, other_coordinator, lead):
    dues_make(year=2026)
    due_hand_in(actor=coordinator, due=ReportDue.objects.get(unit=province.north), letter="15/BC-UBND")
    made = dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/quan-ly/chi-tieu/lich-bao-cao/")
    assert [notice.user for notice in made] == [other_coordinator]
    assert dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/") == []
    assert Notice.objects.count() == 1
    with pytest.raises(Forbidden):
        dues_remind(actor=coordinator, dues=ReportDue.objects.all(), path="/")


def test_nobody_to_remind_is_said(province, due, lead):
    with pytest.raises(Refusal, match="Không có ai để nhắc"):
        dues_remind(actor=lead, dues=ReportDue.objects.all(), path="/")


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
