"""Two officials at one instant: one target version each after the other, one declaration waits, one answer counts."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from common.errors import Refusal
from kpi.models import CountingKind, Declaration, Target, TargetVersion
from kpi.services import declaration_approve, declaration_return, declaration_submit, target_set
from people.models import Role
from people.querysets import today
from tests.factories.kpi import IndicatorFactory
from tests.factories.people import MembershipFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*works):
    """Run each in a thread of its own, all released together; returns the codes of those that were refused."""
    gate, refused, failed = threading.Barrier(len(works)), [], []

    def run(work):
        try:
            gate.wait(timeout=10)
            work()
        except Refusal as refusal:
            refused.append(refusal.code)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not failed
    return refused


def test_of_two_changes_of_one_version_the_later_is_refused(on_postgres, province, lead):
    indicator = IndicatorFactory(audiences=[province.citizen])
    words = {"actor": lead, "indicator": indicator, "unit": province.root, "measured_in": "%", "comparator": ">="}
    words |= {"year": today().year + 1, "decision_no": "1/QĐ", "decided_on": date(2026, 1, 5), "reason": "Thử"}
    refused = at_once(*(lambda n=n: target_set(value=Decimal(n), seen=0, **words) for n in range(10, 14)))
    assert refused == ["changed_meanwhile"] * 3
    assert TargetVersion.objects.get().value == Target.objects.get().value


def test_of_two_declarations_one_waits_and_of_two_answers_one_counts(on_postgres, province, lead):
    indicator = IndicatorFactory(counting=CountingKind.DECLARED)
    first = MembershipFactory(unit=province.root, audience=province.staff, role=Role.COORDINATOR).user
    words = {"actor": first, "indicator": indicator, "unit": province.root, "year": today().year, "until": today()}
    words |= {"evidence_link": "https://a.vn"}
    refused = at_once(*(lambda n=n: declaration_submit(value=Decimal(n), **words) for n in range(3)))
    assert refused == ["already_waiting"] * 2
    found = Declaration.objects.get()
    refused = at_once(
        lambda: declaration_approve(actor=lead, declaration=found),
        lambda: declaration_return(actor=lead, declaration=found, reason="Sai"),
    )
    assert refused == ["not_waiting"]
