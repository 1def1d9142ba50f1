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
from people import roster_export, slips_job
from people.models import Membership, Role, UnitKind
from people.querysets import today
from people.services import structures_rebuild
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.proof import prove

pytestmark = pytest.mark.django_db
PAGES = ["job", "state", "file"]
KIND = "tests.work"


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    monkeypatch.setitem(jobs._KEEPING, KIND, jobs.Keeping(may_fetch=lambda job: True))


@pytest.fixture
def job(coordinator):
    return Job.objects.create(kind=KIND, owner=coordinator, title="Kiểm tra danh sách Xã Xuân Lương")


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
    prove(client)
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
    assert "có thể máy làm việc nền chưa chạy" not in page


def test_a_job_that_waits_too_long_says_why(client, coordinator, job, caplog):
    become(job, made_at=timezone.now() - timedelta(seconds=61))
    client.force_login(coordinator)
    assert "hãy báo người quản trị" in read(client, "job", job)
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
    prove(client)
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


def sent(queued):
    """How often a job was sent to the queue; an act of an office has other ends as well."""
    return sum("job_retry" in callback.__qualname__ for callback in queued)


def test_a_failed_job_says_why_and_can_be_tried_again(client, coordinator, job, django_capture_on_commit_callbacks):
    become(job, state=JobState.FAILED, error="Tệp có mật khẩu.", fix="Hãy bỏ mật khẩu.", next_path="/quan-ly/")
    client.force_login(coordinator)
    page = read(client, "job", job)
    assert "Tệp có mật khẩu." in page
    assert "Hãy bỏ mật khẩu." in page
    assert ">Quay lại</a>" in page
    with django_capture_on_commit_callbacks() as queued:
        assert client.post(address("retry", job)).url == address("job", job)
    assert sent(queued) == 1
    job.refresh_from_db()
    assert job.state == JobState.WAITING


def test_trying_again_twice_sends_it_once(client, coordinator, job, django_capture_on_commit_callbacks):
    become(job, state=JobState.FAILED)
    client.force_login(coordinator)
    with django_capture_on_commit_callbacks() as queued:
        client.post(address("retry", job))
        client.post(address("retry", job))
    assert sent(queued) == 1


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


# --- Files do not outlive rights ---


def test_a_file_waits_for_a_fresh_proof(client, coordinator, done):
    client.force_login(coordinator)
    response = client.get(address("file", done))
    assert response.status_code == 302
    assert response["Location"].startswith("/tai-khoan/")
    done.refresh_from_db()
    assert done.file


def made_by(owner, kind, unit, **args):
    """A job of a real kind that is done, with its file."""
    made = Job.objects.create(
        kind=kind,
        owner=owner,
        title="Tệp",
        args={"unit": str(unit.uuid), **args},
        state=JobState.DONE,
        finished_at=timezone.now(),
        file_name="tệp.zip",
    )
    made.file.save("tep.zip", ContentFile(b"PK personal"))
    return made


def end_office(user):
    Membership.objects.filter(user=user).exclude(role=Role.LEARNER).update(valid_to=today())


@pytest.mark.parametrize("kind", [roster_export.KIND, slips_job.JOB])
@pytest.mark.parametrize(("left_with", "status"), [("nothing", 404), ("another_office", 403), ("the_office", 200)])
def test_whoever_lost_the_right_does_not_get_the_file(client, province, coordinator, kind, left_with, status):
    made = made_by(coordinator, kind, province.north)
    if left_with != "the_office":
        end_office(coordinator)
    if left_with == "another_office":
        MembershipFactory(user=coordinator, unit=province.south, audience=province.staff, role=Role.COORDINATOR)
    client.force_login(coordinator)
    prove(client)
    ask = client.post if kind == slips_job.JOB else client.get
    assert ask(address("file", made)).status_code == status


@pytest.mark.parametrize(("kind", "status"), [(roster_export.KIND, 403), (slips_job.JOB, 200)])
def test_each_kind_asks_for_its_own_right(client, province, kind, status):
    """A team leader prints slips and keeps no roster."""
    team = UnitFactory(name="Tổ A", kind=UnitKind.TEAM, parent=province.north)
    structures_rebuild()
    leader = UserFactory()
    MembershipFactory(user=leader, unit=team, audience=province.team, role=Role.TEAM_LEADER)
    client.force_login(leader)
    prove(client)
    assert client.post(address("file", made_by(leader, kind, team))).status_code == status


def test_a_kind_that_nobody_knows_any_more_hands_out_nothing(client, coordinator, done):
    become(done, kind="tests.unknown")
    client.force_login(coordinator)
    prove(client)
    assert client.get(address("file", done)).status_code == 403


def test_slips_are_downloaded_once(client, province, coordinator):
    made = made_by(coordinator, slips_job.JOB, province.north)
    client.force_login(coordinator)
    page = read(client, "job", made)
    assert "chỉ tải được một lần" in page
    assert "sau 1 giờ tệp cũng bị xoá" in page
    assert client.post(address("file", made))["Location"].startswith("/tai-khoan/"), "not without a proof"
    prove(client)
    assert client.get(address("file", made))["Location"] == address("job", made), "a browser that looks ahead"
    storage, name = made.file.storage, made.file.name
    response = client.post(address("file", made))
    assert b"".join(response.streaming_content) == b"PK personal"
    assert "no-store" in response["Cache-Control"]
    assert not storage.exists(name)
    again = client.post(address("file", made))
    assert again.status_code == 404
    assert "chỉ tải được một lần" in again.content.decode()
    assert "không còn trên máy chủ" in read(client, "job", made)


def test_slips_are_gone_after_an_hour_though_nobody_swept(client, province, coordinator):
    made = made_by(coordinator, slips_job.JOB, province.north)
    become(made, finished_at=timezone.now() - timedelta(minutes=61))
    client.force_login(coordinator)
    prove(client)
    assert client.post(address("file", made)).status_code == 404
    assert "Tải tệp" not in read(client, "job", made)
    assert jobs.files_forget() == 1


def test_slips_are_not_printed_for_who_lost_the_office_meanwhile(province, coordinator):
    waiting = Job.objects.create(
        kind=slips_job.JOB,
        owner=coordinator,
        title="In phiếu",
        args={"unit": str(province.north.uuid), "by": str(coordinator.uuid), "people": [], "claimed": False},
    )
    MembershipFactory(user=coordinator, unit=province.south, audience=province.staff, role=Role.COORDINATOR)
    Membership.objects.filter(user=coordinator, unit=province.north).update(valid_to=today())
    jobs.job_run(uuid=str(waiting.uuid))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.file.name) == (JobState.FAILED, "")
    assert "không phụ trách" in waiting.error
