"""Course files: loaded once, told what is wrong by file, line and field."""

from __future__ import annotations

import json
import shutil
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command
from wagtail.images import get_image_model
from wagtail.models import Page, Revision, Site

from cms.courseyaml import read_course
from cms.models import CoursePage, GlossaryTerm, HomePage, LessonPage, StandardPage
from cms.services import course_load, site_ensure
from cms.services.courses import FOLDER
from common.errors import DataError
from courses.loading import frameworks_load
from courses.models import Course
from quizzes.models import Question, Quiz
from tests.factories.cms import no_site, topic
from tests.factories.people import AudienceFactory

pytestmark = [pytest.mark.slow, pytest.mark.anywhere]

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360" viewBox="0 0 640 360"><title>{}</title>'
    '<rect width="640" height="360"/></svg>'
)


def _content():
    options = [{"text": "Đúng rồi", "correct": True, "feedback": "Đúng."}, {"text": "Chưa", "feedback": "Sai."}]
    return {
        "slug": "khoa-nho", "code": "KN-01", "title": "Khoá nhỏ", "summary": "Sau khoá này bạn thử được.",
        "level": "co_ban", "hours": 1.5, "audiences": ["nguoi_dan"], "topics": ["T-A01"], "outcomes": ["Thử được."],
        "illustration": "bia.svg",
        "steps": [
            {"kind": "lesson", "slug": "bai-1", "title": "Bài một", "minutes": 8, "summary": "Tóm tắt.", "body": [
                {"type": "text", "value": "<p>Xin <b>chào</b>.</p>"},
                {"type": "image", "image": "hinh.svg", "alt": "Một ô vuông.", "caption": "Ô vuông."},
                {"type": "steps", "title": "Các bước", "steps": [
                    {"title": "Mở", "text": "Gõ."},
                    {"title": "Xem", "text": "Nhìn.", "image": "hinh.svg", "alt": "Ô."}]},
                {"type": "callout", "style": "tip", "title": "Mẹo", "text": "<ul><li>Thử</li></ul>"},
            ]},
            {"kind": "quiz", "slug": "tu-kiem-tra", "title": "Tự kiểm tra", "purpose": "check", "minutes": 2,
             "questions": ["c1", "c2"]},
            {"kind": "quiz", "slug": "cuoi-khoa", "title": "Cuối khoá", "purpose": "final", "minutes": 15,
             "time_limit": 20, "draw": 3, "pass_percent": 80, "attempts": 5},
        ],
        "bank": [
            {"code": f"c{n}", "kind": "single", "topic": "T-A01", "difficulty": 1, "final": n > 1, "text": f"Câu {n}?",
             "options": options, "explanation": "Vì thế."}
            for n in range(1, 6)
        ],
    }  # fmt: skip


def _write(folder, content):
    folder.mkdir(exist_ok=True)
    text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    (folder / "course.yaml").write_text(text, encoding="utf-8")
    for name in ("bia.svg", "hinh.svg"):
        (folder / name).write_text(SVG.format(name), encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path):
    return _write(tmp_path / "khoa-nho", _content())


@pytest.fixture
def ready(province):
    topic("T-A01")
    site_ensure()


def test_a_course_is_loaded_and_published_whole(ready, folder, client):
    report = course_load(folder=folder)
    assert (report.status, report.lessons, report.quizzes, report.questions, report.pages) == ("created", 1, 2, 5, 4)
    course = Course.objects.get()
    assert (course.code, course.path, course.revision) == ("KN-01", "/khoa-hoc/khoa-nho/", 1)
    assert list(course.steps.values_list("title", "required")) == [
        ("Bài một", True), ("Tự kiểm tra", False), ("Cuối khoá", True),
    ]  # fmt: skip
    final = Quiz.objects.get(purpose="final")
    assert (final.draw, final.time_limit_minutes, final.attempts_allowed) == (3, 20, 5)
    page = client.get("/khoa-hoc/khoa-nho/bai-1/").content.decode()
    for words in ("Xin <b>chào</b>", 'alt="Một ô vuông."', "Ô vuông.", 'alt="Ô."', "callout tip", 'width="640"'):
        assert words in page
    assert HomePage.objects.get().start_course.slug == "khoa-nho"
    assert {image.title for image in get_image_model().objects.all()} == {"bia.svg", "hinh.svg"}


def _new_blocks():
    return [
        {"type": "text", "value": "<p>Giữ mã OTP.</p>"},
        {"type": "gallery", "title": "Dãy", "items": [
            {"image": "hinh.svg", "alt": "Màn một", "caption": "Mở."},
            {"image": "hinh.svg", "alt": "Màn hai", "caption": "Bấm."}]},
        {"type": "accordion", "title": "Hỏi", "items": [{"heading": "Quên?", "text": "<p>Đặt lại.</p>"}]},
        {"type": "comparison", "title": "So", "columns": ["Một", "Hai"], "rows": [
            {"label": "Giá", "cells": ["Rẻ", "Đắt"]}]},
        {"type": "scenario", "title": "Cuộc gọi", "situation": "<p>Alô.</p>", "choices": [
            {"text": "Đọc mã", "feedback": "Mất."}, {"text": "Tắt máy", "right": True, "feedback": "Đúng."}]},
        {"type": "try_it", "label": "Cổng", "url": "https://dichvucong.gov.vn/", "text": "<p>Tìm.</p>"},
        {"type": "embed", "url": "https://youtu.be/aqz-KE-bpKQ", "title": "Phim", "transcript": "<p>Lời.</p>"},
        {"type": "glossary", "terms": [{"term": "mã OTP", "meaning": "Mã dùng một lần."}]},
    ]  # fmt: skip


def test_every_kind_of_block_is_loaded_and_found(ready, folder, client):
    content = _content()
    content["steps"][0]["body"] += _new_blocks()
    course_load(folder=_write(folder, content))
    page = client.get("/khoa-hoc/khoa-nho/bai-1/").content.decode()
    for words in ('alt="Màn hai"', "<summary>Quên?", '<th role="columnheader" scope="col">Hai', "Tắt máy", "<svg",
                  "watch?v=aqz-KE-bpKQ", "<dt>mã OTP", "data-term>mã OTP"):  # fmt: skip
        assert words in page, words
    before = _state()
    course_load(folder=folder)
    assert _state() == before
    content["steps"][0]["body"][-1]["terms"][0]["meaning"] = "Mã gửi về máy."
    assert course_load(folder=_write(folder, content)).pages == 1  # the course that keeps the fingerprint
    assert GlossaryTerm.objects.get().meaning == "Mã gửi về máy."


@pytest.mark.parametrize(
    ("place", "change", "told"),
    [
        (1, {"items": []}, "items"),
        (1, {"items": [{"image": "hinh.svg", "alt": "a", "caption": "b"}]}, "cần từ 2 đến 20"),
        (2, {"items": [{"heading": "a", "text": "<script>"}]}, "không dùng được thẻ"),
        (3, {"rows": [{"label": "a", "cells": ["1"]}]}, "có 1 ô, bảng có 2 cột"),
        (3, {"columns": ["Một"]}, "cần từ 2 đến 4"),
        (3, {"rows": [{"label": "a", "cells": ["1", 2]}]}, "mỗi ô phải là chữ"),
        (4, {"choices": [{"text": "a", "feedback": "b"}, {"text": "c", "feedback": "d"}]}, "right: true"),
        (4, {"image": "hinh.svg"}, "alt"),
        (5, {"url": "http://a.vn"}, "https://"),
        (5, {"url": "https://a@b.vn"}, "tên đăng nhập"),
        (6, {"url": "https://evil.example/x"}, "YouTube hoặc Vimeo"),
        (7, {"terms": [{"term": "a", "meaning": "b"}, {"term": "A", "meaning": "c"}]}, "đã có ở trên"),
        (7, {"tua": "x"}, "không có trường này"),
    ],
)
def test_wrong_blocks_are_told_by_line_and_field(ready, folder, place, change, told):
    content = _content()
    blocks = _new_blocks()
    blocks[place] |= change
    content["steps"][0]["body"] = blocks
    with pytest.raises(DataError) as caught:
        read_course(_write(folder, content))
    assert told in str(caught.value)
    assert "dòng" in str(caught.value)


def test_a_drawing_with_a_script_is_not_loaded(ready, folder):
    (folder / "hinh.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>')
    with pytest.raises(DataError, match="hinh.svg: Hình vẽ SVG có phần tử ‹script›"):
        course_load(folder=folder)


def _state():
    models = (Page, Revision, get_image_model(), Course, Question, Quiz)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_loading_again_changes_nothing(ready, folder):
    course_load(folder=folder)
    before = _state()
    assert course_load(folder=folder).status == "unchanged"
    assert _state() == before


def test_what_editors_changed_since_stays_until_the_file_changes(ready, folder):
    course_load(folder=folder)
    lesson = LessonPage.objects.get()
    lesson.title = "Bài một, đã sửa"
    lesson.save_revision().publish()
    course_load(folder=folder)
    assert LessonPage.objects.get().title == "Bài một, đã sửa"
    content = _content()
    content["steps"][0]["minutes"] = 9
    report = course_load(folder=_write(folder, content))
    assert report.status == "updated"
    assert (LessonPage.objects.get().title, LessonPage.objects.get().minutes) == ("Bài một", 9)


def test_only_changed_pages_get_a_revision(ready, folder):
    course_load(folder=folder)
    before = Revision.objects.count()
    content = _content()
    content["steps"][2]["attempts"] = 3
    assert course_load(folder=_write(folder, content)).pages == 2  # the quiz, and the course that keeps the fingerprint
    assert Revision.objects.count() == before + 2
    assert Quiz.objects.get(purpose="final").attempts_allowed == 3


def test_order_and_removal_follow_the_file(ready, folder):
    course_load(folder=folder)
    content = _content()
    second = {**content["steps"][0], "slug": "bai-0", "title": "Bài đầu"}
    content["steps"] = [second, content["steps"][0], content["steps"][2]]
    course_load(folder=_write(folder, content))
    course = Course.objects.get()
    assert list(course.steps.filter(is_active=True).values_list("title", flat=True)) == [
        "Bài đầu", "Bài một", "Cuối khoá",
    ]  # fmt: skip
    assert course.steps.filter(is_active=False).get().title == "Tự kiểm tra"
    assert CoursePage.objects.get().get_children().get(slug="tu-kiem-tra").live is False


def _with(**fields):
    return lambda content: content.update(fields)


def _step(place, **fields):
    return lambda content: content["steps"][place].update(fields)


def _block(place, **fields):
    return lambda content: content["steps"][0]["body"][place].update(fields)


@pytest.mark.parametrize(
    ("change", "where", "field", "problem"),
    [
        (_with(slug="Khoá Nhỏ"), "dòng 1, khoá học", "slug", "không dấu"),
        (_with(title=None), "dòng 1, khoá học", "title", "thiếu"),
        (_with(title=12), "dòng 1, khoá học", "title", "phải là chữ"),
        (_with(summary="x" * 301), "dòng 1, khoá học", "summary", "dài 301"),
        (_with(level="kho"), "dòng 1, khoá học", "level", "một trong"),
        (_with(hours="nhiều"), "dòng 1, khoá học", "hours", "số giờ"),
        (_with(audiences=[]), "dòng 1, khoá học", "audiences", "danh sách"),
        (_with(audiences=["khong_co"]), "khoá học", "audiences", "khong_co"),
        (_with(topics=["T-Z99"]), "khoá học", "topics", "T-Z99"),
        (_with(illustration="khong-co.svg"), "dòng 1, khoá học", "illustration", "không có tệp"),
        (_with(illustration="../bia.svg"), "dòng 1, khoá học", "illustration", "ngay trong thư mục"),
        (_with(la="x"), "dòng 1, khoá học", "la", "không có trường"),
        (_with(steps=[]), "dòng 1, khoá học", "steps", "danh sách"),
        (_with(bank=["c1"]), "dòng 1, khoá học", "bank", "mục"),
        (lambda c: c["steps"].append("x"), "phần 4", "cả mục", "mục"),
        (lambda c: c["steps"].append(c["steps"][0]), "dòng 1, khoá học", "steps", "bai-1"),
        (_step(0, kind="game"), "phần 1 (bai-1)", "kind", "một trong"),
        (_step(0, minutes="tám"), "phần 1 (bai-1)", "minutes", "số nguyên"),
        (_step(0, minutes=0), "phần 1 (bai-1)", "minutes", "từ 1"),
        (_step(0, required="có"), "phần 1 (bai-1)", "required", "true hoặc false"),
        (_step(0, body=[]), "phần 1 (bai-1)", "body", "danh sách"),
        (_step(0, draw=3), "phần 1 (bai-1)", "draw", "không có trường"),
        (_step(1, questions=["c9"]), "dòng 1, khoá học", "questions", "c9"),
        (_step(1, purpose="thi"), "phần 2 (tu-kiem-tra)", "purpose", "một trong"),
        (_step(2, draw=5), "phần cuoi-khoa", "draw", "chỉ có 4 câu"),
        (_step(2, pass_percent=120), "phần 3 (cuoi-khoa)", "pass_percent", "từ 1 đến 100"),
        (_block(0, value="<script>x</script>"), "khối 1", "value", "<script>"),
        (_block(0, value="<p style='x'>y</p>"), "khối 1", "value", "style"),
        (_block(0, value="<a href='javascript:x'>y</a>"), "khối 1", "value", "https://"),
        (_block(0, type="video"), "khối 1", "type", "một trong"),
        (_block(1, alt=""), "khối 2", "alt", "thiếu"),
        (_block(1, image="khong-co.svg"), "khối 2", "image", "không có tệp"),
        (_block(2, steps=[{"title": "Mở", "text": "Gõ.", "image": "hinh.svg"}]), "khối 3, bước 1", "alt", "thiếu"),
        (_block(3, style="khac"), "khối 4", "style", "một trong"),
        (lambda c: c["bank"][0].update(kind="puzzle"), "câu c1", "kind", "một trong"),
        (lambda c: c["bank"][0].update(topic="T-Z99"), "câu c1", "topic", "T-Z99"),
        (lambda c: c["bank"].append(c["bank"][0]), "câu c1", "code", "đã có"),
    ],
)
def test_wrong_files_are_told_and_nothing_is_loaded(ready, tmp_path, change, where, field, problem):
    content = json.loads(json.dumps(_content()))
    change(content)
    before = _state()
    with pytest.raises(DataError) as caught:
        course_load(folder=_write(tmp_path / "khoa-nho", content))
    assert caught.value.file == "khoa-nho/course.yaml"
    assert where in caught.value.where
    assert caught.value.field == field
    assert problem in caught.value.problem
    assert _state() == before


@pytest.mark.parametrize(
    ("text", "where"),
    [("slug: [", "dòng"), ("slug: a\nslug: b\n", "dòng 2"), ("- 1\n", "khoá học"), ("", "khoá học")],
)
def test_broken_yaml_is_told_with_its_line(ready, tmp_path, text, where):
    with pytest.raises(DataError) as caught:
        course_load(folder=_write(tmp_path / "khoa-nho", text))
    assert where in caught.value.where


def test_a_folder_without_a_file_is_told(ready, tmp_path):
    with pytest.raises(DataError, match="không tìm thấy"):
        course_load(folder=tmp_path)


def test_command_exits_with_two_and_says_where(ready, folder):
    _write(folder, _content() | {"level": "kho"})
    with pytest.raises(CommandError, match="level") as caught:
        call_command("load_courses", str(folder))
    assert caught.value.returncode == 2
    assert not CoursePage.objects.exists()


def test_command_tells_in_json_and_a_dry_run_leaves_nothing(ready, folder):
    out = StringIO()
    call_command("load_courses", str(folder), "--json", "--dry-run", stdout=out)
    told = json.loads(out.getvalue())
    assert told["dry_run"] is True
    assert told["courses"][0]["status"] == "created"
    assert not CoursePage.objects.exists()
    out = StringIO()
    call_command("load_courses", str(folder), stdout=out)
    assert "Khoá nhỏ: đã tạo, 1 bài học, 2 bài kiểm tra, 5 câu hỏi" in out.getvalue()


def _known_codes(course):
    """The audiences, topics and competences that a course names."""
    frameworks_load()
    for code in course.audiences:
        AudienceFactory(code=code)
    for code in {*course.topics, *(question.get("topic") for question in course.bank)} - {None}:
        topic(code)


@pytest.mark.parametrize("folder", sorted(FOLDER.glob("*/course.yaml")), ids=lambda path: path.parent.name)
def test_our_own_courses_load(province, folder):
    _known_codes(read_course(folder.parent))
    report = course_load(folder=folder.parent)
    assert report.lessons >= 6
    assert report.quizzes == 5
    assert report.questions >= 30
    assert Course.objects.get().is_published


@pytest.mark.slow
def test_our_own_courses_are_found_by_what_people_type(province, client):
    for file in sorted(FOLDER.glob("*/course.yaml")):
        _known_codes(read_course(file.parent))
        course_load(folder=file.parent)
    for words in ("chuyen doi so", "lua dao", "zalo", "otp", "ngân hàng"):
        response = client.get("/khoa-hoc/", {"q": words})
        assert response.context["cards"], words
        assert response.context["lessons"], words


def test_our_own_courses_have_no_stray_file():
    for path in FOLDER.iterdir():
        files = {file.name for file in path.iterdir()}
        text = (path / "course.yaml").read_text(encoding="utf-8")
        assert all(name == "course.yaml" or name in text for name in files), path


def test_site_stands_once_and_keeps_what_editors_made(province):
    no_site()
    site_ensure()
    help_page = StandardPage.objects.get(slug="tro-giup")
    help_page.intro = "Đã sửa."
    help_page.save_revision().publish()
    before = _state()
    site_ensure()
    assert _state() == before
    site = Site.objects.get()
    assert (site.hostname, site.is_default_site, site.root_page.specific) == ("localhost", True, HomePage.objects.get())
    assert not Page.objects.filter(slug="home").exists()


def test_cards_come_with_their_audiences_and_stay_in_the_revision(province):
    no_site()
    site_ensure()
    home = HomePage.objects.get()
    codes = [card.audience.code for card in home.audience_cards.all()]
    assert codes == ["nguoi_dan", "to_cnscd", "cccvc"]
    assert [card.audience.code for card in home.get_latest_revision_as_object().audience_cards.all()] == codes


@pytest.fixture(autouse=True)
def _tidy(tmp_path):
    yield
    shutil.rmtree(tmp_path / "khoa-nho", ignore_errors=True)
