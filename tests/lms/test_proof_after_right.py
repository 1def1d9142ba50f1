"""The right is asked before the proof: who may not do a thing is refused, and never led to prove themselves for it.

Everybody here signed in an hour ago, so whoever has the right is led to the page that asks for a fresh proof.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from common.models import AuditEntry, Job
from tests.factories.people import MembershipFactory
from tests.factories.rosters import checked, people_rows, xlsx_bytes

pytestmark = pytest.mark.django_db
LEAD, COORDINATOR, OTHER, OFFICIAL, NOBODY = "lead", "coordinator", "other_coordinator", "official", "learner"


def _list(province, by):
    return checked(xlsx_bytes(*people_rows({"Họ và tên": "Vũ Lan"})), by=by, unit=province.north)


def _pair(province):
    return [MembershipFactory(unit=province.north, user__full_name="Vũ Lan").user.uuid for _ in range(2)]


@pytest.mark.parametrize(
    ("name", "about", "sent", "who"),
    [
        ("rosters:export", "unit", "get", {COORDINATOR: 302, OTHER: 403, OFFICIAL: 403, NOBODY: 404}),
        ("rosters:apply", "list", "post", {COORDINATOR: 302, OTHER: 403, OFFICIAL: 403, NOBODY: 404}),
        ("rosters:confirm_leavers", "list", "post", {COORDINATOR: 302, OTHER: 403, OFFICIAL: 403, NOBODY: 404}),
        ("rosters:rejects", "list", "get", {COORDINATOR: 302, OTHER: 403, OFFICIAL: 403, NOBODY: 404}),
        ("slips:print", "unit", "post", {COORDINATOR: 302, OTHER: 403, OFFICIAL: 403, NOBODY: 404}),
        ("merging:merge", "pair", "post", {COORDINATOR: 302, OTHER: 403, OFFICIAL: 403, NOBODY: 404}),
        ("audit:export", "", "get", {LEAD: 302, COORDINATOR: 302, OFFICIAL: 403, NOBODY: 404}),
        ("units:import", "", "get", {LEAD: 302, COORDINATOR: 403, OFFICIAL: 403, NOBODY: 404}),
        ("units:import", "", "post", {LEAD: 302, COORDINATOR: 403, OFFICIAL: 403, NOBODY: 404}),
    ],
)
def test_who_may_not_is_refused_and_never_asked_for_a_proof(client, province, request, name, about, sent, who):
    args = {
        "unit": lambda: [province.north.uuid],
        "list": lambda: [_list(province, by(COORDINATOR)).uuid],
        "pair": lambda: _pair(province),
        "": list,
    }

    def by(person):
        return request.getfixturevalue(person)

    url = reverse(name, args=args[about]())
    form = {"reason": "Đã hỏi trực tiếp"} if sent == "post" else {}
    acts = AuditEntry.objects.count()
    for person, status in who.items():
        client.force_login(by(person))
        answer = getattr(client, sent)(url, form)
        assert answer.status_code == status, (person, answer.headers.get("Location"))
        if status == 302:
            assert "reauthenticate" in answer.headers["Location"]
        else:
            assert "interrupted" not in client.session
    assert AuditEntry.objects.count() == acts
    assert not Job.objects.exists()
