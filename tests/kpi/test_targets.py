"""Targets: versions, rights, what the loader leaves alone, and the pages."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from common.errors import Forbidden, Refusal
from common.models import AuditEntry
from kpi.figures import target_for
from kpi.loading import Entry, Feed
from kpi.models import AudiencePopulation, Indicator, Target, TargetVersion
from kpi.services import target_allocate, target_set, target_withdraw
from kpi.services.targets_loading import target_load
from people.models import UnitKind, UnitSuccession
from people.services import structures_rebuild
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import MembershipFactory, UnitFactory
from tests.factories.rosters import xlsx_bytes
from tests.proof import prove

MODULES = ("kpi.forms", "kpi.figures", "kpi.denominators", "kpi.services.targets", "kpi.standing", "kpi.allocations",
           "kpi.services.allocating", "kpi.views_allocation")  # fmt: skip
PAPERS = {"decision_no": "84/KH-UBND", "decided_on": date(2026, 5, 19), "reason": "Theo kế hoạch năm"}


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in MODULES:
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 20))


@pytest.fixture
def indicator(province):
    return IndicatorFactory(code="BG23-T", audiences=[province.citizen])


def give(actor, indicator, unit, value="70", **more):
    words = {"measured_in": "%", "comparator": ">=", "year": 2030} | PAPERS | more
    value = None if value is None else Decimal(value)
    return target_set(actor=actor, indicator=indicator, unit=unit, value=value, **words)


# --- Setting --------------------------------------------------------------------------------------------------------
def test_each_change_is_a_version_with_its_decision(province, indicator, lead):
    give(lead, indicator, province.root)
    give(lead, indicator, province.root, "80", decision_no="99/QĐ-UBND", seen=1)
    assert Target.objects.get().value == 80
    newest, first = TargetVersion.objects.all()
    assert (newest.number, newest.value, newest.decision_no, newest.set_by) == (2, 80, "99/QĐ-UBND", lead)
    assert (first.number, first.value, first.decided_on) == (1, 70, date(2026, 5, 19))
    entry = AuditEntry.objects.filter(act="target_set").first()
    assert (entry.before["target"], entry.after["target"]) == ("≥ 70 %, năm 2030", "≥ 80 %, năm 2030")
    assert entry.unit_uuid == province.root.uuid


def test_the_same_again_writes_nothing(province, indicator, lead):
    give(lead, indicator, province.root)
    assert not give(lead, indicator, province.root).changed
    assert TargetVersion.objects.count() == AuditEntry.objects.count() == 1


def test_a_percentage_of_nobody_known_is_saved_with_a_warning(province, indicator, lead):
    assert "Chưa có số người phải học" in give(lead, indicator, province.root).warnings[0]
    AudiencePopulation.objects.create(
        audience=province.citizen, unit=province.root, year=2025, value=900, source="Niên giám"
    )
    assert give(lead, indicator, province.root, "75").warnings == []


@pytest.mark.parametrize(
    ("value", "more", "code"),
    [
        ("110", {}, "over_hundred"),
        ("70", {"decision_no": ""}, "decision_missing"),
        ("70", {"decided_on": None}, "decided_on_missing"),
        ("70", {"reason": ""}, "reason_missing"),
        ("70", {"seen": 3}, "changed_meanwhile"),
    ],
)
def test_wrong_input_saves_nothing(province, indicator, lead, value, more, code):
    with pytest.raises(Refusal) as refused:
        give(lead, indicator, province.root, value, **more)
    assert refused.value.code == code
    assert not Target.objects.exists()
    assert not TargetVersion.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_unit_of_another_time_is_refused_with_what_it_became(province, indicator, lead):
    old = UnitFactory(
        code="07240", name="Xã Cũ", parent=province.root, valid_from=date(2025, 7, 1), valid_to=date(2026, 1, 1)
    )
    UnitSuccession.objects.create(predecessor=old, successor=province.north, effective_on=date(2026, 1, 1))
    structures_rebuild()
    with pytest.raises(Refusal, match="Xã Xuân Lương") as refused:
        give(lead, indicator, old)
    assert refused.value.code == "unit_not_standing"


@pytest.mark.parametrize("who", ["coordinator", "official"])
def test_who_only_reads_figures_sets_none(request, province, indicator, who):
    with pytest.raises(Forbidden):
        give(request.getfixturevalue(who), indicator, province.north)


# --- Withdrawing ----------------------------------------------------------------------------------------------------
def test_withdrawing_leaves_the_versions(province, indicator, lead):
    give(lead, indicator, province.root)
    target_withdraw(actor=lead, indicator=indicator, unit=province.root, **PAPERS)
    assert not Target.objects.exists()
    newest = TargetVersion.objects.first()
    assert (newest.number, newest.is_withdrawn, newest.value) == (2, True, 70)
    give(lead, indicator, province.root, "60")
    assert TargetVersion.objects.first().number == 3


def test_nothing_can_be_withdrawn_twice(province, indicator, lead):
    with pytest.raises(Refusal) as refused:
        target_withdraw(actor=lead, indicator=indicator, unit=province.root, **PAPERS)
    assert refused.value.code == "no_target"


# --- The loader -----------------------------------------------------------------------------------------------------
def entry(**data):
    said = {"code": "BG23-T", "target_value": 70, "unit": "%", "comparator": ">=", "target_year": 2030} | data
    return Entry("kpi_targets.yaml", said, "mục 1")


def load(indicator, unit, *, confirmed=True, **data):
    one = entry(**data)
    return target_load(indicator, one, Feed(one, target_confirmed=confirmed), unit)


def test_the_loader_writes_version_one_and_then_only_what_changed(province, indicator):
    for data in ({}, {}, {"target_value": 75}, {"target_value": 75}):
        assert load(indicator, province.root, **data) == ""
    assert [(v.number, v.value, v.decision_no, v.set_by) for v in TargetVersion.objects.all()] == [
        (2, 75, "BG23", None),
        (1, 70, "BG23", None),
    ]
    assert Target.objects.get().value == 75


def test_the_loader_leaves_alone_what_a_person_set_and_says_so(province, indicator, lead):
    load(indicator, province.root)
    give(lead, indicator, province.root, "85")
    differs = load(indicator, province.root)
    assert "85" in differs
    assert "70" in differs
    assert Target.objects.get().value == 85
    assert TargetVersion.objects.count() == 2
    assert load(indicator, province.root, target_value=85) == ""


def test_the_loader_does_not_bring_back_what_a_person_withdrew(province, indicator, lead):
    load(indicator, province.root)
    target_withdraw(actor=lead, indicator=indicator, unit=province.root, **PAPERS)
    assert "đã rút" in load(indicator, province.root)
    assert not Target.objects.exists()


def test_what_the_file_no_longer_confirms_is_withdrawn(province, indicator):
    load(indicator, province.root)
    load(indicator, province.root, confirmed=False)
    assert not Target.objects.exists()
    assert TargetVersion.objects.first().is_withdrawn


# --- Allocation -----------------------------------------------------------------------------------------------------
@pytest.fixture
def shared(province, indicator, lead):
    """Thirty experts asked of the province; head-counts 100, 200 and 0 below."""
    for unit, value in ((province.north, 100), (province.south, 200)):
        AudiencePopulation.objects.create(audience=province.citizen, unit=unit, year=2025, value=value, source="NGTK")
    target = give(lead, indicator, province.root, "30", measured_in="người").target
    return SimpleNamespace(target=target, indicator=indicator, province=province)


def allocate(actor, shared, shares, **more):
    given = {unit: None if value is None else Decimal(value) for unit, value in shares.items()}
    return target_allocate(actor=actor, target=shared.target, shares=given, **(PAPERS | more))


def test_shares_become_targets_of_the_units(shared, lead):
    p = shared.province
    assert allocate(lead, shared, {p.north: 10, p.south: 20}) == 2
    assert allocate(lead, shared, {p.north: 10, p.south: 20}) == 0
    assert allocate(lead, shared, {p.north: 30, p.south: None}) == 2
    shares = Target.objects.filter(allocated_from=shared.target)
    assert [(t.unit, t.value, t.measured_in) for t in shares] == [(p.north, 30, "người")]
    assert [v.is_withdrawn for v in TargetVersion.objects.filter(unit=p.south)] == [True, False]
    log = AuditEntry.objects.filter(act="target_allocate", unit_uuid=p.south.uuid).first()
    assert (log.before["target"], log.after["target"]) == ("≥ 20 người, năm 2030", "")


@pytest.mark.parametrize(
    ("north", "south", "more", "code"),
    [
        (10, 19, {}, "sum_differs"),
        (10, 21, {}, "sum_differs"),
        (-1, 31, {"differs": True}, "negative"),
        ("10.5", "19.5", {}, "not_whole"),
        (10, 20, {"reason": ""}, "reason_missing"),
    ],
)
def test_shares_that_are_refused_write_nothing(shared, lead, north, south, more, code):
    before = TargetVersion.objects.count()
    with pytest.raises(Refusal) as refused:
        allocate(lead, shared, {shared.province.north: north, shared.province.south: south}, **more)
    assert refused.value.code == code
    assert TargetVersion.objects.count() == before


def test_more_or_less_goes_with_a_reason(shared, lead):
    assert allocate(lead, shared, {shared.province.north: 40}, differs=True) == 1


def test_only_units_right_below_get_a_share(shared, lead, province):
    team = UnitFactory(code="TO1", kind=UnitKind.TEAM, parent=province.north)
    structures_rebuild()
    with pytest.raises(Refusal) as refused:
        allocate(lead, shared, {team: 30})
    assert refused.value.code == "unit_not_below"


def test_a_target_of_the_units_own_is_not_overwritten(shared, lead, province):
    give(lead, shared.indicator, province.north, "5", measured_in="người")
    with pytest.raises(Refusal) as refused:
        allocate(lead, shared, {province.north: 10, province.south: 20})
    assert refused.value.code == "own_target"


def test_a_target_with_shares_is_not_withdrawn(shared, lead, province):
    allocate(lead, shared, {province.north: 10, province.south: 20})
    with pytest.raises(Refusal) as refused:
        target_withdraw(actor=lead, indicator=shared.indicator, unit=province.root, **PAPERS)
    assert refused.value.code == "has_shares"


def test_a_share_in_percent_holds_for_its_unit_alone(province, indicator, lead):
    whole = give(lead, indicator, province.root).target
    share = Target.objects.create(
        indicator=indicator, unit=province.north, value=60, measured_in="%", comparator=">=", allocated_from=whole
    )
    assert target_for([share, whole], province.north, ()) == share
    assert target_for([share, whole], province.south, ()) == whole


def test_a_unit_not_kept_is_not_allocated_from(shared, coordinator, province):
    with pytest.raises(Forbidden):
        allocate(coordinator, shared, {province.north: 30})


# --- Pages ----------------------------------------------------------------------------------------------------------
def url(name, unit, *args, **query):
    return f"{reverse(f'kpi:{name}', args=args)}?{urlencode({'don-vi': unit.uuid} | query)}"


FORM = {
    "comparator": ">=", "value": "70,5", "measured_in": "%", "year": "2030", "decision_no": "84/KH-UBND",
    "decided_on": "19/05/2026", "reason": "Theo kế hoạch", "seen": "0",
}  # fmt: skip


@pytest.mark.parametrize(
    ("who", "reading", "keeping"),
    [("lead", 200, 200), ("coordinator", 200, 403), ("other_coordinator", 403, 403), ("stranger", 404, 404)],
)
def test_who_may_open_the_pages(client, request, province, indicator, lead, who, reading, keeping):
    give(lead, indicator, province.north, "5", measured_in="người")
    client.force_login(request.getfixturevalue(who))
    for name, args in (("targets", ()), ("target_history", ("BG23-T",)), ("findings", ())):
        assert client.get(url(name, province.north, *args)).status_code == reading, name
    for name in ("target_edit", "target_allocation"):
        assert client.get(url(name, province.north, "BG23-T")).status_code == keeping, name
    assert client.post(url("target_drop", province.north, "BG23-T"), {}).status_code == keeping
    if keeping != 200:
        assert client.post(url("target_edit", province.north, "BG23-T"), FORM).status_code == keeping
        assert client.post(url("target_allocation", province.north, "BG23-T"), {"giao": "1"}).status_code == keeping
    assert Target.objects.get().value == 5


def test_setting_on_the_page(client, province, indicator, lead):
    client.force_login(lead)
    prove(client)
    address = url("target_edit", province.root, "BG23-T")
    answer = client.post(address, FORM | {"value": "110"})
    assert "vượt quá 100 %" in answer.content.decode()
    answer = client.post(address, FORM | {"value": "-3"})
    assert "Không nhận số âm" in answer.content.decode()
    answer = client.post(address, FORM, follow=True)
    assert "70,5 %" in answer.content.decode()
    assert Target.objects.get().value == Decimal("70.5")
    answer = client.post(address, FORM | {"value": "80"})
    assert "vừa được người khác sửa" in answer.content.decode()
    drop = {f"rut-{name}": FORM[name] for name in ("decision_no", "decided_on", "reason")}
    client.post(url("target_drop", province.root, "BG23-T"), drop)
    assert not Target.objects.exists()


def test_sharing_out_on_the_page(client, shared, lead, province):
    client.force_login(lead)
    prove(client)
    address = url("target_allocation", province.root, "BG23-T")
    proposed = client.get(address + "&de-xuat=1").context
    assert [(row["line"].unit, row["typed"]) for row in proposed["lines"] if row["typed"]] == [
        (province.north, "10"),
        (province.south, "20"),
    ]
    assert proposed["total"].words == "khớp"
    papers = {name: FORM[name] for name in ("decision_no", "decided_on", "reason")} | {"giao": "1"}
    north, south = f"giao-{province.north.uuid}", f"giao-{province.south.uuid}"
    answer = client.post(address, papers | {north: "10", south: "x"})
    assert "Ghi số không âm" in answer.content.decode()
    answer = client.post(address, papers | {north: "10", south: "15"})
    assert "thiếu 5" in answer.content.decode()
    assert not Target.objects.filter(allocated_from=shared.target).exists()
    client.post(address, papers | {north: "10", south: "20"})
    assert Target.objects.filter(allocated_from=shared.target).count() == 2


def send(client, address, content):
    file = io.BytesIO(content)
    file.name = "giao.xlsx"
    return client.post(address, {"tep": "1", "file": file})


def test_the_workbook_comes_back_as_it_went(client, shared, lead, province):
    client.force_login(lead)
    address = url("target_allocation", province.root, "BG23-T")
    workbook = client.get(address + "&dang=xlsx").content
    rows = list(load_workbook(io.BytesIO(workbook)).active.values)
    assert rows[0] == ("Mã đơn vị", "Tên đơn vị", "Số người phải học", "Giao")
    assert ("07288", "Xã Yên Thế", 200, 20) in rows
    answer = send(client, address, workbook)
    typed = {row["line"].unit: row["typed"] for row in answer.context["lines"]}
    assert typed == {province.north: "10", province.south: "20", province.department: ""}
    assert not Target.objects.filter(allocated_from=shared.target).exists()


def test_a_wrong_workbook_is_told_by_line_and_column(client, shared, lead, province):
    client.force_login(lead)
    lines = [
        ("Mã đơn vị", "Tên đơn vị", "Giao"),
        ("07246", "", -4),
        ("07288", "", "nhiều"),
        ("07288", "", 2),
        ("99999", "", 1),
    ]
    answer = send(client, url("target_allocation", province.root, "BG23-T"), xlsx_bytes(*lines))
    told = [(fault.line, fault.column) for fault in answer.context["faults"]]
    assert told == [(2, "Giao"), (3, "Giao"), (4, "Mã đơn vị"), (5, "Mã đơn vị")]
    answer = send(client, url("target_allocation", province.root, "BG23-T"), b"%PDF-1.4")
    assert "tệp PDF" in answer.content.decode()


def test_the_dashboard_of_a_unit_reads_its_own_share_and_no_others(client, shared, lead, province):
    allocate(lead, shared, {province.north: 10, province.south: 20})
    found = Indicator.objects.for_figures(province.north).get(pk=shared.indicator.pk)
    assert {t.unit for t in found.all_targets} == {province.root, province.north}
    client.force_login(lead)
    assert "ít nhất 10 người" in client.get(url("dashboard", province.north)).content.decode()
    assert "ít nhất 30 người" in client.get(url("dashboard", province.root)).content.decode()


def _queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_pages_ask_as_often_for_many_units_as_for_few(client, shared, lead, province):
    client.force_login(lead)
    allocation, targets = url("target_allocation", province.root, "BG23-T"), url("targets", province.root)
    few = (_queries(client, allocation), _queries(client, targets))
    units = [UnitFactory(parent=province.root) for _ in range(25)]
    structures_rebuild()
    allocate(lead, shared, dict.fromkeys(units, 1) | {province.north: 5})
    IndicatorFactory(code="BG23-U", audiences=[province.citizen])
    assert (_queries(client, allocation), _queries(client, targets)) == few
    with CaptureQueriesContext(connection) as seen:
        allocate(lead, shared, dict.fromkeys(units, 2), differs=True)
    assert len(seen) <= 30


def test_history_tells_of_units_that_were_taken_over(client, reform):
    """What the old province was asked is part of what today's province answers for."""
    indicator = IndicatorFactory(code="BG23-R", audiences=[reform.citizen])
    load(indicator, reform.old)
    boss = MembershipFactory(unit=reform.new, audience=reform.citizen, role="provincial_lead").user
    client.force_login(boss)
    page = client.get(url("target_history", reform.new, "BG23-R")).content.decode()
    assert "Tỉnh Bắc Giang" in page
    assert "Đang có hiệu lực" in page
    prove(client)
    client.post(url("target_edit", reform.new, "BG23-R"), FORM | {"value": "80"})
    assert target_for(list(indicator.targets.order_by("pk")), reform.new, [reform.old.pk]).value == 80
    form = {f"rut-{name}": FORM[name] for name in ("decision_no", "decided_on", "reason")}
    client.post(url("target_drop", reform.new, "BG23-R"), form)
    assert target_for(list(indicator.targets.all()), reform.new, [reform.old.pk]).unit == reform.old
