"""All files of a list in one piece."""

from __future__ import annotations

import csv
import io
import zipfile

import pikepdf
import pytest
from django.core.files.storage import storages
from django.urls import reverse

from certificates.bundle_jobs import PRINT, ZIP, bundle_open
from certificates.models import Certificate
from certificates.services import bundles, certificate_render, certificate_revoke
from certificates.services.bundles import bundle_print, bundle_zip
from common.errors import Refusal
from common.jobs import job_run
from common.models import JobState
from tests.factories.certificates import DECISION, approve, completions, propose
from tests.proof import prove


@pytest.fixture
def batch(series, province, coordinator, official):
    from tests.factories.courses import course_with_steps

    course = course_with_steps(lessons=1, automatic_confirmation=False)
    for name in ("Trần Văn Ý", "Lê Thị Ánh", "Phạm Đức Bình"):
        completions(province, province.north, course=course, full_name=name)
    made = approve(propose(proposer=coordinator, series=series.official, unit=province.north, course=course), official)
    for pk in made.certificates.values_list("pk", flat=True):
        certificate_render(certificate_id=pk)
    return made


def nothing():
    return None


def test_a_zip_holds_every_file_and_a_list(batch):
    target = io.BytesIO()
    assert bundle_zip(batch=batch, target=target, advance=nothing) == 3
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == [
            "00001-2026-CN-SKHCN_le-thi-anh.pdf",
            "00002-2026-CN-SKHCN_pham-duc-binh.pdf",
            "00003-2026-CN-SKHCN_tran-van-y.pdf",
            "danh-sach.csv",
        ]
        first = batch.certificates.get(seq=1)
        with storages["private"].open(first.file) as kept:
            assert archive.read(archive.namelist()[0]) == kept.read()
        rows = list(csv.reader(io.StringIO(archive.read("danh-sach.csv").decode("utf-8-sig"))))
    assert rows[1][:2] == ["00001/2026/CN-SKHCN", "Lê Thị Ánh"]
    assert rows[1][-1] == first.file_sha256
    assert len(rows) == 4


@pytest.mark.parametrize(("printed", "joined", "parts"), [(1000, 50, None), (1000, 2, None), (2, 1, [2, 1])])
def test_one_file_to_print_or_several(batch, monkeypatch, printed, joined, parts):
    monkeypatch.setattr(bundles, "PRINTED", printed)
    monkeypatch.setattr(bundles, "JOINED", joined)
    target, done = io.BytesIO(), []
    ending = bundle_print(batch=batch, target=target, advance=lambda: done.append(1))
    assert len(done) == 3
    target.seek(0)
    if parts is None:
        assert ending == "pdf"
        with pikepdf.open(target) as pdf:
            assert len(pdf.pages) == 3
        return
    assert ending == "zip"
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["in-00001-00002.pdf", "in-00003-00003.pdf"]
        assert [len(pikepdf.open(io.BytesIO(archive.read(name))).pages) for name in archive.namelist()] == parts


def test_without_form_fields_that_would_be_called_broken(batch):
    first = batch.certificates.get(seq=1)
    with storages["private"].open(first.file) as kept, pikepdf.open(kept) as pdf:
        pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Widget)]))
        spoilt = io.BytesIO()
        pdf.save(spoilt)
    spoilt.seek(0)
    Certificate.objects.filter(pk=first.pk).update(file=storages["private"].save("mot.pdf", spoilt))
    target = io.BytesIO()
    bundle_print(batch=batch, target=target, advance=nothing)
    with pikepdf.open(target) as pdf:
        assert all("/Annots" not in page for page in pdf.pages)


def test_revoked_papers_are_left_out(batch, official):
    certificate_revoke(certificate=batch.certificates.get(seq=2), actor=official, reason="Thi hộ", **DECISION)
    assert bundle_zip(batch=batch, target=io.BytesIO(), advance=nothing) == 2


def test_a_lost_file_is_named(batch):
    Certificate.objects.filter(batch=batch, seq=2).update(file="certificates/khong/co.pdf")
    with pytest.raises(Refusal) as refused:
        bundle_zip(batch=batch, target=io.BytesIO(), advance=nothing)
    assert (refused.value.code, "00002/2026" in refused.value.text) == ("file_lost", True)


@pytest.mark.parametrize(("kind", "name"), [(ZIP, "dot-thang-11.zip"), (PRINT, "in-dot-thang-11.pdf")])
def test_as_a_job_of_whoever_asks(batch, coordinator, kind, name):
    job = bundle_open(kind=kind, batch=batch, owner=coordinator, back="/")
    done = job_run(uuid=str(job.uuid))
    assert (done.state, done.file_name, done.done) == (JobState.DONE, name, 3)


@pytest.mark.parametrize(
    ("who", "status"), [("official", 302), ("coordinator", 302), ("other_coordinator", 403), ("stranger", 404)]
)
def test_who_may_pack(client, request, batch, who, status):
    client.force_login(request.getfixturevalue(who))
    prove(client)
    answer = client.post(reverse("issuing:batch_bundle", args=[batch.uuid]), {"kieu": "in"})
    assert answer.status_code == status


def test_a_right_that_ended_ends_the_download(client, batch, coordinator):
    job = bundle_open(kind=ZIP, batch=batch, owner=coordinator, back="/")
    job_run(uuid=str(job.uuid))
    client.force_login(coordinator)
    prove(client)
    assert client.get(reverse("jobs:file", args=[job.uuid])).status_code == 200
    coordinator.memberships.all().update(role="learner")
    assert client.get(reverse("jobs:file", args=[job.uuid])).status_code in (403, 404)
