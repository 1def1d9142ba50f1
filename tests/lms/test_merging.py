"""Two records of one person become one: nothing is lost, nothing counts twice, and what was reported says why."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.backends.db import SessionStore
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from certificates.models import Basis, Certificate
from certificates.services import batch_propose
from certificates.services.issuing import certificates_issue, claim_of
from common.errors import Refusal
from common.models import AuditEntry
from courses.models import Bookmark, Completion, Enrolment, LessonNote, PathCompletion
from courses.rules import Round, rounds_in_order
from courses.services import step_complete
from courses.team_draft import Draft
from kpi import rollup
from kpi.models import CorrectionReason, CountCorrection, Counted, CountingKind, Recurrence, UnitMonth
from lms.merging.service import people_merge, people_merge_preview
from people.consents import consents_in_force
from people.models import (
    ClaimSlip,
    Consent,
    ConsentPurpose,
    Membership,
    Notice,
    Outcome,
    Role,
    UnitKind,
    User,
)
from people.querysets import today
from people.services import lists_lock, structures_rebuild
from people.slips import slips_make
from quizzes.models import Accommodation
from tests.factories.certificates import approve, series_defaults
from tests.factories.courses import EnrolmentFactory, complete, course_with_steps
from tests.factories.courses_paths import path_over
from tests.factories.kpi import ClosingFactory, IndicatorFactory
from tests.factories.people import AudienceFactory, MembershipFactory, StructureFactory, UnitFactory, UserFactory
from tests.factories.quizzes import quiz_of
from tests.factories.rosters import checked, line, people_rows, xlsx_bytes
from tests.kpi.conftest import at
from tests.lanes import draws
from tests.proof import prove
from tests.threads import at_once

NAME = "Nguyễn Thị Hoà"
BORN = date(1971, 9, 4)


def record(unit, audience, name=NAME, *, claimed=True, **more):
    """One record of the person, with a place to stand."""
    user = UserFactory(full_name=name, **{"birth_date": BORN} | more)
    if claimed:
        User.objects.filter(pk=user.pk).update(claimed_at=timezone.now())
        user.refresh_from_db()
    else:
        user.set_unusable_password()
        user.save()
    MembershipFactory(user=user, unit=unit, audience=audience)
    return user


@pytest.fixture
def pair(province):
    """The person as the commune knows her, and as the list of the department brought her a second time."""
    kept = record(province.north, province.citizen, phone="+84912345678")
    lost = record(province.north, province.staff, "nguyễn thị hòa", claimed=False, email=None, staff_code="CB-07")
    return kept, lost


def merged(pair, actor, **more):
    return people_merge(kept=pair[0], lost=pair[1], actor=actor, **{"reason": "Đã hỏi trực tiếp"} | more)


# --- What becomes of what ---------------------------------------------------------------------------------------------
def test_everything_of_both_is_the_persons(province, pair, coordinator):
    kept, lost = pair
    first, second, both = course_with_steps(), course_with_steps(), course_with_steps()
    path = path_over(first, second)
    complete(kept, first, at("2026-02-03"))
    complete(lost, second, at("2026-03-04"))
    complete(kept, both, at("2026-05-06"))
    complete(lost, both, at("2026-01-02"))
    step = both.steps.first()
    LessonNote.objects.create(user=lost, step=step, text="Nhớ xem lại")
    for one in pair:
        Bookmark.objects.create(user=one, step=step)
    quiz = quiz_of(first)
    Accommodation.objects.create(
        quiz=quiz, user=lost, extra_minutes=10, reason="Mắt kém", granted_by=coordinator, granted_at=timezone.now()
    )
    done = merged(pair, coordinator)
    assert (done.learning.enrolments, done.learning.completions, len(done.record.places)) == (2, 2, 1)
    assert set(Completion.objects.filter(user=kept).values_list("course", flat=True)) == {
        course.pk for course in (first, second, both)
    }
    rounds = Enrolment.objects.filter(user=kept, course=both).order_by("round")
    assert [(one.round, one.completion.completed_at) for one in rounds] == [
        (1, at("2026-01-02")),
        (2, at("2026-05-06")),
    ]
    assert PathCompletion.objects.filter(user=kept, learning_path=path).exists(), "the courses were split between both"
    assert LessonNote.objects.get(step=step).user == kept
    assert Bookmark.objects.filter(user=kept, step=step).count() == 1
    assert Accommodation.objects.get(quiz=quiz).user == kept
    assert not Enrolment.objects.filter(user=lost).exists()
    assert not Completion.objects.filter(user=lost).exists()


def test_what_was_claimed_and_issued_keeps_its_words(province, pair, coordinator, official):
    kept, lost = pair
    completion = complete(lost, course_with_steps())
    series = series_defaults(province).official
    [paper] = certificates_issue(series=series, claims=[claim_of(completion)], at=timezone.now())
    before = Certificate.objects.filter(pk=paper.pk).values("number", "holder_name", "token", "issued_on", "file")[0]
    merged(pair, coordinator)
    completion.refresh_from_db()
    assert (completion.user, completion.learner_name) == (kept, "nguyễn thị hòa")
    after = Certificate.objects.filter(pk=paper.pk).values("number", "holder_name", "token", "issued_on", "file")[0]
    assert after == before
    assert Certificate.objects.get(pk=paper.pk).holder == kept


@pytest.mark.parametrize("lists", [1, 2])
def test_a_path_that_both_finished_gives_one_paper(province, coordinator, official, lists):
    """Both were on an open list, one or two of them, when they became one."""
    pair = [record(province.north, province.citizen, claimed=n == 0, email=None, phone=None) for n in range(2)]
    series = series_defaults(province).official
    series.basis = Basis.PATH
    series.save()
    course = course_with_steps()
    path = path_over(course)
    people = [complete(one, course) for one in pair]
    chosen = [people] if lists == 1 else [[one] for one in people]
    batches = [
        batch_propose(
            proposer=coordinator, series=series, unit=province.north, title=f"Đợt {n}", learning_path=path,
            completions=some,
        )
        for n, some in enumerate(chosen)
    ]  # fmt: skip
    merged(pair, coordinator)
    approve(batches[0], official)
    for batch in batches[1:]:
        with pytest.raises(Refusal, match="không còn ai để cấp"):
            approve(batch, official)
    assert Certificate.objects.filter(holder=pair[0], award=f"path:{path.uuid}").count() == 1
    assert not Certificate.objects.filter(holder=pair[1]).exists()


def test_where_both_stood_in_one_place_one_membership_goes_on(province, pair, coordinator):
    kept, lost = pair
    MembershipFactory(user=lost, unit=province.north, audience=province.citizen, valid_from=date(2025, 8, 1))
    Membership.objects.filter(user=kept).update(valid_from=date(2026, 1, 1))
    past = MembershipFactory(
        user=lost, unit=province.south, audience=province.citizen,
        valid_from=date(2025, 7, 1), valid_to=date(2025, 8, 1),
    )  # fmt: skip
    merged(pair, coordinator)
    held = {(one.unit, one.audience): one for one in kept.memberships.all()}
    assert len(held) == kept.memberships.count() == 3
    assert held[province.north, province.citizen].valid_from == date(2025, 8, 1)
    assert [one for one in kept.memberships.in_force() if one.is_main] == [held[province.north, province.citizen]]
    past.refresh_from_db()
    assert past.is_main, "where she lived before keeps what it was"
    assert not lost.memberships.exists()


def test_the_other_record_is_closed_and_says_which_goes_on(client, province, pair, coordinator):
    kept, lost = pair
    User.objects.filter(pk=lost.pk).update(phone="+84987654321")
    slip = ClaimSlip.objects.create(
        user=lost, unit=province.north, code_hash="x", made_by=coordinator,
        expires_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    lost.refresh_from_db()
    merged(pair, coordinator)
    kept.refresh_from_db()
    lost.refresh_from_db()
    slip.refresh_from_db()
    assert (lost.merged_into, lost.is_active, lost.phone, lost.email) == (kept, False, None, None)
    assert (kept.phone, kept.contact_phone, kept.staff_code) == ("+84912345678", "+84987654321", "CB-07")
    assert slip.voided_at is not None
    assert Notice.objects.get(user=kept, kind="records_merged").path == "/viec-hoc/"
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=lost.pk).update(is_active=True)


def test_nothing_that_opens_an_account_changes_hands(province, pair, lead):
    """Who can sign in with one record has not proved that the other is theirs."""
    kept, lost = pair
    lost.set_password("hoc-so-2026")
    lost.email, lost.claimed_at = "rieng@example.vn", timezone.now()
    lost.save()
    User.objects.filter(pk=kept.pk).update(email=None)
    SocialAccount.objects.create(user=lost, provider="vneid", uid="7")
    merged(pair, lead)
    kept.refresh_from_db()
    lost.refresh_from_db()
    assert kept.email is None
    assert not kept.check_password("hoc-so-2026")
    assert not lost.has_usable_password()
    assert not SocialAccount.objects.exists(), "it can be linked to the account that goes on, by its owner"


def test_both_units_read_it_in_their_log(province, coordinator, lead):
    pair = record(province.north, province.citizen), record(province.south, province.citizen)
    merged(pair, lead)
    entries = {entry.act: entry for entry in AuditEntry.objects.filter(act__startswith="person_merge")}
    assert entries["person_merge"].unit_uuid == province.north.uuid
    assert entries["person_merged"].unit_uuid == province.south.uuid
    assert {entry.detail["reason"] for entry in entries.values()} == {"Đã hỏi trực tiếp"}


def test_a_third_record_joins_the_same_person(province, pair, lead):
    third = record(province.north, province.team)
    merged(pair, lead)
    kept = User.objects.get(pk=pair[0].pk)
    people_merge(kept=third, lost=kept, actor=lead, reason="Lại trùng")
    assert set(User.objects.filter(merged_into=third)) == set(pair)


# --- Figures ----------------------------------------------------------------------------------------------------------
def test_what_was_reported_is_corrected_with_the_reason(province, pair, coordinator):
    kept, lost = pair
    indicator = IndicatorFactory(audiences=[province.citizen, province.staff])
    for one, day in ((kept, "2026-05-06"), (lost, "2026-02-03")):
        complete(one, course_with_steps(), at(day))
    ClosingFactory(unit=province.root, year=2026, until=date(2026, 6, 30))
    done = merged(pair, coordinator)
    assert [(one.indicator, one.year, one.before, one.after) for one in done.recounted] == [(indicator, 2026, 2, 1)]
    row = Counted.objects.get(indicator=indicator)
    assert (row.user, row.counted_on) == (kept, date(2026, 2, 3)), "the first of the two days counts"
    corrections = {one.user_id: one for one in CountCorrection.objects.all()}
    assert {one.reason for one in corrections.values()} == {CorrectionReason.MERGED}
    assert corrections[lost.pk].after_on is None
    assert (corrections[kept.pk].before_on, corrections[kept.pk].after_on) == (date(2026, 5, 6), date(2026, 2, 3))
    assert done.corrections == 2


def test_a_preview_says_the_same_and_keeps_nothing(province, pair, coordinator):
    IndicatorFactory(audiences=[province.citizen, province.staff])
    for one in pair:
        complete(one, course_with_steps(), at("2026-02-03"))

    def world():
        return [
            list(model.objects.order_by("pk").values_list())
            for model in (User, Membership, Enrolment, Completion, Counted, AuditEntry, Notice)
        ]

    before = world()
    seen = people_merge_preview(kept=pair[0], lost=pair[1], actor=coordinator)
    assert world() == before
    done = merged(pair, coordinator)
    assert (seen.learning, seen.record, seen.certificates) == (done.learning, done.record, done.certificates)
    assert seen.recounted == done.recounted


START = date(2025, 11, 1)
learnt = st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 120)), max_size=8)


class MergedEqualsAlone(TestCase):
    """Whoever had two records counts, once they are one, as somebody does who never had but one."""

    def setUp(self):
        StructureFactory()
        citizen = AudienceFactory(code="nguoi_dan")
        root = UnitFactory(kind="province")
        self.unit = UnitFactory(parent=root)
        structures_rebuild()
        self.actor = MembershipFactory(unit=root, audience=citizen, role=Role.PROVINCIAL_LEAD).user
        self.courses = [course_with_steps(1, hours=n + 1) for n in range(4)]
        IndicatorFactory(audiences=[citizen])
        IndicatorFactory(audiences=[citizen], courses=self.courses[:2], recurrence=Recurrence.CUMULATIVE)
        IndicatorFactory(audiences=[citizen], counting=CountingKind.HOURS, min_hours=4)
        self.people = []
        for _ in range(3):
            self.people.append(record(self.unit, citizen))
        Membership.objects.filter(user__in=self.people).update(valid_from=START)

    @settings(max_examples=draws(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(learnt=learnt, closed=st.booleans())
    def test_random_history(self, learnt, closed):
        kept, lost, alone = self.people
        seen = set()
        with self.captureOnCommitCallbacks(execute=True):
            for in_lost, course, day in learnt:
                moment = datetime(START.year, START.month, START.day, 10, tzinfo=UTC) + timedelta(days=day)
                whose = lost if in_lost else kept
                if (whose, course) in seen:
                    continue
                seen.add((whose, course))
                complete(whose, self.courses[course], moment)
                number = Enrolment.objects.filter(user=alone, course=self.courses[course]).count() + 1
                enrolment = EnrolmentFactory(user=alone, course=self.courses[course], round=number)
                _finish(enrolment, moment)
            if closed:
                ClosingFactory(unit=self.unit, year=2026, until=date(2026, 1, 31))
        with self.captureOnCommitCallbacks(execute=True):
            people_merge(kept=kept, lost=lost, actor=self.actor, reason="Thử")
        assert _facts(kept) == _facts(alone)
        assert not _facts(lost)
        assert not rollup.counted_rebuild(check=True).has_drift
        in_cells = sum(UnitMonth.objects.values_list("count", flat=True))
        assert in_cells == Counted.objects.count()


def _finish(enrolment, moment):
    for step in enrolment.course.steps.filter(is_active=True):
        step_complete(enrolment=enrolment, step=step, at=moment)


def _facts(user):
    return set(Counted.objects.filter(user=user).values_list("indicator", "year", "unit", "audience", "counted_on"))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_course_that_is_finished_at_that_instant_is_the_persons(on_postgres, province, lead):
    """Neither waits for the other for ever, and whoever comes second finds what the first one did."""
    IndicatorFactory(audiences=[province.citizen])
    IndicatorFactory(audiences=[province.citizen], counting=CountingKind.HOURS, min_hours=1)
    for _ in range(12):
        pair = [record(province.north, province.citizen) for _ in range(2)]
        enrolments = [EnrolmentFactory(user=one, course=course_with_steps(1)) for one in pair]
        at_once(
            *(lambda one=one: _finish(one, at("2026-03-01")) for one in enrolments),
            lambda pair=pair: people_merge(kept=pair[0], lost=pair[1], actor=lead, reason="Đã hỏi"),
        )
        assert Completion.objects.filter(user=pair[0]).count() == 2
        assert not Completion.objects.filter(user=pair[1]).exists()
    assert not rollup.counted_rebuild(check=True).has_drift


# --- Rounds -----------------------------------------------------------------------------------------------------------
def _round(key, *, begun, done=1, completed=None, again=False, holds=None):
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Round(
        key=key, began_again=again, started_at=moment + timedelta(days=begun),
        last_seen_at=moment + timedelta(days=begun), done=done,
        completed_at=None if completed is None else moment + timedelta(days=completed),
        valid_until=None if holds is None else (moment + timedelta(days=holds)).date(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rounds", "order"),
    [
        ([_round(1, begun=5), _round(2, begun=0, completed=3)], [1, 2]),
        ([_round(1, begun=5, again=True), _round(2, begun=0, completed=3)], [2, 1]),
        ([_round(1, begun=1, again=True), _round(2, begun=0, completed=3)], [1, 2]),
        ([_round(1, begun=0, completed=9), _round(2, begun=0, completed=3)], [2, 1]),
        ([_round(1, begun=0, done=4), _round(2, begun=7, done=2)], [2, 1]),
        ([_round(1, begun=9), _round(2, begun=0, completed=3, holds=8)], [2, 1]),
        ([_round(1, begun=8), _round(2, begun=0, completed=3, holds=8)], [1, 2]),
        ([_round(1, begun=400), _round(2, begun=0, completed=3)], [2, 1]),
    ],
    ids=[
        *("finished-after-open", "begun-anew-since", "begun-anew-before", "by-day", "the-furthest-goes-on"),
        *("after-it-ran-out", "while-it-holds", "a-new-year"),
    ],
)
def test_rounds_of_two_records(rounds, order):
    assert rounds_in_order(rounds, yearly=True, day_of=lambda moment: moment.date()) == order


# --- Refusals ---------------------------------------------------------------------------------------------------------
def _another_name(pair, province):
    User.objects.filter(pk=pair[1].pk).update(search_key="tran thi hoa", full_name="Trần Thị Hoà")


def _another_day(pair, province):
    User.objects.filter(pk=pair[1].pk).update(birth_date=date(1990, 1, 1))


def _an_office(pair, province):
    MembershipFactory(user=pair[1], unit=province.north, audience=province.staff, role=Role.TEAM_LEADER)


def _an_office_to_come(pair, province):
    MembershipFactory(
        user=pair[1], unit=province.north, audience=province.staff, role=Role.TEAM_LEADER,
        valid_from=today() + timedelta(days=30),
    )  # fmt: skip


def _elsewhere(pair, province):
    """She works at a department besides: not for the commune to say who she is there."""
    MembershipFactory(user=pair[1], unit=province.department, audience=province.staff)


def _of_the_system(pair, province):
    User.objects.filter(pk=pair[0].pk).update(is_superuser=True)


def _both_in_use(pair, province):
    User.objects.filter(pk=pair[1].pk).update(claimed_at=timezone.now())


def _in_use(pair, province):
    User.objects.filter(pk=pair[0].pk).update(claimed_at=None, password="!")
    User.objects.filter(pk=pair[1].pk).update(claimed_at=timezone.now())


def _merged(pair, province):
    other = UserFactory()
    User.objects.filter(pk=pair[1].pk).update(merged_into=other, is_active=False)


def _closed(pair, province):
    User.objects.filter(pk=pair[1].pk).update(is_active=False)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_another_name, "other_name"),
        (_another_day, "other_birth_date"),
        (_an_office, "holds_office"),
        (_an_office_to_come, "holds_office"),
        (_elsewhere, "beyond_reach"),
        (_of_the_system, "beyond_reach"),
        (_both_in_use, "both_in_use"),
        (_in_use, "account_in_use"),
        (_merged, "merged_already"),
        (_closed, "closed_record"),
    ],
)
def test_what_cannot_be_one_person_is_refused_with_a_way_out(province, pair, coordinator, spoil, code):
    spoil(pair, province)
    with pytest.raises(Refusal) as refused:
        merged(pair, coordinator)
    assert refused.value.code == code
    assert refused.value.fix
    assert not AuditEntry.objects.filter(act="person_merge").exists()


def test_the_province_may_merge_what_a_commune_may_not(province, pair, lead):
    _elsewhere(pair, province)
    _both_in_use(pair, province)
    assert merged(pair, lead).kept == pair[0]


def test_who_took_back_the_reminders_is_left_in_peace(province, pair, coordinator):
    kept, lost = pair
    for one, answer in ((kept, True), (lost, False)):
        Consent.objects.create(user=one, purpose=ConsentPurpose.REMINDERS, version="1", given=answer, how="account")
    merged(pair, coordinator)
    assert consents_in_force(kept)[ConsentPurpose.REMINDERS].given is False


def test_a_draft_of_a_team_means_the_record_that_goes_on(province, pair, coordinator):
    kept, lost = pair
    team = UnitFactory(kind=UnitKind.TEAM, parent=province.north)
    structures_rebuild()
    MembershipFactory(user=lost, unit=team, audience=province.team)
    draft = Draft(SessionStore(), team)
    merged(pair, coordinator)
    assert [seat.person for seat in draft.seats()] == [kept]


def test_a_slip_of_the_closed_record_says_what_became_of_it(client, province, pair, coordinator):
    made = slips_make(unit=province.north, people=[pair[1]], by=coordinator)
    merged(pair, coordinator)
    page = client.get(reverse("account_slip_open", args=[made[0].code])).content.decode()
    assert "đã được gộp với một hồ sơ khác" in page


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_nobody_merges_while_a_list_is_taken_in(on_postgres, province, pair, coordinator):
    codes = []

    def merge():
        with pytest.raises(Refusal) as refused:
            merged(pair, coordinator)
        codes.append(refused.value.code)

    with transaction.atomic():
        lists_lock()
        thread = threading.Thread(target=lambda: (merge(), connection.close()))
        thread.start()
        thread.join(timeout=30)
    assert codes == ["lists_busy"]
    assert merged(pair, coordinator).kept == pair[0]


def test_nobody_merges_their_own_record(province, pair, coordinator):
    with pytest.raises(Refusal, match="của mình") as refused:
        people_merge(kept=pair[0], lost=pair[1], actor=pair[0], reason="x")
    assert refused.value.code == "own_record"
    with pytest.raises(Refusal) as refused:
        people_merge(kept=pair[0], lost=pair[0], actor=coordinator, reason="x")
    assert refused.value.code == "same_record"


def test_a_day_of_birth_that_one_record_lacks_is_taken(province, pair, coordinator):
    User.objects.filter(pk=pair[0].pk).update(birth_date=None)
    pair[0].refresh_from_db()
    merged(pair, coordinator)
    assert User.objects.get(pk=pair[0].pk).birth_date == BORN


# --- Lists that name the record that is gone --------------------------------------------------------------------------
def test_a_list_that_names_the_merged_record_means_the_person(province, pair, coordinator):
    kept, lost = pair
    User.objects.filter(pk=kept.pk).update(staff_code="CB-01")
    kept.refresh_from_db()
    merged(pair, coordinator)
    rows = people_rows({"Họ và tên": NAME, "Mã cán bộ": "CB-07", "Đối tượng": "Cán bộ, công chức, viên chức"})
    roster = checked(xlsx_bytes(*rows), by=coordinator, unit=province.north)
    found = line(roster, 2)
    assert (found.outcome, found.user) == (Outcome.UNCHANGED, kept), found.problems
    assert found.problems == []


# --- Pages ------------------------------------------------------------------------------------------------------------
def _address(pair):
    return reverse("merging:merge", args=[one.uuid for one in pair])


def test_who_may_look_and_merge(client, province, pair, coordinator, other_coordinator, official, learner, lead):
    for viewer, status in (
        (coordinator, 200), (lead, 200), (other_coordinator, 403), (official, 403), (learner, 404), (pair[0], 404),
    ):  # fmt: skip
        client.force_login(viewer)
        assert client.get(_address(pair)).status_code == status, viewer
    client.force_login(other_coordinator)
    prove(client)
    assert client.post(_address(pair), {"reason": "x"}).status_code == 403
    assert not AuditEntry.objects.filter(act="person_merge").exists()


def test_one_record_outside_the_scope_is_enough_to_refuse(client, province, coordinator):
    pair = record(province.north, province.citizen), record(province.south, province.citizen)
    client.force_login(coordinator)
    for one in (pair, pair[::-1]):
        assert client.get(_address(one)).status_code == 403


def test_the_list_shows_pairs_of_ones_own_people_only(client, province, pair, coordinator, other_coordinator):
    record(province.south, province.citizen)
    client.force_login(coordinator)
    page = client.get(reverse("merging:alike")).content.decode()
    assert page.count("Xem trước khi gộp") == 1
    assert str(pair[0].uuid) in page
    client.force_login(other_coordinator)
    page = client.get(reverse("merging:alike")).content.decode()
    assert "Không có hai hồ sơ nào" in page
    page = client.get(reverse("merging:alike"), {"ten": "nguyen thi hoa"}).content.decode()
    assert "Hồ sơ duy nhất" in page
    assert str(pair[0].uuid) not in page


@pytest.mark.parametrize("number", [2, 12])
def test_the_list_costs_the_same_for_many_pairs(client, province, coordinator, django_assert_max_num_queries, number):
    for n in range(number):
        for _ in range(2):
            complete(record(province.north, province.citizen, f"Vũ Thị Thử {n}"), course_with_steps())
    client.force_login(coordinator)
    with django_assert_max_num_queries(24):
        page = client.get(reverse("merging:alike")).content.decode()
    assert page.count("Xem trước khi gộp") == number


def test_the_page_says_what_changes_and_the_act_follows_a_proof(client, province, pair, coordinator):
    IndicatorFactory(audiences=[province.citizen, province.staff], code="BG23-T")
    for one in pair:
        complete(one, course_with_steps(), at("2026-02-03"))
    client.force_login(coordinator)
    page = client.get(_address(pair)).content.decode()
    assert "BG23-T" in page
    assert "2 lần" in page
    assert "mã cán bộ <b>CB-07</b>" in page
    assert "Vì sao biết là cùng một người?" in page
    answer = client.post(_address(pair), {"reason": ""})
    assert "Ghi vì sao biết hai hồ sơ là của cùng một người." in answer.content.decode()
    answer = client.post(_address(pair), {"reason": "Đã hỏi trực tiếp"})
    assert "reauthenticate" in answer.headers["Location"]
    assert not AuditEntry.objects.filter(act="person_merge").exists()
    prove(client)
    answer = client.post(_address(pair), {"reason": "Đã hỏi trực tiếp"}, follow=True)
    assert "Đã gộp hai hồ sơ của Nguyễn Thị Hoà làm một." in answer.content.decode()
    assert answer.context["groups"] == []
    assert AuditEntry.objects.filter(act="person_merge").count() == 1
    again = client.post(_address(pair), {"reason": "Đã hỏi trực tiếp"}, follow=True)
    assert "đã được gộp trước đó" in again.content.decode()
    assert AuditEntry.objects.filter(act="person_merge").count() == 1
    page = client.get(reverse("kpi:person", args=[pair[1].uuid]))
    assert page.context["person"] == pair[0]


def test_a_refusal_stands_on_the_page_without_the_button(client, province, pair, coordinator):
    _an_office(pair, province)
    client.force_login(coordinator)
    page = client.get(_address(pair)).content.decode()
    assert "đang giữ vai trò Tổ trưởng" in page
    assert "Gộp hai hồ sơ</button>" not in page
    prove(client)
    assert client.post(_address(pair), {"reason": "x"}).status_code == 409
