"""The real documents load whole and twice; a bad entry loads nothing and is named."""

from __future__ import annotations

import shutil

import pytest
import yaml

from common.errors import DataError
from courses.models import Assignment
from kpi import loading
from kpi.assigning import assignments_carry
from kpi.models import FED_KINDS, Counted, CountingKind, Decision, Indicator, Population, Programme, Target
from kpi.services import kpi_load
from people.loading import audiences_load
from people.models import UnitKind
from tests.factories.courses import CourseFactory
from tests.factories.courses_paths import path_over
from tests.factories.people import UnitFactory

pytestmark = pytest.mark.slow

SLUGS = ["5-ky-nang-so-co-ban", "ho-so-suc-khoe-dien-tu-tram-y-te-xa", "day-hoc-tren-nen-tang-so"]
LOADED = {
    "decisions": 3, "programmes": 70, "indicators": 74, "counting": 24, "targets": 73, "populations": 24,
    "duties": 24, "findings": 27,
}  # fmt: skip


@pytest.fixture
def old_province(db):
    audiences_load()
    courses = [CourseFactory(slug=slug) for slug in SLUGS]
    path_over(*courses, slug="giao-vien-day-hoc-so")
    return UnitFactory(code="24", name="Tỉnh Bắc Giang", kind=UnitKind.PROVINCE)


@pytest.fixture
def folder(tmp_path):
    """A copy of the data files that a test may spoil."""
    for file in loading.DATA.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def test_real_documents_load_and_load_again(old_province):
    assert kpi_load(unit=old_province) == LOADED
    first = set(Indicator.objects.values_list("pk", "code"))
    assert kpi_load(unit=old_province) == LOADED
    assert set(Indicator.objects.values_list("pk", "code")) == first
    assert Decision.objects.count() == 3
    assert not Counted.objects.exists()


def test_source_quote_and_rule_are_kept(old_province):
    kpi_load(unit=old_province)
    citizens = Indicator.objects.get(code="BG23-2025-4")
    assert (citizens.counts, citizens.min_score, citizens.base_year) == (True, 80, 2023)
    assert [c.slug for c in citizens.courses.all()] == ["5-ky-nang-so-co-ban"]
    assert {a.code for a in citizens.audiences.all()} == {"nguoi_dan", "to_cnscd"}
    population = citizens.populations.get()
    assert (population.value, population.year) == (986800, 2022)
    assert "986,8 nghìn người" in population.quote
    assert citizens.source == "000_d0116bddd057f9b3.txt"
    staff = Indicator.objects.get(code="BG23-2025-1")
    assert staff.counting_rule == "được tham gia"
    assert staff.populations.get().value == 5235
    assert staff.targets.get().unit == old_province
    assert staff.programmes.count() == 4


def test_programmes_ask_for_what_the_data_link_them_to(old_province):
    kpi_load(unit=old_province)
    assert assignments_carry(year=2026).created == 6
    asked = Assignment.objects.order_by("source", "audience__code").values_list(
        "source", "audience__code", "course__slug", "learning_path__slug"
    )
    assert list(asked) == [
        ("kpi:2026:BG23-05", "mot_cua", SLUGS[0], None),
        ("kpi:2026:BG23-07", "y_bac_si", SLUGS[1], None),
        ("kpi:2026:BG23-08", "cbql_truong", None, "giao-vien-day-hoc-so"),
        ("kpi:2026:BG23-08", "giao_vien", None, "giao-vien-day-hoc-so"),
        ("kpi:2026:BG23-10", "to_cnscd", SLUGS[0], None),
        ("kpi:2026:BG23-15", "nguoi_dan_lao_dong", SLUGS[0], None),
    ]
    assert set(Assignment.objects.values_list("unit", flat=True)) == {old_province.pk}
    assert assignments_carry(year=2031).created == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("programme", "BG23-99"),
        ("programme", "BG23-05"),
        ("courses", ["khoa-khong-co"]),
        ("courses", []),
        ("paths", ["lo-trinh-khong-co"]),
        ("audiences", ["giao_vien"]),
        ("due", "02-29"),
        ("due", "31/12"),
        ("why", ""),
        ("corses", []),
    ],
)
def test_a_wrong_link_of_a_programme_is_named_and_nothing_is_loaded(old_province, folder, field, value):
    document = yaml.safe_load((folder / loading.LEARNING).read_text(encoding="utf-8"))
    document["learning"][1][field] = value
    (folder / loading.LEARNING).write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        kpi_load(unit=old_province, folder=folder)
    assert (caught.value.file, caught.value.field) == (loading.LEARNING, field)
    assert not Programme.objects.exists()


def test_suspect_number_is_no_target(old_province):
    kpi_load(unit=old_province)
    suspect = Indicator.objects.get(code="BG23-N4")
    assert suspect.counts
    assert not suspect.targets.exists()


def test_network_is_counted_by_teams_not_communes(old_province):
    kpi_load(unit=old_province)
    network = Indicator.objects.get(code="BG22-2025-1")
    assert (network.counts, network.counting) == (True, CountingKind.TEAM)
    assert [audience.code for audience in network.audiences.all()] == ["to_cnscd"]
    assert not network.populations.exists()


def test_no_indicator_waits_without_a_way(old_province):
    """Each is counted or can be declared; and only what people learn here is fed by completions."""
    kpi_load(unit=old_province)
    assert not Indicator.objects.filter(counting=CountingKind.NONE).exists()
    for indicator in Indicator.objects.all():
        assert indicator.counts == (indicator.counting in FED_KINDS), indicator.code
    passed = Indicator.objects.filter(counting=CountingKind.PASSED)
    assert set(passed) == set(Indicator.objects.filter(min_score__isnull=False))
    schools = Indicator.objects.filter(counting=CountingKind.ACTIVITY)
    assert {a.code for i in schools for a in i.audiences.all()} == {"truong_hoc"}
    assert schools.count() == 6
    levels = schools.filter(text__contains="trường THCS và THPT")
    assert levels.count() == 2
    assert {one.caution for one in levels} == {"Gồm cả trường tiểu học: hệ thống chưa tách cấp học."}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"counts": True}, CountingKind.COMPLETED),
        ({"counts": True, "min_score": 80}, CountingKind.PASSED),
        ({"counts": False}, CountingKind.NONE),
        ({"counting": "level", "level": "thanh_thao"}, CountingKind.LEVEL),
        ({"counting": "hours", "min_hours": 8.5, "min_score": 50}, CountingKind.HOURS),
        ({"counting": "certificate", "series": ["giay"], "counts": True}, CountingKind.CERTIFICATE),
        ({"counting": "activity"}, CountingKind.ACTIVITY),
        ({"counting": "hours"}, "min_hours"),
        ({"counting": "level"}, "level"),
        ({"counting": "certificate"}, "series"),
        ({"counting": "passed"}, "min_score"),
        ({"counting": "completed", "min_score": 80}, "min_score"),
        ({"counting": "hours", "min_hours": 3, "series": ["giay"]}, "series"),
        ({"counting": "completed", "level": "co_ban"}, "level"),
        ({"counting": "activity", "caution": "x" * 121}, "caution"),
    ],
)
def test_a_feed_says_how_it_counts_or_which_field_is_wrong(tmp_path, said, kind):
    rows = {"feeds": [{"code": "BG23-N1", "why": "x"} | said]}
    (tmp_path / loading.FEEDS).write_text(yaml.safe_dump(rows), encoding="utf-8")
    try:
        found = loading.feeds_read(tmp_path, {"BG23-N1"})["BG23-N1"].counting
    except DataError as error:
        found = error.field
    assert found == kind


def test_every_platform_or_hybrid_indicator_says_whether_and_why():
    source = loading.read(loading.DATA, "Bắc Giang")
    expected = {e.code for e in source.indicators if e.data["measure"] in ("platform", "hybrid")}
    assert set(source.feeds) == expected


def test_side_by_side_names_real_indicators():
    codes = {e.code for e in loading.read(loading.DATA, "Bắc Giang").indicators}
    assert loading.side_by_side()
    assert all(set(pair.codes) <= codes for pair in loading.side_by_side())


@pytest.mark.parametrize(
    ("file", "key", "code", "field", "value"),
    [
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "target_year", "hai nghìn"),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "target_year", 20255),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "target_value", "nhiều"),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "target_value", -1),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "comparator", "~"),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "measure", "somehow"),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "recurrence", "thỉnh thoảng"),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "quote", ""),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "text", None),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "source", "999.txt"),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "audience_codes", "cccvc"),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "audience_codes", ["nguoi_sao_hoa"]),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "programme_codes", ["BG23-99"]),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "denominator_baseline", "BG23-B99"),
        (loading.TARGETS, "kpi_targets", "BG23-2025-1", "denominator_size", 12.5),
        (loading.PROGRAMMES, "programmes", "BG23-01", "title", ""),
        (loading.PROGRAMMES, "programmes", "BG23-01", "headcount", True),
        (loading.PROGRAMMES, "programmes", "BG23-01", "period", "2024"),
        (loading.PROGRAMMES, "programmes", "BG23-01", "audience_codes", ["nguoi_sao_hoa"]),
        (loading.FEEDS, "feeds", "BG23-2025-1", "counts", "có"),
        (loading.FEEDS, "feeds", "BG23-2025-1", "why", ""),
        (loading.FEEDS, "feeds", "BG23-2025-1", "min_score", 120),
        (loading.FEEDS, "feeds", "BG23-2025-1", "min_score", "tám mươi"),
        (loading.FEEDS, "feeds", "BG23-2025-1", "courses", ["khoa-khong-co"]),
        (loading.FEEDS, "feeds", "BG23-2025-1", "audiences", ["nguoi_sao_hoa"]),
        (loading.FEEDS, "feeds", "BG23-2025-1", "target", "maybe"),
        (loading.FEEDS, "feeds", "BG23-2025-1", "cuorses", []),
        (loading.FEEDS, "feeds", "BG23-2025-1", "counting", "guessed"),
        (loading.FEEDS, "feeds", "BG23-2025-3", "counts", True),
        (loading.FEEDS, "feeds", "BG23-2025-3", "min_score", 80),
        (loading.FEEDS, "feeds", "BG23-2025-3", "courses", ["5-ky-nang-so-co-ban"]),
        (loading.FEEDS, "feeds", "BG23-2025-1", "level", "thanh_thao"),
        (loading.FEEDS, "feeds", "BG22-2025-1", "level", "rất cao"),
        (loading.FEEDS, "feeds", "BG22-2025-1", "min_hours", 3),
        (loading.FEEDS, "feeds", "BG22-2025-1", "series", ["loai-giay-khong-co"]),
    ],
)
def test_bad_entry_is_named_and_nothing_is_loaded(old_province, folder, file, key, code, field, value):
    document = yaml.load((folder / file).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    next(row for row in document[key] if row["code"] == code)[field] = value
    spoilt = yaml.dump(document, allow_unicode=True, sort_keys=False, Dumper=yaml.CSafeDumper)
    (folder / file).write_text(spoilt, encoding="utf-8")
    line = spoilt.splitlines().index(f"- code: {code}") + 1
    place = [row["code"] for row in document[key]].index(code) + 1
    with pytest.raises(DataError) as caught:
        kpi_load(unit=old_province, folder=folder)
    where = f"dòng {line}, mục {place} ({code})"
    assert (caught.value.file, caught.value.where, caught.value.field) == (file, where, field)
    for model in (Decision, Programme, Indicator, Target, Population):
        assert not model.objects.exists()


@pytest.mark.parametrize(
    ("file", "text", "where"),
    [
        (loading.TARGETS, "kpi_targets:\n- code: [", "dòng 3"),
        (loading.TARGETS, "- a\n- b\n", "dòng 1, cả tệp"),
        (loading.FEEDS, "feeds:\n- BG23-2025-1\n", "dòng 2, mục 1"),
        (loading.FEEDS, "feeds:\n- {code: BG99-1, counts: false, why: x}\n", "dòng 2, mục 1 (BG99-1)"),
        (loading.FEEDS, "feeds:\n" + "- {code: BG23-N1, counts: false, why: x}\n" * 2, "dòng 3, mục 2 (BG23-N1)"),
        (loading.BASELINES, "baselines: 3\n", "dòng 1, cả tệp"),
    ],
)  # fmt: skip
def test_broken_file_is_named(old_province, folder, file, text, where):
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        kpi_load(unit=old_province, folder=folder)
    assert (caught.value.file, caught.value.where) == (file, where)
    assert not Decision.objects.exists()


def test_missing_file_is_named(old_province, folder):
    (folder / loading.BASELINES).unlink()
    with pytest.raises(DataError, match="baselines.yaml"):
        kpi_load(unit=old_province, folder=folder)


def test_province_without_indicators_is_refused(old_province):
    with pytest.raises(DataError, match="Cà Mau"):
        kpi_load(province="Cà Mau", unit=old_province)
