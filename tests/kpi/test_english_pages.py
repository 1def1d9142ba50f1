"""What a learner reads of the figures, in English: where they count, where not yet, why, and who can mend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from certificates.services import certificate_revoke
from courses.models import Level
from kpi.explaining import Condition, Finding
from kpi.explaining_reads import explained_of
from kpi.explaining_words import said_of
from kpi.models import Counted, CountingKind
from tests.english import english, held_texts, vietnamese_in
from tests.factories.certificates import DECISION, approve, propose, series_defaults
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory
from tests.kpi.conftest import at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_2026(monkeypatch):
    monkeypatch.setattr("kpi.views_people.today", lambda: date(2026, 11, 20))


@pytest.fixture
def reader(learner):
    """A learner's browser with English chosen."""
    client = Client()
    client.force_login(learner)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def mine(reader, **asked):
    return english(reader.get(reverse("kpi_own:mine"), asked))


def test_somebody_new(reader, province):
    IndicatorFactory(text="Học mỗi năm", audiences=[province.citizen])
    IndicatorFactory(text="Cán bộ học mỗi năm", audiences=[province.staff])
    page = mine(reader)
    assert "Which targets do I count towards?" in page
    assert "No course completed in 2026 yet." in page
    assert "Who takes care of this: you" in page
    assert "1 target for other audiences" in page
    assert 'This target is for: <span translate="no">' in page


def test_somebody_without_a_place(reader, learner):
    learner.memberships.all().delete()
    assert "You have not said where you live" in mine(reader)


def test_counted_and_not(reader, learner, province, coordinator, lead):
    course = course_with_steps(1, title="An toàn thông tin")
    IndicatorFactory(text="Học mỗi năm", audiences=[province.citizen])
    IndicatorFactory(text="Học an toàn thông tin", audiences=[province.citizen], courses=[course])
    IndicatorFactory(text="Đủ giờ", audiences=[province.citizen], counting=CountingKind.HOURS, min_hours=8)
    complete(learner, course_with_steps(1, title="Kỹ năng số"), at("2026-03-01"))
    page = mine(reader)
    assert (
        'You count because of the course “<span lang="vi">Kỹ năng số</span>”, on 1 March 2026, for '
        '<span translate="no">Xã Xuân Lương</span>.' in page
    )
    assert "but that course does not count for this target." in page
    assert "Take one of the courses that count: <a" in page
    assert "Hours learnt: 1.5; hours needed: 8." in page
    assert 'ask the lead unit of the province: <span translate="no">Vũ Thị Hằng (Tỉnh Bắc Ninh).</span>' in page
    assert "Not counted in any target of 2025 yet." in mine(reader, nam="2025")


def test_a_paper_that_is_missing_and_one_that_ended(reader, learner, province, coordinator, official):
    series = series_defaults(province).official
    IndicatorFactory(audiences=[province.citizen], counting=CountingKind.CERTIFICATE, series=[series])
    course = course_with_steps(1, title="Kỹ năng số")
    completion = complete(learner, course, at("2026-03-01"))
    assert "has not been issued to you yet." in mine(reader)
    batch = propose(proposer=coordinator, series=series, unit=province.north, course=course, only=[completion])
    approve(batch, official)
    asked = DECISION | {"decision_date": timezone.localdate()}
    certificate_revoke(certificate=batch.certificates.get(), actor=official, reason="Thử", **asked)
    assert "was revoked on" in mine(reader)


def test_what_should_count_and_does_not(reader, learner, province):
    IndicatorFactory(audiences=[province.citizen])
    complete(learner, course_with_steps(1), at("2026-03-01"))
    Counted.objects.all().delete()
    page = mine(reader)
    assert "All conditions are met, but the figures have not been worked out again yet." in page
    assert "Who takes care of this: nobody yet" in page


def test_an_unknown_year(reader):
    page = english(reader.get(reverse("kpi_own:mine"), {"nam": "1999"}), status=404)
    assert "There are figures from 2022 to 2026 only." in page


def test_every_condition_has_english_words(learner, province):
    """With whatever little is known; for those who count each year and those who count once."""
    IndicatorFactory(audiences=[province.citizen])
    complete(learner, course_with_steps(1), at("2026-03-01"))
    [one] = explained_of([learner], 2026)[learner.pk]
    one = replace(one, learnt="Safe online", indicator=one.indicator)
    with translation.override("en"):
        for yearly in (True, False):
            rule = replace(one.rule, yearly=yearly, level=Level.PROFICIENT, min_hours=Decimal(5))
            for condition in set(Condition) - {Condition.COUNTED, Condition.NOT_IN_AUDIENCE}:
                for reached in (None, Decimal("1.5")):
                    said = said_of(replace(one, rule=rule, finding=Finding(condition, None, reached)), 2026)
                    assert list(vietnamese_in(f"{said.what} {said.fix}")) == [], condition


def test_officials_read_of_a_person_in_the_language_they_chose(learner, province, lead):
    IndicatorFactory(audiences=[province.citizen])
    client = Client()
    client.force_login(lead)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = english(client.get(reverse("kpi:person", args=[learner.uuid])), held=held_texts())
    assert "No course completed in 2026 yet." in page
    assert "Who takes care of this: the learner" in page
