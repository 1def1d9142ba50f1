"""Questions in and out of files: all or nothing, and every question accounted for."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from common.errors import Forbidden, Refusal
from common.models import AuditEntry
from people.models import Role
from quizzes.formats import FORMATS
from quizzes.models import Bank, MediaFile, Question, QuestionImport, QuestionVersion
from quizzes.services import bank_export, bank_import, import_apply, import_keep, imports_forget_old, question_save
from quizzes.services.importing import faults_file
from tests.conftest import _member

GIFT = """::a1::Thủ đô của Việt Nam là gì? {=Hà Nội ~Huế}

::a2::Một cộng một bằng mấy? {#2}
"""
BROKEN = GIFT + "\n::a3::Câu hỏng {=Một ~Hai\n"


@pytest.fixture
def bank(db):
    return Bank.objects.create(slug="nhap", name="Nhập thử")


def load(bank, text=GIFT, **options):
    return bank_import(bank=bank, data=text.encode(), name="cau.txt", **{"actor": None, "dry_run": False, **options})


def adds_up(report):
    counts = report.counts
    return counts["read"] == sum(count for name, count in counts.items() if name != "read")


def test_a_dry_run_tells_and_writes_nothing(bank):
    report = load(bank, dry_run=True)
    assert (report.format, report.counts["read"], report.counts["created"]) == ("gift", 2, 2)
    assert adds_up(report)
    assert not report.applied
    assert not Question.objects.exists()


def test_all_goes_in_and_a_repeat_changes_nothing(bank):
    assert load(bank).applied
    assert Question.objects.filter(bank=bank).count() == 2
    assert QuestionVersion.objects.count() == 2
    again = load(bank, on_duplicate="update")
    assert (again.counts["unchanged"], again.counts["created"], again.counts["updated"]) == (2, 0, 0)
    assert adds_up(again)
    assert QuestionVersion.objects.count() == 2


def test_one_fault_keeps_everything_out_unless_it_is_left_out(bank):
    report = load(bank, BROKEN)
    assert not report.applied
    assert report.counts["faulty"] >= 1
    assert adds_up(report)
    assert not Question.objects.exists()
    assert all(fault.where and fault.problem for fault in report.faults)
    assert faults_file(report)[:2] == b"PK"
    report = load(bank, BROKEN, leave_faulty=True)
    assert report.applied
    assert Question.objects.count() == report.counts["created"] > 0


@pytest.mark.parametrize(("choice", "text", "version"), [("skip", "Câu cũ?", 1), ("update", "Câu mới?", 2)])
def test_the_same_code_is_skipped_or_updated_as_chosen(bank, choice, text, version):
    data = bank_export_of(bank, "Câu mới?")
    question_save(bank=bank, code="q1", content=content("Câu cũ?"))
    report = bank_import(bank=bank, data=data, name="a.xlsx", actor=None, dry_run=False, on_duplicate=choice)
    assert adds_up(report)
    question = Question.objects.get(bank=bank)
    assert (question.text, question.version) == (text, version)
    # Keys never change meaning: they are told by their words.
    assert [option["key"] for option in question.options] == ["a", "b"]


def content(text):
    return {"kind": "single", "text": text, "options": [{"text": "Có", "correct": True}, {"text": "Không"}]}


def bank_export_of(bank, text):
    """The bytes of a workbook with one question of this text and the code q1, made in another bank."""
    other = Bank.objects.create(slug="khac", name="Khác")
    question_save(bank=other, code="q1", content=content(text))
    return bank_export(bank=other, format="xlsx")[0]


def test_twice_in_a_file_is_taken_once(bank):
    report = load(bank, GIFT + "\n" + GIFT.replace("::a1::", "::b1::").replace("Thủ đô", "thủ  đô"))
    assert report.counts["created"] == 2
    assert report.counts["skipped"] == 2
    assert adds_up(report)
    assert Question.objects.count() == 2


def test_what_asks_the_same_in_the_bank_is_met_again_without_a_code(bank):
    question_save(
        bank=bank,
        code="co-san",
        content={
            "kind": "single",
            "text": "thủ đô của việt nam là gì?",
            "options": [{"text": "Hà Nội", "correct": True}, {"text": "Huế"}],
        },
    )
    report = load(bank)
    assert [row.outcome for row in report.rows] == ["skipped", "created"]
    assert "co-san" in report.rows[0].why


def test_new_questions_of_a_bank_with_review_begin_as_drafts(bank):
    Bank.objects.filter(pk=bank.pk).update(needs_review=True)
    bank.refresh_from_db()
    load(bank)
    assert set(Question.objects.values_list("state", flat=True)) == {"draft"}


@pytest.mark.parametrize("format", FORMATS)
def test_a_bank_goes_out_and_comes_back_unchanged(bank, format):
    load(bank)
    data, mime, missing = bank_export(bank=bank, format=format)
    assert mime == FORMATS[format].mime
    name = f"a.{FORMATS[format].extension}"
    report = bank_import(bank=bank, data=data, name=name, format=format, actor=None, dry_run=True)
    assert report.counts["created"] == report.counts["updated"] == 0
    assert adds_up(report)
    assert report.counts["unchanged"] == 2 - len(missing)


def test_who_may_not_write_the_bank_brings_nothing_in(province, bank):
    Bank.objects.filter(pk=bank.pk).update(owner=province.north)
    bank.refresh_from_db()
    colleague = _member(province.south, province.staff, Role.EDITOR, "Phạm Văn Bạn")
    owner = _member(province.north, province.staff, Role.EDITOR, "Lê Thị Chủ")
    with pytest.raises(Forbidden):
        load(bank, actor=colleague)
    with pytest.raises(Forbidden):
        import_keep(bank=bank, data=b"x", name="a", format="auto", actor=colleague)
    assert load(bank, actor=owner).applied
    assert AuditEntry.objects.filter(act="bank_import").count() == 1


def test_a_kept_file_is_taken_in_once_and_forgotten_in_time(province, bank):
    owner = _member(province.north, province.staff, Role.EDITOR, "Lê Thị Chủ")
    kept = import_keep(bank=bank, data=GIFT.encode(), name="cau.txt", format="auto", actor=owner)
    assert import_apply(kept=kept, actor=owner).applied
    with pytest.raises(Refusal, match="đã được nhập"):
        import_apply(kept=kept, actor=owner)
    assert imports_forget_old() == 0
    assert imports_forget_old(at=timezone.now() + timedelta(days=8)) == 1
    assert not QuestionImport.objects.get().file


def test_pictures_come_in_only_past_the_check(bank):
    from tests.factories.moodle import MOODLE

    refused = bank_import(bank=bank, data=MOODLE, name="a.xml", actor=None, dry_run=False)
    assert not refused.applied
    assert not MediaFile.objects.exists()
    report = bank_import(
        bank=bank, data=MOODLE, name="a.xml", actor=None, dry_run=False, media_check=lambda name, data: data
    )
    assert report.applied, report.faults
    assert Question.objects.get().media[0]["file"] == str(MediaFile.objects.get().uuid)
    again = bank_import(
        bank=bank, data=MOODLE, name="a.xml", actor=None, dry_run=True, media_check=lambda name, data: data
    )
    assert again.counts["unchanged"] == 1


# --- Commands -------------------------------------------------------------------------------------------------------
def test_the_commands_say_what_they_did(bank, tmp_path, capsys):
    file = tmp_path / "cau.txt"
    file.write_text(GIFT, encoding="utf-8")
    call_command("import_questions", str(file), "--bank", "nhap", "--dry-run", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["read"], told["created"], told["applied"]) == (2, 2, False)
    call_command("import_questions", str(file), "--bank", "nhap")
    assert "2 mới" in capsys.readouterr().out
    target = tmp_path / "ra.xlsx"
    call_command("export_questions", "--bank", "nhap", "--format", "xlsx", "--output", str(target), "--json")
    assert json.loads(capsys.readouterr().out)["bytes"] == target.stat().st_size
    file.write_text(BROKEN, encoding="utf-8")
    with pytest.raises(CommandError, match="Chưa nhập câu nào"):
        call_command("import_questions", str(file), "--bank", "nhap")
    with pytest.raises(CommandError, match="Không có ngân hàng"):
        call_command("import_questions", str(file), "--bank", "lạ")
    with pytest.raises(CommandError, match="Không có tệp"):
        call_command("import_questions", str(Path("/không/có")), "--bank", "nhap")
