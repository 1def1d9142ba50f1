"""The province that figures are measured on can be made, whatever columns its tables have got since."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from courses.models import Completion
from people.models import Membership, User

pytestmark = pytest.mark.django_db


def test_people_with_completions_that_count(province):
    out = StringIO()
    call_command("synthesize", "--people", "50", "--completions", "100", "--seed", "1", "--json", stdout=out)
    done = json.loads(out.getvalue())
    assert done["people"] == 50
    assert Completion.objects.count() == 100
    assert Membership.objects.filter(user__email__endswith="@tong-hop.example").count() == done["memberships"]
    made = User.objects.filter(email__endswith="@tong-hop.example")
    assert made.count() == 50
    assert all(person.hints_seen == [] and person.office_phone == "" for person in made)
    call_command("kpi_rebuild", "--check", stdout=StringIO())
