import threading
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection

from common.errors import Refusal
from courses import services
from courses.models import Completion, CompletionStanding, Course, Enrolment, Step, StepCompletion
from courses.signals import course_completed
from people.models import Role
from tests.factories.courses import EnrolmentFactory, StepFactory, complete, course_with_steps
from tests.factories.people import MembershipFactory, UserFactory

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


def outline(*steps, key=None, **fields):
    return services.Outline(
        key=key or uuid.uuid4(),
        slug=fields.pop("slug", "khoa"),
        code=fields.pop("code", "K1"),
        title="Khoá",
        summary="Học.",
        path="/khoa-hoc/khoa/",
        level="co_ban",
        hours=Decimal("1.5"),
        audience_codes=["nguoi_dan"],
        topic_codes=[],
        steps=steps,
        **fields,
    )


def outline_step(kind="lesson", required=True, key=None, title="Bài"):
    return services.OutlineStep(
        key=key or uuid.uuid4(), kind=kind, title=title, path="/x/", minutes=7, required=required
    )


def test_publishing_twice_changes_nothing(province):
    plan = outline(outline_step(), outline_step("quiz"))
    first = services.course_outline_publish(outline=plan)
    again = services.course_outline_publish(outline=plan)
    assert (first.pk, first.revision) == (again.pk, again.revision) == (first.pk, 1)
    assert again.minutes == 14
    assert list(again.audiences.values_list("code", flat=True)) == ["nguoi_dan"]


def test_a_step_taken_out_keeps_its_history_and_a_past_completion(province, learner):
    key, a, b, c = uuid.uuid4(), outline_step(), outline_step(), outline_step()
    course = services.course_outline_publish(outline=outline(a, b, key=key))
    completion = complete(learner, course)
    course = services.course_outline_publish(outline=outline(a, c, key=key))
    assert course.revision == 2
    assert Step.objects.get(key=b.key).is_active is False
    assert StepCompletion.objects.filter(enrolment=completion.enrolment).count() == 2
    assert Completion.objects.get(pk=completion.pk).course_revision == 1


def test_a_course_that_nobody_could_complete_is_refused(province):
    with pytest.raises(Refusal) as refusal:
        services.course_outline_publish(outline=outline(outline_step(required=False)))
    assert refusal.value.code == "no_required_step"
    assert not Course.objects.exists()


def test_enrolling_twice_is_one_enrolment(province, learner):
    course = course_with_steps()
    first, created = services.enrolment_start(user=learner, course=course)
    second, again = services.enrolment_start(user=learner, course=course)
    assert (first, created, again) == (second, True, False)


def test_a_closed_course_refuses(province, learner):
    with pytest.raises(Refusal) as refusal:
        services.enrolment_start(user=learner, course=course_with_steps(is_published=False))
    assert refusal.value.code == "course_closed"


def test_the_last_step_completes_once_and_freezes_what_it_claims(province, learner):
    course = course_with_steps(lessons=2)
    enrolment = EnrolmentFactory(user=learner, course=course)
    one, two = course.steps.all()
    heard = []

    def hear(completions, **kwargs):
        heard.extend(completions)

    course_completed.connect(hear)
    try:
        assert services.step_complete(enrolment=enrolment, step=one, at=AT) is None
        completion = services.step_complete(enrolment=enrolment, step=two, at=AT, score=Decimal("90"))
        assert services.step_complete(enrolment=enrolment, step=two, at=AT) == completion
    finally:
        course_completed.disconnect(hear)
    assert heard == [completion]
    learner.full_name = "Tên Khác"
    learner.save()
    completion.refresh_from_db()
    assert (completion.learner_name, completion.score) == ("Nguyễn Thị Ngọc Ưỡng", Decimal("90.00"))


def test_standings_are_the_memberships_of_that_day(province, learner):
    MembershipFactory(user=learner, unit=province.south, audience=province.team, is_main=False)
    MembershipFactory(
        user=learner, unit=province.department, audience=province.staff, is_main=False, valid_to=date(2026, 1, 1)
    )
    completion = complete(learner, course_with_steps())
    standings = CompletionStanding.objects.filter(completion=completion).order_by("-is_main")
    assert [(s.unit, s.audience, s.is_main) for s in standings] == [
        (province.north, province.citizen, True),
        (province.south, province.team, False),
    ]


def test_somebody_without_membership_stands_as_a_citizen_of_unknown_residence(province):
    completion = complete(UserFactory(), course_with_steps())
    (standing,) = completion.standings.all()
    assert (standing.unit, standing.audience, standing.is_main) == (None, province.citizen, True)


def test_two_roles_in_one_place_are_one_standing(province, coordinator):
    MembershipFactory(user=coordinator, unit=province.north, audience=province.staff, role=Role.LEARNER, is_main=False)
    assert complete(coordinator, course_with_steps()).standings.count() == 1


def test_a_foreign_step_is_refused(province, learner):
    enrolment = EnrolmentFactory(user=learner, course=course_with_steps())
    with pytest.raises(Refusal) as refusal:
        services.step_complete(enrolment=enrolment, step=StepFactory(), at=AT)
    assert refusal.value.code == "foreign_step"


def test_completions_cannot_be_rewritten(province, learner):
    completion = complete(learner, course_with_steps())
    completion.learner_name = "Khác"
    with pytest.raises(TypeError):
        completion.save()
    with pytest.raises(TypeError):
        completion.delete()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_last_two_steps_at_one_instant_give_one_completion(on_postgres, province, learner):
    course = course_with_steps(lessons=2)
    enrolment = EnrolmentFactory(user=learner, course=course)
    barrier = threading.Barrier(2)

    def finish(step):
        try:
            barrier.wait()
            services.step_complete(enrolment=enrolment, step=step, at=AT)
        finally:
            connection.close()

    threads = [threading.Thread(target=finish, args=[step]) for step in course.steps.all()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Completion.objects.filter(enrolment=enrolment).count() == 1


def test_resume_point_follows_the_learner(province, learner):
    enrolment = EnrolmentFactory(user=learner, course=course_with_steps())
    step = enrolment.course.steps.last()
    services.enrolment_seen(enrolment=enrolment, step=step, at=AT)
    assert Enrolment.objects.get(pk=enrolment.pk).last_step == step


def test_taking_out_the_last_step_somebody_had_to_do_completes_them(province, learner, stranger):
    key, a, b = uuid.uuid4(), outline_step(), outline_step()
    course = services.course_outline_publish(outline=outline(a, b, key=key))
    nearly, just_begun = (EnrolmentFactory(user=who, course=course) for who in (learner, stranger))
    services.step_complete(enrolment=nearly, step=Step.objects.get(key=a.key), at=AT)
    services.course_outline_publish(outline=outline(a, key=key))
    assert list(Enrolment.objects.nothing_left()) == [nearly]
    assert services.enrolments_settle(course_id=course.pk) == 1
    assert services.enrolments_settle() == 0
    assert Completion.objects.get().user == learner
    assert not Completion.objects.filter(enrolment=just_begun).exists()


def test_a_course_whose_steps_are_all_gone_completes_nobody(province, learner):
    enrolment = EnrolmentFactory(user=learner, course=course_with_steps(lessons=1))
    enrolment.course.steps.update(is_active=False)
    assert services.enrolments_settle() == 0


def test_an_outline_that_changed_asks_the_queue_to_settle(province, learner, django_capture_on_commit_callbacks):
    key, a, b = uuid.uuid4(), outline_step(), outline_step()
    course = services.course_outline_publish(outline=outline(a, b, key=key))
    services.step_complete(
        enrolment=EnrolmentFactory(user=learner, course=course), step=Step.objects.get(key=a.key), at=AT
    )
    with django_capture_on_commit_callbacks(execute=True):
        services.course_outline_publish(outline=outline(a, key=key))
    assert Completion.objects.get().user == learner
