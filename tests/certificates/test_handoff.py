"""Signing on an official's own device: packed, signed elsewhere, taken back file by file."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certificates.models import Certificate, Signing
from certificates.services import certificates_sweep
from certificates.services.handoff import handoff_pack, handoff_return, handoff_waiting
from certificates.signing.local import LocalSigner
from certificates.signing.trial_keys import trial_key, trial_root
from common.errors import Refusal
from common.models import AuditEntry, Job
from tests.factories.certificates import AT, approve, completions, propose
from tests.factories.courses import course_with_steps
from tests.proof import prove


@pytest.fixture
def root(settings, tmp_path):
    """The office whose people the platform trusts."""
    made = trial_root(begins=AT - timedelta(days=400), days=2000)
    (tmp_path / "goc.pem").write_bytes(made.pem)
    settings.SIGNING_TRUST_DIR = str(tmp_path)
    return made


@pytest.fixture
def token(root):
    """The device of the official whose name the papers carry."""
    return LocalSigner(trial_key(root, name="Trần Đức Hiếu", begins=AT - timedelta(days=30), days=365))


@pytest.fixture
def waiting(series, province, coordinator, official):
    """Three papers are drawn and wait to be signed."""
    series.official.signing = Signing.HANDOFF
    series.official.save()
    course = course_with_steps(lessons=1)
    for name in ("Lê Thị Ánh", "Phạm Đức Bình", "Trần Văn Ý"):
        completions(province, province.north, course=course, full_name=name)
    approve(propose(proposer=coordinator, series=series.official, unit=province.north, course=course), official)
    assert not any(error for _, error in certificates_sweep(limit=None))
    return series.official


def nothing() -> None:
    pass


def packed(series, official) -> dict[str, bytes]:
    target = io.BytesIO()
    handoff_pack(series=series, actor=official, target=target, advance=nothing)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def signed(files: dict[str, bytes], token) -> dict[str, bytes]:
    return {name: token.sign(pdf, at=AT) for name, pdf in files.items() if name.endswith(".pdf")}


def returned(series, official, files: dict[str, bytes]):
    return handoff_return(series=series, actor=official, source=zipped(files), name="ky.zip", advance=nothing)


def test_what_was_signed_becomes_the_issued_file(waiting, official, token):
    files = packed(waiting, official)
    drafts = [c.draft_file for c in handoff_waiting(series=waiting)]
    assert sorted(files) == [
        "00001-2026-CN-SKHCN.pdf",
        "00002-2026-CN-SKHCN.pdf",
        "00003-2026-CN-SKHCN.pdf",
        "DANH-SACH.csv",
        "HUONG-DAN.txt",
    ]
    back = signed(files, token)
    done = returned(waiting, official, back)
    assert (done.taken, done.already, done.refused) == (3, 0, [])
    for certificate in waiting.certificates.all():
        pdf = back[f"{certificate.number.replace('/', '-')}.pdf"]
        assert certificate.file_sha256 == hashlib.sha256(pdf).hexdigest()
        with storages["private"].open(certificate.file) as file:
            assert file.read() == pdf
        assert (certificate.signed_by, certificate.signed_at, certificate.draft_file) == ("Trần Đức Hiếu", AT, "")
    assert not handoff_waiting(series=waiting).exists()
    assert len(drafts) == 3
    assert list(AuditEntry.objects.order_by("pk").values_list("act", flat=True))[-2:] == [
        "handoff_pack",
        "handoff_return",
    ]


def test_each_file_stands_for_itself_and_twice_changes_nothing(waiting, official, token, root):
    files = packed(waiting, official)
    right = signed(files, token)
    other = LocalSigner(trial_key(root, name="Lê Văn Khác", begins=AT - timedelta(days=30), days=365))
    wrong = right | {
        "00001-2026-CN-SKHCN.pdf": files["00001-2026-CN-SKHCN.pdf"],
        "00002-2026-CN-SKHCN.pdf": other.sign(files["00002-2026-CN-SKHCN.pdf"], at=AT),
        "giay-khen.pdf": right["00003-2026-CN-SKHCN.pdf"],
    }
    done = returned(waiting, official, wrong)
    assert done.taken == 1
    assert {(one.name, one.code) for one in done.refused} == {
        ("00001-2026-CN-SKHCN.pdf", "handoff_unsigned"),
        ("00002-2026-CN-SKHCN.pdf", "handoff_other_signer"),
        ("giay-khen.pdf", "handoff_unknown_name"),
    }
    assert all(one.text and one.fix for one in done.refused)
    again = returned(waiting, official, right)
    assert (again.taken, again.already, again.refused) == (2, 1, [])


def test_a_paper_under_the_name_of_another_is_not_taken(waiting, official, token):
    right = signed(packed(waiting, official), token)
    swapped = {
        "00001-2026-CN-SKHCN.pdf": right["00002-2026-CN-SKHCN.pdf"],
        "00002-2026-CN-SKHCN.pdf": right["00001-2026-CN-SKHCN.pdf"],
    }
    done = returned(waiting, official, swapped)
    assert done.taken == 0
    assert {one.code for one in done.refused} == {"handoff_original_changed"}
    assert handoff_waiting(series=waiting).count() == 3


@pytest.mark.parametrize("ending", ["_signed", " (1)", "-da-ky", "_Signed"])
def test_words_that_signing_programs_add_to_a_name_do_no_harm(waiting, official, token, ending):
    back = {
        name.replace(".pdf", f"{ending}.pdf"): pdf for name, pdf in signed(packed(waiting, official), token).items()
    }
    assert returned(waiting, official, back).taken == 3


def test_an_upload_that_breaks_in_the_middle_keeps_what_came_before(waiting, official, token):
    files = signed(packed(waiting, official), token)
    torn = bytearray(zipped(files).getvalue())
    at = torn.rfind(files["00003-2026-CN-SKHCN.pdf"][:2000])
    torn[at + 500 : at + 520] = bytes(20)
    done = handoff_return(
        series=waiting, actor=official, source=io.BytesIO(bytes(torn)), name="ky.zip", advance=nothing
    )
    assert done.taken == 2
    assert [one.code for one in done.refused] == ["handoff_damaged"]


def test_strangers_neither_pack_nor_return(waiting, lead, coordinator, other_coordinator, learner):
    for person in (lead, coordinator, other_coordinator, learner):
        with pytest.raises(Refusal) as refused:
            packed(waiting, person)
        assert refused.value.code == "not_allowed"
        with pytest.raises(Refusal) as refused:
            returned(waiting, person, {})
        assert refused.value.code == "not_allowed"


def test_nothing_waits(series, official):
    with pytest.raises(Refusal) as refused:
        packed(series.official, official)
    assert refused.value.code == "nothing_to_sign"


@pytest.mark.parametrize(
    ("who", "status"), [("official", 200), ("lead", 403), ("coordinator", 403), ("learner", 404), ("stranger", 404)]
)
def test_who_opens_the_page(waiting, client, request, who, status):
    client.force_login(request.getfixturevalue(who))
    prove(client)
    assert client.get(reverse("issuing:signing", args=[waiting.code])).status_code == status


def test_in_the_browser(waiting, client, official, token, django_capture_on_commit_callbacks):
    client.force_login(official)
    prove(client)
    page = reverse("issuing:signing", args=[waiting.code])
    progress = reverse("issuing:progress", args=[waiting.batches.get().uuid])
    for leads in (reverse("issuing:batches"), progress):
        assert f'href="{page}"' in client.get(leads).content.decode()
    assert "3 giấy đang chờ ký" in client.get(page).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, {"goi": "1"}).status_code == 302
    job = Job.objects.latest("pk")
    with zipfile.ZipFile(job.file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    back = signed(files, token) | {"00001-2026-CN-SKHCN.pdf": files["00001-2026-CN-SKHCN.pdf"]}
    upload = SimpleUploadedFile("ky.zip", zipped(back).getvalue())
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, {"tep": upload}).status_code == 302
    said = client.get(page).content.decode()
    assert "Đã nhận 2 giấy đã ký" in said
    assert "1 tệp chưa nhận được" in said
    assert "00001-2026-CN-SKHCN.pdf" in said
    assert "1 giấy đang chờ ký" in said
    assert Job.objects.latest("pk").file_name == "tep-chua-nhan.csv"
    assert not storages["private"].listdir("certificates/returned")[1], "the upload is not kept"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "Tệp này trống"), (b"khong phai tep nen", "không phải tệp .zip hay PDF"), (b"PK\x03\x04hong", "bị hỏng")],
)
def test_a_wrong_upload_is_told_and_changes_nothing(
    waiting, client, official, root, content, said, django_capture_on_commit_callbacks
):
    client.force_login(official)
    prove(client)
    page = reverse("issuing:signing", args=[waiting.code])
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(page, {"tep": SimpleUploadedFile("ky.zip", content)})
    told = client.get(answer["Location"]) if answer.status_code == 302 else answer
    assert said in told.content.decode()
    assert Certificate.objects.exclude(draft_file="").count() == 3
