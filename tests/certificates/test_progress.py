"""An approved list on its way: pausing, faults, retries, and its page."""

from __future__ import annotations

import errno

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates import tasks
from certificates.models import BatchState, Certificate
from certificates.services import (
    batch_approve,
    batch_files_retry,
    batch_number,
    batch_pause,
    batch_progress,
    batch_resume,
    batches_sweep,
    certificate_render,
    certificates_sweep,
    register_verify,
)
from certificates.services import numbering as numbering_service
from common.errors import Refusal
from common.models import AuditEntry
from tests.factories.certificates import DECISION, completions, propose
from tests.proof import prove


@pytest.fixture
def approved(series, province, course, coordinator, official, monkeypatch):
    """Five people on an approved list; a worker numbers two at a time, and has not begun."""
    monkeypatch.setattr(numbering_service, "PORTION", 2)
    course.automatic_confirmation = False
    course.save()
    completions(province, province.north, 5, course=course)
    batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
    batch_approve(batch=batch, approver=official, **DECISION)
    batch.refresh_from_db()
    return batch


def numbers(batch):
    return list(batch.certificates.order_by("seq").values_list("seq", flat=True))


def full_disk(monkeypatch):
    def save(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(storages["private"]), "save", save)


# --- Pausing --------------------------------------------------------------------------------------------------------
def test_paused_between_two_portions_it_goes_on_without_gap(approved, official, monkeypatch):
    portions = iter([False, True])
    real = numbering_service._portion_number

    def portion(batch_id):
        if next(portions, False):
            batch_pause(batch=approved, actor=official)
        return real(batch_id)

    monkeypatch.setattr(numbering_service, "_portion_number", portion)
    assert batch_number(batch=approved) == 2
    assert batches_sweep() == 0
    approved.refresh_from_db()
    assert (approved.state, numbers(approved)) == (BatchState.APPROVED, [1, 2])
    _, changed = batch_resume(batch=approved, actor=official)
    assert changed
    assert batch_number(batch=approved) == 3
    approved.refresh_from_db()
    assert (approved.state, numbers(approved)) == (BatchState.ISSUED, [1, 2, 3, 4, 5])
    assert register_verify(series=approved.series).ok
    acts = ["batch_pause", "batch_resume", "batch_number"]
    assert list(AuditEntry.objects.filter(act__in=acts).order_by("pk").values_list("act", flat=True)) == acts


def test_a_pause_holds_files_too(approved, official):
    batch_number(batch=approved)
    batch_pause(batch=approved, actor=official)
    assert batch_pause(batch=approved, actor=official)[1] is False
    tasks.render(list(approved.certificates.values_list("pk", flat=True)))
    assert list(certificates_sweep()) == []
    assert not Certificate.objects.filter(batch=approved).exclude(file="").exists()
    batch_resume(batch=approved, actor=official)
    assert batch_resume(batch=approved, actor=official)[1] is False
    pk = approved.certificates.order_by("pk").first().pk
    tasks.render([pk])
    assert Certificate.objects.get(pk=pk).file


def test_going_on_sends_what_is_left_to_the_queue(approved, official, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(tasks.batch_number, "apply_async", lambda **kwargs: sent.append(kwargs["args"]))
    monkeypatch.setattr(tasks.render, "apply_async", lambda **kwargs: sent.append(kwargs["args"]))
    batch_pause(batch=approved, actor=official)
    with django_capture_on_commit_callbacks(execute=True):
        batch_resume(batch=approved, actor=official)
    assert sent == [(approved.pk,)]


def test_nothing_to_pause(batch, issued, official):
    batch.refresh_from_db()
    certificate_render(certificate_id=issued.certificate.pk)
    with pytest.raises(Refusal) as refused:
        batch_pause(batch=issued.batch, actor=official)
    assert refused.value.code == "nothing_to_pause"


@pytest.mark.parametrize("who", ["coordinator", "other_coordinator", "stranger"])
def test_only_the_issuing_side_steers(request, approved, who):
    actor = request.getfixturevalue(who)
    for act in (batch_pause, batch_resume, batch_files_retry):
        with pytest.raises(Refusal) as refused:
            act(batch=approved, actor=actor)
        assert refused.value.code == "not_allowed"


# --- Faults ---------------------------------------------------------------------------------------------------------
def test_a_broker_that_is_down_at_approval_costs_only_time(
    series, province, course, coordinator, official, monkeypatch, django_capture_on_commit_callbacks
):
    def down(**kwargs):
        raise ConnectionError("the queue does not answer")

    monkeypatch.setattr(tasks.batch_number, "apply_async", down)
    monkeypatch.setattr(tasks.render, "apply_async", down)
    completions(province, province.north, 2, course=course)
    batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
    with django_capture_on_commit_callbacks(execute=True):
        assert batch_approve(batch=batch, approver=official, **DECISION)[1] is True
    assert not batch.certificates.exists()
    tasks.sweep()
    batch.refresh_from_db()
    assert (batch.state, numbers(batch)) == (BatchState.ISSUED, [1, 2])
    assert not batch.certificates.filter(file="").exists()


def test_a_full_disk_is_said_in_words_and_mended(client, approved, official, monkeypatch):
    batch_number(batch=approved)
    approved.refresh_from_db()
    with monkeypatch.context() as full:
        full_disk(full)
        tasks.sweep()
    progress = batch_progress(batch=approved)
    assert (progress.failed, progress.made, progress.is_unfinished, progress.is_done) == (5, 0, False, False)
    client.force_login(official)
    page = reverse("issuing:progress", args=[approved.uuid])
    text = client.get(page).content.decode()
    assert text.count("Máy chủ hết chỗ lưu tệp") == 5
    assert "Errno" not in text
    assert "Làm lại cả 5 tệp" in text
    tasks.sweep()
    assert batch_progress(batch=approved).is_done
    assert "gặp lỗi" not in client.get(page).content.decode()


def test_one_failed_file_is_made_again_on_request(approved, official, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    batch_number(batch=approved)
    monkeypatch.setattr(tasks.render, "apply_async", lambda **kwargs: sent.append(kwargs["args"]))
    Certificate.objects.filter(batch=approved).update(render_error="hỏng")
    first = approved.certificates.order_by("seq").first()
    with django_capture_on_commit_callbacks(execute=True):
        assert batch_files_retry(batch=approved, actor=official, certificate=first) == 1
    assert sent == [([first.pk],)]
    assert batch_progress(batch=approved).failed == 4
    assert batch_files_retry(batch=approved, actor=official) == 4
    assert batch_files_retry(batch=approved, actor=official) == 0


# --- The page -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "status"), [("official", 200), ("coordinator", 200), ("other_coordinator", 403), ("stranger", 404)]
)
def test_who_sees_the_progress(client, request, approved, who, status):
    client.force_login(request.getfixturevalue(who))
    for name in ("progress", "progress_state"):
        assert client.get(reverse(f"issuing:{name}", args=[approved.uuid])).status_code == status
    acts = {"official": 302, "coordinator": 403, "other_coordinator": 403, "stranger": 404}
    assert client.post(reverse("issuing:batch_pause", args=[approved.uuid])).status_code == acts[who]


def test_the_page_follows_the_work_with_and_without_a_script(client, approved, official):
    client.force_login(official)
    page = reverse("issuing:progress", args=[approved.uuid])
    text = client.get(page).content.decode()
    assert '<noscript><meta http-equiv="refresh"' in text
    assert f'data-job="{page}trang-thai/"' in text
    state = client.get(f"{page}trang-thai/").json()
    assert (state["percent"], state["unfinished"]) == (0, True)
    assert "0 trên 5" in state["html"]
    batch_number(batch=approved)
    assert client.get(f"{page}trang-thai/").json()["percent"] == 50
    tasks.sweep()
    state = client.get(f"{page}trang-thai/").json()
    assert (state["percent"], state["unfinished"]) == (100, False)
    assert "http-equiv" not in client.get(page).content.decode()


def test_pause_and_go_on_in_the_browser(client, approved, official):
    client.force_login(official)
    page = reverse("issuing:progress", args=[approved.uuid])
    paused = client.post(reverse("issuing:batch_pause", args=[approved.uuid]), follow=True).content.decode()
    assert "Đang tạm dừng từ" in paused
    assert "http-equiv" not in paused
    text = client.post(reverse("issuing:batch_resume", args=[approved.uuid]), follow=True).content.decode()
    assert "Đang cấp số và vào sổ" in text
    batch_number(batch=approved)
    Certificate.objects.filter(batch=approved).update(render_error="hỏng")
    number = approved.certificates.order_by("seq").first().number
    again = client.post(reverse("issuing:batch_retry", args=[approved.uuid]), {"giay": number}, follow=True)
    assert "Đang làm lại 1 tệp" in again.content.decode()
    assert client.post(reverse("issuing:batch_retry", args=[approved.uuid]), {"giay": "1/x"}).status_code == 404
    assert client.get(page).status_code == 200


def test_before_approval_there_is_no_progress(client, batch, official):
    client.force_login(official)
    for name in ("progress", "delivery"):
        answer = client.get(reverse(f"issuing:{name}", args=[batch.uuid]))
        assert answer["Location"] == reverse("issuing:batch", args=[batch.uuid])


def test_the_page_costs_the_same_at_any_number(client, series, province, coordinator, official, course):
    """Session · user · offices. Then batch · may see · issuing side · certificates · people · failures."""
    counts = []
    client.force_login(official)
    for size in (2, 20):
        completions(province, province.north, size, course=course)
        batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
        batch_approve(batch=batch, approver=official, **DECISION)
        batch_number(batch=batch)
        Certificate.objects.filter(batch=batch).update(render_error="hỏng")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("issuing:progress", args=[batch.uuid])).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12, counts


def test_bundles_wait_for_the_last_file(client, approved, official):
    client.force_login(official)
    prove(client)
    for _ in range(2):
        answer = client.post(reverse("issuing:batch_bundle", args=[approved.uuid]), {"kieu": "zip"})
        assert answer.status_code == 409
        assert "files_missing" in answer.content.decode()
        assert reverse("issuing:progress", args=[approved.uuid]) in answer.content.decode()
        batch_number(batch=approved)
