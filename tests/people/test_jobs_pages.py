"""The page of a long job: its owner sees progress, result, file and reason; nobody else sees that it exists."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from common import jobs
from common.models import Job, JobState

pytestmark = pytest.mark.django_db
PAGES = ["job", "state", "file"]


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def job(coordinator):
    return Job.objects.create(kind="tests.work", owner=coordinator, title="Kiểm tra danh sách Xã Xuân Lương")


@pytest.fixture
def done(job):
    job.state, job.finished_at, job.file_name = JobState.DONE, timezone.now(), "phiếu tài khoản.pdf"
    job.file.save("phieu.pdf", ContentFile(b"%PDF-1.7"))
    return job


def become(job, **fields):
    Job.objects.filter(pk=job.pk).update(**fields)


def address(name, job):
    return reverse(f"jobs:{name}", args=[job.uuid])


def read(client, name, job):
    return client.get(address(name, job)).content.decode()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("who", "status"), [("coordinator", 200), ("other_coordinator", 404), ("lead", 404), ("stranger", 404)]
)
def test_a_job_is_its_owner_s_alone(client, request, done, name, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(address(name, done)).status_code == status


@pytest.mark.parametrize("who", ["other_coordinator", "stranger"])
def test_nobody_else_tries_it_again(client, request, job, who):
    become(job, state=JobState.FAILED)
    client.force_login(request.getfixturevalue(who))
    assert client.post(address("retry", job)).status_code == 404
    job.refresh_from_db()
    assert job.state == JobState.FAILED


def test_a_superuser_sees_no_file_of_somebody_else_either(client, lead, done):
    lead.is_superuser = True
    lead.save()
    client.force_login(lead)
    assert client.get(address("file", done)).status_code == 404


@pytest.mark.parametrize("name", [*PAGES, "retry"])
def test_who_is_not_signed_in_is_asked_to(client, job, name):
    assert reverse("account_login") in client.get(address(name, job))["Location"]


def test_a_waiting_job_loads_itself_anew_without_a_script(client, coordinator, job):
    client.force_login(coordinator)
    page = read(client, "job", job)
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "Đang chờ đến lượt" in page
    assert "Máy làm việc nền chưa chạy" not in page


def test_a_job_that_waits_too_long_says_why(client, coordinator, job, caplog):
    become(job, made_at=timezone.now() - timedelta(seconds=61))
    client.force_login(coordinator)
    assert "Máy làm việc nền chưa chạy, người quản trị đã được báo" in read(client, "job", job)
    assert "does the worker run?" in caplog.text


def test_a_running_job_shows_bar_note_and_minutes(client, coordinator, job):
    become(job, state=JobState.RUNNING, started_at=timezone.now() - timedelta(seconds=60))
    job.refresh_from_db()
    jobs.Progress(job).begin(500, "Đang đọc tệp")
    progress = jobs.Progress(job)
    progress.note, progress.total, progress.done = "Đang đọc tệp", 500, 125
    progress.say()
    client.force_login(coordinator)
    page = read(client, "job", job)
    assert re.search(r'<progress[^>]*value="25"', page)
    assert "25 %</b> · Đang đọc tệp · còn khoảng 4 phút" in page or "còn khoảng 3 phút" in page
    answer = client.get(address("state", job)).json()
    assert (answer["percent"], answer["unfinished"]) == (25, True)
    assert "Đang đọc tệp" in answer["html"]


def test_done_work_leads_on(client, coordinator, job):
    become(job, state=JobState.DONE, next_path="/quan-ly/danh-sach/x/")
    client.force_login(coordinator)
    assert client.get(address("job", job)).url == "/quan-ly/danh-sach/x/"
    assert client.get(address("state", job)).json()["unfinished"] is False


def test_done_work_with_a_file_stays_and_offers_it(client, coordinator, done):
    become(done, next_path="/quan-ly/")
    client.force_login(coordinator)
    page = read(client, "job", done)
    assert "Tải tệp phiếu tài khoản.pdf" in page
    assert 'http-equiv="refresh"' not in page
    response = client.get(address("file", done))
    assert b"".join(response.streaming_content) == b"%PDF-1.7"
    assert response["Content-Disposition"].startswith("attachment")
    assert "phi%E1%BA%BFu" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]


def test_a_file_that_was_forgotten_is_explained(client, coordinator, done):
    become(done, finished_at=timezone.now() - timedelta(days=4))
    jobs.files_forget()
    client.force_login(coordinator)
    assert "Tệp đã được xoá sau 3 ngày" in read(client, "job", done)
    response = client.get(address("file", done))
    assert response.status_code == 404
    assert "Tệp này không còn trên máy chủ" in response.content.decode()


def test_a_failed_job_says_why_and_can_be_tried_again(client, coordinator, job, django_capture_on_commit_callbacks):
    become(job, state=JobState.FAILED, error="Tệp có mật khẩu.", fix="Hãy bỏ mật khẩu.", next_path="/quan-ly/")
    client.force_login(coordinator)
    page = read(client, "job", job)
    assert "Tệp có mật khẩu." in page
    assert "Hãy bỏ mật khẩu." in page
    assert ">Quay lại</a>" in page
    with django_capture_on_commit_callbacks() as queued:
        assert client.post(address("retry", job)).url == address("job", job)
    assert len(queued) == 1
    job.refresh_from_db()
    assert job.state == JobState.WAITING


def test_trying_again_twice_sends_it_once(client, coordinator, job, django_capture_on_commit_callbacks):
    become(job, state=JobState.FAILED)
    client.force_login(coordinator)
    with django_capture_on_commit_callbacks() as queued:
        client.post(address("retry", job))
        client.post(address("retry", job))
    assert len(queued) == 1


def test_looking_does_not_try_again(client, coordinator, job):
    become(job, state=JobState.FAILED)
    client.force_login(coordinator)
    client.get(address("retry", job))
    job.refresh_from_db()
    assert job.state == JobState.FAILED


def test_what_a_file_or_work_is_called_is_shown_as_text(client, coordinator, job):
    become(job, title="<b>tên</b>", state=JobState.FAILED, error="<script>x</script>")
    client.force_login(coordinator)
    page = read(client, "job", job)
    assert "<b>tên</b>" not in page
    assert "<script>x" not in page
