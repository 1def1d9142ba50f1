"""Two officials at one instant: one target version each after the other, one declaration waits, one answer counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kpi.models import CountingKind, Declaration, Target, TargetVersion
from kpi.services import declaration_approve, declaration_return, declaration_submit, target_set
from people.models import Role
from people.querysets import today
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import MembershipFactory
from tests.threads import told_at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_of_two_changes_of_one_version_the_later_is_refused(on_postgres, province, lead):
    indicator = IndicatorFactory(audiences=[province.citizen])
    words = {"actor": lead, "indicator": indicator, "unit": province.root, "measured_in": "%", "comparator": ">="}
    words |= {"year": today().year + 1, "decision_no": "1/QĐ", "decided_on": date(2026, 1, 5), "reason": "Thử"}
    told = told_at_once(*(lambda n=n: target_set(value=Decimal(n), seen=0, **words) for n in range(10, 14)))
    assert told.count("changed_meanwhile") == 3
    assert TargetVersion.objects.get().value == Target.objects.get().value


def test_of_two_declarations_one_waits_and_of_two_answers_one_counts(on_postgres, province, lead):
    indicator = IndicatorFactory(counting=CountingKind.DECLARED)
    first = MembershipFactory(unit=province.root, audience=province.staff, role=Role.COORDINATOR).user
    words = {"actor": first, "indicator": indicator, "unit": province.root, "year": today().year, "until": today()}
    words |= {"evidence_link": "https://a.vn"}
    told = told_at_once(*(lambda n=n: declaration_submit(value=Decimal(n), **words) for n in range(3)))
    assert told.count("already_waiting") == 2
    found = Declaration.objects.get()
    told = told_at_once(
        lambda: declaration_approve(actor=lead, declaration=found),
        lambda: declaration_return(actor=lead, declaration=found, reason="Sai"),
    )
    assert told.count("not_waiting") == 1
