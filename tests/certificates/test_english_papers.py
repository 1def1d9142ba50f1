"""Designs, trials, delivery, signing and paper registers for an office that reads English: the pages are English, what
is drawn, packed, printed or written down is Vietnamese."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from unittest import mock

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from certificates import drawing, papers
from certificates.books import books_of
from certificates.models import Act, Certificate, Design, DesignState, Paper, RegisterEntry, Signing
from certificates.rendering import certificate_pdf
from certificates.samples import SAMPLES
from certificates.services import (
    certificate_copy,
    certificate_render,
    certificates_notify,
    certificates_sweep,
    deliveries_hand_over,
    design_draft,
    design_publish,
    trials,
)
from certificates.signing.wording import finding
from common.errors import Refusal
from common.models import Job
from common.wording import quoted
from people.models import Notice
from tests.certificates.test_designs import png, typed
from tests.certificates.test_files import frozen
from tests.certificates.test_handoff import packed, root, signed, token, waiting, zipped  # noqa: F401  (fixtures)
from tests.certificates.test_paper_register import GOOD, OTHER, csv_of, swapped
from tests.english import english, held_texts, vietnamese_in
from tests.proof import prove

pytestmark = [pytest.mark.slow, pytest.mark.anywhere]

TODAY = date(2026, 11, 20)


@pytest.fixture
def desk(client, official):
    """The official's browser, which asked for English."""
    client.force_login(official)
    prove(client)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def design(series) -> Design:
    return Design.objects.get(code="chung-nhan", state=DesignState.PUBLISHED)


@pytest.fixture
def draft(design, official) -> Design:
    return design_draft(design=design, actor=official)[0]


def read(answer, status: int = 200) -> str:
    return english(answer, status, held=held_texts())


def says(page: str, *sentences: str) -> None:
    for sentence in sentences:
        assert sentence in page


# --- Pages ----------------------------------------------------------------------------------------------------------
def test_designs_are_read_in_english(desk, design, draft):
    says(read(desk.get(reverse("issuing:designs"))), "A design says how certificates look.", "Used for:")
    page = read(desk.get(reverse("issuing:design", args=[design.uuid])))
    says(page, "Preview: common name", "Edit as a new version", "Design for a single unit")
    page = read(desk.get(reverse("issuing:design", args=[draft.uuid])))
    says(page, "Save and try every case", "Full name of the holder", "Write <code>{{ ho_ten }}</code> to print a field")


def test_a_design_refuses_in_english(desk, design, draft, official):
    page = reverse("issuing:design", args=[draft.uuid])
    wrong = {"body": "<h1>{{ ten }}</h1><table></table>", "style": "p { font-family: Arial; width: 900mm }"}
    text = read(desk.post(page, typed(draft, **wrong), follow=True))
    says(
        text, "There is no field “ten”.", "The property “font-family” cannot be used.", "is larger than the whole sheet"
    )
    answer = desk.post(reverse("issuing:design_publish", args=[draft.uuid]))
    says(read(answer, 409), "The design is not right yet", "Line 1, column 5: There is no field")
    answer = desk.post(page, typed(draft, picture=png(size=(10, 10))))
    says(read(answer, 400), "A picture of 10 × 10 pixels cannot be used.")
    answer = desk.post(reverse("issuing:design_draft", args=[design.uuid]), {"viec": "sao-chep", "sao-chep-name": ""})
    says(read(answer, 400), "The design has no name yet.")
    says(read(desk.post(reverse("issuing:design_drop", args=[draft.uuid]), follow=True)), "The draft is discarded.")


def test_faults_are_told_to_each_reader_in_their_language(series, draft, official):
    """Readings and trials are remembered; the words of one reader must not be those of the next."""
    Design.objects.filter(pk=draft.pk).update(style=f"{draft.style} .so {{ font-size: 2pt }}")
    draft.refresh_from_db()
    broken = Design(code="x", body="<h1>{{ ten }}</h1>", style="", paper=Paper.LANDSCAPE)
    for language in ("en", "vi", "en"):
        with translation.override(language):
            (trial,) = trials.design_trials(draft, [SAMPLES[0].key])
            told = [*trial.faults, SAMPLES[0].label, *map(str, trials.design_faults(broken))]
            told += map(str, trials.design_missing(broken))
            with pytest.raises(Refusal) as refused:
                design_publish(draft=draft, actor=official)
            told.append(refused.value.text)
            english_ones = [one for one in told if not list(vietnamese_in(str(quoted(one))))]
        assert trial.faults
        assert english_ones == (told if language == "en" else []), told


def test_delivery_is_read_in_english(desk, issued, official):
    certificate_render(certificate_id=issued.certificate.pk)
    certificates_notify()
    page = reverse("issuing:delivery", args=[issued.batch.uuid])
    says(read(desk.get(page)), "Delivery list", "1 of 1 person told that the file is there", "Told on 20 November 2026")
    form = {"giay": str(issued.certificate.uuid), "viec": "giao"}
    says(read(desk.post(f"{page}ghi/", form | {"day": "1/12/2026"}), 409), "is after today (20 November 2026)")
    says(read(desk.post(f"{page}ghi/", {"viec": "giao", "day": "20/11/2026"}), 409), "No certificate is chosen.")
    says(read(desk.post(f"{page}ghi/", form | {"day": "20/11/2026"}, follow=True)), "1 certificate recorded as handed")
    says(read(desk.post(f"{page}ghi/", form | {"viec": "bo"}, follow=True)), "Handing over undone for 1 certificate.")
    says(read(desk.get(f"{page}?q=khong-co")), "There are no such certificates.")


def test_a_paper_register_is_taken_over_in_english(desk, series):
    page = reverse("issuing:paper", args=[series.official.code])
    says(read(desk.get(page)), "What the file must hold", "one certificate in a row")
    upload = SimpleUploadedFile("so.csv", csv_of(GOOD, OTHER).getvalue())
    says(read(desk.post(page, {"file": upload})), "✓ 2 certificates will be written to the register")
    upload = SimpleUploadedFile("so.csv", csv_of(GOOD, GOOD).getvalue())
    says(read(desk.post(page, {"file": upload})), "1 place to correct in the file", "already in row 2")
    says(read(desk.post(page, {})), "Choose a file.")


def test_signing_is_read_in_english(desk, waiting, token, official, django_capture_on_commit_callbacks):  # noqa: F811
    page = reverse("issuing:signing", args=[waiting.code])
    says(read(desk.get(page)), "3 certificates are waiting to be signed", "48 MB at most")
    files = packed(waiting, official)
    [first, *_others] = sorted(files)
    back = signed(files, token) | {first: files[first], "khac.pdf": files[first]}
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page, {"tep": SimpleUploadedFile("ky.zip", zipped(back).getvalue())})
    text = read(desk.get(page))
    says(text, "2 signed certificates taken", "2 files not taken", "This PDF has no digital signature.")
    says(text, "Keep the names that the files had in the package you downloaded.")
    job = Job.objects.latest("pk")
    assert job.title.startswith("Checking signed certificates:")
    rows = list(csv.reader(io.StringIO(job.file.read().decode("utf-8-sig"))))
    assert rows[0] == ["Tên tệp", "Vì sao chưa nhận", "Cách sửa"]
    assert sorted(rows[1:])[0][1:] == [
        "Tệp PDF này không có chữ ký số.",
        "Hãy ký tệp này bằng phần mềm ký số rồi tải lên lại.",
    ]
    assert sorted(rows[1:])[1][1].startswith("Tên tệp không phải số của giấy nào")


# --- Papers and records ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("code", ["chung-nhan", "xac-nhan"])
def test_a_paper_is_the_same_file_whoever_asks(code, version):
    paper = frozen(code, version, expires_on=date(2028, 11, 17))
    before = certificate_pdf(paper)
    with translation.override("en"):
        assert certificate_pdf(paper) == before
        assert translation.get_language() == "en"


def test_previews_draw_vietnamese_papers(desk, design):
    address = reverse("issuing:design_pdf", args=[design.uuid, "het-han"])
    drawn = desk.get(address).content
    desk.cookies[settings.LANGUAGE_COOKIE_NAME] = "vi"
    assert desk.get(address).content == drawn
    certificate = frozen(version=2)
    here = drawing.page_of(certificate, certificate.design)
    with translation.override("en"):
        assert drawing.page_of(certificate, certificate.design) == here


def test_copies_and_books_are_vietnamese(issued, official, series):
    form = {"asked_by": "Lê Văn Bảo", "copies": 2, "reason": "nộp hồ sơ"}
    with translation.override("en"):
        entry, made = certificate_copy(certificate=issued.certificate, actor=official, **form)
        with pytest.raises(Refusal, match=r"^The number of copies is not right\.$"):
            certificate_copy(certificate=issued.certificate, actor=official, **form | {"copies": 99})
        with pytest.raises(Refusal):
            certificate_copy(certificate=issued.certificate, actor=official, **form | {"reason": ""})
    assert made
    assert entry.act == Act.COPY
    row, [book] = RegisterEntry.objects.get(pk=entry.pk), books_of(series.official)
    drawn = {}
    for language in ("vi", "en"):
        with translation.override(language), mock.patch.object(papers, "pdf_render", wraps=papers.pdf_render) as made:
            papers.copy_pdf(row)
            papers.book_pdf(series.official, book)
            drawn[language] = [call.kwargs["html"] for call in made.call_args_list]
    assert drawn["en"] == drawn["vi"]
    assert "Cấp bản sao" in drawn["en"][1]


def test_the_files_of_an_office_are_vietnamese(desk, issued, official):
    hand_over = {"batch": issued.batch, "certificates": [issued.certificate.pk], "day": TODAY, "actor": official}
    with translation.override("en"):
        deliveries_hand_over(**hand_over, receiver="Lê Văn Bảo")
    page = reverse("issuing:delivery", args=[issued.batch.uuid])
    text = read(desk.get(f"{page}in/"))
    says(
        text, "Print this list", '<article class="team-sheet" lang="vi">', "<td>20/11/2026</td>", "Lê Văn Bảo nhận thay"
    )
    assert "November" not in text.split("<article", 1)[1].split("</article>", 1)[0]
    sheet = load_workbook(io.BytesIO(desk.get(f"{page}tai/").content)).active
    assert sheet.title == "Giao nhận"
    assert [cell.value for cell in sheet[1]][1:3] == ["Số giấy", "Họ và tên"]


def test_the_lines_to_mend_are_vietnamese(desk, series):
    upload = SimpleUploadedFile("so.csv", csv_of(GOOD, swapped("Số", "15/2019/CN", OTHER)).getvalue())
    answer = desk.post(reverse("issuing:paper", args=[series.official.code]), {"file": upload})
    kept = answer.context["kept"]
    file = desk.get(reverse("issuing:paper_faults", args=[series.official.code, kept]))
    rows = list(load_workbook(io.BytesIO(file.content)).active.iter_rows(values_only=True))
    assert rows[0][:2] == ("Dòng", "Cần sửa")
    assert rows[1][1] == "A «Số»: Số này đã có ở dòng 2. Mỗi số chỉ ghi một lần."
    template = load_workbook(
        io.BytesIO(desk.get(reverse("issuing:paper_template", args=[series.official.code])).content)
    )
    assert template.active["A1"].value == "Số"


def test_a_paper_register_taken_over_in_english_is_a_vietnamese_record(
    desk, series, django_capture_on_commit_callbacks
):
    page = reverse("issuing:paper", args=[series.official.code])
    upload = SimpleUploadedFile("so.csv", csv_of(GOOD).getvalue())
    kept = desk.post(page, {"file": upload}).context["kept"]
    with django_capture_on_commit_callbacks(execute=True):
        assert desk.post(page, {"kept": kept, "name": "so.csv", "luu": "1"}).status_code == 302
    row = RegisterEntry.objects.get(act=Act.IMPORT)
    assert row.reason == "Tệp so.csv"
    assert row.content["result"] == "Giỏi"


def test_why_a_file_could_not_be_made_is_kept_in_vietnamese(series, issued, settings):
    series.official.signing = Signing.LOCAL
    series.official.save()
    settings.CERTIFICATE_SIGNING = "none"
    with translation.override("en"):
        told = dict(certificates_sweep())
        with pytest.raises(Refusal, match="^Loại giấy này phải ký số"):
            certificate_render(certificate_id=issued.certificate.pk)
    kept = Certificate.objects.get(pk=issued.certificate.pk).render_error
    assert kept.startswith("Loại giấy này phải ký số")
    assert told[issued.certificate.pk] == kept


def test_holders_are_told_in_vietnamese(issued, learner):
    certificate_render(certificate_id=issued.certificate.pk)
    with translation.override("en"):
        certificates_notify()
    assert Notice.objects.get(user=learner).subject == "Giấy chứng nhận của bạn đã có"


def test_the_package_to_sign_speaks_vietnamese(desk, waiting, django_capture_on_commit_callbacks):  # noqa: F811
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(reverse("issuing:signing", args=[waiting.code]), {"goi": "1"})
    job = Job.objects.latest("pk")
    assert job.title.startswith("Package to sign:")
    with zipfile.ZipFile(job.file) as archive:
        assert archive.read("HUONG-DAN.txt").decode("utf-8-sig").startswith("HƯỚNG DẪN KÝ SỐ")
        assert "DANH-SACH.csv" in archive.namelist()


def test_a_finding_has_words_for_the_reader_and_for_the_record():
    with translation.override("en"):
        found = finding("key_expired", valid_to=None)
        assert list(vietnamese_in(found.text)) == []
    assert found.kept == "Khi ký, chứng thư của người ký đã hết hạn (ngày không rõ)."
