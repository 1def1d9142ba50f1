"""The register shows every change made behind its back."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from certificates.models import RegisterEntry, SeriesCounter
from certificates.services import register_verify
from tests.factories.certificates import approve, completions, propose
from tests.factories.courses import course_with_steps


@pytest.fixture
def register(series, province, coordinator, official):
    """Four certificates in the official register."""
    course = course_with_steps(lessons=1)
    completions(province, province.north, 4, course=course)
    approve(propose(proposer=coordinator, series=series.official, unit=province.north, course=course), official)
    return series.official


def _change(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


TAMPERING = {
    "reason of a row": "UPDATE certificates_registerentry SET reason = 'khác' WHERE position = 2 AND series_id = %s",
    "name in a row": 'UPDATE certificates_registerentry SET content = \'{"number": "x"}\' '
    "WHERE position = 2 AND series_id = %s",
    "a row taken out": "DELETE FROM certificates_registerentry WHERE position = 2 AND series_id = %s",
    "the last row taken out": "DELETE FROM certificates_registerentry WHERE position = 4 AND series_id = %s",
    "a name on a certificate": "UPDATE certificates_certificate SET holder_name = 'Kẻ Khác' "
    "WHERE seq = 3 AND series_id = %s",
    "a revocation without a row": "UPDATE certificates_certificate SET state = 'revoked', ended_on = '2026-11-20', "
    "ended_reason = 'Không rõ' WHERE seq = 3 AND series_id = %s",
    "a number moved": "UPDATE certificates_certificate SET seq = 9 WHERE seq = 4 AND series_id = %s",
    "the counter moved": "UPDATE certificates_seriescounter SET last = 9 WHERE series_id = %s",
}


def test_an_untouched_register_is_sound(register):
    report = register_verify(series=register)
    assert (report.ok, report.rows, report.certificates) == (True, 4, 4)


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_seen(register, what):
    _change(TAMPERING[what], register.pk)
    report = register_verify(series=register)
    assert not report.ok, what


def test_command_exits_1_and_names_the_problem(register, capsys):
    call_command("verify_register", "--json")
    assert all(r["ok"] for r in json.loads(capsys.readouterr().out))
    SeriesCounter.objects.filter(series=register).update(last=7)
    with pytest.raises(SystemExit) as left:
        call_command("verify_register", "--json")
    assert left.value.code == 1
    reports = {r["series"]: r for r in json.loads(capsys.readouterr().out)}
    assert "bộ đếm ở số 7" in reports["giay-chung-nhan"]["gaps"][0]
    assert reports["giay-xac-nhan"]["ok"]


def test_command_refuses_an_unknown_series(register):
    with pytest.raises(CommandError) as refused:
        call_command("verify_register", "--series", "khong-co")
    assert refused.value.returncode == 2
    assert "giay-chung-nhan, giay-xac-nhan" in str(refused.value)


def test_command_speaks_vietnamese(register, capsys):
    call_command("verify_register", "--series", register.code)
    assert capsys.readouterr().out == "giay-chung-nhan: 4 dòng, 4 giấy, nguyên vẹn\n"
    _change(TAMPERING["a name on a certificate"], register.pk)
    with pytest.raises(SystemExit):
        call_command("verify_register", "--series", register.code)
    said = capsys.readouterr()
    assert "KHÔNG KHỚP" in said.out
    assert said.err == "  Giấy 00003/2026/CN-SKHCN: nội dung khác với sổ gốc.\n"


def test_rows_name_the_hash_before_them(register):
    rows = list(RegisterEntry.objects.filter(series=register).order_by("position"))
    assert rows[0].previous_hash == "0" * 64
    assert [row.previous_hash for row in rows[1:]] == [row.row_hash for row in rows[:-1]]


def test_verifying_costs_the_same_number_of_queries_at_any_size(
    register, django_assert_num_queries, official, coordinator, province
):
    """count of rows · rows with series and actor · count of certificates · contents of rows · certificates with what
    they replace · numbers · counters · closings · closings in the log."""
    with django_assert_num_queries(9):
        register_verify(series=register)
    course = course_with_steps(lessons=1)
    completions(province, province.north, 20, course=course)
    approve(propose(proposer=coordinator, series=register, unit=province.north, course=course), official)
    with django_assert_num_queries(9):
        register_verify(series=register)
