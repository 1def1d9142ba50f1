"""What learners meet of courses, in English: my learning, notes, reading settings, first choice, practical tasks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone, translation

from common.errors import Refusal
from common.uploads import WORK_KINDS, upload_kind
from courses import services
from courses.duties import Duty, State
from courses.models import Assignment, Bookmark, Course, Step, StepRule, Submission, Topic
from courses.posters import poster_asked, poster_of_course
from people.notices import notices_send
from tests.english import vietnamese_in
from tests.factories.courses import CourseFactory, EnrolmentFactory, complete, course_with_steps
from tests.factories.courses_paths import AssignmentFactory, path_over

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture
def reader(client, learner):
    """A learner's browser with English chosen."""
    client.force_login(learner)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def english(answer, status=200):
    """The page of an answer, which is English but for what it quotes."""
    assert answer.status_code == status
    page = answer.content.decode()
    assert '<html lang="en"' in page
    assert list(vietnamese_in(page)) == []
    return page


def my_learning(reader):
    return english(reader.get(reverse("courses:my_learning")))


# --- My learning ----------------------------------------------------------------------------------------------------
def test_my_learning_of_somebody_new(reader):
    page = my_learning(reader)
    assert "You are not enrolled in a course yet" in page
    assert "New here?" in page


def test_my_learning_under_way(reader, learner):
    course = course_with_steps(lessons=3, title="Kỹ năng số cơ bản")
    Step.objects.update(minutes=25)
    EnrolmentFactory(user=learner, course=course)
    services.step_mark(enrolment=learner.enrolments.get(), step=course.steps.first())
    page = my_learning(reader)
    assert "1 of 3 parts completed · about 50 minutes left · last opened" in page
    assert 'aria-label="Kỹ năng số cơ bản" lang="vi"' in page
    assert 'Continue: <span lang="vi">' in page


def test_my_learning_when_done(reader, learner):
    course = course_with_steps(lessons=1, valid_months=6)
    complete(learner, course, AT)
    page = my_learning(reader)
    assert "✓ Completed 20 November 2026" in page
    assert "valid until 19 May 2027" in page
    assert "Basic" in page


def test_my_learning_when_what_was_learnt_ran_out(reader, learner):
    complete(learner, course_with_steps(lessons=1, valid_months=6), datetime(2024, 1, 20, 3, tzinfo=UTC))
    page = my_learning(reader)
    assert "was valid until 19 July 2024" in page
    assert "Take this course again" in page


def test_my_learning_with_duties_and_deadlines(reader, province, learner):
    today = timezone.localdate()
    courses = {state: course_with_steps(lessons=2) for state in ("waiting", "going", "done", "renew")}
    courses["renew"].valid_months = 1
    courses["renew"].save()
    for days, course in enumerate(courses.values(), start=-1):
        AssignmentFactory(
            audience=province.citizen, course=course, unit=province.north, begins_on=today - timedelta(days=100),
            due_on=today + timedelta(days=days * 20),
        )  # fmt: skip
    path = path_over(courses["going"], course_with_steps(lessons=1))
    AssignmentFactory(audience=province.citizen, course=None, learning_path=path, due_on=today + timedelta(days=1))
    EnrolmentFactory(user=learner, course=courses["going"])
    complete(learner, courses["done"], timezone.now())
    complete(learner, courses["renew"], timezone.now() - timedelta(days=200))
    page = my_learning(reader)
    for says in ("20 days late", "today is the last day", "1 day left", "40 days left"):
        assert says in page
    for says in ("not started", "in progress", "✓ Completed", "your last completion has run out"):
        assert says in page
    assert "Why do I have to learn this?" in page
    assert 'Legal basis: <span lang="vi">' in page
    assert "0 of 2 courses" in page


def test_my_learning_on_paths(reader, learner):
    done, going = course_with_steps(lessons=1), course_with_steps(lessons=1)
    path_over(done, title="Lộ trình đã xong")
    path_over(done, going, title="Lộ trình đang học")
    complete(learner, done, AT)
    page = my_learning(reader)
    assert "✓ Learning path completed" in page
    assert "1 of 2 courses" in page
    Course.objects.filter(pk=going.pk).update(is_published=False)
    assert "The course that is left is closed for now." in my_learning(reader)


def test_what_to_learn_next_says_why(reader, province, learner):
    topic = Topic.objects.create(code="T-A01", name="Kỹ năng số", group="A")
    learnt, same, due, before = (course_with_steps(lessons=1) for _ in range(4))
    for course in (learnt, same):
        course.topics.add(topic)
    same.audiences.add(province.citizen)
    due.prerequisites.add(before)
    due.audiences.add(province.citizen)
    complete(learner, learnt, AT)
    page = my_learning(reader)
    assert 'Because this course is for “<span lang="vi">Người dân</span>”.' in page
    assert 'Because it is on the same topic as a course you completed: “<span lang="vi">Kỹ năng số</span>”.' in page
    assert 'Because you need to complete this course before “<span lang="vi">' in page


def test_a_reminder_stays_as_it_was_sent(reader, learner):
    notices_send(users=[learner], kind="thu", subject="Học tiếp nhé", body="Bạn còn hai bài.", path="/viec-hoc/")
    page = my_learning(reader)
    assert '<h2 lang="vi">Học tiếp nhé</h2>' in page
    assert "I have read it" in page


@pytest.mark.parametrize(
    ("days", "text"), [(39, "39 days left"), (1, "1 day left"), (0, "today is the last day"), (-5, "5 days late")]
)
def test_days_are_told_in_words(days, text):
    asked = [Assignment(due_on=date(2026, 11, 22) + timedelta(days=days))]
    with translation.override("en"):
        assert Duty(asked, State.WAITING, date(2026, 11, 22)).time_left == text


# --- Notes ----------------------------------------------------------------------------------------------------------
def test_notes_of_nobody(reader):
    assert "Nothing here yet" in english(reader.get(reverse("courses:notes")))


def test_notes_and_kept_lessons(reader, learner):
    course = course_with_steps(lessons=2)
    first, second = course.steps.all()
    for step in (first, second):
        services.note_save(user=learner, step=step, text="Nhớ hỏi cán bộ xã.")
        services.bookmark_toggle(user=learner, step=step, keep=True)
    Step.objects.filter(pk=second.pk).update(is_active=False)
    page = english(reader.get(reverse("courses:notes")))
    assert "(no longer open)" in page
    assert 'Remove<span class="hidden-text"> <span lang="vi">' in page
    assert Bookmark.objects.count() == 2


def test_a_note_is_changed_and_refused(reader, learner):
    note = services.note_save(user=learner, step=course_with_steps(lessons=1).steps.get(), text="Nhớ.")
    url = reverse("courses:note_edit", args=[note.uuid])
    assert "Delete this note" in english(reader.get(url))
    page = english(reader.post(url, {"text": "x" * 2011}), 422)
    assert "The text is 11 characters too long (at most 2,000). Take out 11 characters, then save." in page
    assert "There is no text yet." in english(reader.post(url, {"text": ""}), 422)


def test_a_word_on_a_lesson_is_refused(reader, learner):
    url = reverse("courses:feedback", args=[course_with_steps(lessons=1).steps.get().uuid])
    assert "“Helpful” or “Not clear”" in english(reader.post(url, {"y_kien": "?"}), 422)


def test_notes_leave_as_a_file(reader, learner):
    services.note_save(user=learner, step=course_with_steps(lessons=1).steps.get(), text="Nhớ.")
    text = reader.get(reverse("courses:notes_export")).content.decode()
    assert text.startswith(f"\ufeffNOTES OF {learner.full_name.upper()}")


# --- Reading settings, the first choice -----------------------------------------------------------------------------
def test_reading_settings(reader):
    page = english(reader.get(reverse("courses:display")))
    assert "Data saver" in page
    assert "Very large" in page


def test_reading_settings_from_elsewhere(reader):
    answer = reader.post(reverse("courses:display"), headers={"Sec-Fetch-Site": "cross-site"})
    assert "This request came from another site." in english(answer, 403)


@pytest.fixture
def offered(province):
    course = course_with_steps(1)
    for code in ("T-A02", "T-A04", "T-A09", "T-A11", "T-A17"):
        course.topics.add(Topic.objects.create(code=code, name=code, group="A"))
    course.audiences.add(province.staff)
    return course


def test_the_first_choice(reader, learner, province, offered):
    learner.memberships.update(audience=province.staff)
    for answer in (reader.get(reverse("courses:placement")), reader.post(reverse("courses:placement"))):
        # The offer below it belongs to the pages of accounts.
        page = answer.content.decode().partition('<p class="small offer">')[0]
        assert list(vietnamese_in(page)) == []
        assert "What would you like to do first?" in page
        assert "Avoid being cheated by phone" in page
        assert "Learn for my work" in page
    assert "Choose one, or press “See all courses”." in page


# --- Practical tasks ------------------------------------------------------------------------------------------------
@pytest.fixture
def task(learner):
    course = course_with_steps(lessons=1)
    EnrolmentFactory(user=learner, course=course)
    course.steps.update(rule=StepRule.SIGNED_OFF, task="Chụp màn hình.")
    return course.steps.get()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"viet": " "}, "You wrote nothing and chose no file. Describe what you did, or choose a file."),
        ({"viet": "x" * 5001}, "At most 5000 characters."),
        ({"tep": SimpleUploadedFile("a.jpg", b"%PDF-1.7\n")}, "ends in “jpg”, but the file is a PDF file."),
        ({"tep": SimpleUploadedFile("a.pdf", b"<script>")}, "This type of file cannot be handed in."),
        ({"tep": SimpleUploadedFile("a.pdf", b"")}, "This file is empty."),
    ],
)
def test_work_that_cannot_be_taken(reader, task, data, says):
    page = english(reader.post(reverse("courses:submit_work", args=[task.uuid]), data), 400)
    assert says in page
    assert "Hand in your practical task" in page


def test_work_that_waits_already(reader, task, learner):
    services.submission_create(enrolment=learner.enrolments.get(), step=task, text="Tôi đã làm.", at=AT)
    page = english(reader.post(reverse("courses:submit_work", args=[task.uuid]), {"viet": "Again"}), 409)
    assert "The work you handed in before is waiting for an instructor." in page
    assert ">Back to the lesson</span></a>" in page


def test_what_is_told_to_a_learner_by_a_job_or_an_office_stays_vietnamese(task, learner, coordinator):
    submission = services.submission_create(enrolment=learner.enrolments.get(), step=task, text="Xong.", at=AT)
    with translation.override("en"):
        services.submission_review(submission=submission, reviewer=coordinator, accepted=True, at=AT)
    assert learner.notices.get().subject == "Bài thực hành đã được xác nhận"
    assert Submission.objects.get().get_state_display() == "Đã xác nhận"


@pytest.mark.parametrize("kind", WORK_KINDS)
def test_kinds_of_files_have_an_english_name(kind):
    with translation.override("en"):
        assert str(kind.name).startswith(("a ", "an "))


def test_a_file_that_is_too_heavy():
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7\n" + b"0" * 2 * 1024 * 1024)
    with translation.override("en"), pytest.raises(Refusal, match=r"The file is 3 MB. Files may be up to 1 MB."):
        upload_kind(file, most_megabytes=1)


# --- Enrolling ------------------------------------------------------------------------------------------------------
def test_a_course_that_comes_after_another(reader, learner):
    course, first = course_with_steps(lessons=1), course_with_steps(lessons=1, valid_months=1, title="Khoá đầu")
    course.prerequisites.add(first)
    url = reverse("courses:enrol", args=[course.slug])
    answer = reader.post(url)
    assert answer.status_code == 409
    page = answer.content.decode()
    quotation = '“<span lang="vi">Khoá đầu</span>”'
    assert f"<h1>This course comes after {quotation}.</h1>" in page
    assert f"First complete the course {quotation}, then come back and enrol in this one." in page
    complete(learner, first, datetime(2024, 1, 20, 3, tzinfo=UTC))
    page = reader.post(url).content.decode()
    assert "(your result was valid until 19 February 2024)" in page
    assert f"First take the course {quotation} again" in page


@pytest.mark.parametrize(
    ("done", "says"),
    [(False, "You have not taken this course yet."), (True, "Your last completion is still valid.")],
)
def test_a_course_that_is_not_to_be_taken_again(reader, learner, done, says):
    course = course_with_steps(lessons=1)
    if done:
        complete(learner, course, AT)
    page = english(reader.post(reverse("courses:renew", args=[course.slug])), 409)
    assert says in page


def test_a_closed_course(reader):
    course = CourseFactory(is_published=False)
    page = english(reader.post(reverse("courses:enrol", args=[course.slug])), 409)
    assert "This course is not open at the moment." in page


def test_reading_that_was_too_short(reader, learner):
    course = course_with_steps(lessons=2)
    Step.objects.update(rule=StepRule.OPENED, min_seconds=80)
    enrolment = EnrolmentFactory(user=learner, course=course)
    with translation.override("en"), pytest.raises(Refusal) as refused:
        services.step_read(enrolment=enrolment, step=course.steps.first())
    said = "This lesson needs at least 1 minute 20 seconds of reading; 1 minute 20 seconds more to go."
    assert refused.value.text == said


# --- What stays Vietnamese ------------------------------------------------------------------------------------------
def test_a_poster_is_the_same_whoever_asks_for_it(province):
    course = course_with_steps(lessons=1)
    course.audiences.add(province.citizen)
    asked = {}
    for language in ("vi", "en"):
        with translation.override(language):
            asked[language] = poster_asked(poster=poster_of_course(course), paper="a4")[0]
    assert asked["en"] == asked["vi"]
    assert "Cơ bản" in asked["en"]


# --- Days, numbers and times of every page --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "vietnamese", "english"),
    [
        ("{{ day|day }}", "01/08/2026", "1 August 2026"),
        ("{{ at|day }}", "02/08/2026", "2 August 2026"),
        ("{{ at|moment }}", "06:05 ngày 02/08/2026", "06:05 on 2 August 2026"),
        ("{{ many|number }}", "1.234.567", "1,234,567"),
        ("{{ nothing|number }}", "–", "–"),
        ("{{ points|score }}", "79,9", "79.9"),
        ("{{ part|percent_of:whole }}", "82,3\u00a0%", "82.3%"),
        ("{{ 70|duration }}", "1 giờ 10 phút", "1 hour 10 minutes"),
        ("{{ 121|duration }}", "2 giờ 1 phút", "2 hours 1 minute"),
        ("{{ 0|duration }}", "", ""),
        ("{{ 80|seconds_text }}", "1 phút 20 giây", "1 minute 20 seconds"),
        ("{{ 0|seconds_text }}", "0 giây", "0 seconds"),
        ("{{ quotation|quoted }}", "“Học” &amp; «An toàn» &lt;b&gt;",
         '“<span lang="vi">Học</span>” &amp; «<span lang="vi">An toàn</span>» &lt;b&gt;'),
        ("{{ advice|quoted }}", "Press “Save” &lt;or not&gt;.", "Press “Save” &lt;or not&gt;."),
    ],
)  # fmt: skip
def test_days_numbers_and_times(written, vietnamese, english):
    context = {
        "day": date(2026, 8, 1), "at": datetime(2026, 8, 1, 23, 5, tzinfo=UTC), "many": 1234567, "nothing": None,
        "points": 79.99, "part": 4311, "whole": 5235, "quotation": "“Học” & «An toàn» <b>",
        "advice": "Press “Save” <or not>.",
    }  # fmt: skip
    for language, said in (("vi", vietnamese), ("en", english)):
        with translation.override(language):
            assert Template(written).render(Context(context)) == said
