"""Jobs as they really travel: sent on commit through Redis, done by a Celery worker in another process."""

from __future__ import annotations

import time

import pytest
from django.core.files.storage import storages

from certificates.models import Certificate
from certificates.services import certificates_sweep
from kpi.models import UnitMonth
from tests.factories.certificates import series_defaults
from tests.factories.courses import complete, course_with_steps
from tests.factories.kpi import IndicatorFactory

pytestmark = [pytest.mark.worker, pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def wait_for(there, what: str, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline, f"{what} was not done within {seconds} s"
        time.sleep(0.2)


def test_completion_is_counted_and_its_paper_made_by_the_worker(worker, province, learner):
    series_defaults(province)
    indicator = IndicatorFactory(audiences=[province.citizen])
    completion = complete(learner, course_with_steps(lessons=1))

    # In the transaction: the number. After it, elsewhere: the file and the summary.
    certificate = Certificate.objects.get(completion=completion)
    wait_for(lambda: Certificate.objects.filter(pk=certificate.pk).exclude(file="").exists(), "the PDF")
    wait_for(
        lambda: UnitMonth.objects.filter(indicator=indicator, unit=province.north, count=1).exists(), "the summary"
    )
    certificate.refresh_from_db()
    with storages["private"].open(certificate.file) as file:
        assert file.read(5) == b"%PDF-"
    assert certificate.render_error == ""


def test_sweep_finds_what_a_lost_queue_forgot(transactional_db, province, learner, settings, monkeypatch):
    """A broker that is down costs time, never a certificate."""
    from certificates import tasks

    def broken(*args, **kwargs):
        raise ConnectionError("the queue does not answer")

    monkeypatch.setattr(tasks.render, "apply_async", broken)
    series_defaults(province)
    complete(learner, course_with_steps(lessons=1))
    assert Certificate.objects.get().file == ""
    made = list(certificates_sweep())
    assert len(made) == 1
    assert Certificate.objects.get().file != ""
