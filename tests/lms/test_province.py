"""The whole province through the real loaders: once, twice, with people, and with a wrong name."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from certificates.models import Batch, BatchState, Certificate, Series
from courses.models import Completion, Course, StepCompletion
from kpi.models import Counted, Indicator
from lms.demo import ACCOUNTS, PASSWORD
from people.models import Membership, Role, Structure, Unit, UnitAncestor, User

pytestmark = [pytest.mark.slow, pytest.mark.anywhere, pytest.mark.django_db]


def load(*options):
    out = StringIO()
    call_command("load_province", "bac-giang", *options, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_province_with_people_and_nothing_changes_the_second_time(client):
    first = load("--demo", "--people", "400")
    assert first["teams"] == 2100
    assert (first["audiences"], first["topics"], first["courses"]) == (41, 84, 3)
    tables = [Unit, User, Membership, Completion, Counted, Certificate, Indicator, UnitAncestor, Course]
    before = [model.objects.count() for model in tables]
    revisions = list(Course.objects.values_list("slug", "revision"))
    second = load("--demo", "--people", "400")
    assert second["demo"] == {"already_there": True}
    assert [model.objects.count() for model in tables] == before
    assert list(Course.objects.values_list("slug", "revision")) == revisions

    call_command("kpi_rebuild", "--check", stdout=StringIO())
    assert set(
        Membership.objects.filter(user__email__endswith="demo.hocso.example").values_list("role", flat=True)
    ) == {*Role}
    for account in ACCOUNTS:
        assert client.login(email=account.email, password=PASSWORD), account
        client.logout()
    assert set(Batch.objects.values_list("state", flat=True)) <= {
        BatchState.PROPOSED,
        BatchState.ISSUED,
    }

    # What history claims is what its steps say.
    for completion in Completion.objects.select_related("course")[:20]:
        required = completion.course.steps.filter(is_active=True, required=True).count()
        assert StepCompletion.objects.filter(enrolment=completion.enrolment_id).count() == required

    # Every team of 2022 is found under today's province, once.
    now = Structure.objects.get(code="2025-07-01")
    root = Unit.objects.get(code="24", valid_from=now.valid_from)
    below = UnitAncestor.objects.filter(structure=now, ancestor=root, descendant__kind="team")
    assert below.count() == 2100


def test_a_dry_run_leaves_nothing(db):
    load("--dry-run")
    assert not Unit.objects.exists()
    assert not Course.objects.exists()


def test_an_unknown_province_is_answered_with_those_there_are(db):
    with pytest.raises(CommandError) as error:
        call_command("load_province", "atlantis")
    assert error.value.returncode == 2
    assert "bac-giang" in str(error.value)


def test_demo_accounts_need_a_demo(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError) as error:
        call_command("load_province", "bac-giang", "--demo", "--json", stdout=StringIO())
    assert error.value.returncode == 2
    assert "LMS_DEMO=1" in str(error.value)
    assert not User.objects.exists()
    assert not Unit.objects.exists()


def test_a_province_without_demo_names_no_signer(db):
    load()
    assert set(Series.objects.values_list("signer_name", flat=True)) == {""}
    assert not Unit.objects.filter(kind__in=["school", "health_station", "hospital"]).exists()
