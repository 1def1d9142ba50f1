"""Practical tasks: handing in, waiting, being signed off or asked again; and who may read the work."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from common.errors import Forbidden, Refusal
from common.models import AuditEntry
from courses import services
from courses.models import Completion, Enrolment, Step, StepCompletion, StepRule, Submission, SubmissionState
from courses.services.forgetting import submission_files_forget
from courses.tasks import forget_returned_files
from people.models import Notice
from tests.factories import cms as make
from tests.factories.courses import EnrolmentFactory, course_with_steps

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
PDF = b"%PDF-1.7\n" + b"0" * 50
LESSON = "/khoa-hoc/khoa-thu/bai-1/"


@pytest.fixture(autouse=True)
def _private(settings, tmp_path):
    private = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "private": private}


@pytest.fixture
def step(learner):
    course = course_with_steps(lessons=1)
    EnrolmentFactory(user=learner, course=course)
    course.steps.update(rule=StepRule.SIGNED_OFF, task="Chụp màn hình.")
    return course.steps.get()


def hand_in(step, **fields):
    return services.submission_create(
        enrolment=Enrolment.objects.get(course=step.course), step=step, **{"text": "Tôi đã làm.", "at": AT, **fields}
    )


def review(submission, reviewer, *, accepted=True, comment=""):
    return services.submission_review(
        submission=submission, reviewer=reviewer, accepted=accepted, comment=comment, at=AT
    )


def url(step):
    return reverse("courses:submit_work", args=[step.uuid])


# --- Handing in -----------------------------------------------------------------------------------------------------
def test_words_and_a_file_are_kept_under_names_that_say_nothing(client, learner, step):
    client.force_login(learner)
    file = SimpleUploadedFile("../Bài của tôi.PDF", PDF, content_type="text/html")
    assert client.post(url(step), {"viet": "  Tôi làm rồi. ", "tep": file})["Location"] == step.path
    one = Submission.objects.get()
    assert (one.text, one.file_name, one.state) == ("Tôi làm rồi.", "Bài của tôi.pdf", SubmissionState.WAITING)
    assert one.file.name.startswith("bai-nop/")
    assert one.file.name.endswith(".pdf")
    assert "tôi" not in one.file.name
    assert not StepCompletion.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"viet": "   "}, "Bạn chưa viết gì và chưa chọn tệp."),
        ({"viet": "x" * 5001}, "Chỉ nhận đến 5000 chữ cái"),
        ({"tep": SimpleUploadedFile("a.jpg", PDF)}, "bên trong là tệp PDF"),
        ({"tep": SimpleUploadedFile("a.pdf", b"<script>")}, "Không nhận loại tệp này."),
        ({"tep": SimpleUploadedFile("a.pdf", b"")}, "Tệp này trống."),
    ],
)
def test_what_cannot_be_taken_is_said_beside_the_words_that_were_written(client, learner, step, data, words):
    client.force_login(learner)
    page = client.post(url(step), {"viet": "Lời tôi viết", **data})
    assert page.status_code == 400
    assert words in page.content.decode()
    if "tep" in data:
        assert "Lời tôi viết" in page.content.decode()
    assert not Submission.objects.exists()


def test_the_service_measures_words_by_itself(step):
    with pytest.raises(Refusal) as refusal:
        hand_in(step, text="x" * 5001)
    assert refusal.value.code == "text_too_long"


def test_one_waits_at_a_time(client, learner, step):
    hand_in(step)
    with pytest.raises(Refusal) as refusal:
        hand_in(step)
    assert refusal.value.code == "already_waiting"
    client.force_login(learner)
    assert client.post(url(step), {"viet": "Nữa"}).status_code == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(enrolment=Enrolment.objects.get(), step=step, submitted_at=AT)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_presses_at_one_instant_hand_in_once(on_postgres, step):
    barrier, refused = threading.Barrier(2), []

    def press():
        try:
            barrier.wait()
            hand_in(step)
        except Refusal as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Submission.objects.count(), refused) == (1, ["already_waiting"])


@pytest.mark.parametrize("rule", sorted(set(StepRule.values) - {StepRule.SIGNED_OFF}))
def test_other_lessons_take_no_work(step, rule):
    Step.objects.update(rule=rule)
    with pytest.raises(Refusal) as refusal:
        hand_in(Step.objects.get())
    assert refusal.value.code == "other_rule"


def test_a_lesson_that_left_the_course_takes_no_work(step):
    Step.objects.update(is_active=False)
    with pytest.raises(Refusal) as refusal:
        hand_in(Step.objects.get())
    assert refusal.value.code == "foreign_step"


# --- Reviewing ------------------------------------------------------------------------------------------------------
def test_signing_off_completes_is_logged_and_told(province, learner, coordinator, step):
    reviewed = review(hand_in(step), coordinator, comment=" Rõ ràng. ")
    assert (reviewed.state, reviewed.reviewer, reviewed.comment) == (SubmissionState.ACCEPTED, coordinator, "Rõ ràng.")
    assert Completion.objects.get().user == learner
    entry = AuditEntry.objects.get(act="submission_accept")
    assert (entry.actor, entry.subject_uuid, entry.unit_uuid) == (coordinator, reviewed.uuid, province.north.uuid)
    notice = Notice.objects.get()
    assert (notice.user, notice.path, notice.actor) == (learner, step.path, coordinator)
    assert "Rõ ràng." in notice.body
    with pytest.raises(Refusal) as refusal:
        hand_in(step)
    assert refusal.value.code == "already_done"


def test_returned_work_says_why_and_may_be_handed_in_again(coordinator, step):
    first = hand_in(step)
    with pytest.raises(Refusal) as refusal:
        review(first, coordinator, accepted=False, comment="  ")
    assert refusal.value.code == "comment_missing"
    review(first, coordinator, accepted=False, comment="Ảnh mờ, hãy chụp lại.")
    assert not StepCompletion.objects.exists()
    assert AuditEntry.objects.filter(act="submission_return").exists()
    review(hand_in(step, text="Lần hai"), coordinator)
    assert list(Submission.objects.values_list("state", flat=True)) == ["returned", "accepted"]
    assert Completion.objects.exists()


@pytest.mark.parametrize("accepted", [True, False])
def test_who_comes_second_is_told_so(coordinator, official, step, accepted):
    submission = hand_in(step)
    review(submission, coordinator)
    with pytest.raises(Refusal) as refusal:
        review(submission, official, accepted=accepted, comment="Chưa được")
    assert refusal.value.code == "already_reviewed"
    assert Submission.objects.get().state == SubmissionState.ACCEPTED
    assert Notice.objects.count() == 1


def test_nobody_signs_off_their_own_work(coordinator, step):
    Enrolment.objects.update(user=coordinator)
    with pytest.raises(Forbidden) as refusal:
        review(hand_in(step), coordinator)
    assert refusal.value.code == "own_work"
    assert not StepCompletion.objects.exists()


def test_a_task_that_left_the_course_is_answered_and_completes_nothing(coordinator, step):
    submission = hand_in(step)
    Step.objects.update(is_active=False)
    assert review(submission, coordinator).state == SubmissionState.ACCEPTED
    assert not StepCompletion.objects.exists()


def test_answers_to_two_tasks_do_not_hide_each_other(client, learner, coordinator):
    course = course_with_steps(lessons=2)
    course.steps.update(rule=StepRule.SIGNED_OFF)
    enrolment = EnrolmentFactory(user=learner, course=course)
    for step in course.steps.all():
        review(services.submission_create(enrolment=enrolment, step=step, text="x"), coordinator, comment=step.title)
    client.force_login(learner)
    page = client.get(reverse("courses:my_learning")).content.decode()
    assert all(f"Nhận xét: {step.title}" in page for step in course.steps.all())


# --- Reading --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "status"),
    [("learner", 200), ("stranger", 404), ("editor", 404), ("coordinator", 403), ("other_coordinator", 403)],
)
def test_who_fetches_the_file(client, request, step, who, status):
    one = hand_in(step, file=SimpleUploadedFile("Bài.pdf", PDF))
    client.force_login(request.getfixturevalue(who))
    answer = client.get(reverse("courses:submission_file", args=[one.uuid]))
    assert answer.status_code == status
    if status == 200:
        assert b"".join(answer.streaming_content) == PDF
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]


def test_without_a_file_or_without_signing_in_there_is_nothing(client, learner, step):
    address = reverse("courses:submission_file", args=[hand_in(step).uuid])
    assert reverse("account_login") in client.get(address)["Location"]
    client.force_login(learner)
    assert client.get(address).status_code == 404


# --- The lesson -----------------------------------------------------------------------------------------------------
@pytest.fixture
def lesson(province, learner):
    make.course(lessons=2)
    Step.objects.filter(path=LESSON).update(rule=StepRule.SIGNED_OFF, task="Chụp màn hình <b>VNeID</b>.\nRồi nộp.")
    step = Step.objects.get(path=LESSON)
    services.enrolment_start(user=learner, course=step.course)
    return step


def test_the_lesson_shows_how_it_stands(client, learner, coordinator, lesson):
    client.force_login(learner)

    def page():
        return client.get(LESSON).content.decode()

    assert "Nộp bài thực hành</button>" in page()
    assert "&lt;b&gt;VNeID" in page()
    first = hand_in(lesson, text="Lần đầu <i>", file=SimpleUploadedFile("Bài.pdf", PDF))
    waiting = page()
    assert "đang chờ giảng viên xem" in waiting
    assert "Nộp bài thực hành</button>" not in waiting
    assert reverse("courses:submission_file", args=[first.uuid]) in waiting
    assert "Lần đầu &lt;i&gt;" in waiting
    review(first, coordinator, accepted=False, comment="Ảnh mờ.")
    returned = page()
    assert "Cần làm lại" in returned
    assert "Ảnh mờ." in returned
    assert "Nộp bài thực hành</button>" in returned
    review(hand_in(lesson), coordinator, comment="Tốt")
    done = page()
    assert "Giảng viên đã xác nhận" in done
    assert "Bạn đã học xong bài này" in done
    assert "Nộp bài thực hành</button>" not in done


def test_others_see_the_task_and_nobody_elses_work(client, stranger, lesson):
    hand_in(lesson, text="Riêng của tôi")
    guest = client.get(LESSON).content.decode()
    assert "đăng nhập</a> để nộp bài" in guest
    assert "Riêng của tôi" not in guest
    client.force_login(stranger)
    page = client.get(LESSON).content.decode()
    assert "Riêng của tôi" not in page
    assert "Nộp bài thực hành</button>" in page


# --- Files that are no longer needed --------------------------------------------------------------------------------
KEPT = timedelta(days=180)


def with_file(step):
    return hand_in(step, file=SimpleUploadedFile("anh.pdf", PDF))


@pytest.mark.parametrize(
    ("state", "age", "stays"),
    [
        ("returned", KEPT + timedelta(seconds=1), False),
        ("returned", KEPT, True),
        ("accepted", KEPT * 9, True),
        ("waiting", KEPT * 9, True),
    ],
)
def test_only_files_of_work_returned_long_ago_go(step, coordinator, state, age, stays):
    work = with_file(step)
    if state != "waiting":
        review(work, coordinator, accepted=state == "accepted", comment="Thiếu ảnh.")
    assert submission_files_forget(at=AT + age) == (0 if stays else 1)
    work.refresh_from_db()
    assert bool(work.file) is stays
    assert work.file_name == "anh.pdf"
    assert work.text == "Tôi đã làm."
    assert submission_files_forget(at=AT + age) == 0


def test_the_file_itself_is_gone_and_whoever_reads_is_told(client, step, coordinator, settings):
    work = with_file(step)
    review(work, coordinator, accepted=False, comment="Thiếu ảnh.")
    place = Path(work.file.path)
    assert place.exists()
    assert forget_returned_files() == 0
    settings.SUBMISSION_FILE_DAYS = 0
    assert forget_returned_files() == 1
    assert not place.exists()
    client.force_login(coordinator)
    shown = client.get(reverse("teaching:submission", args=[work.uuid])).content.decode()
    assert "Tệp «anh.pdf» đã xoá sau thời hạn lưu" in shown
    assert client.get(reverse("teaching:file", args=[work.uuid])).status_code == 404


def test_a_file_that_is_gone_from_the_disk_stops_no_sweep(step, coordinator):
    work = with_file(step)
    review(work, coordinator, accepted=False, comment="Thiếu ảnh.")
    Path(work.file.path).unlink()
    assert submission_files_forget(at=AT + KEPT * 2) == 1


def test_a_run_takes_so_many_and_the_next_the_rest(step, coordinator, monkeypatch):
    monkeypatch.setattr("courses.services.forgetting.AT_ONCE", 1)
    for _ in range(2):
        review(with_file(step), coordinator, accepted=False, comment="Thiếu ảnh.")
    assert [submission_files_forget(at=AT + KEPT * 2) for _ in range(3)] == [1, 1, 0]
