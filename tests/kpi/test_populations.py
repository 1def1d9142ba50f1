"""Head-counts by audience: as denominators, from tables with all their faults, on the pages and by command."""

from __future__ import annotations

import io
import json
from datetime import date
from unicodedata import normalize
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from openpyxl import load_workbook

from common.errors import Forbidden, Refusal
from common.models import AuditEntry, Job
from kpi import figures, places
from kpi.models import AudiencePopulation, CountingKind, Population
from kpi.population_sheet import HEADINGS, faults_file, plan_of, template_file
from kpi.populations import coverage
from kpi.services import population_set, populations_import
from people.models import UnitKind, UnitSuccession
from people.services import structures_rebuild
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory, TargetFactory
from tests.factories.people import AudienceFactory, MembershipFactory, StructureFactory, UnitFactory, UserFactory
from tests.factories.rosters import csv_bytes, xlsx_bytes
from tests.kpi.conftest import at
from tests.lanes import draws
from tests.proof import prove

MODULES = ("kpi.forms", "kpi.figures", "kpi.denominators", "kpi.standing", "kpi.population_sheet",
           "kpi.services.populations", "kpi.populations")  # fmt: skip


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in MODULES:
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 20))


@pytest.fixture
def indicator(province):
    indicator = IndicatorFactory(code="BG23-T", audiences=[province.citizen])
    TargetFactory(indicator=indicator, unit=province.root, value=100)
    return indicator


def headcount(province, unit, value, year=2025, audience=None, **more):
    return AudiencePopulation.objects.create(
        audience=audience or province.citizen, unit=unit, year=year, value=value, source="Niên giám", **more
    )


def place(province, unit=None):
    return places.place_of(unit or province.root, province.structure, places.structures())


# --- As a denominator -----------------------------------------------------------------------------------------------
def total(indicator, province, year=2026):
    return figures.table(indicator, place(province), year).total.denominator


def test_an_indicator_of_one_audience_takes_its_head_count(indicator, province):
    assert total(indicator, province).value is None
    headcount(province, province.root, 900, source_date=date(2025, 3, 1))
    found = total(indicator, province)
    assert (found.value, found.source, found.year, found.is_official) == (900, "Niên giám ngày 01/03/2025", 2025, True)
    assert total(indicator, province, 2024).value is None
    shown = figures.dashboard([indicator], place(province), 2026)[indicator.pk]
    assert shown.denominator.value == 900


def test_its_own_head_count_comes_first(indicator, province):
    headcount(province, province.root, 900)
    Population.objects.create(indicator=indicator, unit=province.root, year=2023, value=950, source="000.txt")
    assert total(indicator, province).value == 950


def test_zero_is_a_figure_and_nothing_is_none(indicator, province):
    headcount(province, province.north, 0)
    rows = {row.unit: row.denominator.value for row in figures.table(indicator, place(province), 2026).rows}
    assert (rows[province.north], rows[province.south]) == (0, None)


def test_of_two_audiences_no_head_count_speaks(indicator, province):
    headcount(province, province.root, 900)
    indicator.audiences.add(province.team)
    assert total(indicator, province).value is None


@pytest.mark.parametrize("counting", [CountingKind.TEAM, CountingKind.ACTIVITY, CountingKind.DECLARED])
def test_people_are_no_denominator_of_teams_and_units(indicator, province, counting):
    headcount(province, province.root, 900)
    indicator.counting = counting
    indicator.save()
    assert total(indicator, province).value is None


# --- Tables: what is wrong with them --------------------------------------------------------------------------------
LINE = dict(
    zip(HEADINGS, ("07246", "Xã Xuân Lương", "Người dân", 2026, 500, "QĐ 12/QĐ-UBND", "19/05/2026"), strict=True)
)


def table(*lines, headings=HEADINGS):
    return io.BytesIO(xlsx_bytes(headings, *([line.get(name) for name in headings] for line in lines)))


def check(actor, *changes):
    return plan_of(table(*(LINE | change for change in changes)), actor=actor)


@pytest.mark.parametrize(
    ("change", "column", "said"),
    [
        ({"Mã đơn vị": "99999"}, "Mã đơn vị", "Không có đơn vị nào"),
        ({"Mã đơn vị": None}, "Mã đơn vị", "Chưa ghi mã"),
        ({"Tên đơn vị": "Xã Khác"}, "Tên đơn vị", "không phải tên này"),
        ({"Đối tượng": "Vua"}, "Đối tượng", "Không có đối tượng"),
        ({"Đối tượng": None}, "Đối tượng", "Chưa ghi"),
        ({"Năm": None}, "Năm", "Chưa ghi năm"),
        ({"Năm": 1926}, "Năm", "không hợp lý"),
        ({"Năm": 2062}, "Năm", "không hợp lý"),
        ({"Năm": "năm nay"}, "Năm", "không hợp lý"),
        ({"Năm": 2026.5}, "Năm", "không hợp lý"),
        ({"Số người": 12.5}, "Số người", "phần lẻ"),
        ({"Số người": "12,5"}, "Số người", "phần lẻ"),
        ({"Số người": -1}, "Số người", "âm"),
        ({"Số người": "khoảng 500"}, "Số người", "không phải một số"),
        ({"Số người": 10**9}, "Số người", "lớn quá"),
        ({"Văn bản nguồn": None}, "Văn bản nguồn", "Chưa ghi"),
        ({"Văn bản nguồn": "x" * 201}, "Văn bản nguồn", "tối đa 200"),
        ({"Ngày văn bản": "31/02/2026"}, "Ngày văn bản", "Không đọc được"),
        ({"Ngày văn bản": date(2027, 1, 1)}, "Ngày văn bản", "chưa tới"),
    ],
)
def test_a_wrong_cell_is_told_with_line_and_column(province, lead, change, column, said):
    plan = check(lead, {}, change | ({} if "Năm" in change else {"Năm": 2025}))
    [fault] = plan.faults
    assert (fault.line, fault.column) == (3, column)
    assert said in fault.text
    assert fault.fix
    with pytest.raises(Refusal, match="Dòng 3"):
        populations_import(actor=lead, unit=province.root, plan=plan, file_name="a.xlsx")
    assert not AudiencePopulation.objects.exists()
    told = list(load_workbook(io.BytesIO(faults_file(plan))).active.values)
    assert told[0][-1] == "Cần sửa"
    assert said in told[1][-1]


def test_a_place_twice_names_the_first_line(province, lead):
    [fault] = check(lead, {}, {"Số người": 600}).faults
    assert (fault.line, fault.column) == (3, "Mã đơn vị")
    assert "đã có ở dòng 2" in fault.text


def test_a_unit_of_another_structure_is_told_what_it_became(province, lead):
    """Code 07246 was another commune before; 07240 ended and was divided."""
    before = {"valid_from": date(2022, 1, 1), "valid_to": date(2025, 7, 1)}
    namesake = UnitFactory(code="07246", name="Xã Tiến Thắng", **before)
    gone = UnitFactory(code="07240", name="Xã Đồng Vương", **before)
    for old, new in ((namesake, province.south), (gone, province.north), (gone, province.south)):
        UnitSuccession.objects.create(
            predecessor=old, successor=new, effective_on=date(2025, 7, 1), principal=old == namesake
        )
    structures_rebuild()
    first, second = check(
        lead, {"Tên đơn vị": "Xã Tiến Thắng"}, {"Mã đơn vị": "07240", "Tên đơn vị": None, "Năm": 2025}
    ).faults
    assert "Xã Tiến Thắng là đơn vị của cơ cấu khác. Từ 01/07/2025 là Xã Yên Thế" in first.text
    assert "chia vào" in second.text
    assert "Xã Xuân Lương" in second.text


def test_a_unit_out_of_scope_is_refused(province, lead):
    elsewhere = UnitFactory(code="26", name="Tỉnh Khác")
    UnitFactory(code="09000", name="Xã Xa", parent=elsewhere)
    structures_rebuild()
    [fault] = check(lead, {"Mã đơn vị": "09000", "Tên đơn vị": "Xã Xa"}).faults
    assert "không phụ trách" in fault.text


def test_an_empty_number_says_nothing_and_zero_says_nobody(province, lead):
    headcount(province, province.north, 400, year=2026)
    plan = check(lead, {"Số người": None}, {"Số người": 0, "Mã đơn vị": "07288", "Tên đơn vị": "Xã Yên Thế"})
    assert (plan.faults, plan.empty) == ([], 1)
    populations_import(actor=lead, unit=province.root, plan=plan, file_name="a.xlsx")
    held = dict(AudiencePopulation.objects.values_list("unit__code", "value"))
    assert held == {"07246": 400, "07288": 0}


def test_codes_that_a_spreadsheet_made_numbers_of_are_found(province, lead):
    plan = check(lead, {"Mã đơn vị": 7246, "Đối tượng": "nguoi dan", "Số người": "12.500"})
    assert [(c.unit, c.value) for c in plan.changes] == [(province.north, 12500)]
    text = csv_bytes(HEADINGS, [LINE[name] for name in HEADINGS])
    assert [c.unit for c in plan_of(io.BytesIO(text), actor=lead).changes] == [province.north]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "not_a_sheet"),
        (xlsx_bytes(("Mã đơn vị", "Số người"), ("07246", 5)), "no_column"),
    ],
)
def test_what_is_no_such_table_is_refused(province, lead, content, code):
    with pytest.raises(Refusal) as refused:
        plan_of(io.BytesIO(content), actor=lead)
    assert refused.value.code == code


# --- Fewer than were counted ----------------------------------------------------------------------------------------
@pytest.fixture
def two_trained(indicator, province, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            person = MembershipFactory(unit=province.north, audience=province.citizen).user
            complete(person, course_with_steps(1), at("2026-03-05"))


def test_a_number_below_the_people_counted_wants_a_confirmation(two_trained, province, lead):
    plan = check(lead, {"Số người": 1})
    assert [(b.change.unit, b.counted, b.indicator) for b in plan.below] == [(province.north, 2, "BG23-T")]
    with pytest.raises(Refusal) as refused:
        populations_import(actor=lead, unit=province.root, plan=plan, file_name="a.xlsx")
    assert refused.value.code == "below_counted"
    assert "2 người được tính" in refused.value.text
    assert populations_import(actor=lead, unit=province.root, plan=plan, file_name="a.xlsx", confirmed=True).added == 1
    assert check(lead, {"Số người": 2}).below == []


def test_the_same_for_a_single_number(two_trained, province, lead):
    words = {"actor": lead, "audience": province.citizen, "unit": province.root, "year": 2026, "source": "QĐ 1"}
    with pytest.raises(Refusal) as refused:
        population_set(value=1, **words)
    assert refused.value.code == "below_counted"
    assert population_set(value=1, confirmed=True, **words).value == 1


# --- Writing --------------------------------------------------------------------------------------------------------
def test_an_import_is_one_act_with_what_was_there_before(province, lead):
    headcount(province, province.north, 400, year=2026)
    plan = check(lead, {}, {"Mã đơn vị": "07288", "Tên đơn vị": "Xã Yên Thế"})
    done = populations_import(actor=lead, unit=province.root, plan=plan, file_name="a.xlsx")
    assert (done.added, done.changed) == (1, 1)
    assert AuditEntry.objects.get(act="populations_import").detail["file_name"] == "a.xlsx"
    entry = AuditEntry.objects.get(act="population_set", unit_uuid=province.north.uuid)
    assert (entry.before["value"], entry.after["value"]) == (400, 500)
    assert check(lead, {}).differing == []


def test_what_changed_since_the_look_is_not_overwritten(province, lead):
    plan = check(lead, {})
    headcount(province, province.north, 1, year=2026)
    with pytest.raises(Refusal) as refused:
        populations_import(actor=lead, unit=province.root, plan=plan, file_name="a.xlsx")
    assert refused.value.code == "changed_meanwhile"
    assert AudiencePopulation.objects.get().value == 1


def test_emptying_a_number_takes_it_away(province, lead):
    headcount(province, province.north, 400, year=2026)
    words = {"actor": lead, "audience": province.citizen, "unit": province.north, "year": 2026, "source": "Ghi nhầm"}
    assert population_set(value=None, **words) is None
    assert not AudiencePopulation.objects.exists()
    assert AuditEntry.objects.get().before["value"] == 400


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"year": 1999}, "year_implausible"),
        ({"value": -1}, "negative"),
        ({"value": 10**9}, "too_high"),
        ({"source": " "}, "source_missing"),
        ({"source_date": date(2027, 1, 1)}, "source_in_future"),
    ],
)
def test_a_wrong_single_number_is_refused(province, lead, change, code):
    words = {"audience": province.citizen, "unit": province.north, "year": 2026, "value": 5, "source": "QĐ 1"}
    with pytest.raises(Refusal) as refused:
        population_set(actor=lead, **(words | change))
    assert refused.value.code == code
    assert not AudiencePopulation.objects.exists()


def test_who_only_reads_writes_nothing(province, coordinator):
    with pytest.raises(Forbidden):
        population_set(
            actor=coordinator, audience=province.citizen, unit=province.north, year=2026, value=5, source="QĐ 1"
        )


# --- There and back -------------------------------------------------------------------------------------------------
def test_what_is_exported_comes_back_unchanged(province, lead, indicator):
    """Whatever the numbers, years and documents: the template of what is there changes nothing."""
    texts = ("=1+1", "QĐ 12/QĐ-UBND, «trích»", "'nháy", "Niên giám thống kê năm 2025")
    units = (province.root, province.north, province.south, province.department)
    for n, unit in enumerate(units):
        for audience in (province.citizen, province.team):
            AudiencePopulation.objects.create(
                audience=audience, unit=unit, year=2026, value=n * 1234567, source=texts[n],
                source_date=date(2026, 1, 31) if n % 2 else None,
            )  # fmt: skip
    before = list(AudiencePopulation.objects.values())
    content = template_file(list(units), [province.citizen, province.team, province.staff], 2026)
    plan = plan_of(io.BytesIO(content), actor=lead)
    assert (plan.faults, plan.differing, plan.unchanged, plan.empty) == ([], [], 8, 4)
    populations_import(actor=lead, unit=province.root, plan=plan, file_name="a.xlsx", confirmed=True)
    assert list(AudiencePopulation.objects.values()) == before


class TestThereAndBack(TestCase):
    """Export → import changes nothing, whatever was there. The province stands once for all draws."""

    @classmethod
    def setUpTestData(cls):
        StructureFactory()
        root = UnitFactory(code="24", name="Tỉnh Bắc Ninh", kind=UnitKind.PROVINCE)
        cls.units = [root, *(UnitFactory(code=f"0724{n}", name=f"Xã {n}", parent=root) for n in range(3))]
        cls.audiences = [AudienceFactory(code="nguoi_dan"), AudienceFactory(code="to_cnscd")]
        cls.lead = MembershipFactory(unit=root, role="provincial_lead", audience=cls.audiences[0]).user
        structures_rebuild()

    @settings(max_examples=draws(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.dictionaries(
            st.tuples(st.integers(0, 3), st.integers(0, 1)),
            st.tuples(
                st.integers(0, 20_000_000),
                st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60),
                st.none() | st.dates(date(1999, 1, 1), date(2026, 11, 20)),
            ),
        )
    )
    def test_nothing_changes(self, held):
        AudiencePopulation.objects.all().delete()
        for (unit, audience), (value, source, day) in held.items():
            AudiencePopulation.objects.create(
                unit=self.units[unit], audience=self.audiences[audience], year=2026, value=value,
                source=normalize("NFC", source), source_date=day,
            )  # fmt: skip
        plan = plan_of(io.BytesIO(template_file(self.units, self.audiences, 2026)), actor=self.lead)
        assert (plan.faults, plan.differing) == ([], [])
        assert (plan.unchanged, plan.empty) == (len(held), 8 - len(held))


# --- Coverage -------------------------------------------------------------------------------------------------------
def test_the_sum_below_is_held_against_the_place(province):
    headcount(province, province.root, 900)
    headcount(province, province.north, 400)
    headcount(province, province.north, 450, year=2026)
    [one] = coverage(place(province), [province.citizen], 2026)
    assert (one.total, one.difference, one.missing) == (450, -450, [province.south])
    assert one.verdict == "Còn thiếu số của một số xã"
    headcount(province, province.south, 450)
    [one] = coverage(place(province), [province.citizen], 2026)
    assert (one.difference, one.verdict) == (0, "Khớp")
    [none] = coverage(place(province), [province.team], 2026)
    assert (none.total, none.difference) == (None, None)


# --- Pages ----------------------------------------------------------------------------------------------------------
def url(name, unit, *args, **query):
    return f"{reverse(f'kpi:{name}', args=args)}?{urlencode({'don-vi': unit.uuid} | query)}"


@pytest.mark.parametrize(
    ("who", "reading", "keeping"),
    [("lead", 200, 200), ("coordinator", 200, 403), ("other_coordinator", 403, 403), ("learner", 404, 404)],
)
def test_who_may_open_the_pages(client, request, province, indicator, who, reading, keeping):
    client.force_login(request.getfixturevalue(who))
    assert client.get(url("populations", province.north)).status_code == reading
    for name in ("population_edit", "population_import", "population_template"):
        assert client.get(url(name, province.north)).status_code == keeping, name
    if keeping != 200:
        assert client.post(url("population_edit", province.north), {}).status_code == keeping
        assert client.post(url("population_import", province.north), {"luu": "1"}).status_code == keeping


def test_no_figure_is_said_and_never_shown_as_zero(client, province, indicator, lead):
    client.force_login(lead)
    headcount(province, province.north, 400)
    page = client.get(url("populations", province.root, **{"doi-tuong": "nguoi_dan"})).content.decode()
    assert "chưa có số" in page
    assert "Xã Yên Thế" in page
    assert '<td class="n" data-l="Số người">0' not in page


def send(client, address, file, **more):
    file.name = "so-nguoi.xlsx"
    return client.post(address, {"file": file} | more)


def test_look_first_then_take_over(client, two_trained, province, lead):
    client.force_login(lead)
    address = url("population_import", province.root)
    answer = send(client, address, table(LINE | {"Số người": 1}))
    assert "chưa có số" in answer.content.decode()
    assert not AudiencePopulation.objects.exists()
    kept = {"kept": answer.context["kept"], "name": "so-nguoi.xlsx", "luu": "1"}
    answer = client.post(address, kept)
    assert "Hãy đánh dấu ô" in answer.content.decode()
    answer = client.post(address, kept | {"confirmed": "1"})
    assert "reauthenticate" in answer["Location"]
    assert not AudiencePopulation.objects.exists()
    prove(client)
    client.post(address, kept | {"confirmed": "1"})
    assert AudiencePopulation.objects.get().value == 1
    answer = client.post(address, kept | {"confirmed": "1"})
    assert "không còn nữa" in answer.content.decode()


# --- Large tables ---------------------------------------------------------------------------------------------------
@pytest.fixture
def all_large(monkeypatch):
    monkeypatch.setattr("kpi.population_files.LARGE", 1)


def through_the_job(client, answer):
    """Where the job leads that an answer opened, and the job."""
    job = Job.objects.get(uuid=answer.url.strip("/").rsplit("/", 1)[-1])
    return job, client.get(answer.url)


def test_a_large_table_is_looked_at_and_taken_over_by_jobs(
    client, all_large, two_trained, province, lead, django_capture_on_commit_callbacks
):
    client.force_login(lead)
    address = url("population_import", province.root)
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, address, table(LINE | {"Số người": 1}))
    job, page = through_the_job(client, answer)
    assert (job.state, job.result) == ("done", {"lines": 1, "faults": 0}), job.error
    page = client.get(page.url)
    assert "Sẽ thêm 1 số" in page.content.decode()
    assert not AudiencePopulation.objects.exists()
    kept = {"kept": page.context["kept"], "luu": "1"}
    assert "Hãy đánh dấu ô" in client.post(address, kept).content.decode()
    prove(client)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address, kept | {"confirmed": "1"})
    job, page = through_the_job(client, answer)
    assert AudiencePopulation.objects.get().value == 1
    assert "Đã nhập: thêm 1, sửa 0, giữ nguyên 0 số." in client.get(page.url).content.decode()
    other = MembershipFactory(user=UserFactory(), unit=province.root, audience=province.staff, role="provincial_lead")
    client.force_login(other.user)
    assert "Đã nhập" not in client.get(page.url).content.decode(), "somebody else's job tells nothing"


def test_a_large_table_with_faults_hands_out_its_lines(
    client, all_large, province, indicator, lead, django_capture_on_commit_callbacks
):
    client.force_login(lead)
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, url("population_import", province.root), table(LINE | {"Năm": 1}))
    page = client.get(through_the_job(client, answer)[1].url)
    assert "Tệp còn 1 chỗ cần sửa" in page.content.decode()
    assert client.get(url("population_faults", province.root, page.context["kept"])).content[:2] == b"PK"


def test_what_is_no_table_is_refused_by_the_job_with_a_way_back(
    client, all_large, province, indicator, lead, django_capture_on_commit_callbacks
):
    client.force_login(lead)
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, url("population_import", province.root), io.BytesIO(b"%PDF-1.7"))
    job, page = through_the_job(client, answer)
    assert job.state == "failed"
    assert "Gửi tệp khác" in page.content.decode()


@pytest.mark.parametrize("by_job", [False, True])
def test_what_changed_between_the_look_and_the_go_ahead_is_refused(
    client, monkeypatch, province, indicator, lead, by_job, django_capture_on_commit_callbacks
):
    """The table is read again when it is taken over: what it would do must still be what was seen."""
    monkeypatch.setattr("kpi.population_files.LARGE", 1 if by_job else 10**9)
    client.force_login(lead)
    prove(client)
    address = url("population_import", province.root)
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, address, table(LINE))
    if by_job:
        answer = client.get(through_the_job(client, answer)[1].url)
    headcount(province, province.north, 1, year=2026)
    kept = {"kept": answer.context["kept"], "luu": "1"}
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address, kept)
    if by_job:
        job, answer = through_the_job(client, answer)
        assert "Xem lại tệp" in answer.content.decode()
        answer = client.get(job.result["link"][0])
    else:
        assert "đã thay đổi sau khi bạn xem" in answer.content.decode()
    assert AudiencePopulation.objects.get().value == 1
    assert "sửa 1 số" in answer.content.decode(), "looked at anew"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, kept)
    assert AudiencePopulation.objects.get().value == 500


def test_the_file_of_faults_is_for_its_sender_alone(client, province, indicator, lead):
    client.force_login(lead)
    answer = send(client, url("population_import", province.root), table(LINE | {"Năm": 1}))
    assert "không hợp lý" in answer.content.decode()
    faults = url("population_faults", province.root, answer.context["kept"])
    assert client.get(faults).content[:2] == b"PK"
    other = MembershipFactory(user=UserFactory(), unit=province.root, audience=province.staff, role="provincial_lead")
    client.force_login(other.user)
    assert client.get(faults).status_code == 404
    assert client.get(url("population_faults", province.root, "..")).status_code == 404


def test_one_number_on_the_page(client, two_trained, province, lead):
    client.force_login(lead)
    prove(client)
    address = url("population_edit", province.north)
    form = {"audience": province.citizen.pk, "year": 2026, "value": "1", "source": "QĐ 1", "source_date": ""}
    page = client.get(address).content.decode()
    assert "Tôi đã xem lại" not in page
    assert "Tôi đã xem lại" in client.post(address, form).content.decode()
    assert "phần lẻ" in client.post(address, form | {"value": "1,5"}).content.decode()
    client.post(address, form | {"confirmed": "on"})
    assert AudiencePopulation.objects.get().value == 1


def _queries(act):
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)


def test_queries_do_not_grow_with_units(client, province, indicator, lead):
    client.force_login(lead)

    def page():
        assert client.get(url("populations", province.root)).status_code == 200

    def look():
        assert check(lead, *({"Mã đơn vị": u.code, "Tên đơn vị": u.name} for u in units)).faults == []

    units = [province.north, province.south]
    few = (_queries(page), _queries(look))
    units += [UnitFactory(parent=province.root) for _ in range(30)]
    structures_rebuild()
    assert (_queries(page), _queries(look)) == few
    plan = check(lead, *({"Mã đơn vị": u.code, "Tên đơn vị": u.name} for u in units))
    take = lambda: populations_import(actor=lead, unit=province.root, plan=plan, file_name="a.xlsx")  # noqa: E731
    assert _queries(take) <= 16
    assert AudiencePopulation.objects.count() == 32


# --- Command --------------------------------------------------------------------------------------------------------
def run(path, capsys, *more):
    call_command("import_populations", str(path), "--json", *more)
    return json.loads(capsys.readouterr().out)


def test_the_command_looks_and_takes_over(tmp_path, province, indicator, lead, capsys):
    path = tmp_path / "a.xlsx"
    path.write_bytes(table(LINE).getvalue())
    looked = run(path, capsys, "--dry-run")
    assert (looked["added"], looked["imported"]) == (1, None)
    assert not AudiencePopulation.objects.exists()
    assert run(path, capsys, "--by", lead.email)["imported"]["added"] == 1
    assert run(path, capsys)["imported"]["unchanged"] == 1


def test_the_command_fails_loudly(tmp_path, province, indicator, lead, capsys):
    path = tmp_path / "a.xlsx"
    path.write_bytes(table(LINE | {"Năm": 1}).getvalue())
    with pytest.raises(CommandError) as failed:
        run(path, capsys)
    assert failed.value.returncode == 1
    assert json.loads(capsys.readouterr().out)["faults"][0]["line"] == 2
    with pytest.raises(CommandError) as failed:
        run(path, capsys, "--by", "ai@example.vn")
    assert failed.value.returncode == 2
    path.write_bytes(b"%PDF-1")
    with pytest.raises(CommandError) as failed:
        run(path, capsys)
    assert failed.value.returncode == 1
    with pytest.raises(CommandError):
        run(tmp_path / "khong-co.xlsx", capsys)
