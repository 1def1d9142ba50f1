"""What certificates tell those above them: which act, whose papers, in the transaction that wrote them."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from certificates.models import Act, Certificate
from certificates.services import certificate_cancel, certificate_reissue, certificate_revoke, numbering
from certificates.signals import certificates_changed
from tests.factories.certificates import AT, approve, completions, propose, series_defaults
from tests.factories.courses import complete, course_with_steps

DECISION = {"reason": "Thử", "decision_number": "500/QĐ-SKHCN", "decision_date": date(2026, 11, 20)}


@pytest.fixture
def told():
    """(act, holders, how many of their papers stand in the database at that moment) of each signal."""
    heard = []

    def hear(sender, act, holders, **kwargs):
        assert transaction.get_connection().in_atomic_block
        standing = Certificate.objects.filter(holder__in=holders, state="valid").count()
        heard.append((act, list(holders), standing))

    certificates_changed.connect(hear)
    yield heard
    certificates_changed.disconnect(hear)


@pytest.fixture
def listed(province, lead, official, monkeypatch):
    """A batch of three people, numbered two at a time."""
    monkeypatch.setattr(numbering, "PORTION", 2)
    series, course = series_defaults(province).official, course_with_steps(1, automatic_confirmation=False)
    people = completions(province, province.north, 3, course)
    return propose(proposer=lead, series=series, unit=province.north, course=course, only=people), people


def test_a_list_is_told_in_portions_and_each_act_by_itself(province, official, listed, told, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    batch, people = listed
    approve(batch, official)
    assert [(act, len(holders), standing) for act, holders, standing in told] == [(Act.ISSUE, 2, 2), (Act.ISSUE, 1, 1)]
    assert {pk for _, holders, _ in told for pk in holders} == {one.user_id for one in people}
    told.clear()
    first, second, third = batch.certificates.order_by("seq")
    certificate_revoke(certificate=first, actor=official, **DECISION)
    certificate_revoke(certificate=first, actor=official, **DECISION)
    certificate_cancel(certificate=second, actor=official, **DECISION)
    certificate_reissue(certificate=third, actor=official, **DECISION)
    assert told == [
        (Act.REVOKE, [first.holder_id], 0),
        (Act.CANCEL, [second.holder_id], 0),
        (Act.REISSUE, [third.holder_id], 1),
    ]


def test_a_confirmation_is_told_and_nothing_is_told_where_none_is_issued(province, learner, told):
    complete(learner, course_with_steps(1))
    assert told == []
    series_defaults(province)
    complete(learner, course_with_steps(1))
    assert told == [(Act.ISSUE, [learner.pk], 1)]
