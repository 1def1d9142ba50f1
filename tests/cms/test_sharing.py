"""What lessons share: shown in all of them, changed in all of them, found by search, not deleted under their feet."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import ReferenceIndex

from cms.caching import content_version
from cms.models import GlossaryTerm, LessonPage, ReusableContent
from cms.services import editor_group_ensure
from cms.sharing import pages_using
from courses.models import Step
from tests.factories import cms as make

LESSON = "/khoa-hoc/khoa-thu/bai-1/"


@pytest.fixture
def piece(db):
    return ReusableContent.objects.create(title="Cảnh báo", body=[("text", "<p>Không đọc mã cho ai.</p>")])


@pytest.fixture
def term(db):
    return GlossaryTerm.objects.create(term="mã OTP", meaning="Mã dùng một lần.")


@pytest.fixture
def lesson(province, piece, term):
    blocks = [
        {"type": "text", "value": "<p>Giữ mã OTP.</p>"},
        {"type": "reusable", "value": piece.pk},
        {"type": "glossary", "value": {"title": "Từ", "terms": [term.pk]}},
    ]
    course = make.course_draft()
    make.lesson(course, "bai-1", body=json.dumps(blocks))
    make.publish(course)
    made = LessonPage.objects.get()
    ReferenceIndex.create_or_update_for_object(made)  # tests run no tasks of Wagtail
    return made


def test_a_change_reaches_kept_pages_and_search(client, lesson, piece, term, django_capture_on_commit_callbacks):
    assert "Không đọc mã cho ai." in client.get(LESSON).content.decode()
    assert "khong doc ma cho ai" in Step.objects.get().search_key
    before = content_version()
    with django_capture_on_commit_callbacks(execute=True):
        piece.body = [("text", "<p>Mã chỉ một mình bạn biết.</p>")]
        piece.save()
        term.meaning = "Chữ số gửi về máy."
        term.save()
    assert content_version() != before
    page = client.get(LESSON).content.decode()
    assert "Mã chỉ một mình bạn biết." in page
    assert "Chữ số gửi về máy." in page
    assert "Không đọc mã cho ai." not in page
    words = Step.objects.get().search_key
    assert "mot minh ban biet" in words
    assert "chu so gui ve may" in words


def test_what_is_used_says_where_and_is_not_deleted(client, editor, lesson, piece, term):
    editor_group_ensure()
    client.force_login(editor)
    for shared in (piece, term):
        assert list(pages_using(shared).values_list("title", flat=True)) == ["Bài bai-1"]
        viewset = type(shared).snippet_viewset
        listed = client.get(reverse(viewset.get_url_name("list"))).content.decode()
        assert str(shared) in listed
        answer = client.post(reverse(viewset.get_url_name("delete"), args=[shared.pk]), follow=True).content.decode()
        assert "đang dùng ở «Bài bai-1»" in answer
        assert type(shared).objects.filter(pk=shared.pk).exists()


def test_what_is_not_used_may_go(client, editor, piece):
    editor_group_ensure()
    client.force_login(editor)
    client.post(reverse(ReusableContent.snippet_viewset.get_url_name("delete"), args=[piece.pk]))
    assert not ReusableContent.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("editor", 200), ("learner", 403), ("coordinator", 403)])
def test_only_editors_write_what_is_shared(client, request, province, piece, who, status):
    editor_group_ensure()
    client.force_login(request.getfixturevalue(who))
    for model in (GlossaryTerm, ReusableContent):
        assert client.get(reverse(model.snippet_viewset.get_url_name("add"))).status_code == status


def test_an_editor_writes_a_word(client, editor):
    editor_group_ensure()
    client.force_login(editor)
    client.post(
        reverse(GlossaryTerm.snippet_viewset.get_url_name("add")), {"term": "  thư   rác ", "meaning": "Thư lừa."}
    )
    assert GlossaryTerm.objects.get().term == "thư rác"


def test_a_word_has_one_meaning(term):
    with pytest.raises(ValidationError, match="Đã có từ «mã OTP»"):
        GlossaryTerm(term="Mã OTP", meaning="Khác.").full_clean()
    term.full_clean()
