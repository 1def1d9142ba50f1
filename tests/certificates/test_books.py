"""Books of the register: closing, checking with files, exporting, and the page that shows them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from certificates import papers
from certificates.books import books_of
from certificates.models import Act, Batch, BatchState, Certificate, RegisterEntry
from certificates.register_jobs import EXPORT, VERIFY, export_open
from certificates.services import (
    book_close,
    certificate_copy,
    certificate_reissue,
    certificate_render,
    certificate_revoke,
    register_verify,
)
from certificates.services.register import register_append
from certificates.words import number_in_words
from common import jobs
from common.errors import Refusal
from common.models import AuditEntry, Job
from tests.certificates.test_act_pages import pdf_words
from tests.certificates.test_acts import ASKED, DECISION
from tests.certificates.test_views import _queries
from tests.factories.certificates import approve, completions, propose
from tests.factories.courses import course_with_steps
from tests.proof import prove

NEXT_YEAR = datetime(2027, 1, 5, 3, tzinfo=UTC)


def _issue(province, series, coordinator, official, count=3):
    course = course_with_steps(lessons=1)
    completions(province, province.north, count, course=course)
    return approve(propose(proposer=coordinator, series=series, unit=province.north, course=course), official)


@pytest.fixture
def book(series, province, coordinator, official):
    """The official register with three certificates of 2026, one revoked, one copied."""
    batch = _issue(province, series.official, coordinator, official)
    first, second, _ = batch.certificates.order_by("seq")
    certificate_revoke(certificate=first, actor=official, reason="Thi hộ", **DECISION)
    certificate_copy(certificate=second, actor=official, **ASKED)
    return series.official


@pytest.fixture
def closed(book, official, clock):
    clock.now = NEXT_YEAR
    return book_close(actor=official, series=book, year=2026)[0]


# --- Closing ---------------------------------------------------------------------------------------------------------
def test_a_closing_says_what_the_book_holds(closed, book, official):
    assert (closed.year, closed.act, closed.certificate) == (2026, Act.CLOSE, None)
    last = RegisterEntry.objects.get(series=book, position=closed.position - 1)
    assert closed.content == {
        "year": 2026, "rows": 5, "issued": 3, "imported": 0, "reissued": 0, "corrected": 0, "revoked": 1,
        "cancelled": 0, "copied": 1, "first_number": "00001/2026/CN-SKHCN", "last_number": "00003/2026/CN-SKHCN",
        "last_hash": last.row_hash,
    }  # fmt: skip
    assert AuditEntry.objects.get(act="book_close").detail["rows"] == 5
    assert register_verify(series=book).ok
    assert book_close(actor=official, series=book, year=2026) == (closed, False)
    assert AuditEntry.objects.filter(act="book_close").count() == 1


def test_the_next_year_goes_on_beside_a_late_closing(book, official, coordinator, province, clock):
    """Rows of 2027 are there before 2026 is closed; each book still counts from 1."""
    clock.now = NEXT_YEAR
    _issue(province, book, coordinator, official, 2)
    book_close(actor=official, series=book, year=2026)
    _issue(province, book, coordinator, official, 1)
    assert register_verify(series=book).problems == []
    assert register_verify(series=book, year=2026).problems == []
    assert register_verify(series=book, year=2027).problems == []
    for found in books_of(book):
        rows = list(RegisterEntry.objects.filter(series=book, year=found.year).order_by("position"))
        assert [found.number_of(row) for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize(
    ("year", "who", "code"),
    [
        (2026, "official", "year_not_over"),
        (2030, "official", "year_not_over"),
        (2024, "official", "book_missing"),
        (2026, "coordinator", "not_allowed"),
        (2026, "lead", "not_allowed"),
        (2026, "stranger", "not_allowed"),
    ],
)
def test_what_cannot_be_closed(book, request, year, who, code):
    with pytest.raises(Refusal) as refused:
        book_close(actor=request.getfixturevalue(who), series=book, year=year)
    assert refused.value.code == code
    assert refused.value.fix
    assert not RegisterEntry.objects.filter(act=Act.CLOSE).exists()


def test_a_list_being_numbered_keeps_the_book_open(book, official, clock):
    clock.now = NEXT_YEAR
    Batch.objects.filter(series=book).update(state=BatchState.APPROVED)
    with pytest.raises(Refusal) as refused:
        book_close(actor=official, series=book, year=2026)
    assert refused.value.code == "lists_being_numbered"


def test_a_register_that_is_not_sound_is_not_closed(book, official, clock):
    clock.now = NEXT_YEAR
    _change("UPDATE certificates_certificate SET holder_name = 'Kẻ Khác' WHERE seq = 2 AND series_id = %s", book.pk)
    with pytest.raises(Refusal) as refused:
        book_close(actor=official, series=book, year=2026)
    assert refused.value.code == "register_not_sound"
    assert "00002/2026/CN-SKHCN" in refused.value.text


def test_nothing_is_written_into_a_closed_book(closed, book):
    certificate = Certificate.objects.filter(series=book).first()
    with pytest.raises(Refusal) as refused:
        register_append(series=book, certificates=[certificate], act=Act.COPY, at=datetime(2026, 12, 31, 3, tzinfo=UTC))
    assert refused.value.code == "book_closed"


def test_acts_on_certificates_of_a_closed_book_stand_in_the_next(closed, book, official):
    certificate = Certificate.objects.get(series=book, seq=3)
    certificate_reissue(certificate=certificate, actor=official, reason="Mất", **DECISION)
    assert RegisterEntry.objects.filter(series=book, year=2027).count() == 2
    assert register_verify(series=book).problems == []


# --- Proving ---------------------------------------------------------------------------------------------------------
def _change(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


ROW = "UPDATE certificates_registerentry SET {} WHERE series_id = %s AND {}"
CLOSED_TAMPERED = {
    "totals of a closing": ROW.format('content = \'{"year": 2026, "rows": 4}\'', "act = 'khoa_so'"),
    "the day of a closing": ROW.format("at = '2027-02-02 00:00:00+00:00'", "act = 'khoa_so'"),
    "the year of a closing": ROW.format("year = 2025", "act = 'khoa_so'"),
    "a closing taken out": "DELETE FROM certificates_registerentry WHERE series_id = %s AND act = 'khoa_so'",
    "a row put into another book": ROW.format("year = 2025", "position = 3"),
    "a copy taken out": "DELETE FROM certificates_registerentry WHERE series_id = %s AND act = 'ban_sao'",
    "a counter moved": "UPDATE certificates_seriescounter SET last = 2 WHERE series_id = %s AND year = 2026",
    "a counter taken out": "DELETE FROM certificates_seriescounter WHERE series_id = %s",
    "a state": "UPDATE certificates_certificate SET state = 'cancelled' WHERE series_id = %s AND seq = 1",
}


@pytest.mark.parametrize("what", CLOSED_TAMPERED)
def test_tampering_with_a_closed_register_is_seen(closed, book, what):
    _change(CLOSED_TAMPERED[what], book.pk)
    assert not register_verify(series=book).ok


def test_a_replacement_taken_out_is_seen(book, official):
    new, _ = certificate_reissue(
        certificate=Certificate.objects.get(series=book, seq=3), actor=official, reason="Mất", **DECISION
    )
    _change("UPDATE certificates_certificate SET replaces_id = NULL WHERE id = %s", new.pk)
    problems = register_verify(series=book).problems
    # The constraint would not let it be without a completion; the register names both ends of the broken link.
    assert [p for p in problems if "giấy thay thế khác" in p] == [
        "Giấy 00003/2026/CN-SKHCN: giấy thay thế khác với sổ gốc.",
        "Giấy 00004/2026/CN-SKHCN: giấy thay thế khác với sổ gốc.",
    ]


@pytest.mark.parametrize("what", ["changed", "missing"])
def test_files_are_held_against_their_hashes(book, what, capsys):
    made = certificate_render(certificate_id=Certificate.objects.get(series=book, seq=2).pk)
    assert register_verify(series=book).files == 1
    storage = storages["private"]
    storage.delete(made.file)
    if what == "changed":
        storage.save(made.file, ContentFile(b"%PDF-1.7 something else"))
    report = register_verify(series=book)
    word = "đã bị sửa" if what == "changed" else "mất tệp"
    assert len(report.files_wrong) == 1
    assert made.number in report.files_wrong[0]
    assert word in report.files_wrong[0]
    assert register_verify(series=book, files=False).ok
    with pytest.raises(SystemExit) as left:
        call_command("register_verify", "--series", book.code)
    assert left.value.code == 1
    assert word in capsys.readouterr().err
    call_command("register_verify", "--series", book.code, "--no-files")
    assert capsys.readouterr().out == "giay-chung-nhan: 5 dòng, 3 giấy, nguyên vẹn\n"


def test_command_takes_one_book(closed, book, capsys):
    call_command("register_verify", "--series", book.code, "--year", "2026", "--json")
    (report,) = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["rows"], report["certificates"]) == (True, 6, 3)
    with pytest.raises(CommandError) as refused:
        call_command("register_verify", "--series", book.code, "--year", "2019")
    assert refused.value.returncode == 2
    assert "2026" in str(refused.value)


# --- The page --------------------------------------------------------------------------------------------------------
@pytest.fixture
def page(book):
    return reverse("issuing:register", args=[book.code])


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("", ["00001/2026", "00002/2026", "00003/2026", "Cấp bản sao"], []),
        ("?viec=thu_hoi", ["00001/2026", "Thi hộ"], ["00002/2026"]),
        ("?viec=ban_sao", ["2 bản cho Nguyễn Thị Ngọc Ưỡng"], ["00001/2026"]),
        ("?tim=3/2026", ["00003/2026"], ["00001/2026"]),
        ("?tim=nguyen+thi+hoa", ["00001/2026", "00003/2026"], []),
        ("?tim=khong+ai+ca", ["Không có dòng nào như vậy"], ["00001/2026"]),
        ("?nam=2019&viec=linh-tinh", ["00001/2026"], []),
    ],
)
def test_the_page_finds_rows(client, page, official, query, shown, hidden):
    client.force_login(official)
    text = client.get(page + query).content.decode()
    assert all(part in text for part in shown)
    assert not any(part in text for part in hidden)


@pytest.mark.parametrize("name", ["register", "register_check", "book_export", "book_close"])
@pytest.mark.parametrize(("who", "status"), [("coordinator", 403), ("other_coordinator", 403), ("stranger", 404)])
def test_registers_are_for_the_issuing_side(client, request, book, name, who, status):
    client.force_login(request.getfixturevalue(who))
    url = reverse(f"issuing:{name}", args=[book.code])
    answer = client.get(url) if name == "register" else client.post(url, {"nam": "2026", "confirmed": "on"})
    assert answer.status_code == status
    assert not Job.objects.exists()


def test_the_lead_reads_and_exports_and_does_not_close(client, book, lead, page, clock):
    clock.now = NEXT_YEAR
    client.force_login(lead)
    prove(client)
    assert "người ký cấp chứng nhận khoá sổ" in client.get(page).content.decode()
    url = reverse("issuing:book_close", args=[book.code])
    assert client.post(url, {"nam": "2026", "confirmed": "on"}).status_code == 403
    url = reverse("issuing:book_export", args=[book.code])
    assert client.post(url, {"nam": "2026", "dang": "csv"}).status_code == 302


def test_the_official_closes_on_the_page(client, book, official, page, clock):
    client.force_login(official)
    assert "khoá được sau ngày 31/12/2026" in client.get(page).content.decode()
    clock.now = NEXT_YEAR
    client.force_login(official)
    prove(client)
    url = reverse("issuing:book_close", args=[book.code])
    text = client.post(url, {"nam": "2026"}).content.decode()
    assert "Hãy đánh dấu ô này" in text
    text = client.post(url, {"nam": "2026", "confirmed": "on"}, follow=True).content.decode()
    assert "Đã khoá sổ năm 2026" in text
    assert "từ số 00001/2026/CN-SKHCN đến số 00003/2026/CN-SKHCN" in text
    assert client.post(url, {"nam": "2019", "confirmed": "on"}).status_code == 404


def test_the_check_runs_as_a_job_and_stays_on_the_page(
    client, book, official, page, django_capture_on_commit_callbacks
):
    client.force_login(official)
    assert "Chưa kiểm tra lần nào" in client.get(page).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("issuing:register_check", args=[book.code]))
    assert Job.objects.get(kind=VERIFY).result["ok"]
    assert "Toàn bộ sổ nguyên vẹn" in client.get(page).content.decode()
    _change("UPDATE certificates_certificate SET holder_name = 'Kẻ Khác' WHERE seq = 2 AND series_id = %s", book.pk)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("issuing:register_check", args=[book.code]))
    text = client.get(page).content.decode()
    assert "Sổ có chỗ không khớp" in text
    assert "00002/2026/CN-SKHCN: nội dung khác với sổ gốc" in text


def test_the_page_costs_the_same_at_two_sizes(client, book, official, coordinator, province, page):
    """Session · user · offices · series · may read · books · closings · count · rows · rows around · last check · may
    close."""
    client.force_login(official)
    small = _queries(client, page)
    _issue(province, book, coordinator, official, 30)
    assert _queries(client, page) == small <= 16
    assert _queries(client, f"{page}?tim=hoa") <= small


# --- Exports ---------------------------------------------------------------------------------------------------------
def _exported(book, official, form):
    job = export_open(series=book, year=2026, form=form, owner=official)
    jobs.job_run(uuid=str(job.uuid))
    job.refresh_from_db()
    assert job.state == "done", job.error
    with job.file.open() as file:
        return file.read()


def test_a_table_holds_nothing_that_a_spreadsheet_takes_for_a_formula(book, official):
    certificate_copy(
        certificate=Certificate.objects.get(series=book, seq=3), actor=official, asked_by="=1+1", copies=1,
        reason="=HYPERLINK(1)",
    )  # fmt: skip
    lines = list(csv.reader(io.StringIO(_exported(book, official, "csv").decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == ["1", "2", "3", "4", "5", "6"]
    assert lines[4][2:5] == ["Thu hồi", "00001/2026/CN-SKHCN", "Nguyễn Thị Hoa"]
    assert lines[6][12].startswith("'=HYPERLINK(1)")
    assert AuditEntry.objects.get(act="register_export").detail == {"year": 2026, "format": "csv"}


def test_a_book_on_paper_has_headings_numbers_and_totals(book, official, monkeypatch):
    monkeypatch.setattr(papers, "ROWS_AT_ONCE", 2)
    pdf = _exported(book, official, "pdf")
    with pikepdf.open(io.BytesIO(pdf)) as found:
        assert len(found.pages) == 3
        box = found.pages[0].mediabox
        assert float(box[2]) > float(box[3]), "landscape"
    said = pdf_words(pdf)
    assert said.count("Họ và tên") == 3, "every page has the heading"
    for part in ("Trang 1", "Trang 2", "Trang 3", "Tổng số giấy đã cấp trong sổ: 3 (ba) giấy", "SỔ GỐC", "Năm 2026"):
        assert part in said, part
    assert "Sổ chưa khoá" in said


def test_who_lost_the_right_loses_the_file(book, official, client, stranger):
    job = export_open(series=book, year=2026, form="csv", owner=stranger)
    jobs.job_run(uuid=str(job.uuid))
    assert Job.objects.get(kind=EXPORT).state == "done"
    client.force_login(stranger)
    assert client.get(reverse("jobs:file", args=[job.uuid])).status_code == 404


# --- Numbers in words ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (24, "hai mươi bốn"),
        (55, "năm mươi lăm"),
        (100, "một trăm"),
        (105, "một trăm linh năm"),
        (115, "một trăm mười lăm"),
        (1000, "một nghìn"),
        (2105, "hai nghìn một trăm linh năm"),
        (16005, "mười sáu nghìn không trăm linh năm"),
        (1_000_001, "một triệu không trăm linh một"),
        (2_000_000_000, "hai tỷ"),
    ],
)
def test_numbers_in_words(number, words):
    assert number_in_words(number) == words


@given(st.integers(0, 10**9))
def test_every_number_has_its_own_words(number):
    words = number_in_words(number)
    assert words
    assert "  " not in words
    assert number_in_words(number + 1) != words


@pytest.mark.parametrize("number", [-1, 10**12])
def test_what_has_no_words(number):
    with pytest.raises(ValueError, match=str(number)):
        number_in_words(number)
