"""From where an act came: the visitor's address, as far as it can be trusted."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from common import audit, jobs
from common.models import AuditEntry
from lms.middleware import RequestAddressMiddleware
from people.models import Role
from tests.factories.people import MembershipFactory


def address_in(request, *, fails=False):
    """What the log would keep while this request is answered."""
    seen = []

    def answer(_):
        seen.append(audit._from_address.get())
        if fails:
            raise RuntimeError
        return HttpResponse()

    try:
        RequestAddressMiddleware(answer)(request)
    except RuntimeError:
        assert fails
    assert audit._from_address.get() is None, "the next request starts with nobody's address"
    return seen[0]


@pytest.mark.parametrize(
    ("connection", "header", "proxies", "kept"),
    [
        ("10.0.0.7", None, 0, "10.0.0.7"),
        ("10.0.0.7", "1.2.3.4", 0, "10.0.0.7"),  # visitors write headers themselves
        ("10.0.0.7", "1.2.3.4", 1, "1.2.3.4"),
        ("10.0.0.7", "6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),  # only what the front server appended counts
        ("10.0.0.7", None, 1, "10.0.0.7"),
        ("10.0.0.7", "not an address", 1, None),
        ("10.0.0.7", "1.2.3.4", 2, None),
        ("2001:db8::1", None, 0, "2001:db8::1"),
        ("", None, 0, None),
    ],
)
def test_whose_address_is_kept(settings, connection, header, proxies, kept):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    extra = {"HTTP_X_FORWARDED_FOR": header} if header else {}
    assert address_in(RequestFactory().get("/", REMOTE_ADDR=connection, **extra)) == kept


def test_an_address_is_forgotten_when_the_page_breaks():
    address_in(RequestFactory().get("/"), fails=True)


def test_an_act_in_a_request_keeps_the_address(client, province):
    chief = MembershipFactory(unit=province.root, audience=province.staff, role=Role.ADMINISTRATOR).user
    client.force_login(chief)
    with_address = client.get("/quan-ly/nhat-ky/tep.csv", REMOTE_ADDR="10.0.0.9")
    if with_address.status_code == 302:  # a fresh proof is asked for first
        from tests.proof import prove

        prove(client)
        client.get("/quan-ly/nhat-ky/tep.csv", REMOTE_ADDR="10.0.0.9")
    assert AuditEntry.objects.get(act="audit_export").from_address == "10.0.0.9"


def test_an_act_outside_a_request_has_none(province, lead):
    assert audit.record(actor=lead, act="unit_add", subject=province.north).from_address is None


@pytest.fixture
def kind(monkeypatch):
    """A kind of job that does an official act."""

    def work(progress, *, unit):
        audit.record(actor=progress.job.owner, act="unit_rename", subject=progress.job.owner)
        if unit == "fails":
            raise RuntimeError
        return {}

    monkeypatch.setitem(jobs._WORK, "tests.act", work)
    return "tests.act"


@pytest.mark.parametrize("unit", ["works", "fails"])
def test_what_a_job_writes_says_from_where_it_was_asked_for(province, coordinator, kind, unit):
    token = audit.remember_address("10.0.0.9")
    job = jobs.job_open(kind=kind, owner=coordinator, title="x", args={"unit": unit})
    audit.forget_address(token)
    jobs.job_run(uuid=str(job.uuid))
    assert list(AuditEntry.objects.values_list("from_address", flat=True)) == ["10.0.0.9"]
    assert audit.address_now() is None, "the next job of the worker starts with nobody's address"
    assert set(job.args) == {"unit"}


def test_a_job_inside_a_request_leaves_the_request_its_address(province, coordinator, kind):
    job = jobs.job_open(kind=kind, owner=coordinator, title="x", args={"unit": "works"})
    token = audit.remember_address("10.0.0.7")
    jobs.job_run(uuid=str(job.uuid))
    assert audit.address_now() == "10.0.0.7"
    audit.forget_address(token)
    assert AuditEntry.objects.get().from_address is None, "a command asked for the job"


def test_who_tries_again_asks_from_where_they_are_then(province, coordinator, kind):
    job = jobs.job_open(kind=kind, owner=coordinator, title="x", args={"unit": "fails"})
    jobs.job_run(uuid=str(job.uuid))
    token = audit.remember_address("10.0.0.8")
    assert jobs.job_retry(job=job)
    audit.forget_address(token)
    jobs.job_run(uuid=str(job.uuid))
    assert set(AuditEntry.objects.values_list("from_address", flat=True)) == {None, "10.0.0.8"}
