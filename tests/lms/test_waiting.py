"""What waits on the first page of the offices: each number is what the list behind it shows, and nobody else's."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from courses.models import Submission
from kpi.models import DeclarationState
from people.models import Decided, Outcome, Role, RosterImport, RosterRow, RosterState, Unit, UnitKind, User
from people.querysets import today
from people.services import structures_rebuild
from people.waiting import waiting_for
from quizzes.services import attempt_submit, question_save
from tests.factories import cms as make
from tests.factories.certificates import completions, propose, series_defaults
from tests.factories.courses import EnrolmentFactory, complete, course_with_steps
from tests.factories.kpi import ClosingFactory, DeclarationFactory, IndicatorFactory
from tests.factories.kpi_reports import ReportDueFactory
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.factories.quizzes import START, attempt_of, bank_with_questions, quiz_of
from tests.proof import with_second_step
from tests.quizzes.test_insight import RUBRIC

#: Words of the sentence → how to make it wait, who is asked, and where the opened page says the number.
CASES = {}


def case(words, *, who, shows):
    def keep(make_it):
        CASES[words] = (make_it, who, shows)
        return make_it

    return keep


def office(unit, audience, role):
    return with_second_step(MembershipFactory(unit=unit, audience=audience, role=role).user)


def leader(p):
    return MembershipFactory(unit=team(p), audience=p.team, role=Role.TEAM_LEADER, user__claimed_at=timezone.now()).user


def team(p, where="north"):
    code = f"TO-{where}"
    found = Unit.objects.filter(code=code).first()
    if found is None:
        found = UnitFactory(code=code, name=f"Tổ {where}", kind=UnitKind.TEAM, parent=getattr(p, where))
        structures_rebuild()
    return found


def coordinator(p):
    return office(p.north, p.staff, Role.COORDINATOR)


def lead(p):
    return office(p.root, p.staff, Role.PROVINCIAL_LEAD)


def roster(unit, by, **rows):
    made = RosterImport.objects.create(
        unit=unit, file="x", file_name="to.xlsx", sha256="0", effective_on=today(), state=RosterState.READY, made_by=by
    )
    number = 1
    for outcome, count in rows.items():
        for _ in range(count):
            number += 1
            RosterRow.objects.create(roster=made, number=number, outcome=Outcome[outcome], unit=unit)
    return made


@case("dòng cần bạn xem lại", who=coordinator, shows=lambda r: r.context["numbers"].open)
def _doubtful(p, viewer):
    made = roster(p.north, viewer, DOUBTFUL=3, REJECTED=1, NEW=4)
    made.rows.filter(outcome=Outcome.DOUBTFUL).first().delete()
    made.rows.filter(outcome=Outcome.DOUBTFUL).update(decided="")
    RosterRow.objects.create(roster=made, number=99, outcome=Outcome.DOUBTFUL, unit=p.north, decided=Decided.SKIP)
    roster(p.north, UserFactory(), DOUBTFUL=1)


@case("dòng không nhập được", who=coordinator, shows=lambda r: r.context["numbers"].tabs[0].count)
def _rejected(p, viewer):
    roster(p.north, viewer, REJECTED=2, NEW=5)


@case("người mới chờ bạn bấm nhập", who=coordinator, shows=lambda r: r.context["numbers"].tabs[0].count)
def _new(p, viewer):
    roster(p.north, viewer, NEW=5, CHANGED=2)


@case("đơn vị cũ chưa quy đổi", who=lead, shows=lambda r: r.context["page"].paginator.count)
def _unmapped(p, viewer):
    for name in ("Xã A", "Xã B"):
        UnitFactory(name=name, parent=p.root, valid_from=date(2024, 1, 1), valid_to=date(2025, 7, 1))
    structures_rebuild()


@case(f"người trong tổ chưa học năm {today().year}", who=leader, shows=lambda r: len(r.context["team"].untrained))
def _untrained(p, viewer):
    course = course_with_steps(lessons=1)
    course.audiences.add(p.team)
    members = [MembershipFactory(unit=team(p), audience=p.team, user__claimed_at=timezone.now()).user for _ in range(3)]
    complete(members[0], course, timezone.now())
    complete(members[1], course, timezone.now() - timedelta(days=400))
    MembershipFactory(unit=team(p, "south"), audience=p.team)


@case("tổ công nghệ số cộng đồng chưa có tổ trưởng", who=coordinator, shows=lambda r: r.context["page"].paginator.count)
def _leaderless(p, viewer):
    for unit in (p.north, p.north, p.south):
        UnitFactory(kind=UnitKind.TEAM, parent=unit)
    leader(p)
    structures_rebuild()


def _work(user):
    enrolment = EnrolmentFactory(user=user, course=course_with_steps(lessons=1))
    step = enrolment.course.steps.first()
    Submission.objects.create(enrolment=enrolment, step=step, text="Đã làm", submitted_at=timezone.now())


@case("bài thực hành chờ bạn xem", who=coordinator, shows=lambda r: r.context["page"].paginator.count)
def _works(p, viewer):
    for unit in (p.north, p.north, p.south):
        _work(MembershipFactory(unit=unit, audience=p.citizen).user)
    _work(viewer)


@case("câu tự luận chờ bạn chấm", who=coordinator, shows=lambda r: r.context["page"].paginator.count)
def _essays(p, viewer):
    bank = bank_with_questions(1)
    question_save(bank=bank, code="e1", content={"kind": "essay", "text": "Hãy kể.", "settings": {"rubric": RUBRIC}})
    quiz = quiz_of(bank=bank, question_codes=["e1"])
    for unit in (p.north, p.south):
        user = MembershipFactory(unit=unit, audience=p.citizen).user
        attempt = attempt_of(quiz, user)
        attempt_submit(attempt=attempt, answers={1: "Tôi đã làm."}, idempotency_key=uuid4(), at=START)


@case(
    "danh sách đề nghị cấp chờ bạn duyệt",
    who=lambda p: office(p.root, p.staff, Role.ISSUING_OFFICIAL),
    shows=lambda r: r.context["page"].paginator.count,
)
def _batches(p, viewer):
    course, series = course_with_steps(lessons=1), series_defaults(p).official
    for unit in (p.north, p.south):
        completions(p, unit, course=course)
        propose(proposer=office(unit, p.staff, Role.COORDINATOR), series=series, unit=unit, course=course)
    series.batches.filter(unit=p.south).update(state="rejected")


@case("số liệu đơn vị báo chờ bạn duyệt", who=lead, shows=lambda r: r.context["waiting"].paginator.count)
def _declared(p, viewer):
    indicator = IndicatorFactory(code="BG23-D1", counting="declared", audiences=[])
    for unit, by in ((p.north, UserFactory()), (p.south, UserFactory()), (p.department, viewer)):
        DeclarationFactory(
            indicator=indicator, unit=unit, state=DeclarationState.SUBMITTED, declared_by=by, decided_at=None
        )


def _dues(p, *days):
    for number, days_left in enumerate(days):
        due_on = today() + timedelta(days=days_left)
        begins = date(today().year, 1, 1)
        ReportDueFactory(unit=p.north, due_on=due_on, begins_on=begins, period=f"Kỳ {number}")
    ReportDueFactory(unit=p.south, due_on=today() - timedelta(days=1), begins_on=begins)


@case("báo cáo đã quá hạn nộp", who=coordinator, shows=lambda r: r.context["page"].paginator.count)
def _late(p, viewer):
    _dues(p, -3, -1, 0, 100)


@case("báo cáo đến hạn trong 14 ngày tới", who=coordinator, shows=lambda r: r.context["page"].paginator.count)
def _soon(p, viewer):
    _dues(p, -3, 0, 14, 15)


@case(f"số liệu năm {today().year} đơn vị chưa báo", who=coordinator, shows=lambda r: len(r.context["owed"]))
def _owed(p, viewer):
    for code in ("BG23-D1", "BG23-D2"):
        IndicatorFactory(code=code, counting="declared", audiences=[]).responsible.add(p.north)
    IndicatorFactory(code="BG23-D3", counting="declared", audiences=[]).responsible.add(p.south)


@case("đối tượng chưa có số người phải học", who=lead, shows=lambda r: len(r.context["unknown"]))
def _unknown(p, viewer):
    IndicatorFactory(code="BG23-A1", audiences=[p.citizen, p.team])


@pytest.mark.parametrize("words", CASES)
def test_the_number_is_what_the_list_shows(client, province, words):
    make_it, who, shows = CASES[words]
    viewer = who(province)
    make_it(province, viewer)
    [one] = [one for one in waiting_for(viewer) if one.words == words]
    client.force_login(viewer)
    answer = client.get(one.path)
    assert answer.status_code == 200
    assert shows(answer) == one.count > 0
    if "#" in one.path:
        assert f'id="{one.path.split("#")[1]}"' in answer.content.decode()


@pytest.mark.parametrize("words", CASES)
def test_nobody_of_another_unit_is_told(province, words):
    make_it, who, _ = CASES[words]
    viewer = who(province)
    make_it(province, viewer)
    elsewhere = UnitFactory(parent=province.root, name="Xã Khác")
    structures_rebuild()
    for role in (Role.COORDINATOR, Role.ISSUING_OFFICIAL, Role.TEAM_LEADER):
        stranger = MembershipFactory(unit=elsewhere, audience=province.staff, role=role).user
        assert words not in {one.words for one in waiting_for(stranger)}
    assert waiting_for(MembershipFactory(unit=province.north, audience=province.citizen).user) == []


def test_a_quarter_waits_until_it_is_closed(client, province):
    viewer = lead(province)
    IndicatorFactory(code="BG23-A1", audiences=[province.citizen])
    [one] = [one for one in waiting_for(viewer) if one.words.startswith("kỳ chưa chốt")]
    client.force_login(viewer)
    answer = client.get(one.path)
    assert answer.context["name"] in one.words, "the opened form has chosen the period"
    begins = date(today().year, (today().month - 1) // 3 * 3 + 1, 1)
    ClosingFactory(unit=province.root, period="quarter", until=begins - timedelta(days=1))
    assert not [one for one in waiting_for(viewer) if one.words.startswith("kỳ chưa chốt")]


def test_drafts_and_reviews_as_the_editors_first_page_counts_them(client, province):
    viewer = office(province.root, province.staff, Role.ADMINISTRATOR)
    course = make.course_draft()
    lesson = make.lesson(course, "bai-1", review_on=today(), content_owner=viewer)
    client.force_login(viewer)
    client.get("/cms/")  # gives the groups of today
    lesson.title = "Bài sửa"
    lesson.save_revision(user=viewer)
    told = {one.words: one.count for one in waiting_for(type(viewer).objects.get(pk=viewer.pk))}
    assert told["bản nháp của bạn chưa xuất bản"] == 1
    assert told["nội dung của bạn đến hạn rà soát"] == 1


def test_what_is_late_comes_first_and_nothing_is_said_kindly(client, province):
    viewer = coordinator(province)
    client.force_login(viewer)
    assert "Hôm nay không có việc nào chờ bạn" in client.get(reverse("manage_home")).content.decode()
    _doubtful(province, viewer)
    _late(province, viewer)
    assert [one.words for one in waiting_for(viewer)][0] == "báo cáo đã quá hạn nộp"
    page = client.get(reverse("manage_home")).content.decode()
    assert "không có việc nào" not in page
    assert page.index("báo cáo đã quá hạn nộp") < page.index("dòng cần bạn xem lại") < page.index("Bạn muốn làm gì?")


def test_asking_costs_a_lead_the_same_for_little_and_much(province):
    """Roles; declarations, reports late and due, lists, practical tasks, free texts, teams, units; figures to keep:
    structures, own units, their depth, the right, indicators at all, the closing, rows of the place, audiences,
    head-counts."""
    viewer = lead(province)
    IndicatorFactory(code="BG23-A1", audiences=[province.citizen])
    counts = []
    for more in (1, 8):
        for _ in range(more):
            commune = UnitFactory(parent=province.root)
            UnitFactory(kind=UnitKind.TEAM, parent=commune)
            _work(MembershipFactory(unit=commune, audience=province.citizen).user)
            roster(commune, viewer, NEW=2, REJECTED=1)
        structures_rebuild()
        with CaptureQueriesContext(connection) as queries:
            waiting_for(User.objects.get(pk=viewer.pk))
        counts.append(len(queries) - 1)
    assert counts[0] == counts[1] <= 18
