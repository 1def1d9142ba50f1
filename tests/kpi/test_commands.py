"""``manage.py kpi``: figures in both formats, and clear refusals with exit code 2."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from kpi.models import Indicator, Measure, Population, Recurrence
from people.models import UnitKind, UnitSuccession
from people.services import structures_rebuild
from tests import processes
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory, TargetFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.kpi.conftest import OLD, REFORM, at


@pytest.fixture
def trained(reform):
    indicator = IndicatorFactory(
        code="BG23-T", audiences=[reform.citizen], recurrence=Recurrence.CUMULATIVE, base_year=2023
    )
    TargetFactory(indicator=indicator, unit=reform.old, value=50, comparator=">=")
    for unit, day in ((reform.a, "2025-05-05"), (reform.s, "2025-06-06"), (reform.x, "2025-08-08")):
        person = MembershipFactory(unit=unit, audience=reform.citizen, valid_from=OLD["valid_from"]).user
        complete(person, course_with_steps(1), at(day))
    IndicatorFactory(code="BG24-M", counts=False, measure=Measure.MANUAL)
    return indicator


def run(*args):
    out = io.StringIO()
    call_command("kpi", *args, stdout=out)
    return out.getvalue()


def figures_of(*args):
    return json.loads(run(*args))["figures"]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), {"24": 3}),
        (("--structure", "2022"), {"24": 3}),
        (("--unit", "24"), {"24": 3}),
        (("--unit", "24", "--structure", "2022"), {"24": 3}),
        (("--unit", "0A"), {"0A": 2}),
        (("--unit", "0A", "--structure", "2022"), {"0A": 1}),
        (("--unit", "215"), {"215": 2}),
        (("--unit", "0A", "--as-of", "2025-06-30"), {"0A": 1}),
        (("--as-of", "2025-05-31"), {"24": 1}),
        (("--indicator", "BG23-T"), {"24": 3}),
    ],
)
def test_figures(trained, args, expected):
    found = figures_of("--year", "2025", *args)
    assert {f["unit_code"]: f["count"] for f in found} == expected
    for figure in found:
        assert not figure["rows"] or sum(row["count"] for row in figure["rows"]) == figure["count"]


def _learn(person, day):
    complete(person, course_with_steps(1), at(day))


@pytest.fixture
def scattered(trained, reform):
    """Also: one of unknown unit, and one of a department of today's province, which took over from two of 2022."""
    other = UnitFactory(code="27", name="Tỉnh Bắc Ninh cũ", kind=UnitKind.PROVINCE, **OLD)
    UnitSuccession.objects.create(predecessor=other, successor=reform.new, effective_on=REFORM, principal=True)
    office = UnitFactory(code="SNV", name="Sở Nội vụ", kind=UnitKind.DEPARTMENT, parent=reform.new, valid_from=REFORM)
    structures_rebuild()
    _learn(MembershipFactory(unit=other, audience=reform.citizen, valid_from=OLD["valid_from"]).user, "2025-05-06")
    _learn(MembershipFactory(unit=office, audience=reform.citizen, valid_from=REFORM).user, "2025-08-09")
    _learn(UserFactory(), "2025-08-10")
    return trained


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), {"24": 6}),
        (("--structure", "2022"), {"24": 3, "27": 1, "Chưa quy đổi": 1, "Chưa rõ đơn vị": 1}),
        (("--structure", "2022", "--as-of", "2025-08-09"), {"24": 3, "27": 1, "Chưa quy đổi": 1}),
        (("--structure", "2022", "--unit", "24"), {"24": 3}),
    ],
)
def test_nobody_is_lost_under_any_structure(scattered, args, expected):
    found = figures_of("--year", "2025", *args)
    assert {f["unit_code"] or f["unit"]: f["count"] for f in found} == expected
    lines = list(csv.DictReader(io.StringIO(run("--year", "2025", *args, "--format", "csv"))))
    assert [line["count"] for line in lines] == [
        str(figure["count"]) for top in found for figure in (top, *top["rows"])
    ]


def test_unknown_people_are_shown_once_beside_two_provinces_of_today(scattered, reform):
    UnitFactory(code="19", name="Tỉnh Thái Nguyên", kind=UnitKind.PROVINCE, valid_from=REFORM)
    structures_rebuild()
    found = figures_of("--year", "2025")
    assert [(f["level"], f["unit"], f["count"]) for f in found] == [
        ("tong", "Tỉnh Thái Nguyên", 0),
        ("tong", "Tỉnh Bắc Ninh", 5),
        ("chua-ro", "Chưa rõ đơn vị", 1),
    ]


def test_code_of_two_units_is_resolved_by_structure(trained, reform):
    indicator = Indicator.objects.get(code="BG23-T")
    Population.objects.create(indicator=indicator, unit=reform.old, year=2022, value=3, source="000.txt")
    (old,) = figures_of("--year", "2025", "--unit", "24", "--structure", "2022")
    (new,) = figures_of("--year", "2025", "--unit", "24")
    assert (old["unit"], new["unit"]) == ("Tỉnh Bắc Giang", "Tỉnh Bắc Ninh")
    assert {row["unit"]: row["count"] for row in new["rows"]} == {"Xã X": 2, "Xã Y": 0, "Chưa quy đổi": 1}
    assert (old["target"], old["comparator"], old["percent"], old["gap"]) == (50.0, ">=", 100.0, 0)


def test_csv(trained):
    lines = list(csv.DictReader(io.StringIO(run("--year", "2025", "--format", "csv"))))
    assert [(line["level"], line["unit"], line["count"]) for line in lines] == [
        ("tong", "Tỉnh Bắc Ninh", "3"),
        ("don-vi", "Xã X", "2"),
        ("don-vi", "Xã Y", "0"),
        ("chua-quy-doi", "Chưa quy đổi", "1"),
    ]
    assert lines[2]["denominator"] == ""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--unit", "999"), "Không có đơn vị mã «999»"),
        (("--indicator", "BG23-X"), "Không có chỉ tiêu mã «BG23-X». Có phải: BG23-T, BG24-M?"),
        (("--indicator", "BG24-M"), "nhập tay kèm minh chứng"),
        (("--structure", "1802"), "Không có cơ cấu đơn vị «1802». Các cơ cấu hiện có: 2022, 2025-07-01."),
        (("--as-of", "31/12/2025"), "Ngày «31/12/2025» không hợp lệ"),
        (("--year", "20255"), "Năm «20255» không hợp lệ"),
    ],
)
def test_refusals_exit_with_2(trained, args, said):
    with pytest.raises(CommandError) as caught:
        run("--year", "2025", *args)
    assert said in str(caught.value)
    assert caught.value.returncode == 2


def test_no_structure_is_said(db):
    with pytest.raises(CommandError, match="Chưa có cơ cấu"):
        run("--year", "2025")


@pytest.fixture(scope="module")
def empty_database(django_db_setup, django_db_blocker, tmp_path_factory):
    """The address of a database with tables and nobody in them, that other processes can read: no migration takes part.

    On PostgreSQL the one of this run: nobody else sees what a test writes before it commits.
    """
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            return processes.database_url(connection.settings_dict)
        file = tmp_path_factory.mktemp("kpi") / "db.sqlite3"
        connection.ensure_connection()
        with closing(sqlite3.connect(file)) as copy:
            connection.connection.backup(copy)
    return f"sqlite:///{file}"


@pytest.mark.slow
@pytest.mark.django_db
def test_exit_code_and_stderr_of_the_real_process(empty_database, tmp_path):
    environment = processes.environment(data_dir=tmp_path, database=empty_database)

    def manage(*words):
        return subprocess.Popen(
            [sys.executable, "manage.py", *words], cwd=settings.BASE_DIR, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip

    asked, checked = manage("kpi", "--year", "2026", "--unit", "999"), manage("kpi_rebuild", "--check")
    said, complained = asked.communicate()
    assert (asked.returncode, said) == (2, "")
    assert "Chưa có cơ cấu đơn vị" in complained
    checked.communicate()
    assert checked.returncode == 0
