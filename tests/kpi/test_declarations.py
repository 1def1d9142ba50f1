"""Declarations: who says what for whom, four eyes, evidence, and what a unit still owes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.errors import Forbidden, Refusal
from common.models import AuditEntry
from kpi import declarations as reads
from kpi.models import CountingKind, Declaration, DeclarationState, Indicator, Recurrence
from kpi.services import declaration_approve, declaration_return, declaration_submit, declaration_withdraw
from people.models import Role, UnitKind
from people.services import structures_rebuild
from tests.factories.kpi import IndicatorFactory, TargetFactory
from tests.factories.people import AudienceFactory, MembershipFactory, UnitFactory, UserFactory
from tests.proof import prove, with_second_step

PDF = b"%PDF-1.4\n%%EOF"
MODULES = ("kpi.forms", "kpi.standing", "kpi.services.declarations", "kpi.declarations", "kpi.forms_declarations",
           "kpi.views_declarations")  # fmt: skip


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in MODULES:
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 20))


def officer(unit, province, role=Role.COORDINATOR):
    user = MembershipFactory(user=UserFactory(), unit=unit, audience=province.staff, role=role).user
    return with_second_step(user)


@pytest.fixture
def world(province):
    """A school with its head; a department that carries a percentage out, one that watches over it."""
    schools = AudienceFactory(code="truong_hoc", name="Trường học")
    school = UnitFactory(code="TH1", name="Trường THCS Xuân Lương", kind=UnitKind.SCHOOL, parent=province.north)
    watcher = UnitFactory(code="STC", name="Sở Tài chính", kind=UnitKind.DEPARTMENT, parent=province.root)
    structures_rebuild()
    activity = IndicatorFactory(code="BG23-A", counts=False, counting=CountingKind.ACTIVITY, audiences=[schools])
    share = IndicatorFactory(code="BG23-D", counts=False, counting=CountingKind.DECLARED)
    share.responsible.add(province.department)
    share.monitoring.add(watcher)
    TargetFactory(indicator=share, unit=province.root, value=50, comparator=">=")
    return SimpleNamespace(
        province=province, school=school, watcher=watcher, activity=activity, share=share,
        head=officer(school, province), keeper=officer(province.department, province),
        auditor=officer(watcher, province),
    )  # fmt: skip


def pdf(name="ke-hoach.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def activity(world, **more):
    words = {"value": None, "note": "Ngày hội STEM 12/10, 300 học sinh", "evidence": pdf()}
    words |= {"actor": world.head, "unit": world.school, "year": 2026, "until": date(2026, 10, 12)}
    return declaration_submit(indicator=world.activity, **(words | more))


def share(world, value="40", **more):
    words = {"actor": world.keeper, "unit": world.province.department, "year": 2026, "until": date(2026, 10, 1)}
    words |= {"evidence_link": "https://skhcn.example.vn/bao-cao"}
    value = None if value is None else Decimal(value)
    return declaration_submit(indicator=world.share, value=value, **(words | more))


# --- Declaring ------------------------------------------------------------------------------------------------------
def test_a_school_declares_what_it_did(world):
    found = activity(world)
    assert (found.value, found.state, found.evidence_name) == (1, DeclarationState.SUBMITTED, "ke-hoach.pdf")
    assert found.evidence.name == f"kpi/evidence/{found.evidence_sha256}.pdf"
    entry = AuditEntry.objects.get(act="declaration_submit")
    assert (entry.unit_uuid, entry.after["state"]) == (world.school.uuid, "Chờ duyệt")


def test_the_same_file_is_kept_once(world):
    first = activity(world)
    declaration_withdraw(actor=world.head, declaration=first)
    assert activity(world).evidence.name == first.evidence.name


@pytest.mark.parametrize(
    ("make", "change", "code"),
    [
        (activity, {"note": ""}, "note_missing"),
        (activity, {"evidence": None}, "evidence_missing"),
        (activity, {"year": 2027}, "year_implausible"),
        (activity, {"year": 1999}, "year_implausible"),
        (activity, {"until": date(2026, 12, 1)}, "until_in_future"),
        (activity, {"until": date(2025, 12, 1)}, "until_not_in_year"),
        (activity, {"evidence": pdf("a.pdf", b"")}, "file_empty"),
        (activity, {"evidence": pdf("a.exe", b"MZ\x90")}, "file_unknown"),
        (activity, {"evidence": pdf("a.png")}, "file_mislabelled"),
        (activity, {"evidence": pdf("a.pdf", PDF + b"0" * 21 * 1024 * 1024)}, "file_too_big"),
        (share, {"value": None}, "value_missing"),
        (share, {"value": "-1"}, "negative"),
        (share, {"value": "101"}, "over_hundred"),
        (share, {"evidence_link": "javascript:alert(1)"}, "link_wrong"),
        (share, {"evidence_link": "https://"}, "link_wrong"),
        (share, {"evidence_link": ""}, "evidence_missing"),
    ],
)
def test_wrong_input_saves_nothing(world, make, change, code):
    with pytest.raises(Refusal) as refused:
        make(world, **change)
    assert refused.value.code == code
    assert refused.value.fix
    assert not Declaration.objects.exists()
    assert not AuditEntry.objects.exists()


def test_what_the_platform_counts_is_not_declared(world):
    counted = IndicatorFactory(code="BG23-C", audiences=[world.province.citizen])
    with pytest.raises(Refusal) as refused:
        declaration_submit(
            actor=world.keeper, indicator=counted, unit=world.province.department, year=2026,
            until=date(2026, 10, 1), value=Decimal(5), evidence_link="https://a.vn",
        )  # fmt: skip
    assert refused.value.code == "not_declared"


def test_only_one_waits_for_a_place_and_year(world):
    share(world)
    with pytest.raises(Refusal) as refused:
        share(world, "41")
    assert refused.value.code == "already_waiting"
    assert Declaration.objects.get().value == 40


def test_a_unit_that_ended_declares_nothing(world):
    world.school.valid_to = date(2026, 9, 1)
    world.school.save()
    with pytest.raises(Refusal) as refused:
        activity(world)
    assert refused.value.code == "unit_not_standing"


def test_who_may_declare_for_whom(world, lead, other_coordinator):
    with pytest.raises(Forbidden):
        activity(world, actor=other_coordinator)  # another commune
    with pytest.raises(Forbidden):
        share(world, actor=world.auditor, unit=world.watcher)  # who watches does not carry it out
    with pytest.raises(Forbidden):
        activity(world, actor=world.keeper, unit=world.province.department)  # no school
    assert share(world, actor=lead, unit=world.province.root).declared_by == lead


def test_the_office_that_carries_it_out_speaks_for_the_whole_province(world):
    """Named alone, it declares for the province; named with all others, each says its own."""
    province = world.province
    declarer = reads.Declarer.of(world.keeper, province.department)
    indicator = reads.declared_indicators().get(code="BG23-D")
    assert declarer.units(indicator) == [province.root, province.department]
    found = share(world, unit=province.root)
    assert found.unit == province.root
    assert owed(world.keeper, province.department) == []
    assert reads.can_see(world.keeper, found)
    assert found in reads.visible_to(world.keeper)
    declaration_withdraw(actor=world.keeper, declaration=found)
    indicator.responsible_names = ["Các sở, ban, ngành"]
    assert declarer.units(indicator) == [province.department]


@pytest.mark.parametrize("who", ["auditor", "head"])
def test_no_other_office_speaks_for_the_province(world, who):
    with pytest.raises(Forbidden):
        share(world, actor=getattr(world, who), unit=world.province.root)


# --- Answers: three people -------------------------------------------------------------------------------------------
def test_who_watches_over_it_approves(world):
    found = declaration_approve(actor=world.auditor, declaration=share(world))
    assert (found.state, found.decided_by) == (DeclarationState.APPROVED, world.auditor)
    assert AuditEntry.objects.get(act="declaration_approve").before["state"] == "Chờ duyệt"


def test_the_keeper_of_targets_approves_what_a_school_says(world, lead):
    assert declaration_approve(actor=lead, declaration=activity(world)).state == DeclarationState.APPROVED


def test_four_eyes(world, lead):
    mine = share(world, actor=lead, unit=world.province.root)
    for act in (declaration_approve, lambda **words: declaration_return(reason="Sai", **words)):
        with pytest.raises(Forbidden) as refused:
            act(actor=lead, declaration=mine)
        assert refused.value.code == "own_declaration"
    mine.refresh_from_db()
    assert mine.state == DeclarationState.SUBMITTED


@pytest.mark.parametrize("who", ["keeper", "head"])
def test_who_carries_it_out_does_not_approve(world, who):
    found = share(world) if who == "head" else activity(world)
    with pytest.raises(Forbidden):
        declaration_approve(actor=getattr(world, who), declaration=found)


def test_what_is_approved_stays_and_a_newer_one_takes_its_place(world):
    first = declaration_approve(actor=world.auditor, declaration=share(world))
    for act in (declaration_approve, declaration_withdraw, lambda **words: declaration_return(reason="x", **words)):
        with pytest.raises(Refusal) as refused:
            act(actor=world.auditor if act != declaration_withdraw else world.keeper, declaration=first)
        assert refused.value.code == "not_waiting"
    second = share(world, "45", until=date(2026, 11, 1))
    assert reads.holding(world.share, world.province.department, 2026) == first
    declaration_approve(actor=world.auditor, declaration=second)
    assert reads.holding(world.share, world.province.department, 2026) == second


def test_what_is_returned_says_why_and_may_come_again(world):
    found = share(world)
    with pytest.raises(Refusal) as refused:
        declaration_return(actor=world.auditor, declaration=found, reason=" ")
    assert refused.value.code == "reason_missing"
    returned = declaration_return(actor=world.auditor, declaration=found, reason="Thiếu danh sách lớp")
    assert (returned.state, returned.reason) == (DeclarationState.RETURNED, "Thiếu danh sách lớp")
    assert share(world, "42").state == DeclarationState.SUBMITTED


# --- What is owed and what waits ------------------------------------------------------------------------------------
def owed(user, unit, year=2026):
    return [one.indicator.code for one in reads.owed(reads.Declarer.of(user, unit), year)]


def test_a_unit_owes_what_it_carries_out_until_it_waits_or_is_approved(world):
    department = world.province.department
    assert (owed(world.head, world.school), owed(world.keeper, department)) == (["BG23-A"], ["BG23-D"])
    found = share(world)
    assert owed(world.keeper, department) == []
    declaration_return(actor=world.auditor, declaration=found, reason="Thiếu")
    assert owed(world.keeper, department) == ["BG23-D"]
    declaration_approve(actor=world.auditor, declaration=share(world))
    assert owed(world.keeper, department) == []
    assert owed(world.keeper, department, 2025) == ["BG23-D"]


def test_a_quarterly_value_is_asked_for_each_quarter(world):
    """Those that have begun; what was said of one quarter says nothing of the next."""
    Indicator.objects.filter(pk=world.share.pk).update(recurrence=Recurrence.QUARTERLY)
    declarer = reads.Declarer.of(world.keeper, world.province.department)

    def asked(year=2026):
        return [(one.period, one.is_over, one.waits) for one in reads.owed(declarer, year)]

    over = [("Quý I/2026", True, False), ("Quý II/2026", True, False), ("Quý III/2026", True, False)]
    assert asked() == [*over, ("Quý IV/2026", False, False)]
    found = share(world, until=date(2026, 6, 30))
    assert asked() == [(name, is_over, True) for name, is_over in
                       [("Quý I/2026", True), ("Quý III/2026", True), ("Quý IV/2026", False)]]  # fmt: skip
    declaration_approve(actor=world.auditor, declaration=found)
    assert asked() == [over[0], over[2], ("Quý IV/2026", False, False)]
    assert [one[0] for one in asked(2025)] == ["Quý I/2025", "Quý II/2025", "Quý III/2025", "Quý IV/2025"]
    assert asked(2027) == []


def test_the_form_begins_with_the_period_that_is_asked_for(client, world):
    Indicator.objects.filter(pk=world.share.pk).update(recurrence=Recurrence.QUARTERLY)
    client.force_login(world.keeper)
    department = world.province.department
    assert "den=2026-09-30" in client.get(url("declarations", department)).content.decode()
    for day, shown in (("2026-09-30", date(2026, 9, 30)), ("2026-12-31", None), ("x", None)):
        form = client.get(url("declare", department, "BG23-D", den=day)).context["declaration_form"]
        assert form["until"].value() == shown


def test_what_waits_is_for_those_who_may_answer(world, lead, coordinator):
    share(world), activity(world)
    waiting = {who: {d.indicator.code for d in reads.to_approve(who)} for who in (lead, world.auditor, world.keeper)}
    assert waiting == {lead: {"BG23-A", "BG23-D"}, world.auditor: {"BG23-D"}, world.keeper: set()}
    assert {d.indicator.code for d in reads.visible_to(coordinator)} == {"BG23-A"}


# --- Pages ----------------------------------------------------------------------------------------------------------
def url(name, unit=None, *args, **query):
    asked = ({"don-vi": unit.uuid} if unit else {}) | query
    return reverse(f"kpi:{name}", args=args) + (f"?{urlencode(asked)}" if asked else "")


def test_owner_colleague_and_stranger(client, world, other_coordinator, stranger):
    found = share(world, evidence=pdf())
    department = world.province.department
    pages = [
        url("declarations", department), url("declare", department, "BG23-D"), url("declaration", None, found.uuid),
        url("declaration_evidence", None, found.uuid),
    ]  # fmt: skip
    for who, statuses in (
        (world.keeper, [200, 200, 200, 200]),
        (world.auditor, [403, 403, 200, 200]),
        (other_coordinator, [403, 403, 403, 403]),
        (stranger, [404, 404, 404, 404]),
    ):
        client.force_login(who)
        assert [client.get(page).status_code for page in pages] == statuses, who
        assert client.post(pages[1], {}).status_code == statuses[1]
        assert client.post(pages[2], {"duyet": "1"}).status_code == (403 if who == world.keeper else answers(statuses))
    found.refresh_from_db()
    assert found.state == DeclarationState.SUBMITTED


def answers(statuses):
    """Whoever may read it as one who watches is led to the proof."""
    return 302 if statuses[2] == 200 else statuses[2]


def test_evidence_is_handed_out_as_a_file_and_never_shown(client, world):
    found = share(world, evidence=pdf("ké hoạch.pdf"))
    client.force_login(world.auditor)
    answer = client.get(url("declaration_evidence", None, found.uuid))
    assert answer.getvalue() == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    linked = declaration_submit(
        actor=world.head, indicator=world.activity, unit=world.school, year=2026, until=date(2026, 1, 5), value=None,
        note="Hội thảo", evidence_link="https://a.vn",
    )  # fmt: skip
    client.force_login(world.head)
    assert client.get(url("declaration_evidence", None, linked.uuid)).status_code == 404


def test_from_the_school_to_the_figure(client, world, lead):
    """Declared with a file, returned, declared again, approved after a fresh proof."""
    client.force_login(world.head)
    assert "Còn phải báo" in client.get(url("declarations", world.school)).content.decode()
    address = url("declare", world.school, "BG23-A")
    form = {"year": "2026", "until": "12/10/2026", "note": "Ngày hội STEM"}
    assert "Chưa có minh chứng" in client.post(address, form).content.decode()
    wrong = client.post(address, form | {"evidence": pdf("a.pdf", b"MZ")}).content.decode()
    assert "Không nhận loại tệp này" in wrong
    client.post(address, form | {"evidence": pdf()})
    found = Declaration.objects.get()
    page = url("declaration", None, found.uuid)
    assert "Duyệt số liệu" not in client.get(page).content.decode()
    assert client.post(page, {"duyet": "1"}).status_code == 403

    client.force_login(lead)
    assert "Chờ bạn duyệt (1)" in client.get(url("declarations")).content.decode()
    assert "Hãy điền ô này" in client.post(page, {"tra": "1", "reason": ""}).content.decode()
    assert "reauthenticate" in client.post(page, {"duyet": "1"})["Location"]
    prove(client)
    client.post(page, {"tra": "1", "reason": "Thiếu ảnh"})
    found.refresh_from_db()
    assert found.state == DeclarationState.RETURNED

    client.force_login(world.head)
    assert "Thiếu ảnh" in client.get(page).content.decode()
    client.post(address, form | {"evidence": pdf()})
    again = Declaration.objects.get(state=DeclarationState.SUBMITTED)
    client.force_login(lead)
    prove(client)
    client.post(url("declaration", None, again.uuid), {"duyet": "1"})
    again.refresh_from_db()
    assert (again.state, again.decided_by) == (DeclarationState.APPROVED, lead)


def test_an_office_chooses_for_whom_it_says_the_number(client, world):
    client.force_login(world.keeper)
    address = url("declare", world.province.department, "BG23-D")
    assert "Toàn Tỉnh Bắc Ninh" in client.get(address).content.decode()
    form = {"unit": str(world.province.root.uuid), "year": "2026", "until": "01/10/2026", "value": "40,5"}
    client.post(address, form | {"evidence_link": "https://a.vn"})
    found = Declaration.objects.get()
    assert (found.unit, found.value) == (world.province.root, Decimal("40.5"))
    assert client.get(url("declaration", None, found.uuid)).status_code == 200
    assert str(found.uuid) in client.get(url("declarations", world.province.department)).content.decode()
    elsewhere = form | {"unit": str(world.watcher.uuid), "evidence_link": "https://a.vn"}
    client.post(address, elsewhere)
    assert Declaration.objects.count() == 1


def test_withdrawing_on_the_page(client, world):
    found = activity(world)
    client.force_login(world.head)
    client.post(url("declaration", None, found.uuid), {"rut": "1"})
    found.refresh_from_db()
    assert found.state == DeclarationState.WITHDRAWN


def _queries(client, address):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_the_list_asks_as_often_for_many_as_for_few(client, world, lead):
    client.force_login(lead)
    share(world), activity(world)
    few = _queries(client, url("declarations"))
    for n in range(12):
        one = IndicatorFactory(code=f"BG24-{n}", counts=False, counting=CountingKind.DECLARED)
        IndicatorFactory(code=f"BG22-{n}", counts=False, counting=CountingKind.DECLARED)
        school = UnitFactory(code=f"TH-{n}", kind=UnitKind.SCHOOL, parent=world.province.north)
        for indicator in (one, world.activity):
            Declaration.objects.create(
                indicator=indicator, unit=school, year=2026, until=date(2026, 5, 5), value=1, declared_by=world.head
            )
    structures_rebuild()
    assert _queries(client, url("declarations")) == few
