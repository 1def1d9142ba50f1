"""Gentle reminders: whom, how seldom, in which words, and that they fall silent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from courses import tasks
from courses.models import Submission
from courses.reminder_rules import AT_MOST, BETWEEN, IDLE, KIND, LET_GO, may_remind
from courses.services import enrolment_seen, idle_learners_remind, reminders_due, step_complete
from people.consents import reminders_set
from people.models import Channel, Notice
from tests.factories.courses import CourseFactory, EnrolmentFactory, StepFactory, complete, course_with_steps
from tests.factories.people import AudienceFactory, UserFactory

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


# --- The rule -------------------------------------------------------------------------------------------------------
@given(st.lists(st.integers(0, 60), max_size=40), st.lists(st.integers(0, 60), max_size=40))
def test_over_any_history_reminders_are_few_and_far_between(first, second):
    """A person learns two courses on some days of two months, and the job runs every day."""
    visits = {"một": sorted({0, *first}), "hai": sorted({0, *second})}
    told = {"một": [], "hai": []}
    for day in range(400):
        at = START + day * DAY
        for course, days in visits.items():
            seen = START + max(d for d in days if d <= day) * DAY
            everything = [*told["một"], *told["hai"]]
            if may_remind(seen_at=seen, told_of_this=told[course], told_at_all=everything, at=at):
                assert at - seen >= IDLE
                assert at - seen <= LET_GO
                told[course].append(at)
    everything = sorted([*told["một"], *told["hai"]])
    assert all(later - earlier >= BETWEEN for earlier, later in zip(everything, everything[1:], strict=False))
    assert all(len(times) <= AT_MOST for times in told.values())
    # Whoever stays away is reminded of something, and then left in peace.
    assert everything


@pytest.mark.parametrize(
    ("idle", "of_this", "at_all", "due"),
    [
        (IDLE - timedelta(seconds=1), 0, [], False),
        (IDLE, 0, [], True),
        (LET_GO, 0, [], True),
        (LET_GO + timedelta(seconds=1), 0, [], False),
        (30 * DAY, 2, [BETWEEN], True),
        (30 * DAY, 2, [BETWEEN - timedelta(seconds=1)], False),
        (30 * DAY, 3, [60 * DAY], False),
    ],
)
def test_the_rule_at_its_edges(idle, of_this, at_all, due):
    told = [START - ago for ago in at_all]
    before = [START - 60 * DAY] * of_this
    assert may_remind(seen_at=START - idle, told_of_this=before, told_at_all=told, at=START) is due


# --- Whom -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def now():
    return timezone.now()


def idle(days=8, *, user=None, course=None, **fields):
    """Somebody who last learnt ``days`` days ago, with three lessons of five minutes before them."""
    seen = timezone.now() - days * DAY
    return EnrolmentFactory(
        user=user or UserFactory(),
        course=course or course_with_steps(lessons=3, title="Kỹ năng số"),
        started_at=seen - DAY,
        last_seen_at=seen,
        **fields,
    )


def told(enrolment, *days_ago):
    """Reminders of an enrolment in the past."""
    for days in days_ago:
        notice = Notice.objects.create(
            user=enrolment.user, kind=KIND, subject="Học tiếp", body="…", path=enrolment.course.steps.first().path,
            channel=Channel.SITE,
        )  # fmt: skip
        Notice.objects.filter(pk=notice.pk).update(made_at=timezone.now() - days * DAY)


def due(now):
    return [reminder.enrolment for reminder in reminders_due(at=now)]


def _finished(enrolment):
    AudienceFactory()
    complete(enrolment.user, enrolment.course)


def _closed(enrolment):
    enrolment.course.is_published = False
    enrolment.course.save()


def _gone(enrolment):
    enrolment.user.is_active = False
    enrolment.user.save()


def _refused(enrolment):
    reminders_set(user=enrolment.user, given=True)
    reminders_set(user=enrolment.user, given=False)


def _refused_unasked(enrolment):
    reminders_set(user=enrolment.user, given=False)


def _waits_for_instructor(enrolment):
    step = enrolment.course.steps.first()
    Submission.objects.create(enrolment=enrolment, step=step, text="Đã làm", submitted_at=timezone.now())


def _emptied(enrolment):
    enrolment.course.steps.update(is_active=False)


def _learns_elsewhere(enrolment):
    idle(2, user=enrolment.user)


@pytest.mark.parametrize(
    "change",
    [
        _finished,
        _closed,
        _gone,
        _refused,
        _refused_unasked,
        _waits_for_instructor,
        _emptied,
        _learns_elsewhere,
        lambda enrolment: told(enrolment, 13),
        lambda enrolment: told(enrolment, 80, 60, 40),
    ],
)
def test_who_is_left_in_peace(db, now, change):
    enrolment = idle(100)
    type(enrolment).objects.update(started_at=now - 120 * DAY)
    assert due(now) == [enrolment]
    change(enrolment)
    assert due(now) == []


@pytest.mark.parametrize(("days", "reminded"), [(6, False), (8, True), (179, True), (181, False)])
def test_how_long_ago_somebody_learnt(db, now, days, reminded):
    assert bool(due_of(idle(days), now)) is reminded


def due_of(enrolment, now):
    return [found for found in due(now) if found == enrolment]


def test_reminders_of_an_earlier_round_do_not_count(db, now):
    enrolment = idle(30, round=2)
    told(enrolment, 90, 70, 50)
    assert due(now) == [enrolment]


def test_one_person_hears_of_one_course_the_one_nearest_its_end(db, now):
    person = UserFactory()
    idle(20, user=person)
    near = idle(9, user=person, course=course_with_steps(lessons=1))
    stranger = idle(20)
    assert due(now) == [near, stranger]


# --- What is written ------------------------------------------------------------------------------------------------
def test_the_words_name_the_lesson_and_what_is_left_and_count_no_days(db, now):
    course = CourseFactory(title="Kỹ năng số cơ bản")
    steps = [
        StepFactory(course=course, position=p, minutes=m, title=f"Bài số {p}") for p, m in ((1, 5), (2, 8), (3, 4))
    ]
    StepFactory(course=course, position=4, minutes=30, required=False)
    enrolment = idle(20, course=course)
    step_complete(enrolment=enrolment, step=steps[0], at=now - 20 * DAY)
    [notice] = idle_learners_remind(at=now)
    assert (notice.user, notice.path, notice.kind) == (enrolment.user, steps[1].path, KIND)
    assert notice.subject == "Học tiếp: Kỹ năng số cơ bản"
    assert notice.body.startswith(
        "Bạn còn 2 bài, khoảng 12 phút, là xong khoá «Kỹ năng số cơ bản». Bài tiếp theo: «Bài số 2», khoảng 8 phút."
    )
    assert "Thôi nhận lời nhắc" in notice.body
    for reproach in ("20", "ngày", "tuần", "chưa học", "bỏ", "quên", "liên tục"):
        assert reproach not in notice.body.replace("là xong", "")


def test_a_quiz_is_called_a_quiz_and_long_titles_fit(db, now):
    course = course_with_steps(lessons=1, title="K" * 200)
    course.steps.update(kind="quiz", minutes=75)
    idle(course=course)
    [notice] = idle_learners_remind(at=now)
    assert "Bài kiểm tra: «" in notice.body
    assert "khoảng 1 giờ 15 phút" in notice.body
    assert len(notice.subject) <= 120


@pytest.mark.parametrize(("consent", "channel"), [(None, Channel.SITE), (True, Channel.EMAIL)])
def test_only_who_agreed_gets_an_email(db, now, consent, channel):
    enrolment = idle()
    EmailAddress.objects.create(user=enrolment.user, email=enrolment.user.email, verified=True, primary=True)
    if consent:
        reminders_set(user=enrolment.user, given=True)
    [notice] = idle_learners_remind(at=now)
    assert notice.channel == channel


def test_a_repeat_writes_nothing_and_a_limit_leaves_the_rest_for_later(db, now):
    for _ in range(3):
        idle()
    assert len(idle_learners_remind(at=now, limit=2)) == 2
    assert len(idle_learners_remind(at=now, limit=2)) == 1
    assert idle_learners_remind(at=now) == []


def test_the_page_shows_the_way_to_the_lesson_until_the_learner_comes_back(client, learner, now):
    enrolment = idle(user=learner)
    idle_learners_remind(at=now)
    client.force_login(learner)
    step = enrolment.course.steps.first()
    assert f'href="{step.path}">Mở ngay' in client.get(reverse("courses:my_learning")).content.decode()
    enrolment_seen(enrolment=enrolment, step=step)
    assert Notice.objects.get().seen_at is not None
    assert "Mở ngay" not in client.get(reverse("courses:my_learning")).content.decode()


def test_who_reads_on_daily_costs_no_query_more(learner, now, django_assert_num_queries):
    enrolment = idle(1, user=learner)
    step = enrolment.course.steps.first()
    with django_assert_num_queries(1):
        enrolment_seen(enrolment=enrolment, step=step)


def test_reading_who_is_due_costs_the_same_for_three_people_and_thirty(db, now):
    course = course_with_steps(lessons=3)
    counts = []
    for more in (3, 27):
        for _ in range(more):
            idle(course=course)
        with CaptureQueriesContext(connection) as queries:
            assert len(due(now)) in (3, 30)
        counts.append(len(queries))
    # enrolments with person and course, reminders, what is done, what waits for an instructor, steps
    assert counts[0] == counts[1] == 5


def test_nobody_is_asked_twice_whether_to_be_left_alone(client, learner):
    """Who never agreed sees reminders on the site, and can end those too."""
    client.force_login(learner)
    assert "Thôi nhận lời nhắc" in client.get(reverse("account")).content.decode()
    client.post(reverse("account_reminders"), {"no": "1"})
    page = client.get(reverse("account")).content.decode()
    assert "Thôi nhận lời nhắc" not in page
    assert "Đồng ý nhận lời nhắc" in page


def test_the_command_lists_then_reminds(db, now):
    enrolment = idle()
    out = StringIO()
    call_command("remind_learners", "--dry-run", "--json", stdout=out)
    [entry] = json.loads(out.getvalue())["due"]
    assert (entry["user"], entry["steps_left"], entry["minutes_left"]) == (str(enrolment.user.uuid), 3, 15)
    assert not Notice.objects.exists()
    out = StringIO()
    call_command("remind_learners", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"dry_run": False, "sent": 1}
    out = StringIO()
    call_command("remind_learners", stdout=out)
    assert "Đã nhắc 0 người" in out.getvalue()
    assert tasks.remind_learners() == 0
