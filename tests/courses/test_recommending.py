"""What is suggested next: the rule over random facts, then real people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.models import CourseUptake, Topic
from courses.recommending import MIN_PEOPLE, Candidate, Due, Facts, Uptake, recommend
from courses.services import uptake_rebuild
from courses.suggestions import suggestions_for
from people.models import Role
from tests.factories.courses import EnrolmentFactory, complete, course_with_steps
from tests.factories.courses_paths import AssignmentFactory, path_over
from tests.factories.people import AudienceFactory, MembershipFactory, UserFactory

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
ON = date(2026, 11, 22)

course = st.integers(1, 9)
days = st.dates(date(2026, 1, 1), date(2027, 1, 1))
candidates = st.lists(
    st.builds(Candidate, course, st.sampled_from("ABC"), st.frozensets(course, max_size=2)),
    max_size=9,
    unique_by=lambda c: c.id,
)
facts = st.builds(
    Facts,
    finished=st.frozensets(course, max_size=4),
    ran_out=st.frozensets(course, max_size=2),
    begun=st.frozensets(course, max_size=3),
    due=st.dictionaries(
        course, st.builds(Due, st.just("BG23-01"), st.dates(date(2026, 1, 1), date(2027, 1, 1))), max_size=4
    ),
    next_on_path=st.dictionaries(course, st.just("Lộ trình"), max_size=4),
    for_audience=st.dictionaries(course, st.just("Giáo viên"), max_size=6),
    uptake=st.dictionaries(course, st.builds(Uptake, st.integers(0, 2000), st.just("Giáo viên")), max_size=6),
    topic=st.dictionaries(course, st.just("An toàn"), max_size=4),
)


@settings(max_examples=300)
@given(candidates, facts, st.randoms())
def test_suggestions_are_new_ready_explained_and_always_the_same(known, about, rng):
    found = recommend(known, about, limit=5)
    shuffled = list(known)
    rng.shuffle(shuffled)
    assert recommend(shuffled, about, limit=5) == found
    assert len({s.course for s in found}) == len(found) <= 5
    by_id = {c.id: c for c in known}
    for suggestion in found:
        assert suggestion.course in by_id
        assert suggestion.course not in about.finished
        assert suggestion.course not in about.begun
        holding = set(about.finished) - set(about.ran_out)
        assert by_id[suggestion.course].prerequisites <= holding, "nothing is left before it"
        assert suggestion.reasons
        assert all(reason.endswith(".") for reason in suggestion.reasons)


@given(candidates, facts)
def test_small_numbers_of_people_are_never_told(known, about):
    small = {course: Uptake(uptake.people % MIN_PEOPLE, uptake.audience) for course, uptake in about.uptake.items()}
    told = Facts(about.finished, about.begun, about.due, about.next_on_path, about.for_audience, small, about.topic)
    text = " ".join(reason for s in recommend(known, told, limit=9) for reason in s.reasons)
    assert "người thuộc nhóm" not in text


def test_a_programme_comes_before_a_path_an_audience_uptake_and_a_topic():
    about = Facts(
        due={5: Due("BG23-08", date(2026, 12, 31)), 6: Due("BG23-07", date(2026, 11, 30))},
        next_on_path={4: "Giáo viên số"},
        for_audience={3: "Giáo viên"},
        uptake={2: Uptake(1204, "Giáo viên")},
        topic={1: "An toàn trên mạng"},
    )
    found = recommend([Candidate(n, "Khoá") for n in range(1, 8)], about, limit=9)
    assert [s.course for s in found] == [6, 5, 4, 3, 2, 1]
    assert [s.reasons[0] for s in found] == [
        "Vì chương trình BG23-07 yêu cầu học xong chậm nhất ngày 30/11/2026.",
        "Vì chương trình BG23-08 yêu cầu học xong chậm nhất ngày 31/12/2026.",
        "Tiếp theo trong lộ trình «Giáo viên số».",
        "Vì khoá này dành cho «Giáo viên».",
        "Vì 1.204 người thuộc nhóm «Giáo viên» đã học xong khoá này trong một năm qua.",
        "Vì cùng chủ đề với khoá bạn đã học: «An toàn trên mạng».",
    ]


def test_what_must_be_learnt_before_is_suggested_in_its_stead():
    chain = [Candidate(1, "Nền tảng"), Candidate(2, "Giữa", frozenset({1})), Candidate(3, "Cuối", frozenset({2}))]
    about = Facts(due={3: Due("BG23-08", date(2026, 12, 31))})
    (first,) = recommend(chain, about)
    assert first.course == 1
    assert first.reasons == ("Vì cần học xong khoá này trước khi học «Cuối».",)
    assert recommend(chain, Facts(due=about.due, begun={1})) == []
    (second,) = recommend(chain, Facts(due=about.due, finished={1}))
    assert second.course == 2


def test_courses_that_ask_for_each_other_are_not_suggested():
    ring = [Candidate(1, "A", frozenset({2})), Candidate(2, "B", frozenset({1}))]
    assert recommend(ring, Facts(for_audience={1: "Giáo viên", 2: "Giáo viên"})) == []


@pytest.fixture
def teacher(province):
    pupils = AudienceFactory(code="giao_vien", name="Giáo viên")
    informatics = AudienceFactory(code="giao_vien_tin_hoc", name="Giáo viên tin học", parent=pupils)
    user = MembershipFactory(user=UserFactory(), unit=province.north, audience=informatics, role=Role.LEARNER).user
    return user, pupils, informatics


def test_a_teacher_is_told_why(teacher):
    user, pupils, _ = teacher
    asked, on_path, meant, other = (course_with_steps(lessons=1) for _ in range(4))
    first = course_with_steps(lessons=1)
    path_over(first, on_path, title="Giáo viên số", audiences=("giao_vien",))
    meant.audiences.set([pupils])
    AssignmentFactory(audience=pupils, course=asked, source="kpi:2026:BG23-08")
    complete(user, first, AT)
    found = suggestions_for(user=user, on=ON)
    assert [one.course for one in found] == [asked, on_path, meant]
    assert found[0].reasons == ("Vì chương trình BG23-08 yêu cầu học xong chậm nhất ngày 31/12/2026.",)
    assert found[1].reasons == ("Tiếp theo trong lộ trình «Giáo viên số».",)
    assert found[2].reasons == ("Vì khoá này dành cho «Giáo viên».",)
    assert other not in [one.course for one in suggestions_for(user=user, on=ON, limit=9)]


def test_a_shared_topic_is_no_reason_to_learn_what_is_meant_for_others(province, teacher):
    user, pupils, _ = teacher
    safety = Topic.objects.create(code="T-A11", name="An toàn", group="A")
    learnt, for_all, for_others = (course_with_steps(lessons=1) for _ in range(3))
    for course in (learnt, for_all, for_others):
        course.topics.set([safety])
    for_all.audiences.set([province.citizen])
    for_others.audiences.set([province.team])
    complete(user, learnt, AT)
    (found,) = suggestions_for(user=user, on=ON)
    assert found.course == for_all
    assert found.reasons == ("Vì cùng chủ đề với khoá bạn đã học: «An toàn».",)


def test_closed_begun_and_finished_courses_are_not_suggested(teacher):
    user, pupils, _ = teacher
    closed, begun, finished = (course_with_steps(lessons=1) for _ in range(3))
    for one in (closed, begun, finished):
        one.audiences.set([pupils])
    closed.is_published = False
    closed.save()
    EnrolmentFactory(user=user, course=begun)
    complete(user, finished, AT)
    assert suggestions_for(user=user, on=ON) == []


def test_uptake_counts_a_person_once_over_the_tree_and_keeps_no_small_numbers(province, teacher):
    _, pupils, informatics = teacher
    course, rare = course_with_steps(lessons=1), course_with_steps(lessons=1)
    for number in range(MIN_PEOPLE):
        user = UserFactory()
        audience = informatics if number % 2 else pupils
        MembershipFactory(user=user, unit=province.north, audience=audience, role=Role.LEARNER)
        if number == 0:
            MembershipFactory(user=user, unit=province.south, audience=informatics, role=Role.LEARNER)
        complete(user, course, AT)
        if number:
            complete(user, rare, AT)
    old = UserFactory()
    MembershipFactory(user=old, unit=province.north, audience=pupils, role=Role.LEARNER)
    complete(old, rare, AT - timedelta(days=400))
    for _ in range(2):
        counts = uptake_rebuild(at=AT + timedelta(days=1))
        assert list(CourseUptake.objects.values_list("audience", "course", "people")) == [
            (pupils.pk, course.pk, MIN_PEOPLE)
        ]
        assert counts == {"rows": 1, "people": MIN_PEOPLE, "held_back": 3}


def test_what_similar_people_finished_is_told_with_its_number(teacher):
    user, pupils, _ = teacher
    course = course_with_steps(lessons=1)
    CourseUptake.objects.create(audience=pupils, course=course, people=1204)
    (found,) = suggestions_for(user=user, on=ON)
    assert found.reasons == ("Vì 1.204 người thuộc nhóm «Giáo viên» đã học xong khoá này trong một năm qua.",)
