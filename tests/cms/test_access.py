"""Who enters the editors' admin, and what they find there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from cms.services import editor_access_sync, editor_group_ensure, site_ensure
from cms.services.editors import GROUP
from people.models import Role, User
from quizzes.models import Bank, Question
from tests.factories import cms as make
from tests.factories.people import MembershipFactory, UserFactory


def _fresh(user):
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("who", "status"),
    [("editor", 200), ("learner", 403), ("coordinator", 403), ("lead", 403), ("official", 403)],
)
def test_only_editors_enter(client, request, province, who, status):
    site_ensure()
    client.force_login(request.getfixturevalue(who))
    assert client.get("/cms/").status_code == status


def test_nobody_is_sent_to_sign_in(client, province):
    response = client.get("/cms/")
    assert response.status_code == 302
    assert "next=/cms/" in response.url


@pytest.mark.parametrize("tool", ["", "pages/", "images/", "documents/", "ngan-hang/", "cau-hoi/"])
def test_an_editor_opens_every_tool(client, editor, tool):
    site_ensure()
    client.force_login(editor)
    assert client.get(f"/cms/{tool}", follow=True).status_code == 200


def test_the_administrator_enters_and_the_admin_speaks_vietnamese(client, province):
    boss = MembershipFactory(
        user=UserFactory(), unit=province.root, audience=province.staff, role=Role.ADMINISTRATOR
    ).user
    site_ensure()
    client.force_login(boss)
    page = client.get("/cms/").content.decode()
    assert 'lang="vi"' in page
    assert "/cms/cau-hoi/" in page


def test_rights_follow_the_office(province, client):
    user = UserFactory()
    assert not user.groups.exists()
    membership = MembershipFactory(user=user, unit=province.department, audience=province.staff, role=Role.EDITOR)
    assert _fresh(user).groups.get().name == GROUP
    membership.valid_to = timezone.localdate()
    membership.save()
    assert not _fresh(user).groups.exists()


def test_an_office_that_ended_by_date_closes_the_door(province, client, editor):
    site_ensure()
    client.force_login(editor)
    editor.memberships.update(valid_to=timezone.localdate() - timedelta(days=1))
    assert _fresh(editor).groups.exists()
    assert client.get("/cms/").status_code == 403


def test_group_is_made_once_and_a_repeat_changes_nothing(province):
    first = editor_group_ensure()
    rights = set(first.permissions.all()), first.page_permissions.count(), first.collection_permissions.count()
    assert editor_group_ensure() == first
    assert (
        set(first.permissions.all()),
        first.page_permissions.count(),
        first.collection_permissions.count(),
    ) == rights
    assert Group.objects.filter(name=GROUP).count() == 1
    assert not first.permissions.filter(codename__in=["delete_bank", "delete_question"]).exists()


def test_sync_is_idempotent(editor):
    assert editor_access_sync(user=_fresh(editor))
    assert editor_access_sync(user=_fresh(editor))
    assert _fresh(editor).groups.count() == 1


def test_a_learner_reaches_no_question(client, learner):
    make.bank(1)
    client.force_login(learner)
    assert client.get(reverse("cau_hoi:edit", args=[Question.objects.get().pk])).status_code == 403
    assert Bank.objects.count() == 1
