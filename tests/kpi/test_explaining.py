"""Why somebody counts or not: every condition as a table, the order in which they are named, and one law: what fails
nothing is exactly what counts. Then the pages, as three people read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from certificates.services import certificate_revoke
from courses.models import Level
from kpi.explaining import Condition, Finding, Past, explain
from kpi.explaining_reads import explained_of
from kpi.explaining_words import said_of
from kpi.models import Counted, CountingKind, Recurrence
from kpi.rules import Fact, Rule, Standing, proofs
from people.models import Role
from tests.factories.certificates import approve, propose, series_defaults
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import MembershipFactory, UserFactory
from tests.kpi.conftest import at

STAFF, CITIZEN = 1, 3
RIGHT, WRONG = 7, 8
BASIC, PROFICIENT = Level.BASIC, Level.PROFICIENT
RULE = Rule(
    indicator_id=1, audiences=frozenset({CITIZEN}), courses=frozenset({RIGHT}), min_score=Decimal(80), yearly=True,
    base_year=2023, kind=CountingKind.HOURS, level=PROFICIENT, min_hours=Decimal(5),
)  # fmt: skip
PAPER = replace(RULE, kind=CountingKind.CERTIFICATE, series=frozenset({5}))


def fact(number=1, day="2026-03-01", course=RIGHT, score=90, level=PROFICIENT, hours=3, audience=CITIZEN):
    said = Fact(number, 1, course, at(day), None if score is None else Decimal(score), level, Decimal(hours))
    return said, [Standing(number, 10, audience, is_main=True)]


def past(*history, audiences=(CITIZEN,), papers=None, ended=None):
    return Past(list(history), frozenset(audiences), papers or {}, ended or {})


@pytest.mark.parametrize(
    ("rule", "known", "condition", "reached", "mender"),
    [
        (RULE, past(audiences=[STAFF]), "not_in_audience", None, "coordinator"),
        (RULE, past(fact(audience=STAFF), audiences=[STAFF]), "not_in_audience", None, "coordinator"),
        (RULE, past(), "no_completion", None, "learner"),
        (RULE, past(fact(day="2025-03-01", course=WRONG)), "no_completion", None, "learner"),
        (RULE, past(fact(day="2025-03-01")), "other_year", None, "learner"),
        (RULE, past(fact(day="2025-03-01"), fact(2, course=WRONG)), "other_year", None, "learner"),
        (RULE, past(fact(course=WRONG)), "wrong_course", None, "learner"),
        (RULE, past(fact(audience=STAFF)), "audience_then", None, "learner"),
        (RULE, past(fact(score=70), fact(2, score=None), fact(3, score=75)), "score", 75, "learner"),
        (RULE, past(fact(score=None)), "score", None, "learner"),
        (RULE, past(fact(level=BASIC)), "level", None, "learner"),
        (RULE, past(fact(), fact(2, level=BASIC)), "hours", 3, "learner"),
        (RULE, past(fact(hours="4.5"), audiences=[STAFF]), "hours", Decimal("4.5"), "learner"),
        (RULE, past(fact(), fact(2)), "fulfilled", None, "lead"),
        (PAPER, past(fact()), "paper_missing", None, "issuer"),
        (PAPER, past(fact(), papers={1: {6}}), "paper_missing", None, "issuer"),
        (PAPER, past(fact(), ended={1: {5}}), "paper_ended", None, "issuer"),
        (PAPER, past(fact(), papers={1: {5}}), "fulfilled", None, "lead"),
        (replace(RULE, yearly=False), past(fact(day="2025-03-01"), fact(2)), "fulfilled", None, "lead"),
        (replace(RULE, yearly=False), past(fact(day="2027-03-01")), "other_year", None, "learner"),
    ],
)
def test_the_first_condition_that_fails(rule, known, condition, reached, mender):
    found = explain(rule, known, 2026)
    assert (found.condition, found.reached, found.mender) == (condition, reached, mender)


histories = st.lists(
    st.tuples(
        st.sampled_from(["2025-05-01", "2026-02-01", "2026-06-01"]),
        st.sampled_from([RIGHT, WRONG]),
        st.sampled_from([None, 60, 80, 95]),
        st.sampled_from([BASIC, PROFICIENT]),
        st.integers(1, 4),
        st.sampled_from([STAFF, CITIZEN]),
    ),
    max_size=6,
)
rules = st.builds(
    Rule,
    indicator_id=st.just(1),
    audiences=st.sampled_from([frozenset({CITIZEN}), frozenset({STAFF, CITIZEN})]),
    courses=st.sampled_from([frozenset(), frozenset({RIGHT})]),
    min_score=st.sampled_from([None, Decimal(80)]),
    yearly=st.booleans(),
    base_year=st.just(2026),
    kind=st.sampled_from(["completed", "level", "hours", "certificate", "team"]),
    level=st.sampled_from(["", PROFICIENT]),
    min_hours=st.integers(1, 8).map(Decimal),
    series=st.just(frozenset({5})),
)


@given(rules, histories, st.sets(st.integers(1, 6)), st.sets(st.sampled_from([STAFF, CITIZEN])))
def test_what_fails_nothing_is_exactly_what_counts(rule, said, papers, audiences):
    """Whatever the audience of today: what was completed counts for the standing of then."""
    ordered = sorted(said, key=lambda one: one[0])
    history = [
        fact(number, day, course, score, level, hours, audience)
        for number, (day, course, score, level, hours, audience) in enumerate(ordered, 1)
    ]
    held = dict.fromkeys(papers, {5})
    counted = (1, 1, 2026) in proofs([rule], history, held)
    found = explain(rule, past(*history, audiences=audiences, papers=held), 2026)
    assert (found.condition == Condition.FULFILLED) == counted


def test_every_condition_has_words(province):
    """With whatever little is known; the sentences never fail an official."""
    indicator = IndicatorFactory(audiences=[province.citizen], min_score=80)
    one = explained_of([UserFactory()], 2026).popitem()[1][0]
    assert one.indicator == indicator
    rule = replace(one.rule, level=PROFICIENT, min_hours=Decimal(3))
    for condition in set(Condition) - {Condition.COUNTED}:
        for known in (fact()[0], None):
            said = said_of(replace(one, rule=rule, finding=Finding(condition, known, Decimal(1))), 2026)
            assert said.what.endswith(".")
            assert "None" not in said.what + said.fix


# --- Pages ----------------------------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in ("kpi.forms", "kpi.boards", "kpi.trends", "kpi.views_people", "kpi.figures", "kpi.denominators"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 11, 20))


def page(client, person, year=2026):
    return client.get(reverse("kpi:person", args=[person.uuid]) + f"?nam={year}")


def text(response):
    assert response.status_code == 200
    return " ".join(strip_tags(response.content.decode()).split())


@pytest.fixture
def hoa(province):
    """Lò Thị Hoà of Xuân Lương, a citizen."""
    person = UserFactory(full_name="Lò Thị Hoà")
    MembershipFactory(user=person, unit=province.north, audience=province.citizen)
    return person


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("coordinator", 200),
        ("official", 200),
        ("lead", 200),
        ("other_coordinator", 403),
        ("learner", 404),
        ("stranger", 404),
        ("editor", 404),
    ],
)
def test_who_may_read_why_hoa_counts(client, request, province, hoa, who, status):
    client.force_login(request.getfixturevalue(who))
    assert page(client, hoa).status_code == status


def test_a_team_leader_reads_no_figures_of_a_member(client, province, hoa):
    client.force_login(MembershipFactory(unit=province.north, audience=province.team, role=Role.TEAM_LEADER).user)
    assert page(client, hoa).status_code == 403


def test_somebody_of_unknown_unit_is_read_by_who_answers_for_the_province(client, coordinator, lead):
    person = UserFactory(full_name="Trần Không Rõ")
    for reader, status in ((lead, 200), (coordinator, 403)):
        client.force_login(reader)
        assert page(client, person).status_code == status


def test_a_coordinator_reads_what_counts_and_what_is_missing_and_who_mends_it(client, province, hoa, coordinator, lead):
    course = course_with_steps(1, title="An toàn thông tin")
    IndicatorFactory(code="BG23-A", text="Học mỗi năm", audiences=[province.citizen])
    IndicatorFactory(code="BG23-B", text="Học an toàn thông tin", audiences=[province.citizen], courses=[course])
    IndicatorFactory(code="BG23-C", text="Cán bộ học mỗi năm", audiences=[province.staff])
    IndicatorFactory(
        code="BG23-D", text="Đủ giờ", audiences=[province.citizen], counting=CountingKind.HOURS, min_hours=8
    )
    complete(hoa, course_with_steps(1, title="Kỹ năng số"), at("2026-03-01"))
    client.force_login(coordinator)
    shown = text(page(client, hoa))
    assert "Được tính nhờ khoá «Kỹ năng số», ngày 01/03/2026, cho Xã Xuân Lương." in shown
    assert "Đã học «Kỹ năng số», nhưng khoá đó không được tính cho chỉ tiêu này." in shown
    assert "Học một trong các khoá được tính: An toàn thông tin" in shown
    assert "Đã học 1,5 giờ, cần 8 giờ." in shown
    assert "1 chỉ tiêu dành cho đối tượng khác" in shown
    assert "Người lo việc này: Lê Thị Ánh (Xã Xuân Lương)" in shown
    assert "hỏi đơn vị chủ trì cấp tỉnh: Vũ Thị Hằng (Tỉnh Bắc Ninh)" in shown
    assert "Được tính (0)" in text(page(client, hoa, 2025))
    assert page(client, hoa, 2027).status_code == 404


def test_a_paper_that_was_revoked_is_named_with_who_issues(client, province, hoa, lead, official):
    series = series_defaults(province).official
    IndicatorFactory(audiences=[province.citizen], counting=CountingKind.CERTIFICATE, series=[series])
    course = course_with_steps(1, title="Kỹ năng số")
    completion = complete(hoa, course, at("2026-03-01"))
    client.force_login(lead)
    assert "nhưng chưa được cấp" in text(page(client, hoa))
    batch = propose(proposer=lead, series=series, unit=province.north, course=course, only=[completion])
    approve(batch, official)
    assert "Được tính (1)" in text(page(client, hoa))
    paper = batch.certificates.get()
    certificate_revoke(
        certificate=paper, actor=official, reason="Thử", decision_number="9/QĐ-SKHCN",
        decision_date=timezone.localdate(),
    )  # fmt: skip
    shown = text(page(client, hoa))
    assert f"Giấy số {paper.number} đã thu hồi ngày" in shown
    assert "Người lo việc này: Sở Khoa học và Công nghệ" in shown


def test_a_transfer_is_explained(client, province, hoa, lead):
    IndicatorFactory(audiences=[province.citizen], recurrence=Recurrence.CUMULATIVE)
    complete(hoa, course_with_steps(1), at("2026-03-01"))
    hoa.memberships.update(valid_to=date(2026, 4, 1))
    MembershipFactory(user=hoa, unit=province.south, audience=province.citizen, valid_from=date(2026, 4, 1))
    client.force_login(lead)
    shown = text(page(client, hoa))
    assert "cho Xã Xuân Lương" in shown
    assert "chuyển đơn vị sau đó không đổi số" in shown


def test_what_should_count_and_does_not_is_for_the_lead(client, province, hoa, lead):
    IndicatorFactory(audiences=[province.citizen])
    complete(hoa, course_with_steps(1), at("2026-03-01"))
    Counted.objects.all().delete()
    client.force_login(lead)
    assert "Đủ điều kiện nhưng số liệu chưa được tính lại." in text(page(client, hoa))


def test_a_learner_reads_about_themself_and_is_led_there(client, province, learner, coordinator):
    IndicatorFactory(text="Học mỗi năm", audiences=[province.citizen])
    client.force_login(learner)
    address = reverse("kpi_own:mine")
    assert address in client.get(reverse("courses:my_learning")).content.decode()
    shown = text(client.get(address))
    assert "chưa hoàn thành khoá học nào" in shown
    assert "Người lo việc này: chính bạn" in shown
    complete(learner, course_with_steps(1, title="Kỹ năng số"), at("2026-03-01"))
    assert "Được tính nhờ khoá «Kỹ năng số»" in text(client.get(address))
    client.logout()
    assert client.get(address).status_code == 302


def test_the_list_behind_a_figure_leads_to_those_who_may_be_read(client, province, hoa, coordinator, lead):
    """Who moved away meanwhile stays in the figure; the coordinator of then no longer opens them."""
    indicator = IndicatorFactory(audiences=[province.citizen])
    gone = MembershipFactory(unit=province.north, audience=province.citizen).user
    for person in (hoa, gone):
        complete(person, course_with_steps(1), at("2026-03-01"))
    gone.memberships.update(unit=province.south)
    address = reverse("kpi:people", args=[indicator.code])
    for reader, names in ((coordinator, {hoa}), (lead, {hoa, gone})):
        client.force_login(reader)
        shown = client.get(address).content.decode()
        assert {one for one in (hoa, gone) if str(one.uuid) in shown} == names


def test_as_many_queries_for_much_as_for_little(client, province, hoa, lead):
    series = series_defaults(province).official
    client.force_login(lead)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            text(page(client, hoa))
        return len(captured)

    def more(count):
        for _ in range(count):
            course = course_with_steps(1)
            IndicatorFactory(audiences=[province.citizen], courses=[course])
            IndicatorFactory(audiences=[province.citizen], counting=CountingKind.CERTIFICATE, series=[series])
            MembershipFactory(user=hoa, unit=province.south, audience=province.team, is_main=False)
            complete(hoa, course, at("2026-03-01"))
            hoa.memberships.filter(unit=province.south).update(valid_to=date(2026, 4, 1))

    more(1)
    queries()
    before = queries()
    more(4)
    assert queries() == before
    assert before <= 40


def test_explaining_many_costs_as_much_as_explaining_one(province, django_assert_num_queries):
    IndicatorFactory(audiences=[province.citizen])
    people = [MembershipFactory(unit=province.north, audience=province.citizen).user for _ in range(6)]
    for person in people:
        complete(person, course_with_steps(1), at("2026-03-01"))
    with CaptureQueriesContext(connection) as captured:
        explained_of(people[:1], 2026)
    with django_assert_num_queries(len(captured)):
        found = explained_of(people, 2026)
    assert {one.is_counted for lines in found.values() for one in lines} == {True}
