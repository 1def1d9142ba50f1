"""Names of a document become units that stand today; what was noticed in the documents is read and checked."""

from __future__ import annotations

import shutil

import pytest
import yaml

from common.errors import DataError
from kpi import findings, loading
from kpi.loading import Entry
from kpi.models import Indicator
from kpi.responsibility import Responsibilities, bare_name, kinds_named
from people.models import COMMUNE_KINDS, UnitKind, UnitSuccession
from people.services import structures_rebuild
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import UnitFactory
from tests.kpi.conftest import OLD, REFORM

DEPARTMENT = frozenset({UnitKind.DEPARTMENT})


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("UBND cấp huyện", COMMUNE_KINDS),
        ("UBND huyện, thành phố, xã, phường, thị trấn", COMMUNE_KINDS),
        ("Các sở, ban, ngành tỉnh", DEPARTMENT),
        ("Các sở, ngành", DEPARTMENT),
        ("Các sở, cơ quan thuộc UBND tỉnh", DEPARTMENT),
        ("Sở Nội vụ", frozenset()),
        ("Văn phòng UBND tỉnh", frozenset()),
        ("Các doanh nghiệp trên địa bàn tỉnh", frozenset()),
    ],
)
def test_collective_names_stand_for_kinds(name, kinds):
    assert kinds_named(name) == kinds


@pytest.mark.parametrize(
    "name",
    ["Sở Nội vụ", "Sở Nội vụ tỉnh Bắc Giang", "SỞ NỘI VỤ BẮC GIANG", "sở nội vụ tỉnh"],
)
def test_a_name_is_the_same_with_and_without_its_province(name):
    assert bare_name(name, "Tỉnh Bắc Giang") == "so noi vu"


def test_the_office_of_the_committee_is_found_by_its_short_name():
    assert bare_name("Văn phòng UBND tỉnh", "Tỉnh Bắc Giang") == bare_name(
        "Văn phòng Uỷ ban nhân dân tỉnh Bắc Giang", "Tỉnh Bắc Giang"
    )


@pytest.fixture
def offices(reform):
    """Two departments of Bắc Giang merged into one of Bắc Ninh; another ended without a successor."""
    new = UnitFactory(
        code="SKHCN", name="Sở Khoa học và Công nghệ", kind=UnitKind.DEPARTMENT, parent=reform.new, valid_from=REFORM
    )
    for code, name in (("TTTT", "Sở Thông tin và Truyền thông"), ("KHCN", "Sở Khoa học và Công nghệ")):
        old = UnitFactory(code=code, name=f"{name} tỉnh Bắc Giang", kind=UnitKind.DEPARTMENT, parent=reform.old, **OLD)
        UnitSuccession.objects.create(predecessor=old, successor=new, effective_on=REFORM)
    UnitFactory(code="X", name="Sở Ngoại vụ tỉnh Bắc Giang", kind=UnitKind.DEPARTMENT, parent=reform.old, **OLD)
    structures_rebuild()
    reform.department = new
    return reform


def give(offices, responsible, monitoring=None):
    indicator = IndicatorFactory()
    entry = Entry("t.yaml", {"responsible_units": responsible, "monitoring_unit": monitoring}, "mục 1")
    Responsibilities.of(offices.old).give(indicator, entry)
    return Indicator.objects.get(pk=indicator.pk)


def test_a_department_of_then_is_the_department_that_it_became(offices):
    found = give(offices, ["Sở Thông tin và Truyền thông", "Các doanh nghiệp"], "Sở Khoa học và Công nghệ")
    assert list(found.responsible.all()) == list(found.monitoring.all()) == [offices.department]
    assert found.responsible_names == ["Sở Thông tin và Truyền thông", "Các doanh nghiệp"]
    assert found.monitoring_name == "Sở Khoa học và Công nghệ"


def test_districts_are_answered_for_by_todays_communes(offices):
    assert set(give(offices, ["UBND cấp huyện"]).responsible.all()) == {offices.x, offices.y}


def test_what_ended_without_a_successor_stays_a_name(offices):
    assert not give(offices, ["Sở Ngoại vụ"]).responsible.exists()


def test_loading_again_takes_units_away_that_are_no_longer_named(offices):
    indicator = give(offices, ["UBND cấp huyện"])
    Responsibilities.of(offices.old).give(indicator, Entry("t.yaml", {}, "mục 1"))
    assert not indicator.responsible.exists()
    assert indicator.responsible_names == []


# --- Findings -------------------------------------------------------------------------------------------------------
def test_every_finding_is_in_vietnamese_with_the_words_of_its_document():
    found = findings.findings()
    assert len(found) == 27
    assert [one.severity for one in found] == sorted(
        (one.severity for one in found), key=list(findings.SEVERITIES).index
    )
    assert all(one.evidence and one.detail for one in found)
    assert {one.code for one in findings.findings_of("BG23-N4")} == {"F01"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"severity": "dire"}, "severity"),
        ({"title": ""}, "title"),
        ({"indicators": ["BG23-X"]}, "indicators"),
        ({"programmes": ["BG23-99"]}, "programmes"),
        ({"evidence": []}, "evidence"),
        ({"evidence": [{"source": "999.txt", "quote": "x"}]}, "source"),
        ({"evidence": [{"source": "000_d0116bddd057f9b3.txt"}]}, "quote"),
        ({"detials": "x"}, "detials"),
    ],
)
def test_a_wrong_finding_is_named(tmp_path, change, field):
    for name in (loading.TARGETS, loading.PROGRAMMES):
        shutil.copy(loading.DATA / name, tmp_path)
    one = yaml.safe_load((loading.DATA / findings.FILE).read_text(encoding="utf-8"))["findings"][0]
    (tmp_path / findings.FILE).write_text(yaml.safe_dump({"findings": [one | change]}), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        findings.read(tmp_path)
    assert refused.value.field == field
    assert refused.value.file == findings.FILE
