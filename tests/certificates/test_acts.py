"""What happens to certificates after they were issued: each act, wrong input, repeats, and whole histories."""

from __future__ import annotations

import contextlib
import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.files.storage import storages
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.models import (
    Act,
    Certificate,
    CertificateState,
    ReasonClass,
    RegisterEntry,
    SeriesCounter,
)
from certificates.services import (
    certificate_cancel,
    certificate_copy,
    certificate_correct,
    certificate_reissue,
    certificate_render,
    certificate_revoke,
    proposal_for,
    register_verify,
)
from certificates.services.standing import last_of
from common.errors import Refusal
from common.models import AuditEntry
from people.audit_names import ACTS
from people.audit_words import REASON_CLASSES, STATES
from tests.factories.certificates import approve, propose
from tests.factories.courses import complete, course_with_steps

DAY = date(2026, 11, 20)
ASKED = {"asked_by": "Nguyễn Thị Ngọc Ưỡng", "copies": 2, "reason": "Nộp hồ sơ"}
DECISION = {"decision_number": "500/QĐ-SKHCN", "decision_date": DAY}
BY_DECISION = {
    "revoke": (certificate_revoke, {"reason_class": ReasonClass.FRAUD}),
    "cancel": (certificate_cancel, {"reason_class": ReasonClass.NOT_ENTITLED}),
    "reissue": (certificate_reissue, {}),
    "correct": (certificate_correct, {"changes": {"holder_name": "Nguyễn Thị Ngọc Ứng"}}),
}
ENDS = {
    "revoke": (CertificateState.REVOKED, Act.REVOKE, ReasonClass.FRAUD),
    "cancel": (CertificateState.CANCELLED, Act.CANCEL, ReasonClass.NOT_ENTITLED),
    "reissue": (CertificateState.REPLACED, Act.REISSUE, ReasonClass.LOST),
    "correct": (CertificateState.REPLACED, Act.CORRECT, ReasonClass.WRONG_CONTENT),
}
WRONG = {
    "no reason": ({"reason": "  "}, "reason_missing"),
    "no decision": ({"decision_number": ""}, "decision_missing"),
    "unclear decision": ({"decision_number": "năm trăm"}, "decision_number_unclear"),
    "decision before the day of issue": ({"decision_date": date(2026, 11, 19)}, "decision_too_early"),
    "decision in the future": ({"decision_date": date(2026, 11, 21)}, "decision_in_future"),
}
#: What cannot be corrected to; the last column is the code of the refusal.
WRONG_CORRECTIONS = {
    "nothing": ({"holder_name": "Nguyễn  Thị Ngọc Ưỡng "}, "nothing_changes"),
    "a log-in for a name": ({"holder_name": "uong69@example.vn"}, "name_unusable"),
    "one word for a name": ({"holder_name": "Ưỡng"}, "name_unusable"),
    "born after the issue": ({"holder_birth_date": date(2026, 11, 20)}, "birth_date_wrong"),
    "born in another century": ({"holder_birth_date": date(1869, 5, 17)}, "birth_date_wrong"),
    "no title": ({"course_title": " "}, "title_missing"),
    "no hours": ({"course_hours": Decimal(0)}, "hours_wrong"),
    "a score over 100": ({"score": Decimal("100.5")}, "score_wrong"),
    "finished after the issue": ({"completed_on": date(2026, 11, 21)}, "completed_on_wrong"),
}


def act(name, certificate, official, **change):
    do, more = BY_DECISION[name]
    return do(**({"certificate": certificate, "actor": official, "reason": "Lý do"} | DECISION | more | change))


@pytest.fixture
def certificate(issued) -> Certificate:
    return issued.certificate


# --- Each act --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", BY_DECISION)
def test_an_act_ends_the_certificate_and_writes_its_row(name, certificate, official, series):
    state, kind, reason_class = ENDS[name]
    _, changed = act(name, certificate, official)
    assert changed
    certificate.refresh_from_db()
    assert (certificate.state, certificate.ended_class, certificate.ended_on) == (state, reason_class, DAY)
    row = certificate.register.get(act=kind)
    assert (row.decision_number, row.decision_date, row.reason) == ("500/QĐ-SKHCN", DAY, "Lý do")
    entry = AuditEntry.objects.get(act=f"certificate_{name}")
    assert entry.after["state"] == state
    assert entry.act in ACTS
    assert register_verify(series=series.official).ok


@pytest.mark.parametrize("name", BY_DECISION)
def test_a_repeat_changes_nothing(name, certificate, official, series):
    first, _ = act(name, certificate, official)
    rows = RegisterEntry.objects.count()
    again, changed = act(name, Certificate.objects.get(pk=certificate.pk), official)
    assert not changed
    assert again.pk == first.pk
    assert RegisterEntry.objects.count() == rows
    assert AuditEntry.objects.filter(act=f"certificate_{name}").count() == 1


@pytest.mark.parametrize("name", BY_DECISION)
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_input_is_refused_and_changes_nothing(name, wrong, certificate, official, series):
    change, code = WRONG[wrong]
    with pytest.raises(Refusal) as refused:
        act(name, certificate, official, **change)
    assert refused.value.code == code
    assert refused.value.fix
    assert Certificate.objects.get(pk=certificate.pk).state == CertificateState.VALID
    assert RegisterEntry.objects.filter(series=series.official).count() == 1
    assert SeriesCounter.objects.get(series=series.official).last == 1


@pytest.mark.parametrize("name", BY_DECISION)
@pytest.mark.parametrize("who", ["coordinator", "other_coordinator", "lead", "stranger", "learner"])
def test_only_the_issuing_official_acts(name, who, certificate, request):
    with pytest.raises(Refusal) as refused:
        act(name, certificate, request.getfixturevalue(who))
    assert (refused.value.code, refused.value.status) == ("not_allowed", 403)


@pytest.mark.parametrize("first", BY_DECISION)
@pytest.mark.parametrize("second", [*BY_DECISION, "copy"])
def test_what_ended_is_not_ended_again(first, second, certificate, official):
    """The refusal names what is there; of what was replaced it leads to what stands now."""
    new, _ = act(first, certificate, official)
    if second == "copy":
        do, more = certificate_copy, ASKED
    else:
        do, more = BY_DECISION[second]
        more = more | {"reason": "Lý do"} | DECISION | {"decision_number": "501/QĐ-SKHCN"}
    with pytest.raises(Refusal) as refused:
        do(certificate=certificate, actor=official, **more)
    assert refused.value.code == "already_ended"
    said = {"revoke": "đã thu hồi ngày 20/11/2026", "cancel": "đã huỷ bỏ ngày 20/11/2026"}
    assert said.get(first, "đã được thay thế ngày 20/11/2026 bởi giấy số 00002/2026/CN-SKHCN") in refused.value.text
    if first in ("reissue", "correct"):
        assert str(new.uuid) in refused.value.detail["link"][0]


@pytest.mark.parametrize("do", [certificate_revoke, certificate_cancel])
def test_the_class_of_the_reason_is_one_of_ours(do, certificate, official):
    with pytest.raises(Refusal) as refused:
        do(certificate=certificate, actor=official, reason="x", reason_class="vì thích", **DECISION)
    assert refused.value.code == "reason_class_unknown"


def test_the_log_names_classes_and_states_as_the_models_do():
    assert {value: str(label) for value, label in ReasonClass.choices} == REASON_CLASSES
    assert set(STATES) == set(CertificateState.values)


# --- Cancelling ------------------------------------------------------------------------------------------------------
def test_who_was_issued_by_mistake_may_be_issued_anew(
    certificate, official, coordinator, series, province, course, completion
):
    act("cancel", certificate, official)
    eligible = proposal_for(series=series.official, course=course, unit=province.north).eligible
    assert [one.pk for one in eligible] == [completion.pk]
    batch = propose(proposer=coordinator, series=series.official, unit=province.north, course=course)
    approve(batch, official)
    assert batch.certificates.get().number == "00002/2026/CN-SKHCN"
    assert register_verify(series=series.official).ok


def test_who_was_revoked_is_not(certificate, official, series, province, course):
    act("revoke", certificate, official)
    assert not proposal_for(series=series.official, course=course, unit=province.north).eligible


# --- Replacing -------------------------------------------------------------------------------------------------------
def test_reissued_says_the_same_under_a_new_number_of_this_year(certificate, official, series, clock):
    clock.now = datetime(2027, 3, 1, 3, tzinfo=UTC)
    new, _ = act("reissue", certificate, official, decision_date=date(2027, 3, 1))
    same = ("holder_name", "holder_birth_date", "course_title", "course_hours", "score", "completed_on", "expires_on")
    assert {n: getattr(new, n) for n in same} == {n: getattr(certificate, n) for n in same}
    assert (new.number, new.issued_on) == ("00001/2027/CN-SKHCN", date(2027, 3, 1))
    assert (new.replaces, new.holder, new.completion) == (certificate, certificate.holder, certificate.completion)
    assert new.decision_number == "500/QĐ-SKHCN"
    rows = RegisterEntry.objects.filter(series=series.official).order_by("position")
    assert [(r.act, r.year) for r in rows] == [(Act.ISSUE, 2026), (Act.REISSUE, 2027), (Act.ISSUE, 2027)]
    assert rows[1].content["replaced_by"] == new.number
    assert rows[2].content["replaces"] == certificate.number
    assert register_verify(series=series.official).ok


def test_corrected_keeps_before_and_after(certificate, official, series):
    changes = {
        "holder_name": "nguyễn thị  Ngọc Ứng".replace("nguyễn thị", "Nguyễn Thị"),
        "holder_birth_date": date(1969, 5, 18),
        "course_title": certificate.course_title,
    }
    new, _ = act("correct", certificate, official, changes=changes)
    assert (new.holder_name, new.holder_birth_date) == ("Nguyễn Thị Ngọc Ứng", date(1969, 5, 18))
    row = certificate.register.get(act=Act.CORRECT)
    assert row.content["before"] == {"holder_name": "Nguyễn Thị Ngọc Ưỡng", "holder_birth_date": "1969-05-17"}
    assert row.content["after"] == {"holder_name": "Nguyễn Thị Ngọc Ứng", "holder_birth_date": "1969-05-18"}
    assert row.content["holder_name"] == "Nguyễn Thị Ngọc Ưỡng"
    logged = AuditEntry.objects.get(act="certificate_correct")
    assert logged.before["holder_name"] == "Nguyễn Thị Ngọc Ưỡng"


@pytest.mark.parametrize("wrong", WRONG_CORRECTIONS)
def test_what_a_certificate_cannot_say(wrong, certificate, official, series):
    changes, code = WRONG_CORRECTIONS[wrong]
    with pytest.raises(Refusal) as refused:
        act("correct", certificate, official, changes=changes)
    assert refused.value.code == code
    assert refused.value.fix
    assert SeriesCounter.objects.get(series=series.official).last == 1


def test_a_series_without_signer_replaces_nothing(certificate, official, series):
    series.official.signer_name = ""
    series.official.save()
    with pytest.raises(Refusal) as refused:
        act("reissue", certificate, official)
    assert refused.value.code == "no_signer"
    assert Certificate.objects.get(pk=certificate.pk).state == CertificateState.VALID


def test_what_has_expired_is_not_reissued(certificate, official):
    Certificate.objects.filter(pk=certificate.pk).update(expires_on=date(2026, 11, 19))
    with pytest.raises(Refusal) as refused:
        act("reissue", certificate, official)
    assert refused.value.code == "expired"
    assert "19/11/2026" in refused.value.text


def test_a_chain_leads_to_its_end(certificate, official):
    last = certificate
    for number in range(5):
        last, _ = act("reissue", last, official, decision_number=f"{600 + number}/QĐ-SKHCN")
    assert last_of(Certificate.objects.get(pk=certificate.pk)) == last
    assert last.number == "00006/2026/CN-SKHCN"


@pytest.mark.parametrize("name", ["revoke", "cancel", "reissue", "correct"])
def test_the_old_file_stays_as_it_is(name, certificate, official, client, learner):
    made = certificate_render(certificate_id=certificate.pk)
    act(name, made, official)
    certificate_render(certificate_id=certificate.pk)
    kept = Certificate.objects.get(pk=certificate.pk)
    assert (kept.file, kept.file_sha256) == (made.file, made.file_sha256)
    client.force_login(learner)
    answer = client.get(f"/chung-nhan/{certificate.uuid}/tai/")
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == made.file_sha256
    assert storages["private"].exists(made.file)


# --- Copies ----------------------------------------------------------------------------------------------------------
def test_a_copy_is_a_row_and_nothing_else(certificate, official, series):
    row, written = certificate_copy(certificate=certificate, actor=official, **ASKED)
    assert written
    assert (row.act, row.content["asked_by"], row.content["copies"]) == (Act.COPY, "Nguyễn Thị Ngọc Ưỡng", 2)
    again, written = certificate_copy(certificate=certificate, actor=official, **ASKED)
    assert (again, written) == (row, False)
    _, written = certificate_copy(certificate=certificate, actor=official, **(ASKED | {"copies": 3}))
    assert written
    assert Certificate.objects.get(pk=certificate.pk).state == CertificateState.VALID
    assert AuditEntry.objects.filter(act="certificate_copy").count() == 2
    assert register_verify(series=series.official).ok


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"asked_by": " "}, "asked_by_missing"),
        ({"copies": 0}, "copies_wrong"),
        ({"copies": 51}, "copies_wrong"),
        ({"reason": ""}, "reason_missing"),
    ],
)
def test_what_cannot_be_copied(change, code, certificate, official):
    with pytest.raises(Refusal) as refused:
        certificate_copy(certificate=certificate, actor=official, **(ASKED | change))
    assert refused.value.code == code
    assert certificate.register.count() == 1


@pytest.mark.parametrize("who", ["coordinator", "other_coordinator", "lead", "stranger"])
def test_only_the_issuing_official_copies(who, certificate, request):
    with pytest.raises(Refusal) as refused:
        certificate_copy(certificate=certificate, actor=request.getfixturevalue(who), **ASKED)
    assert refused.value.code == "not_allowed"


# --- Any history -----------------------------------------------------------------------------------------------------
STEPS = st.lists(
    st.tuples(st.sampled_from([*BY_DECISION, "copy", "issue"]), st.integers(0, 7), st.integers(1, 3)), max_size=14
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_history_keeps_the_register_sound(steps, series, province, learner, coordinator, official, db):
    """Numbers run without a gap, each chain of replacements has one certificate that was not replaced, and the
    register proves itself."""
    from django.db import transaction

    with transaction.atomic():
        _play(steps, series.official, province, learner, coordinator, official)
        assert register_verify(series=series.official).problems == []
        _check_chains(series.official)
        transaction.set_rollback(True)


def _play(steps, series, province, learner, coordinator, official):
    course = course_with_steps(lessons=1)
    complete(learner, course)
    for name, which, decision in steps:
        held = list(Certificate.objects.filter(series=series).order_by("pk"))
        with contextlib.suppress(Refusal):
            if name == "issue":
                batch = propose(proposer=coordinator, series=series, unit=province.north, course=course)
                approve(batch, official)
            elif held and name == "copy":
                certificate_copy(certificate=held[which % len(held)], actor=official, **(ASKED | {"copies": decision}))
            elif held:
                act(name, held[which % len(held)], official, decision_number=f"{decision}/QĐ-SKHCN")


def _check_chains(series):
    certificates = list(Certificate.objects.filter(series=series).order_by("seq"))
    assert [c.seq for c in certificates] == list(range(1, len(certificates) + 1))
    ends = {}
    for certificate in certificates:
        last = last_of(certificate)
        assert last.state != CertificateState.REPLACED
        ends.setdefault(last.pk, []).append(certificate)
    for chain in ends.values():
        assert sum(c.state != CertificateState.REPLACED for c in chain) == 1
    standing = [c for c in certificates if c.state in (CertificateState.VALID, CertificateState.REVOKED)]
    assert len(standing) <= 1
