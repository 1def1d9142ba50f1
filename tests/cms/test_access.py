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


def _question(bank, **fields):
    data = {
        "bank": bank.pk, "code": "moi-1", "kind": "single", "text": "Bạn nên làm gì?", "explanation": "Vì thế.",
        "topic": "", "difficulty": "2", "in_final": "on", "is_active": "on",
        "option_1_text": "Dừng lại và hỏi", "option_1_correct": "on", "option_1_feedback": "Đúng.",
        "option_2_text": "Chuyển tiền ngay", "option_2_feedback": "Kẻ gian muốn vậy.",
    }  # fmt: skip
    return data | fields


def test_an_editor_writes_a_question_and_changes_it(client, editor):
    client.force_login(editor)
    bank = make.bank(0)
    client.post(reverse("cau_hoi:add"), _question(bank))
    question = Question.objects.get()
    assert question.version == 1
    assert [(o["key"], o["text"], o["correct"]) for o in question.options] == [
        ("a", "Dừng lại và hỏi", True), ("b", "Chuyển tiền ngay", False),
    ]  # fmt: skip
    edit = reverse("cau_hoi:edit", args=[question.pk])
    page = client.get(edit).content.decode()
    assert 'value="Chuyển tiền ngay"' in page
    # A row taken out takes its key along; a new one gets a key that never meant anything else here.
    client.post(edit, _question(bank, option_2_text="", option_2_feedback="", option_3_text="Bấm thử", code="khac"))
    question.refresh_from_db()
    assert question.code == "moi-1"
    assert question.version == 2
    assert [o["text"] for o in question.options] == ["Dừng lại và hỏi", "Bấm thử"]


def test_a_bank_needs_only_a_name_and_its_questions_no_codes(client, editor):
    client.force_login(editor)
    client.post(reverse("ngan_hang:add"), {"name": "Chợ số: Bài 1", "slug": ""})
    bank = Bank.objects.get()
    assert bank.slug == "cho-so-bai-1"
    told = client.get(reverse("ngan_hang:index")).content.decode()
    another = f"{reverse('cau_hoi:add')}?bank={bank.pk}"
    assert another in told
    page = client.get(another).content.decode()
    assert f'value="{bank.pk}" selected' in page
    assert 'value="single" selected' in page
    for text in ("Một?", "Hai?"):
        client.post(reverse("cau_hoi:add"), _question(bank, code="", text=text))
        assert another in client.get(reverse("cau_hoi:index")).content.decode()
    Question.objects.filter(code="cau-01").delete()
    client.post(reverse("cau_hoi:add"), _question(bank, code="", text="Ba?"))
    assert sorted(Question.objects.values_list("code", flat=True)) == ["cau-02", "cau-03"]
    assert client.get(f"{reverse('cau_hoi:add')}?bank=999").status_code == 200


@pytest.mark.parametrize("sent", [{"name": "Chợ số", "slug": ""}, {"name": "???", "slug": ""}])
def test_a_bank_without_an_address_of_its_own_is_told(client, editor, sent):
    client.force_login(editor)
    Bank.objects.create(name="Chợ số", slug="cho-so")
    assert client.post(reverse("ngan_hang:add"), sent).status_code == 200
    assert Bank.objects.count() == 1


NO_OPTIONS = dict.fromkeys(
    ["option_1_text", "option_1_correct", "option_1_feedback", "option_2_text", "option_2_feedback"], ""
)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"text": ""}, "Hãy điền mục này"),
        ({"option_1_correct": ""}, "Cần đúng một đáp án đúng, hiện có 0"),
        ({"option_2_correct": "on"}, "Cần đúng một đáp án đúng, hiện có 2"),
        (NO_OPTIONS, "Chưa có đáp án"),
        ({"option_2_text": "dừng lại và hỏi".capitalize()}, "Có hai đáp án giống hệt nhau"),
        ({"option_3_feedback": "Không có chữ."}, "Đáp án này chưa có chữ"),
        ({"kind": "multiple"}, "ít nhất hai đáp án đúng"),
        ({"kind": "true_false"}, "Đúng và Sai"),
        ({"code": "c1"}, "đã tồn tại"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_told_in_words(client, editor, fields, told):
    client.force_login(editor)
    bank = make.bank(1)
    response = client.post(reverse("cau_hoi:add"), _question(bank, **fields))
    assert response.status_code == 200
    assert told in response.content.decode()
    assert Question.objects.count() == 1


@pytest.mark.parametrize("change", [{"is_active": ""}, {"in_final": ""}])
def test_a_question_an_open_quiz_needs_stays_in_use(client, editor, change):
    client.force_login(editor)
    bank = make.bank(10)
    make.quiz(make.course_draft(), bank=bank)
    question = Question.objects.first()
    response = client.post(reverse("cau_hoi:edit", args=[question.pk]), _question(bank, **change))
    assert "đang cần câu này" in response.content.decode()
    question.refresh_from_db()
    assert question.is_active
    assert question.in_final


def test_a_learner_reaches_no_question(client, learner):
    make.bank(1)
    client.force_login(learner)
    assert client.get(reverse("cau_hoi:edit", args=[Question.objects.get().pk])).status_code == 403
    assert Bank.objects.count() == 1
