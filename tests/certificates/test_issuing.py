"""Numbers, freezing, idempotence, four eyes, revocation."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.eligibility import Code
from certificates.models import (
    Act,
    Batch,
    BatchState,
    Certificate,
    CertificateState,
    RegisterEntry,
    SeriesCounter,
)
from certificates.services import (
    batch_approve,
    batch_items_exclude,
    batch_last_completed_on,
    batch_number,
    batch_propose,
    batch_reject,
    certificate_revoke,
    certificates_issue_automatic,
    proposal_for,
    register_verify,
    series_ensure_defaults,
)
from certificates.services.decisions import decision_number
from certificates.services.issuing import issuer_name
from common.errors import Refusal
from common.models import AuditEntry
from courses.models import Completion
from people.models import Role, UnitKind
from tests.factories.certificates import AT, DECISION, approve, completions, propose
from tests.factories.courses import complete, course_with_steps
from tests.factories.people import MembershipFactory, UnitFactory, UserFactory
from tests.lanes import draws

REFORM = date(2025, 7, 1)


def test_completing_a_course_numbers_a_confirmation(completion, series):
    certificate = Certificate.objects.get()
    assert certificate.number == "00001/2026/XN-HS"
    assert certificate.holder_name == "Nguyễn Thị Ngọc Ưỡng"
    assert certificate.issuer_name == "Sở Khoa học và Công nghệ tỉnh Bắc Ninh"
    assert certificate.place == "Bắc Ninh"
    entry = RegisterEntry.objects.get()
    assert (entry.act, entry.position, entry.actor) == (Act.ISSUE, 1, None)
    assert entry.content["number"] == certificate.number


def test_issuing_again_gives_the_same_certificate(completion):
    assert certificates_issue_automatic(completions=[completion]) == []
    assert Certificate.objects.count() == 1
    assert RegisterEntry.objects.count() == 1
    assert SeriesCounter.objects.get().last == 1


def test_no_confirmation_where_the_course_gives_none(series, learner):
    course = course_with_steps(lessons=1, automatic_confirmation=False)
    assert certificates_issue_automatic(completions=[complete(learner, course)]) == []
    assert not Certificate.objects.exists()


def test_no_automatic_series_is_not_an_error(learner, course):
    completion = complete(learner, course)
    assert certificates_issue_automatic(completions=[completion]) == []


def test_year_and_day_are_those_of_the_province(series, learner, clock):
    """18:00 UTC on 31 December is already the new year in Vietnam."""
    clock.now = datetime(2026, 12, 31, 18, tzinfo=UTC)
    complete(learner, course_with_steps(lessons=1), clock.now)
    certificate = Certificate.objects.get()
    assert (certificate.year, certificate.issued_on) == (2027, date(2027, 1, 1))
    assert certificate.number.startswith("00001/2027/")


def test_a_late_completion_is_numbered_on_the_day_of_writing(series, province, learner, clock):
    """An attempt closed on 30 December and swept on 2 January: this year's number, last year's completion."""
    completions(province, province.north)
    clock.now = datetime(2027, 1, 2, 1, tzinfo=UTC)
    completion = complete(learner, course_with_steps(lessons=1), datetime(2026, 12, 30, 10, tzinfo=UTC))
    certificate = completion.certificates.get()
    assert certificate.number == "00001/2027/XN-HS"
    assert (certificate.year, certificate.issued_on) == (2027, date(2027, 1, 2))
    assert certificate.completed_on == date(2026, 12, 30)
    assert certificate.register.get().at == clock.now
    written = list(series.automatic.register.order_by("position").values_list("at", flat=True))
    assert written == sorted(written)
    assert register_verify(series=series.automatic).ok


def test_frozen_content_survives_rename_transfer_and_new_signer(issued, learner, province, course, series):
    certificate = issued.certificate
    before = {f.attname: getattr(certificate, f.attname) for f in Certificate._meta.concrete_fields}
    learner.full_name = "Nguyễn Thị Khác"
    learner.save()
    learner.memberships.update(unit=province.south)
    course.title = "Tên mới"
    course.save()
    province.department.name = "Sở Mới"
    province.department.save()
    series.official.signer_name = "Người khác"
    series.official.save()
    certificate.refresh_from_db()
    assert {f.attname: getattr(certificate, f.attname) for f in Certificate._meta.concrete_fields} == before
    assert register_verify(series=series.official).ok


@settings(max_examples=draws(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(outcomes=st.lists(st.booleans(), min_size=1, max_size=12))
def test_numbers_have_no_gap_when_transactions_fail(province, series, outcomes):
    course = course_with_steps(lessons=1, automatic_confirmation=False)
    done = completions(province, province.north, len(outcomes), course=course)
    course.automatic_confirmation = True
    course.save()
    with transaction.atomic():
        for completion, succeeds in zip(done, outcomes, strict=True):
            try:
                with transaction.atomic():
                    certificates_issue_automatic(completions=[Completion.objects.get(pk=completion.pk)])
                    if not succeeds:
                        raise RuntimeError("something after the number failed")
            except RuntimeError:
                pass
        numbers = list(series.automatic.certificates.order_by("seq").values_list("seq", flat=True))
        assert numbers == list(range(1, sum(outcomes) + 1))
        report = register_verify(series=series.automatic)
        assert report.ok, report
        transaction.set_rollback(True)


def test_two_certificates_cannot_share_a_number(issued):
    certificate = Certificate.objects.get(pk=issued.certificate.pk)
    certificate.pk, certificate.uuid, certificate.token, certificate.number = None, None, "x", "y"
    with pytest.raises(IntegrityError), transaction.atomic():
        certificate.save(force_insert=True)


@pytest.mark.parametrize("what", ["save", "delete"])
def test_register_rows_are_append_only(issued, what):
    entry = RegisterEntry.objects.filter(certificate=issued.certificate).get()
    with pytest.raises(TypeError):
        getattr(entry, what)()


def test_a_batch_issues_in_order_of_given_names(series, province, coordinator, official):
    course = course_with_steps(lessons=1)
    for name in ("Trần Văn Ý", "Lê Thị Ánh", "Phạm Đức Bình"):
        completions(province, province.north, course=course, full_name=name)
    batch = approve(propose(proposer=coordinator, series=series.official, unit=province.north, course=course), official)
    assert batch.state == BatchState.ISSUED
    assert list(batch.certificates.order_by("seq").values_list("number", "holder_name")) == [
        ("00001/2026/CN-SKHCN", "Lê Thị Ánh"),
        ("00002/2026/CN-SKHCN", "Phạm Đức Bình"),
        ("00003/2026/CN-SKHCN", "Trần Văn Ý"),
    ]
    assert register_verify(series=series.official).ok
    assert set(AuditEntry.objects.values_list("act", flat=True)) == {
        "batch_propose",
        "batch_approve",
        "batch_number",
    }


def test_approving_twice_issues_nothing_twice(issued, official):
    assert batch_approve(batch=issued.batch, approver=official, **DECISION)[1] is False
    assert issued.batch.certificates.count() == 1


def test_four_eyes(series, province, course, completion):
    """Somebody with both offices still cannot approve their own list."""
    both = UserFactory(full_name="Ngô Văn Hai Vai")
    for role in (Role.PROVINCIAL_LEAD, Role.ISSUING_OFFICIAL):
        MembershipFactory(user=both, unit=province.root, audience=province.staff, role=role)
    batch = propose(proposer=both, series=series.official, unit=province.north, course=course)
    with pytest.raises(Refusal) as refused:
        batch_approve(batch=batch, approver=both, **DECISION)
    assert refused.value.code == "four_eyes"
    assert not series.official.certificates.exists()
    assert Batch.objects.get().state == BatchState.PROPOSED


@pytest.mark.parametrize("signer", [("", ""), ("Trần Đức Hiếu", ""), ("", "Phó Giám đốc")])
def test_no_approval_before_somebody_can_sign(batch, official, series, signer):
    series.official.signer_name, series.official.signer_title = signer
    series.official.save()
    with pytest.raises(Refusal) as refused:
        batch_approve(batch=batch, approver=official, **DECISION)
    assert refused.value.code == "no_signer"
    assert f"Loại giấy, dòng «{series.official.name}»" in refused.value.fix
    assert refused.value.detail["back"] == f"/quan-ly/cap-chung-nhan/dot/{batch.uuid}/"
    batch.refresh_from_db()
    assert (batch.state, batch.approved_by) == (BatchState.PROPOSED, None)
    assert not series.official.certificates.exists()
    series_ensure_defaults(unit=series.official.unit, signer_name="Trần Đức Hiếu", signer_title="Phó Giám đốc")
    if signer == ("", ""):
        approve(batch, official)
        assert batch.certificates.get().signer_name == "Trần Đức Hiếu"


@pytest.mark.parametrize(
    ("there", "given", "after"),
    [
        (("", ""), ("", ""), ("", "")),
        (("", ""), ("Trần Đức Hiếu", "Phó Giám đốc"), ("Trần Đức Hiếu", "Phó Giám đốc")),
        (("Ngô Thị Mới", "Giám đốc"), ("Trần Đức Hiếu", "Phó Giám đốc"), ("Ngô Thị Mới", "Giám đốc")),
        (("Ngô Thị Mới", ""), ("Trần Đức Hiếu", "Phó Giám đốc"), ("Ngô Thị Mới", "")),
        (("Ngô Thị Mới", "Giám đốc"), ("", ""), ("Ngô Thị Mới", "Giám đốc")),
    ],
)
def test_a_signer_given_later_fills_an_empty_place_only(province, there, given, after):
    series_ensure_defaults(unit=province.department, signer_name=there[0], signer_title=there[1])
    _, official = series_ensure_defaults(unit=province.department, signer_name=given[0], signer_title=given[1])
    assert (official.signer_name, official.signer_title) == after
    official.refresh_from_db()
    assert (official.signer_name, official.signer_title) == after


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"decision_number": "  "}, "decision_missing"),
        ({"decision_number": "1"}, "decision_number_unclear"),
        ({"decision_date": (AT + timedelta(days=1)).date()}, "decision_in_future"),
        ({"decision_date": (AT - timedelta(days=1)).date()}, "decision_too_early"),
        ({"decision_date": date(1990, 1, 1)}, "decision_too_early"),
    ],
)
def test_approval_and_revocation_need_a_decision_that_can_be(batch, official, learner, change, code):
    with pytest.raises(Refusal) as refused:
        batch_approve(batch=batch, approver=official, **(DECISION | change))
    assert refused.value.code == code
    assert not batch.certificates.exists()
    approve(batch, official)
    with pytest.raises(Refusal) as refused:
        certificate_revoke(certificate=batch.certificates.get(), actor=official, reason="Thi hộ", **(DECISION | change))
    assert refused.value.code == code
    assert batch.certificates.get().state == CertificateState.VALID


def test_the_last_of_the_list_sets_the_first_day_of_its_decision(series, province, coordinator, official, clock):
    """18:30 UTC on 21 November is the 22nd in Vietnam; who is taken off the list no longer counts."""
    course = course_with_steps(lessons=1)
    completions(province, province.north, course=course)
    late = MembershipFactory(
        user=UserFactory(full_name="Lê Thị Muộn"), unit=province.north, audience=province.citizen, role=Role.LEARNER
    ).user
    clock.now = datetime(2026, 11, 22, 3, tzinfo=UTC)
    complete(late, course, datetime(2026, 11, 21, 18, 30, tzinfo=UTC))
    batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
    assert batch_last_completed_on(batch=batch) == date(2026, 11, 22)
    with pytest.raises(Refusal) as refused:
        batch_approve(batch=batch, approver=official, decision_number="9/QĐ-SKHCN", decision_date=date(2026, 11, 21))
    assert refused.value.text == (
        "Ngày quyết định ở trước ngày 22/11/2026, là ngày người cuối cùng trong danh sách hoàn thành khoá học."
    )
    batch_items_exclude(
        batch=batch, items=[batch.items.get(completion__user=late).pk], reason="Chờ đợt sau", actor=official
    )
    assert batch_last_completed_on(batch=batch) == date(2026, 11, 20)
    batch_approve(batch=batch, approver=official, decision_number="9/qđ-skhcn", decision_date=date(2026, 11, 21))
    batch_number(batch=batch)
    assert batch.certificates.get().decision_number == "9/QĐ-SKHCN"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("412/QĐ-SKHCN", "412/QĐ-SKHCN"),
        ("413/qđ-skhcn", "413/QĐ-SKHCN"),
        (" 15 / 2026 / qđ – ubnd ", "15/2026/QĐ-UBND"),
        (unicodedata.normalize("NFD", "31/qđ-bộyt"), "31/QĐ-BỘYT"),
        ("26a/QĐ-SKHCN", "26A/QĐ-SKHCN"),
        ("1234/QĐ-UBND-VX1", "1234/QĐ-UBND-VX1"),
        ("3/QĐ", "3/QĐ"),
    ],
)
def test_numbers_of_documents(typed, kept):
    assert decision_number(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["1", "412", "/QĐ", "QĐ-412", "412/", "412/2026", "412/2026/", "a/b", "412/QĐ-", "412/QĐ SKHCN", "1/Q" * 30],
)
def test_not_numbers_of_documents(typed):
    with pytest.raises(Refusal) as refused:
        decision_number(typed)
    assert refused.value.code == "decision_number_unclear"
    assert "412/QĐ-SKHCN" in refused.value.text


def test_only_the_right_offices_propose_approve_and_revoke(issued, batch, coordinator, other_coordinator, stranger):
    arguments = {"series": batch.series, "course": batch.course, "title": "x", "completions": [], "unit": batch.unit}
    for person in (other_coordinator, stranger):
        with pytest.raises(Refusal) as refused:
            batch_propose(proposer=person, **arguments)
        assert refused.value.code == "not_allowed"
    for person in (coordinator, other_coordinator, stranger):
        with pytest.raises(Refusal) as refused:
            batch_approve(batch=batch, approver=person, **DECISION)
        assert refused.value.code == "not_allowed"
        with pytest.raises(Refusal) as refused:
            certificate_revoke(certificate=issued.certificate, actor=person, reason="x", **DECISION)
        assert refused.value.code == "not_allowed"


def test_excluded_people_get_nothing_and_can_be_proposed_again(series, province, coordinator, official, course):
    first, second = completions(province, province.north, 2, course=course)
    batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
    batch_items_exclude(
        batch=batch, items=[batch.items.get(completion=second).pk], reason="Nghỉ việc", actor=coordinator
    )
    approve(batch, official)
    assert [c.completion for c in batch.certificates.all()] == [first]
    proposal = proposal_for(series=series.official, course=course, unit=province.north)
    assert proposal.ids(Code.ELIGIBLE) == [second.pk]
    assert proposal.ids(Code.ISSUED) == [first.pk]


def test_a_rejected_batch_is_closed_and_frees_its_people(batch, official, series, province, course, completion):
    proposal = proposal_for(series=series.official, course=course, unit=province.north)
    assert proposal.ids(Code.WAITING) == [completion.pk]
    assert proposal.counts == {Code.ELIGIBLE: 0, Code.WAITING: 1}
    batch_reject(batch=batch, actor=official, reason="Thiếu hồ sơ")
    assert batch_reject(batch=batch, actor=official, reason="Thiếu hồ sơ")[1] is False
    with pytest.raises(Refusal) as refused:
        batch_approve(batch=batch, approver=official, **DECISION)
    assert refused.value.code == "batch_closed"
    proposal = proposal_for(series=series.official, course=course, unit=province.north)
    assert proposal.ids(Code.ELIGIBLE) == [completion.pk]


@pytest.mark.parametrize("name", ["hoa@example.vn", "0912345678", "Hoa"])
def test_a_log_in_is_not_a_name(series, province, course, name):
    completions(province, province.north, course=course, full_name=name)
    proposal = proposal_for(series=series.official, course=course, unit=province.north)
    assert proposal.counts == {Code.ELIGIBLE: 0, Code.NAME_UNUSABLE: 1}


def test_proposals_stay_inside_the_unit(series, province, course, coordinator):
    (outside,) = completions(province, province.south, course=course)
    with pytest.raises(Refusal) as refused:
        batch_propose(
            proposer=coordinator,
            series=series.official,
            course=course,
            unit=province.north,
            title="x",
            completions=[outside],
        )
    assert refused.value.code == "not_eligible"


def test_who_stands_nowhere_is_on_the_list_of_the_whole_province(series, province, course, lead, official):
    """Without a commune no unit of the tree answers for them; today's province does."""
    nowhere = complete(UserFactory(full_name="Vi Thị Chưa Rõ"), course, AT)
    assert nowhere.standings.get().unit is None
    (known,) = completions(province, province.north, course=course)
    past = UnitFactory(name="Tỉnh Bắc Giang", kind=UnitKind.PROVINCE, valid_from=date(2022, 1, 1), valid_to=REFORM)
    apart = UnitFactory(name="Trường Đại học X", kind=UnitKind.SCHOOL, parent=None)
    listed = {
        unit: set(proposal_for(series=series.official, course=course, unit=unit).ids(Code.ELIGIBLE))
        for unit in (province.root, province.north, province.department, past, apart)
    }
    assert listed == {
        province.root: {nowhere.pk, known.pk},
        province.north: {known.pk},
        province.department: set(),
        past: set(),
        apart: set(),
    }
    batch = approve(propose(proposer=lead, series=series.official, unit=province.root, course=course), official)
    assert batch.certificates.filter(holder=nowhere.user).exists()


def test_automatic_series_takes_no_batches(series, province, course, coordinator, completion):
    with pytest.raises(Refusal) as refused:
        propose(proposer=coordinator, series=series.automatic, unit=province.north, course=course)
    assert refused.value.code == "automatic_series"


def test_revocation_is_a_new_row_and_happens_once(issued, official, series):
    change = {"actor": official, "reason": "Thi hộ", **DECISION}
    _, changed = certificate_revoke(certificate=issued.certificate, **change)
    assert changed
    _, again = certificate_revoke(certificate=issued.certificate, **change)
    assert not again
    issued.certificate.refresh_from_db()
    assert issued.certificate.state == CertificateState.REVOKED
    acts = RegisterEntry.objects.filter(series=series.official).order_by("position").values_list("act", flat=True)
    assert list(acts) == [Act.ISSUE, Act.REVOKE]
    assert AuditEntry.objects.filter(act="certificate_revoke", actor=official).count() == 1
    assert register_verify(series=series.official).ok


def test_numbers_of_revoked_certificates_are_not_reused(issued, official, series, province, coordinator):
    certificate_revoke(certificate=issued.certificate, actor=official, reason="Thi hộ", **DECISION)
    course = course_with_steps(lessons=1)
    completions(province, province.north, course=course)
    batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
    assert approve(batch, official).certificates.get().seq == 2


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("Sở Khoa học và Công nghệ", UnitKind.DEPARTMENT, "Sở Khoa học và Công nghệ tỉnh Bắc Ninh"),
        ("Sở Y tế tỉnh Bắc Ninh", UnitKind.DEPARTMENT, "Sở Y tế tỉnh Bắc Ninh"),
        ("Xã Đông Phú", UnitKind.COMMUNE, "Xã Đông Phú"),
    ],
)
def test_issuer_is_named_with_its_province(province, name, kind, expected):
    assert issuer_name(UnitFactory(name=name, kind=kind, parent=province.root)) == expected


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_concurrent_issues_give_one_certificate_and_numbers_without_gap(on_postgres, province, series):
    """Two issues of every completion at once, and different completions side by side."""
    course = course_with_steps(lessons=1, automatic_confirmation=False)
    done = completions(province, province.north, 6, course=course)
    course.automatic_confirmation = True
    course.save()
    start = Barrier(12)
    errors = []

    def issue(pk: int) -> None:
        try:
            start.wait(10)
            certificates_issue_automatic(completions=[Completion.objects.get(pk=pk)])
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=issue, args=(c.pk,)) for c in done for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert list(series.automatic.certificates.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert register_verify(series=series.automatic).ok


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_concurrent_approvals_issue_once(on_postgres, batch, official, series):
    start = Barrier(4)
    issued, errors = [], []

    def approve_now() -> None:
        try:
            start.wait(10)
            issued.append(batch_approve(batch=batch, approver=official, **DECISION)[1])
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=approve_now) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert sorted(issued) == [False, False, False, True]
    assert series.official.certificates.count() == 1
