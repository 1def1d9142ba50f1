"""Writing without JavaScript: words out of a body and back, drafts, sending, answers, and who may."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cms.blocks import BodyBlock
from cms.models import LessonPage
from cms.services import site_ensure
from cms.services.editors import GROUP
from cms.writing import services
from cms.writing.words import rewritten, section, words_of
from common.errors import Refusal
from people.models import Notice, Role
from tests.factories import cms as make
from tests.factories.media import every_block
from tests.factories.people import MembershipFactory, UserFactory
from tests.proof import with_second_step

BODY = BodyBlock()
RICH = (
    '<h2 data-block-key="a1">Trước khi bấm</h2><p data-block-key="b2">Xem <b>giá</b> và '
    '<a linktype="page" id="3">nơi bán</a>.</p><ul>'
    '<li data-block-key="c3">Một</li><li data-block-key="d4">Hai</li></ul>'
)


def stored(*values):
    return [{"type": kind, "value": value, "id": f"block-{at}"} for at, (kind, value) in enumerate(values)]


# --- Words ----------------------------------------------------------------------------------------------------------
def test_every_run_of_words_has_a_field_that_says_what_it_is():
    found = words_of(BODY, stored(("text", RICH)))
    assert [(one.address, one.run, one.text) for one in found] == [
        ("0.0", "h2", "Trước khi bấm"),
        ("0.1", "", "Xem"),
        ("0.2", "b", "giá"),
        ("0.3", "", "và"),
        ("0.4", "a", "nơi bán"),
        ("0.5", "", "."),
        ("0.6", "li", "Một"),
        ("0.7", "li", "Hai"),
    ]


@pytest.mark.parametrize(
    ("said", "html"),
    [
        ({"0.1": "Coi"}, RICH.replace("Xem <b>", "Coi <b>")),
        ({"0.2": "giá < 5 & rẻ"}, RICH.replace("<b>giá</b>", "<b>giá &lt; 5 &amp; rẻ</b>")),
        ({"0.4": "chỗ bán"}, RICH.replace("nơi bán", "chỗ bán")),
        ({"0.6": ""}, RICH.replace('<li data-block-key="c3">Một</li>', "")),
        ({"0.6": "", "0.7": ""}, RICH.partition("<ul>")[0]),
        ({"0.0": ""}, RICH.partition("</h2>")[2]),
        ({"0.2": ""}, RICH.replace("<b>giá</b>", "")),
        ({"9.9": "ở đâu đó"}, RICH),
    ],
)
def test_one_run_changes_and_nothing_else(said, html):
    assert rewritten(BODY, stored(("text", RICH)), said) == stored(("text", html))


@pytest.mark.django_db
def test_all_blocks_give_their_words_and_keep_the_rest():
    values = stored(*every_block().items())
    found = words_of(BODY, values)
    assert {"text", "callout", "accordion", "comparison", "steps", "scenario", "try_it", "gallery"} <= {
        values[one.block]["type"] for one in found
    }
    assert rewritten(BODY, values, {}) == values
    shouted = rewritten(BODY, values, {one.address: f"{one.text}!" for one in found})
    assert [one.text for one in words_of(BODY, shouted)] == [f"{one.text}!" for one in found]
    assert _without_words(shouted) == _without_words(values)


def _without_words(value):
    """What is no text: numbers of pictures, choices, kinds of blocks, how many there are of each."""
    if isinstance(value, dict):
        return {name: _without_words(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_words(one) for one in value]
    return "" if isinstance(value, str) else value


@pytest.mark.anywhere
@given(st.text(alphabet="ab ắỹ<>&\"'\n"), st.text(alphabet="ab ắỹ<>&\"'\n"))
def test_what_is_written_anew_is_read_as_it_was_written(heading, text):
    heading = " ".join(heading.split())
    found = [one.text for one in words_of(BODY, [section(heading, text)])]
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    assert found == [*([heading] if heading else []), *(part for part in paragraphs if part)]


# --- Pages ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def course(province):
    return make.course_draft()


@pytest.fixture
def lesson(course):
    return make.lesson(course, "bai-1", body=BODY.to_python(stored(("text", RICH))))


def _with_office(province, role, name):
    unit = province.department
    office = MembershipFactory(user=UserFactory(full_name=name), unit=unit, audience=province.staff, role=role)
    return with_second_step(office.user)


def _address(lesson, name="page"):
    return reverse(f"cms_writing:{name}", args=[lesson.pk])


def _fields(client, lesson, **changed):
    """What the form on the page would send."""
    form = client.get(_address(lesson)).context["form"]
    token = LessonPage.objects.get(pk=lesson.pk).latest_revision_id or ""
    return {**{name: form[name].value() or "" for name in form.fields}, "token": str(token), **changed}


def _post(client, lesson, **changed):
    return client.post(_address(lesson), _fields(client, lesson, **changed))


def _draft(lesson):
    return LessonPage.objects.get(pk=lesson.pk).get_latest_revision_as_object()


@pytest.mark.parametrize(("who", "status"), [("editor", 200), ("learner", 403), ("coordinator", 403)])
def test_only_who_may_write_gets_the_form(client, request, lesson, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(_address(lesson)).status_code == status
    assert client.get(reverse("cms_writing:index")).status_code == status


@pytest.mark.parametrize("slug", ["khoa-hoc", "khong-co"])
def test_a_page_without_a_body_is_not_found(client, editor, course, slug):
    client.force_login(editor)
    page = course.get_parent() if slug == "khoa-hoc" else course
    number = page.pk if slug == "khoa-hoc" else 10**6
    assert client.get(reverse("cms_writing:page", args=[number])).status_code == 404


def test_words_are_saved_as_a_draft_and_learners_see_nothing_of_it(client, editor, lesson):
    client.force_login(editor)
    answer = _post(client, lesson, **{"chu-0.2": "giá thật", "title": "Bài đã sửa"})
    assert answer.status_code == 302
    draft, live = _draft(lesson), LessonPage.objects.get(pk=lesson.pk)
    assert (draft.title, live.title) == ("Bài đã sửa", "Bài bai-1")
    assert "<b>giá thật</b>" in draft.body[0].value.source
    assert "<b>giá</b>" in live.body[0].value.source
    assert draft.latest_revision.user == editor


def test_a_lesson_is_written_from_nothing_section_by_section(client, editor, course):
    lesson = make.lesson(course, "moi", live=False, body=[])
    client.force_login(editor)
    _post(client, lesson, heading="Chuẩn bị", more="Lấy điện thoại.\r\n\r\nMở ứng dụng.")
    _post(client, lesson, more="Xong.")
    blocks = [block.value.source for block in _draft(lesson).body]
    assert blocks == ["<h2>Chuẩn bị</h2><p>Lấy điện thoại.</p><p>Mở ứng dụng.</p>", "<p>Xong.</p>"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": ""}, "Tiêu đề: Hãy điền mục này."),
        ({"title": "ă" * 256}, "Tiêu đề: Giá trị này chỉ có tối đa 255 kí tự (hiện có 256)"),
        ({"heading": "ă" * 121}, "Giá trị này chỉ có tối đa 120 kí tự (hiện có 121)"),
        ({"token": "1"}, "Trang đã được người khác sửa trong lúc bạn viết, nên chưa lưu gì."),
    ],
)
def test_what_cannot_be_saved_says_why_and_keeps_what_was_written(client, editor, lesson, changed, said):
    client.force_login(editor)
    lesson.save_revision(user=editor)
    before = _draft(lesson).latest_revision_id
    answer = _post(client, lesson, **{"chu-0.1": "Ngó"} | changed)
    page = BeautifulSoup(answer.content, "html.parser")
    assert answer.status_code == 200
    assert said in page.select_one(".summary").get_text(" ")
    assert page.find(id="id_chu-0.1")["value"] == "Ngó"
    assert _draft(lesson).latest_revision_id == before


def test_a_locked_page_is_read_and_not_written(client, editor, lesson):
    LessonPage.objects.filter(pk=lesson.pk).update(locked=True, locked_by=UserFactory())
    client.force_login(editor)
    assert "bạn đọc được, chưa sửa được" in client.get(_address(lesson)).content.decode()
    assert "đang được khoá" in _post(client, lesson, title="Khác").content.decode()
    assert _draft(lesson).title == "Bài bai-1"


def test_publishing_goes_through_the_page_that_asks(client, editor, lesson):
    client.force_login(editor)
    answer = _post(client, lesson, **{"chu-0.1": "Coi", "publish": "1"})
    assert answer["Location"] == reverse("cms_checks:confirm", args=[lesson.pk])
    page = client.get(answer["Location"]).content.decode()
    revision = re.search(r'name="revision" value="(\d+)"', page)[1]
    client.post(answer["Location"], {"revision": revision})
    assert "Coi <b>giá</b>" in LessonPage.objects.get(pk=lesson.pk).body[0].value.source


# --- Reviews --------------------------------------------------------------------------------------------------------
@pytest.fixture
def review(settings, province):
    """A province that wants a review before publishing."""
    settings.REVIEW_BEFORE_PUBLISHING = True
    site_ensure()


def test_three_people_bring_a_lesson_out_without_a_script(client, review, province, editor, course):
    lesson = make.lesson(course, "bai-1", live=False)
    reviewer = _with_office(province, Role.CONTENT_REVIEWER, "Ngô Thị Thẩm")
    publisher = _with_office(province, Role.PUBLISHER, "Lý Văn Xuất")
    client.force_login(editor)
    assert "Lưu rồi xuất bản" not in client.get(_address(lesson)).content.decode()
    assert _post(client, lesson, send="1").status_code == 302
    assert "chưa sửa được" in client.get(_address(lesson)).content.decode()
    assert client.post(_address(lesson, "answer"), {"action": "approve"}).status_code == 403
    client.force_login(reviewer)
    assert _address(lesson) in client.get(reverse("cms_writing:index")).content.decode()
    empty = client.post(_address(lesson, "answer"), {"action": "reject"})
    assert "Hãy ghi cho người viết biết cần sửa điều gì." in empty.content.decode()
    client.post(_address(lesson, "answer"), {"action": "reject", "comment": "Ghi rõ tên cơ quan."})
    assert "«Ghi rõ tên cơ quan.»" in Notice.objects.get(user=editor, kind="content_returned").body
    client.force_login(editor)
    _post(client, lesson, title="Bài đã sửa", send="1")
    for person in (reviewer, publisher):
        client.force_login(person)
        client.post(_address(lesson, "answer"), {"action": "approve"})
    page = LessonPage.objects.get(pk=lesson.pk)
    assert page.live
    assert page.title == "Bài đã sửa"


@pytest.mark.parametrize(("sent", "code"), [(False, "no_review"), (True, "page_locked")])
def test_what_cannot_be_sent_is_refused(request, editor, lesson, sent, code):
    if sent:
        request.getfixturevalue("review")
        services.page_send(page_id=lesson.pk, actor=editor)
    with pytest.raises(Refusal) as refused:
        services.page_send(page_id=lesson.pk, actor=editor)
    assert refused.value.code == code


def test_the_group_of_editors_is_who_writes(editor):
    assert editor.groups.filter(name=GROUP).exists()
