"""A province with its two series, and one person with an official certificate."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.utils import timezone

from courses.models import Completion
from tests.factories.certificates import AT, approve, propose, series_defaults
from tests.factories.courses import complete, course_with_steps


@pytest.fixture(autouse=True)
def _no_counts_left():
    """Look-ups counted by one test are not held against the next."""
    cache.clear()


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> SimpleNamespace:
    """It is 20/11/2026 unless a test sets ``clock.now``: numbers and register rows are dated when they are written."""
    hands = SimpleNamespace(now=AT)
    monkeypatch.setattr(timezone, "now", lambda: hands.now)
    return hands


@pytest.fixture
def series(province):
    return series_defaults(province)


@pytest.fixture
def course(db):
    return course_with_steps(lessons=2, title="5 kỹ năng số cơ bản")


@pytest.fixture
def completion(series, learner, course) -> Completion:
    """The learner of Xã Xuân Lương finished the course (and has the automatic confirmation)."""
    return complete(learner, course)


@pytest.fixture
def batch(completion, coordinator, series, province, course):
    return propose(proposer=coordinator, series=series.official, unit=province.north, course=course)


@pytest.fixture
def issued(batch, official) -> SimpleNamespace:
    """The learner's official certificate, and the batch it came with."""
    approve(batch, official)
    return SimpleNamespace(batch=batch, certificate=batch.certificates.get())
