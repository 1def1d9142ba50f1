"""Notes, bookmarks and feedback: one's own only, nothing typed is lost, the last word counts."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from courses import services
from courses.beside import beside_lesson
from courses.models import Bookmark, LessonFeedback, LessonNote
from courses.services.notes import plain_text
from tests.factories.courses import StepFactory, course_with_steps

NOTES = "courses:notes"


@pytest.fixture
def lesson(db):
    return course_with_steps(lessons=2, title="Kỹ năng số").steps.first()


def note_of(user, lesson, text="Nhớ hỏi cán bộ xã."):
    return services.note_save(user=user, step=lesson, text=text)


@given(st.text(max_size=60), st.integers(1, 40))
def test_text_is_stored_whole_or_refused_with_how_much_too_long(text, longest):
    typed = text.replace("\n", "\r\n")
    whole = plain_text(typed, longest=10_000)
    assert "\r" not in whole
    if (over := len(whole) - longest) > 0:
        with pytest.raises(Refusal) as refused:
            plain_text(typed, longest=longest)
        assert refused.value.detail["over"] == over
    else:
        assert plain_text(typed, longest=longest) == whole


def test_a_note_is_written_shown_changed_and_taken_away(client, learner, lesson):
    client.force_login(learner)
    back = client.post(reverse("courses:note_add", args=[lesson.uuid]), {"text": " Dòng một\r\nDòng <b>hai</b> "})
    assert back["Location"] == f"{lesson.path}#ghi-chu"
    note = LessonNote.objects.get()
    assert note.text == "Dòng một\nDòng <b>hai</b>"
    page = client.get(reverse(NOTES)).content.decode()
    assert "Dòng &lt;b&gt;hai&lt;/b&gt;" in page
    assert f'href="{lesson.path}#ghi-chu" lang="vi">{lesson.title}' in page
    client.post(reverse("courses:note_edit", args=[note.uuid]), {"text": "Đã đổi"})
    assert LessonNote.objects.get().text == "Đã đổi"
    # Without a press nothing goes away.
    assert client.get(reverse("courses:note_delete", args=[note.uuid])).status_code == 302
    assert LessonNote.objects.count() == 1
    assert client.post(reverse("courses:note_delete", args=[note.uuid]))["Location"] == reverse(NOTES)
    assert not LessonNote.objects.exists()


def test_a_note_that_is_too_long_says_by_how_much_and_keeps_every_word(client, learner, lesson):
    client.force_login(learner)
    text = "ộ" * 2000 + "\r\n" + "<i>cuối</i>"
    answer = client.post(reverse("courses:note_add", args=[lesson.uuid]), {"text": text})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Dài hơn mức cho phép 12 ký tự (tối đa 2.000)" in page
    assert "ộ" * 2000 in page
    assert "&lt;i&gt;cuối&lt;/i&gt;" in page
    assert not LessonNote.objects.exists()
    # Two thousand letters with marks and line ends are two thousand, however they are sent.
    fits = "ộ" * 1000 + "\r\n" + "ộ" * 999
    assert client.post(reverse("courses:note_add", args=[lesson.uuid]), {"text": fits}).status_code == 302


@pytest.mark.parametrize("text", ["", "  \r\n "])
def test_an_empty_note_is_refused(client, learner, lesson, text):
    client.force_login(learner)
    answer = client.post(reverse("courses:note_add", args=[lesson.uuid]), {"text": text})
    assert answer.status_code == 422
    assert not LessonNote.objects.exists()


def test_the_same_note_twice_is_one(client, learner, lesson):
    client.force_login(learner)
    for _ in range(2):
        client.post(reverse("courses:note_add", args=[lesson.uuid]), {"text": "Một lần"})
    assert LessonNote.objects.count() == 1


@pytest.mark.parametrize("address", ["note_edit", "note_delete"])
@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("coordinator", 404), ("lead", 404)])
def test_nobody_else_ever_sees_or_touches_a_note(client, request, learner, lesson, address, who, status):
    note = note_of(learner, lesson)
    client.force_login(request.getfixturevalue(who))
    url = reverse(f"courses:{address}", args=[note.uuid])
    assert client.get(url).status_code == status
    assert client.post(url, {"text": "Của tôi"}).status_code == status
    assert LessonNote.objects.get().text == note.text
    assert note.text not in client.get(reverse(NOTES)).content.decode()
    assert note.text not in client.get(reverse("courses:notes_export")).content.decode()


def test_the_services_refuse_a_foreign_note(learner, stranger, lesson):
    note = note_of(learner, lesson)
    for act in (
        lambda: services.note_save(user=stranger, note=note, text="Khác"),
        lambda: services.note_delete(user=stranger, note=note),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert (refused.value.code, refused.value.status) == ("foreign_note", 404)


@pytest.mark.parametrize("closed", ["course", "step", "quiz"])
def test_only_an_open_lesson_can_be_noted_kept_or_judged(client, learner, lesson, closed):
    if closed == "course":
        type(lesson.course).objects.update(is_published=False)
    elif closed == "step":
        type(lesson).objects.update(is_active=False)
    else:
        type(lesson).objects.update(kind="quiz")
    client.force_login(learner)
    for address, sent in (("note_add", {"text": "x"}), ("bookmark", {}), ("feedback", {"y_kien": "useful"})):
        assert client.post(reverse(f"courses:{address}", args=[lesson.uuid]), sent).status_code == 404, address
    # What was written before stays one's own, without a way into what is closed.
    note = note_of(learner, lesson)
    services.bookmark_toggle(user=learner, step=lesson, keep=True)
    page = client.get(reverse(NOTES)).content.decode()
    assert note.text in page
    if closed != "quiz":
        assert f'href="{lesson.path}' not in page
        assert "(không còn mở)" in page
    client.post(reverse("courses:bookmark", args=[lesson.uuid]), {"bo": "1", "danh_sach": "1"})
    assert not Bookmark.objects.exists()


@pytest.mark.parametrize("address", ["notes", "notes_export"])
def test_guests_are_asked_to_sign_in(client, db, address):
    assert client.get(reverse(f"courses:{address}")).status_code == 302


@pytest.mark.parametrize(("address", "anchor"), [("note_add", "#ghi-chu"), ("bookmark", ""), ("feedback", "#gop-y")])
def test_signing_in_again_after_a_press_leads_back_to_the_lesson(client, learner, lesson, address, anchor):
    client.force_login(learner)
    answer = client.get(reverse(f"courses:{address}", args=[lesson.uuid]))
    assert answer["Location"] == f"{lesson.path}{anchor}"


def test_a_lesson_is_kept_once_and_let_go(client, learner, stranger, lesson):
    services.bookmark_toggle(user=stranger, step=lesson, keep=True)
    client.force_login(learner)
    url = reverse("courses:bookmark", args=[lesson.uuid])
    for _ in range(2):
        assert client.post(url)["Location"] == f"{lesson.path}#cong-cu"
    assert Bookmark.objects.filter(user=learner).count() == 1
    assert lesson.title in client.get(reverse(NOTES)).content.decode()
    for _ in range(2):
        assert client.post(url, {"bo": "1", "danh_sach": "1"})["Location"] == reverse(NOTES)
    assert list(Bookmark.objects.values_list("user", flat=True)) == [stranger.pk]


def test_the_last_word_on_a_lesson_counts(client, learner, stranger, lesson):
    services.feedback_give(user=stranger, step=lesson, verdict="useful")
    client.force_login(learner)
    url = reverse("courses:feedback", args=[lesson.uuid])
    client.post(url, {"y_kien": "unclear", "text": "Bước 3"})
    said = LessonFeedback.objects.get(user=learner)
    assert (said.verdict, said.comment) == ("unclear", "Bước 3")
    assert client.post(url, {"y_kien": "useful", "text": "Bước 3"})["Location"] == f"{lesson.path}#gop-y"
    said.refresh_from_db()
    assert (said.verdict, said.comment) == ("useful", "")
    assert LessonFeedback.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"y_kien": "tuyệt", "text": "Giữ chữ này"}, "Chọn một trong hai"),
        ({"text": "Giữ chữ này"}, "Chọn một trong hai"),
        ({"y_kien": "unclear", "text": "Giữ chữ này" + "x" * 1000}, "Dài hơn mức cho phép 11 ký tự (tối đa 1.000)"),
    ],
)
def test_a_word_that_cannot_be_taken_is_kept_and_explained(client, learner, lesson, sent, words):
    client.force_login(learner)
    answer = client.post(reverse("courses:feedback", args=[lesson.uuid]), sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert "Giữ chữ này" in page
    assert not LessonFeedback.objects.exists()


def test_what_stands_beside_a_lesson_is_ones_own_and_costs_one_query(
    learner, stranger, lesson, django_assert_num_queries
):
    other = lesson.course.steps.last()
    for text in ("Một", "Hai"):
        note_of(learner, lesson, text)
    note_of(learner, other, "Bài khác")
    note_of(stranger, lesson, "Người khác")
    services.bookmark_toggle(user=learner, step=lesson, keep=True)
    services.feedback_give(user=learner, step=lesson, verdict="unclear", comment="Bước 3")
    services.feedback_give(user=stranger, step=other, verdict="useful")
    with django_assert_num_queries(1):
        mine = beside_lesson(user=learner, step=lesson)
    assert [note.text for note in mine.notes] == ["Một", "Hai"]
    assert mine.notes[0].uuid == LessonNote.objects.get(text="Một").uuid
    assert (mine.is_kept, mine.said, mine.comment) == (True, "Chưa rõ", "Bước 3")
    theirs = beside_lesson(user=stranger, step=other)
    assert (theirs.notes, theirs.is_kept, theirs.said) == ([], False, "Hữu ích")
    assert beside_lesson(user=stranger, step=lesson).verdict == ""


def test_notes_leave_as_a_text_file(client, learner, stranger, lesson):
    note_of(learner, lesson, "Số 1022 & «hỏi»\nDòng hai")
    note_of(stranger, lesson, "Người khác")
    client.force_login(learner)
    answer = client.get(reverse("courses:notes_export"))
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert 'filename="ghi-chu-hoc-so.txt"' in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert text.startswith("\ufeffGHI CHÚ CỦA NGUYỄN THỊ NGỌC ƯỠNG")
    assert "Số 1022 & «hỏi»\r\nDòng hai" in text
    assert lesson.title in text
    assert "Người khác" not in text


def test_the_page_of_notes_costs_the_same_for_three_notes_and_forty(client, learner):
    client.force_login(learner)
    counts = []
    for more in (3, 37):
        for _ in range(more):
            step = StepFactory()
            note_of(learner, step)
            services.bookmark_toggle(user=learner, step=step, keep=True)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(NOTES))
        counts.append(len(queries))
    # session, user, count, notes with lesson and course, bookmarks with theirs, roles for the menu
    assert counts[0] == counts[1] <= 6
