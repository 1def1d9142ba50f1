"""Proposals by the rule of a series: by course, by path, by programme."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.eligibility import Code
from certificates.models import Basis, Certificate
from certificates.services import batch_items_exclude, batch_propose, proposal_for
from certificates.services.numbering import award_of
from common.errors import Refusal
from courses.models import Completion, LearningPath, PathCompletion, PathCourse
from people.models import Role
from tests.factories.certificates import AT, approve, completions
from tests.factories.courses import complete, course_with_steps
from tests.factories.people import MembershipFactory, UserFactory
from tests.tampering import past_the_guard


@pytest.fixture
def courses(db):
    return [
        course_with_steps(lessons=1, title=title, automatic_confirmation=False, hours=Decimal(hours))
        for title, hours in (("An toàn", "1.5"), ("Dịch vụ công", "2.0"))
    ]


@pytest.fixture
def programme(series, courses):
    official = series.official
    official.basis, official.award_title = Basis.PROGRAMME, "Kỹ năng số"
    official.save()
    official.required_courses.set(courses)
    return official


@pytest.fixture
def path(courses):
    made = LearningPath.objects.create(
        key=uuid.uuid4(), slug="lo-trinh", title="Lộ trình số", path="/lo-trinh/", is_published=True
    )
    for position, course in enumerate(courses):
        PathCourse.objects.create(learning_path=made, course=course, position=position)
    return made


def person_of(province, unit, name="Lê Thị Ánh", **user):
    return MembershipFactory(
        user=UserFactory(full_name=name, **user), unit=unit, audience=province.citizen, role=Role.LEARNER
    ).user


def scored(completion, score):
    past_the_guard(Completion).filter(pk=completion.pk).update(score=score)


def test_a_programme_sums_hours_and_takes_the_lowest_score(province, programme, courses):
    learner = person_of(province, province.north)
    first, last = complete(learner, courses[1], AT), complete(learner, courses[0], AT + timedelta(hours=1))
    scored(first, 70)
    (one,) = proposal_for(series=programme, unit=province.north).eligible
    assert (one.pk, one.hours, one.score) == (last.pk, Decimal("3.5"), Decimal(70))
    programme.min_score = 80
    assert proposal_for(series=programme, unit=province.north).counts == {Code.ELIGIBLE: 0, Code.SCORE_BELOW: 1}
    programme.min_score, programme.min_hours = None, Decimal(4)
    assert proposal_for(series=programme, unit=province.north).counts == {Code.ELIGIBLE: 0, Code.HOURS_BELOW: 1}


def test_courses_that_are_missing_are_named(province, programme, courses):
    complete(person_of(province, province.north), courses[0], AT)
    (one,) = proposal_for(series=programme, unit=province.north).people
    assert one.verdict.code == Code.COURSES_MISSING
    assert "«Dịch vụ công»" in one.verdict.text
    assert "«An toàn»" not in one.verdict.text


def test_a_programme_is_issued_once_and_says_its_title(province, programme, courses, coordinator, official):
    learner = person_of(province, province.north)
    for course in courses:
        complete(learner, course, AT)
    proposal = proposal_for(series=programme, unit=province.north)
    batch = batch_propose(
        proposer=coordinator, series=programme, unit=province.north, title="x", completions=proposal.eligible
    )
    assert proposal_for(series=programme, unit=province.north).counts == {Code.ELIGIBLE: 0, Code.WAITING: 1}
    approve(batch, official)
    certificate = Certificate.objects.get()
    assert (certificate.course_title, certificate.course_hours) == ("Kỹ năng số", Decimal("3.5"))
    assert (certificate.award, certificate.award) == ("programme", award_of(batch))
    # The same courses learnt anew give no second one while the first holds.
    assert proposal_for(series=programme, unit=province.north).counts == {Code.ELIGIBLE: 0, Code.ISSUED: 1}
    Certificate.objects.update(expires_on=date(2026, 1, 1), completion=complete(learner, course_with_steps(lessons=1)))
    assert proposal_for(series=programme, unit=province.north).counts == {Code.ELIGIBLE: 1}


def test_a_path_holds_for_who_finished_it_before_it_grew(province, series, courses, path):
    official = series.official
    official.basis = Basis.PATH
    official.save()
    learner, other = (person_of(province, province.north, name) for name in ("Lê Thị Ánh", "Vũ Văn Bảo"))
    for course in courses:
        complete(learner, course, AT)
    complete(other, courses[0], AT)
    assert PathCompletion.objects.filter(user=learner).exists()
    more = course_with_steps(lessons=1, title="Mới thêm")
    PathCourse.objects.create(learning_path=path, course=more, position=9)
    proposal = proposal_for(series=official, unit=province.north, learning_path=path)
    assert [(one.name, one.verdict.code) for one in proposal.people] == [
        ("Lê Thị Ánh", Code.ELIGIBLE),
        ("Vũ Văn Bảo", Code.COURSES_MISSING),
    ]
    assert proposal.eligible[0].hours == Decimal("3.5")


def test_two_paths_that_end_with_one_course_each_give_a_certificate(
    province, series, courses, path, coordinator, official
):
    """The completion is the same, the award is not."""
    kind = series.official
    kind.basis = Basis.PATH
    kind.save()
    learner = person_of(province, province.north)
    for course in courses:
        complete(learner, course, AT)
    second = LearningPath.objects.create(key=uuid.uuid4(), slug="hai", title="Hai", path="/hai/", is_published=True)
    PathCourse.objects.create(learning_path=second, course=courses[1], position=1)
    for one in (path, second):
        proposal = proposal_for(series=kind, unit=province.north, learning_path=one)
        batch = batch_propose(
            proposer=coordinator, series=kind, unit=province.north, title=one.title, learning_path=one,
            completions=proposal.eligible,
        )  # fmt: skip
        approve(batch, official)
    assert list(Certificate.objects.order_by("seq").values_list("course_title", flat=True)) == ["Lộ trình số", "Hai"]


def test_what_was_learnt_and_has_run_out_does_not_count(province, programme, courses):
    learner = person_of(province, province.north)
    done = [complete(learner, course, AT) for course in courses]
    past_the_guard(Completion).filter(pk=done[0].pk).update(valid_until=date(2026, 11, 19))
    assert proposal_for(series=programme, unit=province.north).counts == {Code.ELIGIBLE: 0, Code.EXPIRED: 1}


def test_who_finished_the_last_course_elsewhere_is_on_the_list_there(province, programme, courses):
    learner = person_of(province, province.north)
    complete(learner, courses[0], AT)
    learner.memberships.update(unit=province.south)
    complete(learner, courses[1], AT + timedelta(hours=1))
    assert proposal_for(series=programme, unit=province.north).people == []
    assert len(proposal_for(series=programme, unit=province.south).eligible) == 1


def test_the_roster_mends_a_name_and_a_missing_day(province, series, course):
    """What the completion froze stays; the list says that the two differ."""
    official = series.official
    official.needs_birth_date = True
    (done,) = completions(province, province.north, course=course, full_name="0912345678", birth_date=None)
    assert proposal_for(series=official, unit=province.north, course=course).counts == {
        Code.ELIGIBLE: 0,
        Code.NAME_UNUSABLE: 1,
    }
    done.user.full_name = "Lê Thị Ánh"
    done.user.save()
    assert Code.BIRTH_DATE_MISSING in proposal_for(series=official, unit=province.north, course=course).counts
    done.user.birth_date = date(1970, 2, 3)
    done.user.save()
    (one,) = proposal_for(series=official, unit=province.north, course=course).eligible
    assert (one.name, one.birth_date) == ("Lê Thị Ánh", date(1970, 2, 3))


@pytest.mark.parametrize(
    ("basis", "chosen", "code"),
    [
        (Basis.COURSE, {}, "basis_mismatch"),
        (Basis.PATH, {"course": True}, "basis_mismatch"),
        (Basis.PROGRAMME, {"course": True}, "basis_mismatch"),
        (Basis.PROGRAMME, {}, "nothing_required"),
    ],
)
def test_a_list_follows_the_basis_of_its_series(province, series, courses, basis, chosen, code):
    series.official.basis = basis
    with pytest.raises(Refusal) as refused:
        proposal_for(series=series.official, unit=province.north, **dict.fromkeys(chosen, courses[0]))
    assert refused.value.code == code


def test_only_courses_of_the_series(province, series, courses):
    series.official.required_courses.add(courses[0])
    proposal_for(series=series.official, unit=province.north, course=courses[0])
    with pytest.raises(Refusal) as refused:
        proposal_for(series=series.official, unit=province.north, course=courses[1])
    assert refused.value.code == "not_of_series"


def test_only_the_list_that_was_shown_is_sent(province, series, course):
    completions(province, province.north, course=course)
    shown = proposal_for(series=series.official, unit=province.north, course=course)
    assert shown.people_shown(shown.fingerprint()) == shown.eligible
    completions(province, province.north, course=course)
    now = proposal_for(series=series.official, unit=province.north, course=course)
    with pytest.raises(Refusal) as refused:
        now.people_shown(shown.fingerprint(), back="/tro-lai/")
    assert (refused.value.code, refused.value.detail["back"]) == ("list_changed", "/tro-lai/")


def test_somebody_taken_off_one_list_can_be_put_on_another(province, programme, courses, coordinator):
    learner = person_of(province, province.north)
    for course in courses:
        complete(learner, course, AT)
    eligible = proposal_for(series=programme, unit=province.north).eligible
    batch = batch_propose(proposer=coordinator, series=programme, unit=province.north, title="x", completions=eligible)
    batch_items_exclude(batch=batch, items=[batch.items.get().pk], reason="Nghỉ", actor=coordinator)
    assert proposal_for(series=programme, unit=province.north).counts == {Code.ELIGIBLE: 1}


def test_queries_do_not_grow_with_people(province, programme, courses):
    counts = []
    for _ in range(2):
        for course in courses:
            completions(province, province.north, 3, course=course)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            proposal_for(series=programme, unit=province.north)
        counts.append(len(queries))
    assert counts[0] == counts[1]
