"""From where an act came: the visitor's address, as far as it can be trusted."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from common import audit
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
