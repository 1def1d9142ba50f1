"""Pages of those who teach: who may read what, what the figures say, and what they cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.errors import Refusal
from courses import services, teaching
from courses.models import LessonFeedback, StepCompletion, StepVisit, Submission, SubmissionState, Verdict
from people import access
from people.models import Role
from tests.conftest import _member
from tests.factories.courses import EnrolmentFactory, StepFactory, complete, course_with_steps
from tests.factories.people import MembershipFactory, UserFactory

HOME = "/quan-ly/giang-day/"


@pytest.fixture
def instructor(province):
    """The instructor of Xã Xuân Lương."""
    return _member(province.north, province.staff, Role.INSTRUCTOR, "Nguyễn Văn Lâm")


@pytest.fixture
def other_instructor(province):
    """The instructor of Xã Yên Thế: a colleague of another scope."""
    return _member(province.south, province.staff, Role.INSTRUCTOR, "Hoàng Thị Lan")


def person(province, unit, name="Người Thử"):
    return MembershipFactory(user=UserFactory(full_name=name), unit=unit, audience=province.citizen).user


def learning(user, course, *, done=0, days_ago=1, seconds=0):
    """An enrolment with the first steps done, each looked at for so many seconds, last seen some days ago."""
    at = timezone.now() - timedelta(days=days_ago)
    enrolment = EnrolmentFactory(user=user, course=course, started_at=at, last_seen_at=at)
    steps = list(course.steps.all())
    for step in steps[:done]:
        StepCompletion.objects.create(enrolment=enrolment, step=step, completed_at=at)
    for step in steps[: done + 1]:
        StepVisit.objects.create(enrolment=enrolment, step=step, first_at=at, last_at=at, seconds=seconds)
        enrolment.last_step = step
    enrolment.save()
    return enrolment


@pytest.fixture
def taught(province, learner, stranger):
    """Two steps; one of Xuân Lương finished, one stopped at the second step; one of Yên Thế goes on."""
    course = course_with_steps(lessons=2, title="5 kỹ năng số cơ bản")
    complete(person(province, province.north, "Đỗ Thị Xong"), course, timezone.now())
    learning(learner, course, done=1, days_ago=30, seconds=100)
    learning(stranger, course, done=0, days_ago=1, seconds=50)
    return course


def addresses(course):
    return [
        HOME,
        reverse("teaching:course", args=[course.uuid]),
        reverse("teaching:learners", args=[course.uuid]),
        reverse("teaching:step", args=[course.uuid, course.steps.first().uuid]),
    ]


# --- Who ------------------------------------------------------------------------------------------------------------
def test_instructors_read_their_people_and_nobody_elses(client, taught, instructor):
    client.force_login(instructor)
    for address in addresses(taught):
        page = client.get(address).content.decode()
        assert "Trần Văn Đức" not in page
    names = client.get(reverse("teaching:learners", args=[taught.uuid])).content.decode()
    assert "Nguyễn Thị Ngọc Ưỡng" in names
    assert "Có 2 người" in names


def test_a_colleague_elsewhere_reads_their_own(client, taught, other_instructor):
    client.force_login(other_instructor)
    names = client.get(reverse("teaching:learners", args=[taught.uuid])).content.decode()
    assert "Trần Văn Đức" in names
    assert "Nguyễn Thị Ngọc Ưỡng" not in names


def test_a_unit_of_another_scope_is_refused_and_a_unit_below_narrows(client, taught, instructor, lead, province):
    client.force_login(instructor)
    for address in addresses(taught):
        assert client.get(f"{address}?don-vi={province.south.uuid}").status_code == 403
        assert client.get(f"{address}?don-vi=xyz").status_code == 404
    client.force_login(lead)
    address = reverse("teaching:learners", args=[taught.uuid])
    assert "Có 3 người" in client.get(address).content.decode()
    narrowed = client.get(f"{address}?don-vi={province.south.uuid}").content.decode()
    assert "Có 1 người" in narrowed
    assert "Xã Xuân Lương" in narrowed  # may be chosen instead


def test_strangers_learn_nothing(client, taught, stranger, editor):
    for who in (stranger, editor):
        client.force_login(who)
        for address in addresses(taught):
            assert client.get(address).status_code == 404


def test_an_official_who_teaches_nobody_is_told_so(client, taught, official):
    client.force_login(official)
    for address in addresses(taught):
        assert client.get(address).status_code == 403


def test_teaching_opens_nothing_else(client, instructor, province):
    client.force_login(instructor)
    assert client.get("/quan-ly/").url == HOME
    assert client.get(reverse("unit_learning:people", args=[province.north.uuid])).status_code == 404
    assert not access.can_see_person(instructor, person(province, province.north))
    assert "Giảng dạy" in client.get("/").content.decode()


def test_rights(province, instructor, other_instructor, coordinator, lead, official, learner):
    teaching_here = [
        p for p in (instructor, other_instructor, coordinator, lead, official) if access.can_teach(p, province.north)
    ]
    assert teaching_here == [instructor, coordinator, lead]
    signing = [
        p for p in (instructor, other_instructor, coordinator, lead, official) if access.can_sign_off(p, learner)
    ]
    assert signing == [instructor, coordinator, lead]
    assert not access.can_sign_off(instructor, instructor)
    administrator = _member(province.root, province.staff, Role.ADMINISTRATOR, "Bùi Quang Uý")
    assert access.can_teach(administrator, province.north)
    assert not access.can_sign_off(administrator, learner)


def test_whoever_may_appoint_may_appoint_instructors(province, coordinator, lead, instructor):
    for who in (coordinator, lead):
        assert Role.INSTRUCTOR in access.may_appoint(who, province.north)
    assert access.may_appoint(instructor, province.north) == frozenset()


def test_a_membership_that_ended_opens_nothing(client, taught, instructor, province):
    instructor.memberships.update(valid_to=timezone.localdate())
    client.force_login(instructor)
    assert client.get(HOME).status_code == 404


# --- What -----------------------------------------------------------------------------------------------------------
def figures_of(course, **asked):
    return teaching.course_figures(course=course, **asked)


def test_the_funnel_counts_who_opened_did_and_stopped(taught, learner):
    figures = figures_of(taught)
    assert (figures.learners, figures.finished, figures.learning, figures.quiet) == (3, 1, 1, 1)
    first, second = figures.steps
    assert (first.opened, first.done, first.lost, first.quiet) == (3, 2, 1, 0)  # one did it where no visit was written
    assert (second.opened, second.done, second.lost, second.quiet) == (2, 1, 1, 1)
    assert figures.worst == second
    assert [(line.opened, line.done) for line in figures.lines] == [(100, 66), (66, 33)]


def test_learning_anew_counts_the_latest_round_only(province, learner):
    course = course_with_steps(lessons=1)
    completion = complete(learner, course)
    EnrolmentFactory(user=learner, course=course, round=2, last_seen_at=timezone.now())
    figures = figures_of(course)
    assert (figures.learners, figures.finished, figures.learning) == (1, 0, 1)
    assert completion.enrolment.round == 1


def test_times_and_comments_stay_hidden_until_five_people_gave_them(client, province, instructor):
    course = course_with_steps(lessons=1)
    step = course.steps.get()
    address = reverse("teaching:step", args=[course.uuid, step.uuid])
    client.force_login(instructor)
    for number in range(1, 6):
        user = person(province, province.north, f"Người {number}")
        learning(user, course, seconds=60 * number)
        LessonFeedback.objects.create(user=user, step=step, verdict=Verdict.UNCLEAR, comment=f"Khó ở đoạn {number}")
        page = client.get(address).content.decode()
        assert ("Khó ở đoạn 1" in page) is (number == 5)
        assert ("Mức giữa" in page) is (number == 5)
        assert "Người 1" not in page
    spread = figures_of(course).steps[0].spread
    assert (spread.people, spread.median) == (5, 195)
    assert figures_of(course).steps[0].unclear == 5


def test_steps_taken_out_and_empty_courses_break_nothing(client, taught, instructor):
    client.force_login(instructor)
    gone = taught.steps.first()
    taught.steps.filter(pk=gone.pk).update(is_active=False)
    assert len(figures_of(taught).steps) == 1
    assert client.get(reverse("teaching:step", args=[taught.uuid, gone.uuid])).status_code == 404
    taught.steps.update(is_active=False)
    assert "không có bài nào" in client.get(reverse("teaching:course", args=[taught.uuid])).content.decode()


def test_the_list_of_learners_narrows_by_words_state_and_place(client, taught, instructor):
    client.force_login(instructor)
    address = reverse("teaching:learners", args=[taught.uuid])
    second = taught.steps.last()

    def names(query):
        return [line.enrolment.user.full_name for line in client.get(f"{address}?{query}").context["lines"]]

    assert names("q=ngoc uong") == ["Nguyễn Thị Ngọc Ưỡng"]
    assert names("tinh-trang=xong") == ["Đỗ Thị Xong"]
    assert names("tinh-trang=dung-lai") == ["Nguyễn Thị Ngọc Ưỡng"]
    assert names("tinh-trang=dang-hoc") == []
    assert names(f"o-bai={second.uuid}") == ["Nguyễn Thị Ngọc Ưỡng"]
    assert len(names("o-bai=xyz&trang=99")) == 2
    page = client.get(f"{address}?q=uong").content.decode()
    assert "50 %" in page
    assert second.title in page


# --- Cost -----------------------------------------------------------------------------------------------------------
def test_queries_do_not_grow_with_people_steps_or_courses(client, province, instructor):
    course = course_with_steps(lessons=2)
    client.force_login(instructor)
    learning(person(province, province.north), course, done=1, seconds=30)
    client.get(HOME)
    asked = {address: _queries(client, address) for address in addresses(course)}
    for _ in range(3):
        StepFactory(course=course, position=9)
        learning(person(province, province.north), course_with_steps(lessons=1), seconds=10)
    for n in range(12):
        learning(person(province, province.north), course, done=n % 4, days_ago=n * 3, seconds=30 * n)
    assert {address: _queries(client, address) for address in addresses(course)} == asked
    assert max(asked.values()) <= 20


def _queries(client, address):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


# --- Practical tasks ------------------------------------------------------------------------------------------------
@pytest.fixture
def handed_in(province, learner, stranger):
    """Work of a learner of Xuân Lương and of one of Yên Thế, each waiting."""
    course = course_with_steps(lessons=0, title="Dịch vụ công trực tuyến")
    step = StepFactory(course=course, rule="signed_off", task="Chụp màn hình hồ sơ đã nộp.")
    work = {}
    for who, day in ((learner, 1), (stranger, 2)):
        work[who] = Submission.objects.create(
            enrolment=EnrolmentFactory(user=who, course=course), step=step, text=f"Tôi là {who.full_name}",
            file=ContentFile(b"%PDF-1.7", name="a.pdf"), file_name="ho-so.pdf",
            submitted_at=datetime(2026, 11, day, tzinfo=UTC),
        )  # fmt: skip
    return SimpleNamespace(course=course, step=step, mine=work[learner], theirs=work[stranger])


@pytest.fixture
def reviewed(monkeypatch):
    """What was asked of ``submission_review``, which has tests of its own."""
    asked = []

    def submission_review(*, submission, reviewer, accepted, comment="", at=None):
        if not accepted and not comment:
            raise Refusal("Chưa ghi vì sao cần làm lại.", code="comment_missing", fix="Hãy viết.", status=400)
        asked.append((submission, reviewer, accepted, comment))

    monkeypatch.setattr(services, "submission_review", submission_review, raising=False)
    return asked


def work_addresses(work):
    return [reverse(f"teaching:{name}", args=[work.uuid]) for name in ("submission", "file")]


def test_work_is_read_where_it_is_signed_off(
    client, handed_in, instructor, other_instructor, coordinator, official, editor, learner
):
    client.force_login(instructor)
    listed = client.get(reverse("teaching:waiting")).content.decode()
    assert "Nguyễn Thị Ngọc Ưỡng" in listed
    assert "Trần Văn Đức" not in listed
    assert "1 bài thực hành chờ bạn xem" in client.get(HOME).content.decode()
    for who, status in (
        (instructor, 200), (coordinator, 200), (other_instructor, 403), (official, 403), (editor, 404), (learner, 404),
    ):  # fmt: skip
        client.force_login(who)
        assert {client.get(address).status_code for address in work_addresses(handed_in.mine)} == {status}, who


def test_a_file_is_handed_out_as_a_file_and_a_lost_one_is_not_found(client, handed_in, instructor):
    client.force_login(instructor)
    address = work_addresses(handed_in.mine)[1]
    answer = client.get(address)
    assert answer["Content-Disposition"] == 'attachment; filename="ho-so.pdf"'
    assert b"".join(answer) == b"%PDF-1.7"
    handed_in.mine.file.storage.delete(handed_in.mine.file.name)
    assert client.get(address).status_code == 404


def test_signing_off_and_returning(client, handed_in, instructor, reviewed):
    client.force_login(instructor)
    address = work_addresses(handed_in.mine)[0]
    page = client.get(address).content.decode()
    assert "Chụp màn hình hồ sơ đã nộp." in page
    assert "Tôi là Nguyễn Thị Ngọc Ưỡng" in page
    answer = client.post(address, {"viec": "tra-lai", "comment": " "})
    assert answer.status_code == 400
    assert "Chưa ghi vì sao" in answer.content.decode()
    assert client.post(address, {"viec": "gi-do", "comment": "x"}).status_code == 400
    assert reviewed == []
    assert client.post(address, {"viec": "tra-lai", "comment": "Thiếu ảnh."}).url == reverse("teaching:waiting")
    assert client.post(address, {"viec": "xac-nhan"}).status_code == 302
    assert reviewed == [(handed_in.mine, instructor, False, "Thiếu ảnh."), (handed_in.mine, instructor, True, "")]


def test_nobody_posts_for_another_scope_or_judges_their_own(
    client, handed_in, other_instructor, province, learner, reviewed
):
    MembershipFactory(user=learner, unit=province.north, audience=province.staff, role=Role.COORDINATOR, is_main=False)
    for who in (other_instructor, learner):
        client.force_login(who)
        assert client.post(work_addresses(handed_in.mine)[0], {"viec": "xac-nhan"}).status_code in (302, 403)
    assert reviewed == []
    assert (
        list(teaching.submissions_waiting(viewer=learner, people=teaching.people_of(access.scope_units(learner)))) == []
    )


def test_work_that_was_looked_at_is_shown_with_its_answer(client, handed_in, instructor, coordinator):
    Submission.objects.filter(pk=handed_in.mine.pk).update(
        state=SubmissionState.RETURNED, reviewer=coordinator, reviewed_at=timezone.now(), comment="Thiếu ảnh."
    )
    again = Submission.objects.create(
        enrolment=handed_in.mine.enrolment, step=handed_in.step, text="Lần hai", submitted_at=timezone.now()
    )
    client.force_login(instructor)
    page = client.get(work_addresses(handed_in.mine)[0]).content.decode()
    assert "Xác nhận đã làm được" not in page
    assert "Thiếu ảnh." in page
    page = client.get(work_addresses(again)[0]).content.decode()
    assert "1 lần nộp trước" in page
    assert "Xác nhận đã làm được" in page


@pytest.mark.skipif(not hasattr(services, "submission_review"), reason="the service comes with practical tasks")
def test_what_is_signed_off_completes_the_course(client, handed_in, instructor):
    client.force_login(instructor)
    client.post(work_addresses(handed_in.mine)[0], {"viec": "xac-nhan"})
    assert handed_in.mine.enrolment.step_completions.count() == 1
    assert "Không có bài thực hành nào chờ xem" in client.get(HOME).content.decode()


# --- People without a unit --------------------------------------------------------------------------------------------
@pytest.fixture
def unplaced(province, handed_in):
    """Somebody who stands in no unit any more, learns the course and handed work in."""
    who = UserFactory(full_name="Trần Không Đơn Vị")
    MembershipFactory(user=who, unit=province.north, audience=province.citizen, valid_to=timezone.localdate())
    course = handed_in.mine.enrolment.course
    work = Submission.objects.create(
        enrolment=learning(who, course), step=handed_in.step, text="Ảnh.", submitted_at=timezone.now()
    )
    return SimpleNamespace(who=who, course=course, work=work)


@pytest.mark.parametrize(
    ("place", "role", "reads"),
    [
        ("root", Role.INSTRUCTOR, True),
        ("root", Role.PROVINCIAL_LEAD, True),
        ("north", Role.INSTRUCTOR, False),
        ("department", Role.INSTRUCTOR, False),
    ],
)
def test_people_without_a_unit_belong_to_whoever_teaches_the_province(client, province, unplaced, place, role, reads):
    client.force_login(_member(getattr(province, place), province.staff, role, "Lê Thị Tỉnh"))
    learners = client.get(reverse("teaching:learners", args=[unplaced.course.uuid])).content.decode()
    assert ("Trần Không Đơn Vị" in learners) is reads
    waiting = client.get(reverse("teaching:waiting")).content.decode()
    assert ("Trần Không Đơn Vị" in waiting) is reads
    assert client.get(work_addresses(unplaced.work)[0]).status_code == (200 if reads else 403)


def test_the_province_narrowed_to_a_commune_holds_nobody_without_a_unit(client, province, unplaced):
    client.force_login(_member(province.root, province.staff, Role.INSTRUCTOR, "Lê Thị Tỉnh"))
    address = reverse("teaching:learners", args=[unplaced.course.uuid])
    assert "Trần Không Đơn Vị" not in client.get(f"{address}?don-vi={province.north.uuid}").content.decode()
    assert "Trần Không Đơn Vị" in client.get(f"{address}?don-vi={province.root.uuid}").content.decode()


def test_nobody_without_a_unit_judges_their_own_work(unplaced, province):
    _member(province.root, province.staff, Role.INSTRUCTOR, "Lê Thị Tỉnh")
    assert not access.can_sign_off(unplaced.who, unplaced.who)
