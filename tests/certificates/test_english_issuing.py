"""The offices' pages of batches, certificates, series and the register in English; their records stay Vietnamese."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import translation

from certificates.bundle_jobs import PRINT, ZIP, bundle_open
from certificates.checking import certificate_file_check
from certificates.models import BatchState, Certificate, RegisterEntry
from certificates.register_jobs import EXPORT, export_open, last_check, verify_open
from certificates.services import (
    batch_pause,
    batch_reject,
    certificate_copy,
    certificate_correct,
    certificate_reissue,
    certificate_render,
    certificate_revoke,
    series_save,
)
from certificates.services.batches import batch_approve
from certificates.signing.trust import TrustStore
from certificates.waiting import lists_to_approve
from common.errors import Refusal
from common.jobs import job_run
from common.models import AuditEntry, Job
from people.models import User
from tests.certificates.test_act_pages import FORMS, pdf_words
from tests.certificates.test_acts import ASKED
from tests.certificates.test_kinds import typed, values_of
from tests.certificates.test_views import POSTED, shown_in
from tests.english import VIETNAMESE, english, held_texts
from tests.factories.certificates import DECISION, completions, propose
from tests.factories.courses import course_with_steps
from tests.proof import prove


def reader(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def issuing(official):
    """The issuing official, who reads English and has just proved who they are."""
    client = reader(official)
    prove(client)
    return client


@pytest.fixture
def proposing(coordinator):
    return reader(coordinator)


def page(answer, status: int = 200) -> str:
    return english(answer, status, held=held_texts())


def at(name: str, *args: object) -> str:
    return reverse(f"issuing:{name}", args=args)


# --- Batches --------------------------------------------------------------------------------------------------------
def test_a_list_is_put_together(proposing, series, province, course, completion):
    assert "There are no batches in your scope yet" in page(proposing.get(at("batches")))
    first = page(proposing.get(at("batch_new")))
    assert "The units below it are included." in first
    chosen = f"?course={course.uuid}&unit={province.north.uuid}&series={series.official.uuid}"
    preview = page(proposing.get(at("batch_new") + chosen))
    assert "Propose certificates for 1 person" in preview
    wrong = page(proposing.post(at("batch_new") + chosen, {"title": "", "shown": shown_in(preview)}))
    assert "Please fill this in." in wrong
    sent = {"title": "Đợt một", "shown": shown_in(preview)}
    done = page(proposing.post(at("batch_new") + chosen, sent, follow=True))
    assert "The list is sent. An issuing official will approve it by decision." in done
    assert "You put this list together, so somebody else will approve it." in done
    assert "In another batch <b>1</b>" in page(proposing.get(f"{at('batch_new')}{chosen}"))
    waiting = page(proposing.get(f"{at('batch_new')}{chosen}&loai=waiting"))
    assert 'Already in the batch “<span lang="vi">Đợt một</span>”.' in waiting


UNFIT = {
    "score_below": ({"min_score": 90}, "There is no test score; at least 90/100 is needed."),
    "hours_below": ({"min_hours": 99}, "at least 99 hours are needed."),
    "birth_date_missing": ({"needs_birth_date": True}, "There is no date of birth, and this series requires one."),
}


@pytest.mark.parametrize("code", UNFIT)
def test_who_is_not_eligible_is_told_why(proposing, series, province, course, code):
    change, said = UNFIT[code]
    completions(province, province.north, course=course, birth_date=None)
    for name, value in change.items():
        setattr(series.official, name, value)
    series.official.save()
    chosen = f"?course={course.uuid}&unit={province.north.uuid}&series={series.official.uuid}&loai={code}"
    assert said in page(proposing.get(at("batch_new") + chosen))


def test_a_list_is_gone_through_and_approved(issuing, batch, official):
    User.objects.filter(pk=batch.items.get().completion.user_id).update(full_name="Nguyễn Thị Ngọc Ước")
    own = at("batch", batch.uuid)
    assert "1 list waits for your approval." in page(issuing.get(f"{at('batches')}?cho=duyet"))
    shown = page(issuing.get(own))
    assert "What to print is not decided for 1 person yet." in shown
    assert "1 person has a name or date of birth that differs from today’s roster." in shown
    chosen = {"nguoi": str(batch.items.get().completion.uuid)}
    items = at("batch_items", batch.uuid)
    assert "Printed as in today’s roster: 1 person." in page(
        issuing.post(items, chosen | {"viec": "ghi-danh-sach"}, follow=True)
    )
    assert "The reason for putting on hold is missing." in page(issuing.post(items, chosen | {"viec": "tam-giu"}), 409)
    wrong = page(issuing.post(at("batch_approve", batch.uuid), POSTED | {"decision_number": "1", "confirmed": ""}))
    assert "The decision number does not read like the number of a document" in wrong
    assert "Tick this box once you have checked." in wrong
    done = page(issuing.post(at("batch_approve", batch.uuid), POSTED, follow=True))
    assert "Approved. The platform is giving numbers, writing the register and making the files" in done
    assert "<dt>Numbered</dt>" in done
    state = issuing.get(at("progress_state", batch.uuid)).json()["html"]
    assert "Giving numbers and writing the register" in state
    batch_pause(batch=batch, actor=official)
    assert "Paused since" in page(issuing.get(at("progress", batch.uuid)))


def test_a_list_is_turned_down(issuing, proposing, batch):
    assert "Please fill this in." in page(issuing.post(at("batch_reject", batch.uuid), {"khong-duyet-reason": ""}))
    sent = {"khong-duyet-reason": "Thiếu hồ sơ"}
    assert "The list is rejected." in page(issuing.post(at("batch_reject", batch.uuid), sent, follow=True))
    told = page(issuing.post(at("batch_check", batch.uuid)), 409)
    assert "This batch can no longer be changed: rejected." in told
    assert "Rejected" in page(proposing.get(at("batches")))


def test_what_waits_is_counted_in_words(batch, official):
    with translation.override("en"):
        (waiting,) = lists_to_approve(official)
    assert waiting.words == "proposed list waits for your approval"


def test_a_list_keeps_vietnamese_words(issuing, batch, official, coordinator, series, province, course):
    """Whatever an English reader does to a list, the row and the log say it in Vietnamese."""
    with translation.override("en"):
        batch_reject(batch=batch, actor=official, reason="Thiếu hồ sơ")
        again = propose(proposer=coordinator, series=series.official, unit=province.north, course=course, title="Hai")
        other = propose_other(coordinator, series, province)
        item = again.items.get()
        item.name_checked_by = official
        item.save()
        chosen = {"nguoi": str(item.completion.uuid), "viec": "ghi-hoan-thanh"}
        issuing.post(at("batch_items", again.uuid), chosen)
        batch_approve(batch=other, approver=official, **DECISION)
    assert AuditEntry.objects.get(act="batch_items_name_confirm").detail["chosen"] == "theo lúc hoàn thành"
    assert again.items.get().excluded_reason == ""


def propose_other(coordinator, series, province):
    course = course_with_steps(lessons=1, automatic_confirmation=False)
    completions(province, province.north, course=course)
    return propose(proposer=coordinator, series=series.official, unit=province.north, course=course, title="Ba")


# --- Acts -----------------------------------------------------------------------------------------------------------
DONE = {
    "certificate_revoke": "is revoked. The public verification page already says so.",
    "certificate_cancel": "is cancelled. The public verification page already says so.",
    "certificate_reissue": "Reissued: certificate no. 00002/2026/CN-SKHCN in place of certificate no.",
    "certificate_correct": "Corrected: certificate no. 00002/2026/CN-SKHCN in place of certificate no.",
    "certificate_copy": "Written in the register: row 2. Download the copy from the table “In the register”.",
}


@pytest.mark.parametrize("act", FORMS)
def test_acts_and_their_rows(issuing, issued, act):
    """The page speaks English; the row of the register, its hash and the log are what they always were."""
    own = at("certificate", issued.certificate.uuid)
    assert "Certificate no. 00001/2026/CN-SKHCN" in page(issuing.get(own))
    sent, _state = FORMS[act]
    wrong = page(issuing.post(at(act, issued.certificate.uuid), {}))
    assert "Please fill this in." in wrong
    assert DONE[act] in page(issuing.post(at(act, issued.certificate.uuid), sent, follow=True))
    page(issuing.get(own))
    entry = RegisterEntry.objects.filter(certificate=issued.certificate).latest("position")
    assert entry.reason == sent["reason"]
    kept = [entry.content, AuditEntry.objects.filter(act=act).values("before", "after", "detail").get()]
    assert not any(word in str(kept) for word in ("Revoked", "Cancelled", "Replaced", "in place of", "copies for"))


def test_refusals_of_acts(issuing, issued, official):
    early = POSTED | {"reason": "x", "decision_date": "19/11/2026"}
    told = page(issuing.post(at("certificate_reissue", issued.certificate.uuid), early))
    assert "The decision date is before 20 November 2026, the day of issue." in told
    certificate_revoke(certificate=issued.certificate, actor=official, reason="Thi hộ", **DECISION)
    again = page(issuing.post(at("certificate_reissue", issued.certificate.uuid), FORMS["certificate_reissue"][0]), 409)
    assert "Certificate no. 00001/2026/CN-SKHCN was revoked on 20 November 2026." in again


# --- Series ---------------------------------------------------------------------------------------------------------
def test_series(issuing, series):
    assert "Issued automatically, not signed" in page(issuing.get(at("kinds")))
    own = at("kind", series.official.code)
    assert "The next number will read:" in page(issuing.get(own))
    wrong = page(issuing.post(own, typed(series.official, pattern="{nam}", remind_days="400")), 400)
    assert "The reminder can come at most 366 days ahead." in wrong
    wrong = page(issuing.post(own, typed(series.official, pattern="{nam}")), 400)
    assert "The format of the number is not clear." in wrong
    assert "Saved. Certificates issued from now on follow this" in page(
        issuing.post(own, typed(series.official), follow=True)
    )
    assert "Choose a kind" in page(issuing.get(at("kind_new")))


def test_the_log_of_series_is_vietnamese(series, official):
    with translation.override("en"):
        values = values_of(series.official, kind="participation", signing="handoff")
        series_save(actor=official, series=series.official, values=values, courses=[], signature=None)
    after = AuditEntry.objects.get(act="series_change").after
    assert after == {
        "series_kind": "Giấy xác nhận tham gia",
        "signing": "Người có thẩm quyền ký bằng thiết bị riêng rồi tải lên",
    }


# --- The register ---------------------------------------------------------------------------------------------------
@pytest.fixture
def book(issued, official, series):
    """A row of each kind that has words of its own."""
    certificate_copy(certificate=issued.certificate, actor=official, **ASKED)
    changes = {"holder_name": "Nguyễn Thị Ngọc Ứng", "score": None, "course_hours": 2}
    new, _made = certificate_correct(
        certificate=issued.certificate, actor=official, reason="Ghi sai", changes=changes, **DECISION
    )
    certificate_reissue(certificate=new, actor=official, reason="Mất", **DECISION)
    return series.official


def test_the_register(issuing, book, clock, official):
    shown = page(issuing.get(at("register", book.code)))
    assert "Book of 2026: 6 rows" in shown
    assert "2 copies for Nguyễn Thị Ngọc Ưỡng" in shown
    assert "Replaced by certificate no. 00002/2026/CN-SKHCN" in shown
    assert "Full name: Nguyễn Thị Ngọc Ưỡng → Nguyễn Thị Ngọc Ứng" in shown
    assert "The book of 2026 can be closed after 31 December 2026." in shown
    clock.now = clock.now.replace(year=2027)
    issuing = reader(official)
    assert "Tick this box once you have checked." in page(issuing.post(at("book_close", book.code), {"nam": "2026"}))
    prove(issuing)
    sent = {"nam": "2026", "confirmed": "on"}
    closed = page(issuing.post(at("book_close", book.code), sent, follow=True))
    assert "The book of 2026 is closed." in closed
    assert "6 rows, 3 certificates issued" in closed
    assert RegisterEntry.objects.get(act="khoa_so").reason == "Khoá sổ năm 2026"


def test_a_check_is_kept_in_vietnamese(issuing, book, official):
    """Whoever asked for a check: what it found is told to everybody who opens the register."""
    Certificate.objects.filter(series=book, seq=1).update(holder_name="Khác")
    with translation.override("en"):
        job = verify_open(series=book, owner=official, back="/")
        assert job.title == f"Check of the register: {book.name}"
        job_run(uuid=str(job.uuid))
    found = last_check(book)
    assert found is not None
    assert found.result["problems"] == ["Giấy 00001/2026/CN-SKHCN: nội dung khác với sổ gốc."]
    shown = page(issuing.get(at("register", book.code)))
    assert "The register does not match in places" in shown
    assert '<li lang="vi">Giấy 00001/2026/CN-SKHCN: nội dung khác với sổ gốc.</li>' in shown


@pytest.mark.parametrize("form", ["csv", "pdf"])
def test_exports_of_the_register_are_vietnamese(book, official, form):
    with translation.override("en"):
        job = export_open(series=book, year=2026, form=form, owner=official)
        assert (job.kind, job.language) == (EXPORT, "en")
        job_run(uuid=str(job.uuid))
    job.refresh_from_db()
    assert job.state == "done", job.error
    content = job.file.read()
    said = " ".join(content.decode("utf-8-sig").split()) if form == "csv" else pdf_words(content)
    for words in ("Cấp lại", "Chỉnh sửa", "Thay bằng"):
        assert words in said, words
    for words in ("Reissue", "Correction", "Copies", "Replaced", "copies", "Full name"):
        assert words not in said, words


def test_a_copy_is_vietnamese(issuing, book, issued):
    address = reverse("issuing:copy_file", args=[issued.certificate.uuid, 2])
    said = pdf_words(issuing.get(address).content)
    assert "20/11/2026" in said
    assert "November" not in said
    assert "Certificate" not in said


# --- Files of a batch -----------------------------------------------------------------------------------------------
def test_bundles_are_vietnamese(issued, official):
    certificate_render(certificate_id=issued.certificate.pk)
    with translation.override("en"):
        jobs = [bundle_open(kind=kind, batch=issued.batch, owner=official, back="/") for kind in (ZIP, PRINT)]
        for job in jobs:
            job_run(uuid=str(job.uuid))
    assert [job.title.split(":")[0] for job in jobs] == ["All files in one archive", "Print file of the whole batch"]
    logged = AuditEntry.objects.filter(act="certificates_bundle").order_by("pk")
    assert [entry.detail["format"] for entry in logged] == ["Gói tất cả tệp", "Tệp in cả đợt"]
    packed = Job.objects.get(pk=jobs[0].pk)
    with zipfile.ZipFile(io.BytesIO(packed.file.read())) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("danh-sach.csv").decode("utf-8-sig"))))
    assert rows[0][:3] == ["Số giấy", "Họ và tên", "Ngày sinh"]


def test_files_are_missing(issued, official):
    with translation.override("en"), pytest.raises(Refusal) as refused:
        bundle_open(kind=ZIP, batch=issued.batch, owner=official, back="/")
    assert refused.value.text.startswith("1 certificate has no file yet.")
    assert issued.batch.state == BatchState.ISSUED


def test_what_a_check_of_a_file_says_is_vietnamese(issued, official):
    certificate_render(certificate_id=issued.certificate.pk)
    certificate_revoke(certificate=issued.certificate, actor=official, reason="Thi hộ", **DECISION)
    with storages["private"].open(Certificate.objects.get(pk=issued.certificate.pk).file) as file:
        pdf = file.read()
    with translation.override("en"):
        found = certificate_file_check(pdf=pdf, trust=TrustStore())
        assert "Đã thu hồi ngày 20/11/2026: giấy không còn hiệu lực." in found.in_register
    assert VIETNAMESE.search(found.in_register)
