"""Two people at one draft, or at one due, at one instant: one report is issued, one hand-in stands."""

from __future__ import annotations

from datetime import date

import pytest

from common.errors import Refusal
from common.models import AuditEntry
from kpi.models import Report, ReportState
from kpi.services import report_draft, report_issue, report_save
from kpi.services.dues import due_hand_in
from tests.factories.kpi import IndicatorFactory
from tests.factories.kpi_reports import ClosingFactory, ReportDueFactory, ReportDutyFactory, closed_percent
from tests.threads import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SIGNED = {"signer_title": "Chủ tịch", "signer_name": "Lò Văn Hà"}


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    for module in ("services.dues", "services.reports", "report_reading"):
        monkeypatch.setattr(f"kpi.{module}.today", lambda: date(2026, 11, 29))


@pytest.fixture
def closing(province):
    made = ClosingFactory(unit=province.root, structure=province.structure)
    closed_percent(made, IndicatorFactory(code="BG23-T1"), province.north, 10, 100)
    return made


def signed(actor, unit, closing):
    report = report_draft(actor=actor, unit=unit, closing=closing)
    return report_save(actor=actor, report=report, version=1, fields=SIGNED, parts={})


def answers(*works):
    """What each of the works came to, run at one instant: "done", or the code of the refusal."""
    came = []

    def run(work):
        try:
            work()
            came.append("done")
        except Refusal as refused:
            came.append(refused.code)

    at_once(*(lambda work=work: run(work) for work in works))
    return sorted(came)


def test_of_two_who_issue_at_once_one_report_goes_out(on_postgres, province, closing, lead, coordinator):
    """One draft by two people under two numbers; then two drafts of a unit under one number."""
    for n in range(3):
        report = signed(coordinator, province.north, closing)
        said = {"report": report, "version": 2, "dated_on": date(2026, 10, 5)}
        numbers = (f"{n}1/BC-UBND", f"{n}2/BC-UBND")
        came = answers(
            lambda said=said, number=numbers[0]: report_issue(actor=lead, number=number, **said),
            lambda said=said, number=numbers[1]: report_issue(actor=coordinator, number=number, **said),
        )
        assert came == ["done", "issued_already"]
        report.refresh_from_db()
        assert (report.state, report.version) == (ReportState.ISSUED, 3)
        assert report.number in numbers
        drafts = [(actor, signed(actor, province.north, closing)) for actor in (lead, coordinator)]
        said = {"version": 2, "number": f"{n}/BC-UBND", "dated_on": date(2026, 10, 5)}
        came = answers(
            *(
                lambda actor=actor, draft=draft, said=said: report_issue(actor=actor, report=draft, **said)
                for actor, draft in drafts
            )
        )
        assert came == ["done", "number_taken"]
    assert Report.objects.filter(state=ReportState.ISSUED).count() == 6
    assert AuditEntry.objects.filter(act="kpi.report_issued").count() == 6


def test_of_two_who_save_or_hand_in_at_once_one_is_told(on_postgres, province, closing, lead, coordinator):
    for n in range(3):
        report = report_draft(actor=coordinator, unit=province.north, closing=closing)
        said = {"report": report, "version": 1, "fields": {}}
        came = answers(
            *(
                lambda actor=actor, said=said: report_save(actor=actor, parts={"chung": actor.full_name}, **said)
                for actor in (lead, coordinator)
            )
        )
        assert came == ["done", "saved_meanwhile"]
        due = ReportDueFactory(duty=ReportDutyFactory(), unit=province.north)
        said = {"due": due, "on": date(2026, 11, 20)}
        came = answers(
            lambda said=said, n=n: due_hand_in(actor=lead, letter=f"{n}1/BC-UBND", **said),
            lambda said=said, n=n: due_hand_in(actor=coordinator, letter=f"{n}2/BC-UBND", **said),
        )
        assert came == ["done", "handed_in"]
