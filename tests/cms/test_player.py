"""The player: outline, what is left, narration and what learners leave beside a lesson; and the course's own page."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from wagtail.documents import get_document_model

from cms import outlines
from cms.models import LessonNarration, ModulePage
from courses.models import Competence, Course, Framework, Module, Step
from courses.services import enrolment_start, note_save, step_complete
from tests.factories import cms as make
from tests.factories.courses import CourseFactory
from tests.factories.media import every_block

COURSE = "/khoa-hoc/khoa-thu/"
LESSON = f"{COURSE}bai-1/"


def module(course, slug, title):
    page = ModulePage(slug=slug, title=title, summary=f"Tóm tắt {title}", live=False)
    course.add_child(instance=page)
    return make.publish(page)


def course_in_modules(*sizes, lead=0, **fields):
    """A published course with ``lead`` lessons before the first heading and modules of the given sizes."""
    page = make.course_draft(title="Khoá thử", **fields)
    number = 0
    for part, size in enumerate((lead, *sizes)):
        if part:
            module(page, f"phan-{part}", f"Phần thứ {part}")
        for _ in range(size):
            number += 1
            make.lesson(page, f"bai-{number}", title=f"Bài số {number}")
    return make.publish(page)


def long_course(page, steps):
    """More steps in four modules, without pages: only the outline is looked at."""
    course = Course.objects.get(key=page.translation_key)
    modules = list(course.modules.all())
    Step.objects.bulk_create(
        Step(
            course=course,
            module=modules[number * len(modules) // steps],
            key=f"00000000-0000-0000-0000-{number:012d}",
            kind="lesson",
            title=f"Một bài học có tên dài vừa phải, số {number}",
            path=f"{COURSE}bai-dai-{number}/",
            position=100 + number,
        )
        for number in range(steps)
    )


def html(client, path):
    return client.get(path).content.decode()


# --- Outline --------------------------------------------------------------------------------------------------------
@given(
    st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(1, 30), st.booleans()), min_size=1, max_size=60),
    st.integers(0, 59),
    st.booleans(),
)
def test_an_outline_loses_no_step_and_its_parts_add_up(drawn, at, beside_lesson):
    """Modules come as runs; 0 stands for no module."""
    modules = {n: Module(pk=n, title=f"M{n}") for n in range(1, 5)}
    steps = [
        Step(pk=pk, module=modules.get(m), required=required, minutes=minutes, title=str(pk))
        for pk, (m, required, minutes, _) in enumerate(sorted(drawn, key=lambda row: row[0]), start=1)
    ]
    done = {pk for pk, row in enumerate(sorted(drawn, key=lambda row: row[0]), start=1) if row[3]}
    here = steps[at % len(steps)]
    rows = outlines.rows_of(steps, done, here=here)
    groups = outlines.groups_of(rows, done, long=beside_lesson or None)
    assert [row for group in groups for row in group.rows] == rows
    assert [group.module for group in groups if group.is_here] == [here.module]
    left = outlines.left_of(steps, done)
    assert sum(group.left.steps for group in groups) == left.steps
    assert sum(group.left.minutes for group in groups) == left.minutes
    assert next(group for group in groups if group.is_here).is_open
    if beside_lesson:
        assert sum(group.is_open for group in groups) == 1
    assert [row.number for row in rows if row.number] == list(range(1, sum(s.required for s in steps) + 1))


def test_a_lesson_shows_the_course_around_it(client, province, learner):
    course_in_modules(2, 1, lead=1)
    course = Course.objects.get()
    enrolment, _ = enrolment_start(user=learner, course=course)
    step_complete(enrolment=enrolment, step=course.steps.get(position=1))
    step_complete(enrolment=enrolment, step=course.steps.get(title="Bài số 2"))
    client.force_login(learner)
    page = html(client, f"{COURSE}bai-3/")
    assert "Nội dung khoá học" in page
    assert "Bài 3 trên 4" in page
    assert re.search(r"Còn khoảng 10 phút\b", page)
    assert f'<a href="{COURSE}bai-3/" aria-current="page">Bài số 3</a>' in page
    assert page.count('aria-current="page"') == 1
    assert page.count("(đã xong)") == 2
    # The lesson's own module stands open, the other is folded.
    assert [bool(state) for state in re.findall(r'<details class="module"( open)?>', page)] == [True, False]
    assert "còn khoảng 5 phút · 1 bài" in page


def test_a_guest_reads_how_much_there_is_and_nothing_of_done(client, province):
    course_in_modules(1, 2)
    page = html(client, LESSON)
    assert "Cả khoá khoảng 15 phút" in page
    assert "2 bài · khoảng 10 phút" in page
    assert "đã xong" not in page
    assert "Còn khoảng" not in page
    assert "Ghi chú của bạn" not in page
    assert "Bài này có ích không?" not in page


def test_the_course_page_has_its_modules_and_their_addresses_lead_there(client, province):
    page = course_in_modules(1, 1, lead=1)
    shown = html(client, COURSE)
    first, second = Course.objects.get().modules.all()
    assert f'id="phan-{first.uuid}"' in shown
    assert "Phần 1. Phần thứ 1" in shown
    assert "Phần 2. Phần thứ 2" in shown
    assert "Tóm tắt Phần thứ 2" in shown
    answer = client.get(f"{COURSE}phan-2/")
    assert (answer.status_code, answer["Location"]) == (302, f"{COURSE}#phan-{second.uuid}")
    page.unpublish()
    assert client.get(f"{COURSE}phan-2/").status_code == 404


def test_a_long_course_folds_all_but_where_the_reader_is(client, province, learner):
    long_course(course_in_modules(1, 1, 1, 1), 40)
    shown = re.findall(r'<details class="module" id="[^"]*"( open)?>', html(client, COURSE))
    assert shown[0] == " open"
    assert not any(shown[1:])


def test_an_optional_lesson_says_so_in_words(client, province):
    draft = make.course_draft()
    make.lesson(draft, "bai-1")
    make.lesson(draft, "bai-2", required=False)
    make.publish(draft)
    for path in (COURSE, LESSON):
        assert html(client, path).count("không bắt buộc ·") == 1


@pytest.mark.parametrize("steps", [3, 200])
def test_a_lesson_of_two_hundred_steps_is_small_and_costs_the_same(client, province, learner, steps):
    """Session · user · site · home page · lesson page · enrolment with completion · steps with course, module and
    what is done · the visit, asked and begun · last seen · narrations · notes, bookmark and feedback · roles (menu)."""
    long_course(course_in_modules(1, 1, 1, 1), steps)
    course = Course.objects.get()
    enrolment, _ = enrolment_start(user=learner, course=course)
    for step in course.steps.all()[:3]:
        step_complete(enrolment=enrolment, step=step)
        note_save(user=learner, step=step, text="Ghi chú " * 20)
    client.force_login(learner)
    client.get(f"{COURSE}bai-2/")
    with CaptureQueriesContext(connection) as queries:
        page = client.get(LESSON)
    assert len(queries) == 13
    assert len(gzip.compress(page.content, 6)) < 25_000


@pytest.mark.parametrize("pictures", [2, 20])
def test_a_lesson_with_every_kind_of_block_costs_five_queries_more(client, province, learner, pictures):
    """Pictures · their sizes · files · words · shared pieces: one query each, whatever blocks they stand in."""
    raw = [{"type": kind, "value": value, "id": kind} for kind, value in every_block(pictures).items()]
    draft = make.course_draft()
    make.lesson(draft, "bai-1", body=json.dumps(raw))
    make.lesson(draft, "bai-2")
    make.publish(draft)
    enrolment_start(user=learner, course=Course.objects.get())
    client.force_login(learner)
    costs = {"bai-2": [], "bai-1": []}
    for slug in costs:
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                page = html(client, f"{COURSE}{slug}/")
            costs[slug].append(len(queries))
    assert page.count("<picture>") + page.count("<img") >= pictures
    # Opening anew writes the visit and the place to resume at.
    assert costs == {"bai-2": [13, 11], "bai-1": [18, 16]}


# --- Narration ------------------------------------------------------------------------------------------------------
def narration(page, language, reader=""):
    audio = get_document_model()(title=f"Nghe {language}")
    audio.file.save(f"{language}.mp3", ContentFile(b"x" * 2048))
    audio.file_size = 2048
    audio.save()
    LessonNarration.objects.create(page=page, language=language, audio=audio, reader=reader)


def test_a_lesson_is_read_aloud_in_its_languages(client, province):
    draft = make.course_draft()
    page = make.lesson(draft, "bai-1")
    make.publish(draft)
    assert "<audio" not in html(client, LESSON)
    narration(page, "vi", "Nguyễn Thị Hoa")
    narration(page, "tyz")
    make.publish(page)
    make.publish(draft)
    cache.clear()
    shown = html(client, LESSON)
    assert re.findall(r'data-media="(nghe-\w+)"', shown) == ["nghe-vi", "nghe-tyz"]
    assert shown.count('preload="none"') == 2
    # Several languages are folded behind their names; who saves data is offered to listen at once.
    assert '<details class="narrations no-print">' in shown
    client.cookies.load({"cach-doc": "vua.thuong.bat"})
    assert '<details class="narrations no-print" open>' in html(client, LESSON)
    client.cookies.clear()
    assert 'aria-label="Nghe bài này: Tiếng Tày"' in shown
    assert "Nguyễn Thị Hoa đọc" in shown
    assert re.search(r"2,0\sKB", shown)
    assert "Mọi bài có bản nghe" in html(client, COURSE)


# --- Beside the lesson ----------------------------------------------------------------------------------------------
def test_a_learner_keeps_notes_and_says_a_word_without_scripts(client, province, learner, stranger):
    make.course()
    client.force_login(learner)
    page = html(client, LESSON)
    found = re.findall(r'<form method="post" action="(/viec-hoc/buoc/[^/]+/(ghi-chu|luu|gop-y)/)', page)
    addresses = {kind: address for address, kind in found}
    client.post(addresses["ghi-chu"], {"text": "Nhớ <b>kỹ</b>"})
    client.post(addresses["luu"])
    client.post(addresses["gop-y"], {"y_kien": "unclear", "text": "Bước 3"})
    page = html(client, LESSON)
    assert "Nhớ &lt;b&gt;kỹ&lt;/b&gt;" in page
    assert "1 ghi chú của bạn" in page
    assert "✓ Đã lưu bài này" in page
    assert "Cảm ơn bạn. Bạn đã chọn «Chưa rõ»" in page
    client.force_login(stranger)
    page = html(client, LESSON)
    assert "Nhớ" not in page
    assert "Đã lưu bài này" not in page
    assert "Cảm ơn bạn" not in page


# --- The course's page ----------------------------------------------------------------------------------------------
def test_a_course_tells_what_it_needs_holds_and_trains(client, province):
    before = CourseFactory(title="Khoá trước", path="/khoa-hoc/khoa-truoc/")
    closed = CourseFactory(title="Khoá đã đóng", is_published=False)
    framework = Framework.objects.create(code="TT02", name="Khung năng lực số cho người học", decision="02/2025")
    skills = [
        Competence.objects.create(framework=framework, code=code, domain=domain, name=name, position=n)
        for n, (code, domain, name) in enumerate([("1.2", "Khai thác", "Đánh giá"), ("1.1", "Khai thác", "Tìm kiếm")])
    ]
    draft = make.course_draft(valid_months=24, yearly_refresh=True)
    draft.prerequisites, draft.competences, draft.topics = [before, closed], skills, [make.topic()]
    draft.save()
    make.lesson(draft, "bai-1")
    make.publish(draft)
    page = html(client, COURSE)
    assert 'Học sau khoá <a href="/khoa-hoc/khoa-truoc/">Khoá trước</a>.' in page
    assert "Khoá đã đóng" not in page
    assert "Giấy xác nhận có giá trị 24 tháng" in page
    assert "Học lại mỗi năm" in page
    assert "2 năng lực số được rèn luyện" in page
    assert "Khung năng lực số cho người học" in page
    # In the framework's order, not by code.
    assert page.index("1.2 Đánh giá") < page.index("1.1 Tìm kiếm")
    assert "1 chủ đề trong chương trình của tỉnh" in page
    assert "Người dân</a>" in page
    assert "Đọc được hết bằng chữ" in page
    assert "phụ đề" not in page


def test_everything_a_course_tells_costs_a_guest_five_queries(client, province):
    """Site · home page · course page with picture · steps with course and module · audiences, topics, prerequisites and
    competences together."""
    course_in_modules(1, 1)
    client.get("/tro-giup/")
    with CaptureQueriesContext(connection) as queries:
        client.get(COURSE)
    assert len(queries) == 5


def test_the_editors_preview_shows_modules_and_nothing_to_press(province):
    page = course_in_modules(1, 1)
    lesson = page.get_children().type(make.LessonPage).first().specific
    answer = lesson.make_preview_request(preview_mode=lesson.default_preview_mode)
    shown = answer.content.decode()
    assert "Phần thứ 1" in shown
    assert "Phần thứ 2" in shown
    assert "Lưu bài này" not in shown
    answer = page.make_preview_request(preview_mode=page.default_preview_mode)
    assert "Phần 2. Phần thứ 2" in answer.content.decode()
