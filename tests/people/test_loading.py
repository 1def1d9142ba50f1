"""The real units and audiences, and what happens to a wrong row."""

import shutil
from datetime import date

import pytest

from common.datafiles import read_csv
from common.errors import DataError
from people.loading import DATA, audiences_load, province_keys, read_successions, read_units, units_load
from people.models import COMMUNE_KINDS, Audience, Structure, Unit, UnitAncestor, UnitSuccession
from people.services import structures_rebuild

pytestmark = pytest.mark.slow


@pytest.fixture
def bac_giang(db):
    units = units_load(root=("2025-07-01", "24"))
    structures_rebuild()
    return units


def test_bac_giang_of_2022_has_the_units_that_the_documents_count(bac_giang):
    then = bac_giang[("2022", "24")]
    districts = Unit.objects.filter(parent=then)
    communes = Unit.objects.filter(parent__in=districts, kind__in=COMMUNE_KINDS)
    assert (then.name, districts.count(), communes.count()) == ("Tỉnh Bắc Giang", 10, 209)


def test_code_24_was_bac_giang_and_is_bac_ninh(bac_giang):
    assert list(Unit.objects.filter(code="24").order_by("valid_from").values_list("name", flat=True)) == [
        "Tỉnh Bắc Giang",
        "Tỉnh Bắc Giang",
        "Tỉnh Bắc Ninh",
    ]


def test_loading_twice_changes_nothing(bac_giang):
    before = (Unit.objects.count(), UnitSuccession.objects.count(), Structure.objects.count())
    units_load(root=("2025-07-01", "24"))
    assert (Unit.objects.count(), UnitSuccession.objects.count(), Structure.objects.count()) == before


def test_every_succession_of_the_file_is_there(bac_giang):
    rows = read_units()
    links = read_successions(rows)
    wanted = province_keys(rows, links, ("2025-07-01", "24"))
    assert UnitSuccession.objects.count() == sum(a in wanted and b in wanted for a, b, _ in links)


def test_communes_without_known_successor_stay_in_the_total_of_the_province(bac_giang):
    lost = bac_giang[("2022", "07204")]  # Phường Trần Nguyên Hãn, in unmapped_2022.csv
    now = Structure.objects.get(code="2025-07-01")
    above = UnitAncestor.objects.filter(structure=now, descendant=lost, depth__gt=0).select_related("ancestor")
    assert [row.ancestor.name for row in above.order_by("depth")] == ["Tỉnh Bắc Ninh"]


def test_a_ward_of_today_counts_for_the_old_province(bac_giang):
    ward = bac_giang[("2025-07-01", "07210")]
    then = Structure.objects.get(code="2022")
    above = UnitAncestor.objects.filter(structure=then, descendant=ward, depth__gt=0)
    assert bac_giang[("2022", "24")].pk in above.values_list("ancestor", flat=True)


def test_each_unit_stands_once_under_each_root(bac_giang):
    for structure in Structure.objects.all():
        roots = Unit.objects.filter(kind="province").standing_on(structure.valid_from)
        rows = UnitAncestor.objects.filter(structure=structure, ancestor__in=roots)
        assert rows.count() == rows.values("descendant").distinct().count()


def test_audiences_keep_their_source_and_parents(db):
    assert audiences_load() == audiences_load() == Audience.objects.count() == 41
    assert Audience.objects.get(code="lanh_dao_xa").parent.code == "cccvc"
    assert not Audience.objects.filter(quote="").exists()


@pytest.mark.parametrize(
    ("line", "field", "problem"),
    [
        ("2022,99901,Xã A,village,24,,", "kind", "không có loại đơn vị «village»"),
        ("1999,99901,Xã A,commune,24,,", "structure", "không có cơ cấu «1999»"),
        ("2022,24,Tỉnh B,province,,,", "code", "mã 24 đã có trong cơ cấu 2022"),
        ("2022,99901,Xã A,commune,99999,,", "parent_code", "không có đơn vị 99999"),
        ("2022,99901,Xã A,commune,24,bắc,", "lat, lon", "toạ độ phải là số"),
        ("2022,99901,Xã A", "số cột", "không khớp với dòng tiêu đề"),
    ],
)
def test_a_wrong_row_names_file_line_and_field(tmp_path, line, field, problem):
    file = tmp_path / "admin_units.csv"
    shutil.copy(DATA / "admin_units.csv", file)
    file.write_text(file.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(DataError) as wrong:
        read_units(file)
    assert (wrong.value.file, wrong.value.where, wrong.value.field) == ("admin_units.csv", "dòng 2311", field)
    assert problem in str(wrong.value)


def test_a_wrong_audience_loads_nothing(db, tmp_path):
    file = tmp_path / "audiences.yaml"
    file.write_text(
        "audiences:\n"
        "- {code: a, name_vi: A, source: s, quote: q}\n"
        "- {code: b, name_vi: B, source: s, quote: q, parent: zz}\n"
    )
    with pytest.raises(DataError) as wrong:
        audiences_load(file=file)
    assert (wrong.value.where, wrong.value.field) == ("dòng 3, mục 2 (b)", "parent")
    assert not Audience.objects.exists()


def test_units_of_a_day(bac_giang):
    assert Unit.objects.standing_on(date(2026, 1, 1)).filter(kind="district").count() == 0
    assert Unit.objects.standing_on(date(2025, 3, 1)).filter(kind="town").exists()


def test_the_communes_without_known_successor_are_those_of_the_list(bac_giang):
    listed = {row["code"] for row in read_csv(DATA / "unmapped_2022.csv", ["code", "name", "parent_code"])}
    then = Structure.objects.get(code="2022")
    ended = Unit.objects.filter(valid_from=then.valid_from, kind__in=COMMUNE_KINDS)
    lost = set(ended.filter(successions=None).values_list("code", flat=True))
    assert lost
    assert lost <= listed
    assert set(ended.filter(code__in=listed).values_list("code", flat=True)) == lost
