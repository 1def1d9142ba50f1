"""A target that changed after it was shared out: shares of the old version, sharing out again, years that are over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.urls import reverse

from common.errors import Refusal
from kpi.allocations import allocation_of, shared_again, stale_shares
from kpi.models import AudiencePopulation, Target, TargetVersion
from people.services import structures_rebuild
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import UnitFactory
from tests.kpi.test_targets import FORM, MODULES, allocate, give, url
from tests.proof import prove


@pytest.fixture(autouse=True)
def _in_november(monkeypatch):
    for module in MODULES:
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 20))


@pytest.fixture
def shared(province, lead):
    """Thirty experts asked of the province; head-counts 100 and 200 below."""
    indicator = IndicatorFactory(code="BG23-T", audiences=[province.citizen])
    for unit, value in ((province.north, 100), (province.south, 200)):
        AudiencePopulation.objects.create(audience=province.citizen, unit=unit, year=2025, value=value, source="NGTK")
    target = give(lead, indicator, province.root, "30", measured_in="người").target
    return SimpleNamespace(target=target, indicator=indicator, province=province)


def held(target):
    return {share.unit.code: share.value for share in Target.objects.filter(allocated_from=target)}


@pytest.mark.parametrize(
    ("value", "measured_in", "weights", "shares", "expected"),
    [
        (45, "người", {1: 100, 2: 200, 3: 50}, {1: 10, 2: 20}, {1: 15, 2: 30}),
        (10, "người", {1: 1, 2: 1, 3: 1}, {1: 1, 2: 1, 3: 1}, {1: 4, 2: 3, 3: 3}),
        (45, "cuộc", {1: 0, 2: 200}, {1: 10, 2: 20}, {1: 15, 2: 30}),
        (45, "người", {2: 200, 3: 100}, {1: 10, 2: 20}, {2: 30, 3: 15}),
        (80, "%", {1: 100, 2: 200, 3: 50}, {1: 70, 2: 60}, {1: 80, 2: 80}),
        (7, "cuộc", {1: 0, 2: 0}, {1: None, 2: None}, {}),
    ],
    ids=["heads", "largest remainder", "no heads: as held", "a unit is gone: all", "percent", "nothing held"],
)
def test_shared_out_again(value, measured_in, weights, shares, expected):
    target = Target(value=Decimal(value), measured_in=measured_in, comparator=">=", year=2030)
    assert shared_again(target, weights, shares) == expected
    if expected and measured_in != "%":
        assert sum(expected.values()) == value


def test_shares_of_the_old_version_are_stale_until_shared_out_again(shared, lead):
    p = shared.province
    allocate(lead, shared, {p.north: 10, p.south: 20})
    assert not stale_shares().exists()
    saved = give(lead, shared.indicator, p.root, "45", measured_in="người")
    assert "theo bản trước" in saved.warnings[0]
    found = allocation_of(shared.indicator, saved.target, 2026)
    assert (found.stale, found.version.number, [one.number for one in found.drawn_from]) == (2, 2, [1])
    assert found.total(found.held()).words == "thiếu 15"
    shared.target = saved.target
    assert allocate(lead, shared, {line.unit: line.again for line in found.lines}) == 2
    assert held(saved.target) == {p.north.code: 15, p.south.code: 30}
    assert not stale_shares().exists()


def test_a_share_that_stays_the_same_is_one_of_the_new_version(shared, lead):
    """Writing nothing for a unit does not leave it behind."""
    p = shared.province
    allocate(lead, shared, {p.north: 10, p.south: 20})
    shared.target = give(lead, shared.indicator, p.root, "40", measured_in="người").target
    assert allocate(lead, shared, {p.north: 10, p.south: 30}) == 1
    assert not stale_shares().exists()


def test_what_was_shared_further_down_is_stale_too(shared, lead):
    p = shared.province
    village = UnitFactory(parent=p.north, code="0701")
    structures_rebuild()
    allocate(lead, shared, {p.north: 10, p.south: 20})
    own = Target.objects.get(unit=p.north)
    whole, shared.target = shared.target, own
    allocate(lead, shared, {village: 10})
    shared.target = give(lead, shared.indicator, p.root, "60", measured_in="người").target
    assert [share.unit for share in stale_shares().order_by("pk")] == [p.north, p.south]
    allocate(lead, shared, {p.north: 20, p.south: 40})
    assert [share.unit for share in stale_shares()] == [village]
    assert whole.pk == shared.target.pk


def test_the_target_must_be_the_one_that_was_looked_at(shared, lead):
    p = shared.province
    give(lead, shared.indicator, p.root, "30", measured_in="người", year=2029)
    with pytest.raises(Refusal) as refused:
        allocate(lead, shared, {p.north: 10, p.south: 20}, seen=1)
    assert refused.value.code == "changed_meanwhile"


def test_sharing_out_again_on_the_page(client, shared, lead, province):
    allocate(lead, shared, {province.north: 10, province.south: 20})
    give(lead, shared.indicator, province.root, "45", measured_in="người", decision_no="99/QĐ-UBND")
    client.force_login(lead)
    prove(client)
    assert "2 nơi còn theo bản cũ" in client.get(url("targets", province.root)).content.decode()
    address = url("target_allocation", province.root, "BG23-T")
    page = client.get(address).content.decode()
    assert "2 đơn vị còn giữ phần chia từ bản cũ" in page
    assert "<strong>thiếu 15</strong> người" in page
    preview = client.get(address + "&chia-lai=1")
    rows = {row["line"].unit: (row["typed"], row["line"].step) for row in preview.context["lines"] if row["typed"]}
    assert rows == {province.north: ("15", 5), province.south: ("30", 10)}
    assert held(shared.target) == {province.north.code: 10, province.south.code: 20}, "a look changes nothing"
    papers = {name: preview.context["papers_form"][name].value() for name in ("decision_no", "reason", "seen")}
    assert papers == {"decision_no": "99/QĐ-UBND", "reason": "Chia lại theo bản 2 của mục tiêu", "seen": 2}
    sent = papers | {"decided_on": FORM["decided_on"], "giao": "1", "chia-lai": "1"}
    sent |= {f"giao-{province.north.uuid}": "15", f"giao-{province.south.uuid}": "30"}
    answer = client.post(address, sent, follow=True)
    assert "Đã chia lại chỉ tiêu: 2 đơn vị có thay đổi." in answer.content.decode()
    assert held(shared.target) == {province.north.code: 15, province.south.code: 30}
    assert "còn theo bản cũ" not in client.get(url("targets", province.root)).content.decode()


def test_a_unit_reads_that_its_share_waits(client, shared, lead, province):
    allocate(lead, shared, {province.north: 10, province.south: 20})
    give(lead, shared.indicator, province.root, "45", measured_in="người")
    client.force_login(lead)
    assert "chia từ bản cũ của mục tiêu cấp trên" in client.get(url("targets", province.north)).content.decode()


def test_a_year_that_is_over_is_shown_and_not_shared_out(client, shared, lead, province):
    allocate(lead, shared, {province.north: 10, province.south: 20})
    Target.objects.update(year=2025)
    client.force_login(lead)
    prove(client)
    address = url("target_allocation", province.root, "BG23-T")
    page = client.get(address).content.decode()
    assert "Năm 2025 đã qua, bảng này chỉ để xem" in page
    assert reverse("kpi:target_edit", args=["BG23-T"]) in page
    assert 'name="giao-' not in page
    answer = client.post(address, {"giao": "1"})
    assert (answer.status_code, "Đặt mục tiêu cho năm nay" in answer.content.decode()) == (409, True)


def test_what_cannot_be_divided_says_what_it_is(client, lead, province):
    indicator = IndicatorFactory(code="BG23-T", audiences=[province.citizen])
    give(lead, indicator, province.root, "10", measured_in="thứ hạng", comparator="<=")
    client.force_login(lead)
    page = client.get(url("target_allocation", province.root, "BG23-T"))
    assert page.status_code == 409
    assert "là một thứ hạng" in page.content.decode()


def test_shares_from_before_learn_their_version(shared, lead):
    p = shared.province
    allocate(lead, shared, {p.north: 10, p.south: 20})
    give(lead, shared.indicator, p.root, "45", measured_in="người")
    assert TargetVersion.objects.filter(unit=p.root).count() == 2
    Target.objects.update(allocated_version=None)
    import_module("kpi.migrations.0009_shares_of_versions").remember_versions(apps, None)
    assert set(Target.objects.filter(allocated_from=shared.target).values_list("allocated_version", flat=True)) == {1}
    assert Target.objects.get(unit=p.root).allocated_version is None
