"""Learning anew: how long a completion holds, the next round, and every reader that must not mix the rounds up."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from certificates.eligibility import Code
from certificates.models import Certificate
from certificates.services.proposals import proposal_for
from common.errors import Refusal
from courses import rules, services
from courses.models import Completion, Course, Enrolment, Step, StepCompletion
from courses.teams import team_page
from kpi.models import Counted, Recurrence
from kpi.rollup import counted_rebuild
from people.models import Role, UnitKind
from people.services import structures_rebuild
from quizzes.services import attempt_submit
from tests.factories import cms as make
from tests.factories.certificates import series_defaults
from tests.factories.courses import EnrolmentFactory, complete, course_with_steps
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import MembershipFactory, UnitFactory
from tests.factories.quizzes import attempt_of, quiz_of, right_answers

COURSE = "/khoa-hoc/khoa-thu/"


def day(year, month=6, of_month=15):
    return datetime(year, month, of_month, 3, tzinfo=UTC)


def again(user, course, at):
    """The next round of a course, learnt to its end through the real services."""
    enrolment, created = services.enrolment_renew(user=user, course=course, at=at)
    assert created
    completion = None
    for step in course.steps.filter(is_active=True):
        completion = services.step_complete(enrolment=enrolment, step=step, at=at)
    assert completion is not None
    return completion


# --- Rules ----------------------------------------------------------------------------------------------------------
days = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@given(days, st.none() | days, st.booleans(), days)
def test_what_holds_no_longer_may_always_be_renewed(completed, until, yearly, on):
    facts = {"completed_on": completed, "valid_until": until, "yearly": yearly, "on": on}
    if not rules.completion_holds(**facts):
        assert rules.renewal_due(**facts)


@pytest.mark.parametrize(
    ("until", "yearly", "on", "holds", "due"),
    [
        (None, False, date(2036, 1, 1), True, False),
        (None, True, date(2026, 12, 31), True, False),
        (None, True, date(2027, 1, 1), False, True),
        (date(2027, 5, 31), False, date(2027, 3, 31), True, False),
        (date(2027, 5, 31), False, date(2027, 4, 1), True, True),
        (date(2027, 5, 31), False, date(2027, 5, 31), True, True),
        (date(2027, 5, 31), False, date(2027, 6, 1), False, True),
    ],
)
def test_how_long_a_completion_holds(until, yearly, on, holds, due):
    facts = {"completed_on": date(2026, 6, 1), "valid_until": until, "yearly": yearly, "on": on}
    assert (rules.completion_holds(**facts), rules.renewal_due(**facts)) == (holds, due)
    assert Completion(valid_until=until).is_expired(on) == (until is not None and on > until)


# --- The service and its button -------------------------------------------------------------------------------------
def test_the_next_round_begins_empty_and_leaves_the_first_as_it_was(learner):
    course = course_with_steps(lessons=2, yearly_refresh=True)
    first = complete(learner, course, at=day(2025))
    enrolment, created = services.enrolment_renew(user=learner, course=course, at=day(2026))
    assert (enrolment.round, created) == (2, True)
    assert not enrolment.step_completions.exists()
    assert services.enrolment_renew(user=learner, course=course, at=day(2026)) == (enrolment, False)
    assert services.enrolment_start(user=learner, course=course, at=day(2026)) == (enrolment, False)
    services.step_complete(enrolment=enrolment, step=course.steps.first(), at=day(2026))
    assert not Completion.objects.filter(enrolment=enrolment).exists()
    assert StepCompletion.objects.filter(enrolment=first.enrolment).count() == 2
    assert Completion.objects.get() == first


def test_each_round_has_its_own_visits(learner):
    course = course_with_steps(lessons=1, yearly_refresh=True)
    step = course.steps.get()
    first = complete(learner, course, at=day(2025)).enrolment
    services.visit_record(enrolment=first, step=step, reached_end=True, media={"v": 90}, at=day(2025))
    second, _ = services.enrolment_renew(user=learner, course=course, at=day(2026))
    visit = services.visit_open(enrolment=second, step=step, at=day(2026))
    assert (visit.reached_end, visit.media, visit.seconds) == (False, {}, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_presses_at_one_instant_begin_one_round(on_postgres, learner):
    course = course_with_steps(lessons=1, yearly_refresh=True)
    complete(learner, course, at=day(2025))
    barrier, made = threading.Barrier(3), []

    def press():
        try:
            barrier.wait()
            made.append(services.enrolment_renew(user=learner, course=course, at=day(2026))[0].pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 3
    assert len(set(made)) == 1
    assert Enrolment.objects.count() == 2


@pytest.mark.parametrize(
    ("finished", "fields", "code"),
    [
        (None, {}, "not_finished"),
        (day(2025), {}, "still_valid"),
        (timezone.now(), {"yearly_refresh": True}, "still_valid"),
        (timezone.now(), {"valid_months": 24}, "still_valid"),
        (day(2020), {"yearly_refresh": True, "is_published": False}, "course_closed"),
    ],
)
def test_what_needs_no_learning_anew_says_so_with_a_way_back(client, learner, finished, fields, code):
    course = course_with_steps(lessons=1, **fields)
    if finished:
        complete(learner, course, at=finished)
    client.force_login(learner)
    page = client.post(reverse("courses:renew", args=[course.slug]))
    assert page.status_code == 409
    assert code in page.content.decode()
    assert code == "course_closed" or f'href="{course.path}"' in page.content.decode()
    assert Enrolment.objects.count() == bool(finished)


def test_the_button_leads_to_the_first_lesson(client, learner):
    course = course_with_steps(lessons=2, yearly_refresh=True)
    complete(learner, course, at=day(2025))
    client.force_login(learner)
    url = reverse("courses:renew", args=[course.slug])
    assert client.get(url)["Location"] == course.path
    assert Enrolment.objects.count() == 1
    assert client.post(url)["Location"] == course.steps.first().path
    client.logout()
    assert reverse("account_login") in client.post(url)["Location"]


# --- The course page ------------------------------------------------------------------------------------------------
@pytest.fixture
def course(province):
    make.course(lessons=2)
    return Course.objects.get()


def side(client, learner):
    client.force_login(learner)
    return client.get(COURSE).content.decode()


def test_a_completion_for_good_offers_nothing(client, learner, course):
    complete(learner, course, at=day(2020))
    page = side(client, learner)
    assert "Bạn đã hoàn thành" in page
    assert "Học lại" not in page
    assert "Có giá trị đến" not in page


def test_a_completion_that_runs_out_says_when_and_offers_in_time(client, learner, course):
    Course.objects.update(valid_months=12)
    today = timezone.now()
    complete(learner, Course.objects.get(), at=today - timedelta(days=330))
    until = Completion.objects.get().valid_until
    page = side(client, learner)
    assert f"Có giá trị đến hết ngày {until:%d/%m/%Y}" in page
    assert "Học lại để gia hạn" in page
    assert "Lần học trước đã hết hạn" not in page


def test_an_expired_completion_says_so_and_a_new_round_shows_the_old_one(client, learner, course):
    Course.objects.update(valid_months=1)
    complete(learner, Course.objects.get(), at=day(2024))
    assert "Lần học trước đã hết hạn" in side(client, learner)
    client.post(reverse("courses:renew", args=[course.slug]))
    page = side(client, learner)
    assert "Bạn đã học 0 trên 2 phần" in page
    assert "Lần trước hoàn thành ngày 15/06/2024 vẫn được giữ" in page


def test_a_yearly_course_is_offered_for_this_year(client, learner, course):
    Course.objects.update(yearly_refresh=True)
    complete(learner, Course.objects.get(), at=timezone.now() - timedelta(days=366))
    assert f"Học lại cho năm {timezone.localdate().year}" in side(client, learner)


def test_what_comes_first_stands_in_the_place_of_the_button(client, learner, course):
    first = course_with_steps(lessons=1, title="Khoá trước")
    course.prerequisites.add(first)
    page = side(client, learner)
    assert f'href="{first.path}">Khoá trước' in page
    assert "Ghi danh và học bài 1" not in page
    complete(learner, first)
    assert "Ghi danh và học bài 1" in side(client, learner)
    client.logout()
    assert "Học thử bài 1" in client.get(COURSE).content.decode()


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (None, True)])
def test_what_comes_first_must_still_hold(client, learner, course, monkeypatch, days, holds):
    """On the last day on which it holds the course opens; after it the page and the refusal say why not."""
    first, until = course_with_steps(lessons=1, title="Khoá trước"), None
    course.prerequisites.add(first)
    if days is not None:
        until = timezone.localdate() + timedelta(days=days)
    with monkeypatch.context() as patched:
        patched.setattr(rules, "valid_until", lambda *given: until)
        complete(learner, first, at=timezone.now() - timedelta(days=400))
    page = side(client, learner)
    assert ("Ghi danh và học bài 1" in page) is holds
    if holds:
        assert services.enrolment_start(user=learner, course=course)[1]
        return
    assert f"kết quả hết hiệu lực sau ngày {until:%d/%m/%Y}" in page
    assert "«Học lại»" in page
    with pytest.raises(Refusal) as refused:
        services.enrolment_start(user=learner, course=course)
    assert f"hết hiệu lực sau ngày {until:%d/%m/%Y}" in refused.value.text
    assert refused.value.fix.startswith("Hãy học lại khoá «Khoá trước»")
    again(learner, first, timezone.now())
    assert "Ghi danh và học bài 1" in side(client, learner)


def test_one_that_ran_out_and_one_never_learnt_are_told_apart(learner, course):
    old, new = course_with_steps(lessons=1, title="A cũ"), course_with_steps(lessons=1, title="B mới")
    course.prerequisites.add(old, new)
    Course.objects.filter(pk=old.pk).update(valid_months=12)
    complete(learner, Course.objects.get(pk=old.pk), at=day(2024))
    left = services.prerequisites_left(user=learner, course=course)
    assert [(one.title, one.ran_out_on) for one in left] == [
        ("A cũ", rules.valid_until(date(2024, 6, 15), 12)),
        ("B mới", None),
    ]


# --- Other rooms ----------------------------------------------------------------------------------------------------
def test_the_new_year_is_counted_and_the_old_one_stays(province, learner):
    course = course_with_steps(lessons=1, yearly_refresh=True)
    yearly = IndicatorFactory(audiences=[province.citizen], courses=[course])
    once = IndicatorFactory(audiences=[province.citizen], courses=[course], recurrence=Recurrence.CUMULATIVE)
    first = complete(learner, course, at=day(2025))
    second = again(learner, course, day(2026))
    rows = set(Counted.objects.values_list("indicator", "year", "completion"))
    assert rows == {(yearly.pk, 2025, first.pk), (yearly.pk, 2026, second.pk), (once.pk, once.base_year, first.pk)}
    counted_rebuild(check=False)
    assert set(Counted.objects.values_list("indicator", "year", "completion")) == rows


def test_each_round_gets_its_own_confirmation_where_that_is_automatic(province, learner):
    series_defaults(province)
    course = course_with_steps(lessons=1, yearly_refresh=True, automatic_confirmation=True)
    first, second = complete(learner, course, at=day(2025)), again(learner, course, day(2026))
    papers = Certificate.objects.order_by("pk")
    assert [paper.completion for paper in papers] == [first, second]
    assert len({paper.number for paper in papers}) == 2
    assert {paper.state for paper in papers} == {"valid"}


def test_only_the_last_round_is_put_on_a_list(province, learner):
    series = series_defaults(province).official
    course = course_with_steps(lessons=1, yearly_refresh=True, automatic_confirmation=False)
    first = complete(learner, course, at=day(2025))
    second = again(learner, course, day(2026))
    proposal = proposal_for(series=series, course=course, unit=province.root)
    assert proposal.ids(Code.ELIGIBLE) == [second.pk]
    assert proposal.ids(Code.NOT_LATEST_ROUND) == [first.pk]


def test_attempts_of_an_earlier_round_pass_nothing_and_use_up_nothing(client, learner):
    quiz = quiz_of(attempts_allowed=1)
    course = quiz.step.course
    Course.objects.update(yearly_refresh=True)
    Step.objects.filter(kind="lesson").update(required=True)
    lesson = course.steps.get(kind="lesson")
    attempt = attempt_of(quiz, learner)
    services.step_complete(enrolment=attempt.enrolment, step=lesson, at=day(2025))
    attempt_submit(attempt=attempt, answers=right_answers(attempt), idempotency_key=uuid4(), at=attempt.started_at)
    assert Completion.objects.get().enrolment.round == 1
    next_year = day(attempt.started_at.year + 1)
    second, _ = services.enrolment_renew(user=learner, course=Course.objects.get(pk=course.pk), at=next_year)
    client.force_login(learner)
    page = client.get(reverse("quizzes:start", args=[quiz.step.uuid])).content.decode()
    assert "Bạn đã đạt bài này" not in page
    assert "Bạn còn 1 bài chưa học xong" in page
    assert "1 trên 1 lần" in page
    assert "Các lần trước" not in page
    services.step_complete(enrolment=second, step=lesson, at=next_year)
    assert not Completion.objects.filter(enrolment=second).exists()
    # The first round's own page still shows its own tries.
    old = client.get(reverse("quizzes:attempt", args=[attempt.uuid])).content.decode()
    assert "✓ Đạt" in old
    client.post(reverse("quizzes:start", args=[quiz.step.uuid]))
    assert second.attempts.get().number == 1


def test_a_quiz_behind_a_course_not_finished_says_what_comes_first(client, learner):
    quiz, first = quiz_of(), course_with_steps(title="Khoá trước")
    quiz.step.course.prerequisites.add(first)
    client.force_login(learner)
    page = client.post(reverse("quizzes:start", args=[quiz.step.uuid]))
    assert page.status_code == 409
    assert "Mở khoá «Khoá trước»" in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "missing"), [({}, False), ({"yearly_refresh": True}, True), ({"valid_months": 3}, True)]
)
def test_a_team_learns_anew_what_no_longer_holds(province, learner, coordinator, fields, missing):
    team = UnitFactory(code="TO-1", name="Tổ 1", kind=UnitKind.TEAM, parent=province.north)
    structures_rebuild()
    MembershipFactory(user=learner, unit=team, audience=province.team, role=Role.LEARNER, is_main=False)
    course = course_with_steps(lessons=1, **fields)
    course.audiences.add(province.team)
    complete(learner, course, at=timezone.now() - timedelta(days=400))
    [member] = team_page(team, coordinator).members
    assert member.missing == ([course] if missing else [])


def test_my_learning_keeps_the_rounds_apart(client, learner):
    course = course_with_steps(lessons=2, yearly_refresh=True)
    complete(learner, course, at=day(2025))
    enrolment, _ = services.enrolment_renew(user=learner, course=course, at=day(2026))
    services.step_complete(enrolment=enrolment, step=course.steps.first(), at=day(2026))
    client.force_login(learner)
    page = client.get(reverse("courses:my_learning")).content.decode()
    assert "Đã xong 1 trên 2 phần" in page
    assert "Hoàn thành 15/06/2025" in page


def test_renewing_a_course_begun_and_not_finished_goes_on_with_it(learner):
    course = course_with_steps(lessons=2, yearly_refresh=True)
    enrolment = EnrolmentFactory(user=learner, course=course)
    assert services.enrolment_renew(user=learner, course=course) == (enrolment, False)
    with pytest.raises(Refusal):
        services.enrolment_renew(user=learner, course=course_with_steps())
