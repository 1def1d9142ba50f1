"""Taking a paper register over: what is read, every fault told, all or nothing, and public checks afterwards."""

from __future__ import annotations

import io
import json
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from certificates.models import Act, Certificate, Origin, RegisterEntry
from certificates.paper_jobs import file_keep
from certificates.services import certificate_correct, certificate_reissue, paper_check, paper_import, register_verify
from certificates.services.paper import template_file
from common.errors import Refusal
from common.models import AuditEntry
from tests.certificates.test_acts import DECISION
from tests.proof import prove

HEAD = "Số,Vào sổ ngày,Họ và tên,Ngày sinh,Nội dung,Số giờ,Kết quả,Số quyết định,Ngày quyết định,Người ký,Chức danh"
GOOD = "15/2019/CN,02/05/2019,Lê Văn Cũ,17/05/1969,Tin học cơ bản,40,Giỏi,12/QĐ,20/04/2019,Trần Ký,Giám đốc"
OTHER = '16/2019/CN,02/05/2019,Trần Thị Xưa,,Tin học cơ bản,"1,5","87,5",,,,'


def csv_of(*lines: str, head: str = HEAD) -> io.BytesIO:
    return io.BytesIO("\n".join([head, *lines]).encode())


def swapped(column: str, value: str, line: str = GOOD) -> str:
    cells = line.split(",")
    cells[HEAD.split(",").index(column)] = value
    return ",".join(cells)


def taken(official, series, *lines):
    table = paper_check(csv_of(*lines), series=series)
    return paper_import(actor=official, series=series, rows=table.rows, faults=table.faults, file_name="so-2019.csv")


@pytest.fixture
def own(series):
    return series.official


def test_a_line_becomes_a_certificate_with_its_row(own, official, client):
    first, second = taken(official, own, GOOD, OTHER)
    kept = Certificate.objects.get(pk=first.pk)
    assert (kept.origin, kept.number, kept.year, kept.seq) == (Origin.PAPER, "15/2019/CN", 2019, None)
    assert (kept.holder_birth_date, str(kept.course_hours), kept.score) == (date(1969, 5, 17), "40.0", None)
    assert (kept.decision_number, kept.signer_title) == ("12/QĐ", "Giám đốc")
    assert str(Certificate.objects.get(pk=second.pk).score) == "87.50"
    rows = RegisterEntry.objects.filter(series=own).order_by("position")
    assert [(row.act, row.year, row.actor) for row in rows] == [(Act.IMPORT, 2026, official)] * 2
    assert rows[0].content["result"] == "Giỏi"
    assert register_verify(series=own).problems == []
    assert register_verify(series=own, year=2026).certificates == 2
    assert AuditEntry.objects.get(act="paper_import").detail == {"certificates": 2, "file_name": "so-2019.csv"}
    found = client.post(reverse("certificates:verify"), {"number": "số 15-2019-cn", "name": "le van cu"}, follow=True)
    text = found.content.decode()
    assert "Ghi lại từ sổ giấy" in text
    assert "**/**/1969" in text


FAULTS = {
    "no number": (swapped("Số", ""), "missing", "A «Số»"),
    "a number without figures": (swapped("Số", "không rõ"), "number_odd", "A «Số»"),
    "no day": (swapped("Vào sổ ngày", ""), "missing", "B «Vào sổ ngày»"),
    "no such day": (swapped("Vào sổ ngày", "31/02/2019"), None, "B «Vào sổ ngày»"),
    "a day to come": (swapped("Vào sổ ngày", "21/11/2026"), "day_future", "B «Vào sổ ngày»"),
    "a day of another age": (swapped("Vào sổ ngày", "02/05/1899"), "day_far", "B «Vào sổ ngày»"),
    "a log-in for a name": (swapped("Họ và tên", "cu69@example.vn"), "name_odd", "C «Họ và tên»"),
    "one word for a name": (swapped("Họ và tên", "Cũ"), "name_short", "C «Họ và tên»"),
    "born after it was issued": (swapped("Ngày sinh", "03/05/2019"), "born_late", "D «Ngày sinh»"),
    "no content": (swapped("Nội dung", " "), "missing", "E «Nội dung»"),
    "hours in words": (swapped("Số giờ", "bốn mươi"), "hours_wrong", "F «Số giờ»"),
    "no hours at all": (swapped("Số giờ", "0"), "hours_wrong", "F «Số giờ»"),
    "decided after it was issued": (swapped("Ngày quyết định", "03/05/2019"), "decided_late", "I «Ngày quyết định»"),
    "a title that is too long": (swapped("Chức danh", "x" * 151), "too_long", "K «Chức danh»"),
    "a number of the platform's": (
        swapped("Vào sổ ngày", "20/11/2026", swapped("Số", "7/2026/CN-SKHCN")),
        "number_of_platform",
        "A «Số»",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_is_wrong_is_told_with_line_and_column(what, own, official):
    line, code, column = FAULTS[what]
    table = paper_check(csv_of(OTHER, line), series=own)
    (fault,) = table.faults
    assert (fault.line, fault.column) == (3, column)
    assert code in (None, fault.code)
    assert fault.text
    assert fault.fix
    with pytest.raises(Refusal) as refused:
        paper_import(actor=official, series=own, rows=table.rows, faults=table.faults, file_name="x.csv")
    assert refused.value.code == "has_faults"
    assert not Certificate.objects.filter(origin=Origin.PAPER).exists()


def test_a_number_stands_once(own, official):
    table = paper_check(csv_of(GOOD, swapped("Số", "Số 15-2019-cn")), series=own)
    assert [(fault.line, fault.code) for fault in table.faults] == [(3, "number_repeated")]
    assert "dòng 2" in table.faults[0].text
    taken(official, own, GOOD)
    table = paper_check(csv_of(OTHER, swapped("Số", "015/2019/cn")), series=own)
    assert [(fault.line, fault.code) for fault in table.faults] == [(3, "number_taken")]


def test_somebody_quicker_is_noticed(own, official):
    table = paper_check(csv_of(GOOD, OTHER), series=own)
    taken(official, own, GOOD)
    with pytest.raises(Refusal) as refused:
        paper_import(actor=official, series=own, rows=table.rows, faults=[], file_name="x.csv")
    assert refused.value.code == "number_taken"
    assert Certificate.objects.filter(origin=Origin.PAPER).count() == 1


@pytest.mark.parametrize("who", ["coordinator", "lead", "other_coordinator", "stranger"])
def test_only_the_issuing_official_takes_over(who, own, request):
    with pytest.raises(Refusal) as refused:
        taken(request.getfixturevalue(who), own, GOOD)
    assert refused.value.code == "not_allowed"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (io.BytesIO(b""), "empty"),
        (io.BytesIO(b"%PDF-1.7"), "not_a_sheet"),
        (csv_of(GOOD, head="Một,Hai,Ba"), "no_heading"),
        (csv_of(), "empty"),
    ],
)
def test_what_is_no_paper_register(file, code, own):
    with pytest.raises(Refusal) as refused:
        paper_check(file, series=own)
    assert refused.value.code == code


def test_the_template_can_be_sent_as_it_is(own):
    table = paper_check(io.BytesIO(template_file()), series=own)
    assert [row.number for row in table.rows] == ["15/2019/CN-SKHCN"]
    assert table.faults == []


def test_lost_paper_is_reissued_here_once_its_details_are_known(own, official):
    full, bare = taken(official, own, GOOD, OTHER)
    with pytest.raises(Refusal) as refused:
        certificate_reissue(certificate=bare, actor=official, reason="Mất", **DECISION)
    assert refused.value.code == "details_missing"
    new, _ = certificate_correct(
        certificate=full, actor=official, reason="Bổ sung", changes={"completed_on": date(2019, 4, 30)}, **DECISION
    )
    assert (new.origin, new.number, new.holder_name) == (Origin.PLATFORM, "00001/2026/CN-SKHCN", "Lê Văn Cũ")
    assert register_verify(series=own).problems == []


def test_queries_do_not_grow_with_the_file(own, official, django_assert_max_num_queries):
    """SQLite takes about thirty certificates in one statement; nothing else is asked for line by line."""
    lines = [swapped("Số", f"{n}/2018/CN") for n in range(1, 120)]
    with django_assert_max_num_queries(20):
        assert len(taken(official, own, *lines)) == 119


# --- Command and page ------------------------------------------------------------------------------------------------
def test_command_tries_tells_and_takes_over(own, official, tmp_path, capsys):
    file = tmp_path / "so.csv"
    file.write_bytes(csv_of(GOOD, OTHER).getvalue())
    call_command("import_paper_certificates", str(file), "--series", own.code, "--dry-run")
    assert capsys.readouterr().out == "2 dòng, 0 chỗ cần sửa, chưa ghi.\n"
    assert not Certificate.objects.filter(origin=Origin.PAPER).exists()
    call_command("import_paper_certificates", str(file), "--series", own.code, "--json")
    assert json.loads(capsys.readouterr().out) == {"rows": 2, "imported": 2, "faults": []}
    with pytest.raises(CommandError) as again:
        call_command("import_paper_certificates", str(file), "--series", own.code)
    assert again.value.returncode == 1
    assert "dòng 2, cột A «Số» «15/2019/CN»: Số này đã có trong hệ thống." in capsys.readouterr().err
    for arguments, code in ((["--series", "khong-co"], 2), (["--series", own.code, "--by", "ai@x.vn"], 1)):
        file.write_bytes(csv_of(swapped("Số", "99/2019/CN")).getvalue())
        with pytest.raises(CommandError) as refused:
            call_command("import_paper_certificates", str(file), *arguments)
        assert refused.value.returncode == code


@pytest.fixture
def page(own):
    return reverse("issuing:paper", args=[own.code])


def upload(*lines: str) -> dict:
    return {"file": SimpleUploadedFile("so-2019.csv", csv_of(*lines).getvalue())}


def test_the_page_shows_then_takes_over(client, page, own, official, django_capture_on_commit_callbacks):
    client.force_login(official)
    prove(client)
    answer = client.post(page, upload(GOOD, OTHER))
    assert "2 giấy sẽ được ghi vào sổ" in answer.content.decode()
    assert not Certificate.objects.filter(origin=Origin.PAPER).exists()
    form = {"kept": answer.context["kept"], "name": "so-2019.csv", "luu": "1"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, form).status_code == 302
    assert Certificate.objects.filter(origin=Origin.PAPER).count() == 2
    again = client.post(page, form).content.decode()
    assert "Tệp này không còn nữa" in again
    register = client.get(reverse("issuing:register", args=[own.code])).content.decode()
    assert "Kết quả ghi trên sổ giấy: Giỏi" in register


def test_the_page_tells_faults_and_gives_them_as_a_file(client, page, own, official):
    client.force_login(official)
    prove(client)
    answer = client.post(page, upload(GOOD, swapped("Họ và tên", "=cmd", OTHER)))
    text = answer.content.decode()
    assert "Tệp còn 1 chỗ cần sửa" in text
    assert 'name="luu"' not in text
    file = client.get(reverse("issuing:paper_faults", args=[own.code, answer.context["kept"]]))
    lines = list(openpyxl.load_workbook(io.BytesIO(file.content)).active.values)
    assert lines[0][:3] == ("Dòng", "Cần sửa", "Số")
    assert lines[1][0] == 3
    assert "Họ và tên" in lines[1][1]


@pytest.mark.parametrize("wrong", [{}, {"file": SimpleUploadedFile("a.csv", b"")}, {"kept": "../x", "luu": "1"}])
def test_what_the_page_cannot_read_is_said(client, page, official, wrong):
    client.force_login(official)
    answer = client.post(page, wrong)
    assert answer.status_code == 200
    assert "Có chỗ cần sửa" in answer.content.decode()


@pytest.mark.parametrize("name", ["paper", "paper_template", "paper_faults"])
@pytest.mark.parametrize(("who", "status"), [("coordinator", 403), ("lead", 403), ("stranger", 404)])
def test_the_pages_are_for_the_issuing_official(client, request, own, name, who, status):
    client.force_login(request.getfixturevalue(who))
    kept = [file_keep(upload(GOOD)["file"])] if name == "paper_faults" else []
    assert client.get(reverse(f"issuing:{name}", args=[own.code, *kept])).status_code == status
