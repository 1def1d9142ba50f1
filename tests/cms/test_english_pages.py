"""The catalogue, courses, lessons and paths in English: every word of ours has its English, content says that it is
Vietnamese, and nothing of it reaches readers of Vietnamese."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import yaml
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.documents import get_document_model

from cms.blocks import BodyBlock
from cms.filters import LENGTHS, CatalogueForm
from cms.models import HomePage, LessonNarration, PathIndexPage, PathPage, PathPlacement, StandardPage
from cms.narration import LANGUAGES
from cms.shipped import FILES, SHIPPED, standing_pages
from courses import rules, services
from courses.models import Competence, Course, Framework, Step, StepKind, StepRule, Submission
from courses.services import enrolment_start, note_save, step_complete
from tests.english import vietnamese_in
from tests.factories import cms as make
from tests.factories.courses import CourseFactory, StepFactory, complete, course_with_steps
from tests.factories.media import every_block
from tests.factories.people import AudienceFactory

COURSE = "/khoa-hoc/khoa-thu/"
LESSON = f"{COURSE}bai-1/"
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _private(settings, tmp_path):
    private = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "private": private}


def reader(person=None, language="en", **cookies):
    """A browser whose reader chose a language."""
    client = Client()
    if person:
        client.force_login(person)
    for name, value in {settings.LANGUAGE_COOKIE_NAME: language, **cookies}.items():
        client.cookies[name] = value
    return client


def in_english(page: str) -> str:
    """The page, whose own words are English: those around content and those in the midst of it."""
    page = page.replace(settings.PROVINCE_NAME, "our province")  # a name, which stays as it is
    soup = BeautifulSoup(page, "html.parser")
    assert soup.html["lang"] == "en"
    own = [page, *(str(one) for one in soup.select('html [lang="en"]'))]
    assert [text for part in own for text in vietnamese_in(part)] == []
    return " ".join(page.split())


def shown(client, path, **asked):
    answer = client.get(path, asked)
    assert answer.status_code == 200
    return in_english(answer.content.decode())


def enrolled(person, upto=0):
    """Somebody who has begun the one course with pages, and done its first steps."""
    course = Course.objects.get(path=COURSE)
    enrolment, _ = enrolment_start(user=person, course=course)
    for step in course.steps.all()[:upto]:
        step_complete(enrolment=enrolment, step=step)
    return enrolment


# --- The first page -------------------------------------------------------------------------------------------------
@pytest.fixture
def home(province):
    page = make.course(lessons=2, title="Khoá thử")
    start = HomePage.objects.get()
    start.start_course = page
    start.audience_cards.create(audience=province.citizen, text="Dịch vụ công, thanh toán, an toàn trên mạng")
    start.audience_cards.create(audience=province.citizen, title="Bà con", text="Học để dùng")
    make.publish(start)
    return start


def test_the_first_page_says_to_a_visitor_what_this_is(home):
    page = shown(reader(), "/")
    assert 'Learn digital skills,</span> <span class="clause">from your phone' in page
    assert "Free, 5–10 minutes a lesson" in page
    assert "Start here" in page
    assert "2 lessons" in page
    assert "Public services, payments" in page
    assert '<h3 lang="vi">Bà con</h3>' in page
    assert "1 course<" in page
    assert "Nobody has completed a course" in page


@pytest.mark.parametrize(("upto", "said"), [(0, "0 of 2 parts done"), (1, "Continue:"), (2, "See the course again")])
def test_the_first_page_goes_on_with_a_learner(home, learner, upto, said):
    enrolled(learner, upto)
    page = shown(reader(learner), "/")
    assert said in page
    assert "Your learning" in page


def test_what_an_editor_wrote_stays_as_it_is(home):
    home.heading, home.intro = "Chào bà con", "Mời bà con học."
    make.publish(home)
    assert '<h1 lang="vi"><span class="clause">Chào bà con</span></h1>' in shown(reader(), "/")


def test_shipped_texts_are_those_that_are_shipped():
    data = yaml.safe_load(FILES["vi"].read_text(encoding="utf-8"))
    cards = [text for card in data["home"]["cards"] for text in (card.get("title"), card["text"]) if text]
    lists = [data[page][field] for page in ("catalogue", "paths", "news") for field in ("title", "intro")]
    defaults = [HomePage._meta.get_field(name).default for name in ("heading", "intro")]
    assert {data["home"]["seo_title"], *cards, *lists, *defaults} == SHIPPED


# --- The catalogue --------------------------------------------------------------------------------------------------
@pytest.fixture
def catalogue(province):
    make.site()
    for number in range(30):
        course = CourseFactory(
            title=f"Lừa đảo {number}", minutes=20, language="tyz" if number else "vi", is_captioned=True, is_light=True
        )
        course.audiences.set([province.citizen])
        course.topics.set([make.topic()])
        StepFactory(course=course, title="Bài lừa đảo", text="Chống lừa đảo.", search_key="lua dao")


def test_the_catalogue_lists_and_finds(catalogue):
    page = shown(reader(), "/khoa-hoc/")
    assert '<title lang="en">Courses – Học Số</title>' in page
    assert "30 courses." in page
    assert "Takes 1" in page
    assert '<option value="T-A01" lang="vi">' in page
    assert '<option value="tyz">Tay</option>' in page
    page = shown(reader(), "/khoa-hoc/", q="lua dao", trang="2")
    assert "30 courses match." in page
    assert "Lessons with these words" in page


def test_what_is_chosen_is_named_in_english(catalogue):
    page = shown(
        reader(), "/khoa-hoc/", q="dao", doi_tuong="nguoi_dan", chu_de="T-A01", thoi_luong="30", tro_giup="nhe"
    )
    assert 'For: <span lang="vi">Người dân</span>' in page
    assert "Length: Up to 30 minutes" in page
    assert "(4 chosen)" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "khongco"}, "Type fewer words"),
        ({"muc": "thanh_thao"}, "Remove some of the filters above."),
        ({"q": "khongco", "muc": "thanh_thao"}, ">Search for “khongco” in all courses</a>, without the filters."),
        ({"q": "x" * 101}, "Search courses and lessons"),
    ],
)
def test_nothing_found_shows_ways_on_in_english(catalogue, asked, said):
    assert said in shown(reader(), "/khoa-hoc/", **asked)


# --- A course -------------------------------------------------------------------------------------------------------
@pytest.fixture
def course(province):
    """A course with all that a course can tell."""
    before = course_with_steps(lessons=1, title="Khoá trước", path="/khoa-hoc/khoa-truoc/")
    framework = Framework.objects.create(code="TT02", name="Khung năng lực số", decision="02/2025")
    skill = Competence.objects.create(framework=framework, code="1.1", domain="Khai thác", name="Tìm", position=1)
    draft = make.course_draft(title="Khoá thử", valid_months=24, yearly_refresh=True, outcomes="Làm được một việc")
    draft.prerequisites, draft.competences, draft.topics = [before], [skill], [make.topic()]
    draft.save()
    make.lesson(draft, "bai-0", title="Bài mở đầu")
    make.module(draft, "phan-1", title="Phần thứ nhất", summary="Tóm tắt phần")
    make.lesson(draft, "bai-1", title="Bài số một", summary="Tóm tắt bài")
    make.quiz(draft, bank=make.bank())
    make.module(draft, "phan-2", title="Phần đọc thêm")
    make.lesson(draft, "bai-2", required=False)
    return make.publish(draft)


def test_a_course_tells_a_visitor_what_it_is(course):
    page = shown(reader(), COURSE)
    assert "The lessons are in Vietnamese" in page
    assert "3 lessons + 1 test" in page
    assert "Level: basic" in page
    assert "The certificate is valid for 24 months" in page
    assert 'First finish the course <a href="/khoa-hoc/khoa-truoc/"><span lang="vi">Khoá trước</span></a>.' in page
    assert 'Module 1. <span lang="vi">Phần thứ nhất</span>' in page
    assert "1 optional part" in page
    assert "Share this course" in page


def test_a_course_in_another_language_says_in_which(course):
    course.language = "tyz"
    make.publish(course)
    page = reader().get(COURSE).content.decode()
    assert "</svg>Tay</li>" in page
    assert '<h1 lang="tyz">' in page
    assert "in Vietnamese<" not in page


@pytest.mark.parametrize(
    ("upto", "said"),
    [(0, "You have done 0 of 3 parts"), (1, 'Continue: <span lang="vi">Bài số một</span>'), (4, "completed this")],
)
def test_a_course_goes_on_with_a_learner(course, learner, upto, said):
    complete(learner, Course.objects.get(title="Khoá trước"))
    assert "Enrol and start lesson 1" in shown(reader(learner), COURSE)
    enrolled(learner, upto)
    assert said in shown(reader(learner), COURSE)


def finished(monkeypatch, person, path, *, until=None, score=None):
    """Somebody finished a course on 20 November 2026, and it holds ``until`` a day."""
    with monkeypatch.context() as patched:
        patched.setattr(rules, "valid_until", lambda *given: until)
        course = Course.objects.get(path=path)
        enrolment, _ = enrolment_start(user=person, course=course, at=AT)
        for step in course.steps.all():
            step_complete(enrolment=enrolment, step=step, at=AT, score=score if step.kind == StepKind.QUIZ else None)


def test_a_course_names_what_comes_first(course, learner, monkeypatch):
    page = shown(reader(learner), COURSE)
    assert "This course comes after the course below." in page
    finished(monkeypatch, learner, "/khoa-hoc/khoa-truoc/", until=date(2026, 8, 1))
    assert "valid only until 1 August 2026" in shown(reader(learner), COURSE)


@pytest.mark.parametrize(("yearly", "said"), [(True, "Take it again for 2"), (False, "Take it again to renew")])
def test_a_course_is_taken_again(course, learner, monkeypatch, yearly, said):
    complete(learner, Course.objects.get(title="Khoá trước"))
    finished(monkeypatch, learner, COURSE, until=date(2026, 8, 1), score=85)
    Course.objects.update(yearly_refresh=yearly)
    page = shown(reader(learner), COURSE)
    assert "Your earlier result has expired" in page
    assert "Completed on 20 November 2026, with a test score of 85%." in page
    assert "Valid until the end of 1 August 2026." in page
    assert said in page
    reader(learner).post(reverse("courses:renew", args=["khoa-thu"]))
    assert "What you completed on 20 November 2026 is kept." in shown(reader(learner), COURSE)


# --- A lesson -------------------------------------------------------------------------------------------------------
def lesson_of(course, slug="bai-1", **fields):
    """The lesson of that address, published anew with other fields, and its step."""
    page = make.LessonPage.objects.child_of(course).get(slug=slug)
    for name, value in fields.items():
        setattr(page, name, value)
    make.publish(page)
    make.publish(type(course).objects.get(pk=course.pk))
    return Step.objects.get(key=page.translation_key)


@pytest.fixture
def blocks(course):
    raw = [{"type": kind, "value": value, "id": f"block-{kind}"} for kind, value in every_block(2).items()]
    step = lesson_of(course, body=json.dumps(raw), rule="scenario")
    page = make.LessonPage.objects.get(translation_key=step.key)
    for language in ("vi", "tyz"):
        audio = get_document_model()(title="Nghe")
        audio.file.save(f"{language}.mp3", ContentFile(b"x" * 2048))
        LessonNarration.objects.create(page=page, language=language, audio=audio, reader="Nguyễn Thị Hoa")
    return step


def test_every_kind_of_block_has_english_around_it(blocks):
    page = shown(reader(), LESSON)
    assert "This lesson is in Vietnamese." in page
    for words in (
        "See the picture larger",
        "video, 2.0 KB, loads only when you press play",
        "audio, 2.0 KB, loads only when you press play",
        "The video is on YouTube.",
        "Read what is said instead of watching",
        "PDF file, 2.0 KB",
        "What would you do?",
        "Open dichvucong.gov.vn",
        'read by <span translate="no">Nguyễn Thị Hoa</span>',
        "Lesson 2 of 3",
        "Sign in</a> so that we remember",
    ):
        assert words in page, words


def test_who_saves_data_is_offered_things_in_english(blocks):
    page = shown(reader(**{"cach-doc": "vua.thuong.bat"}), LESSON)
    assert "Load the picture (" in page
    assert "Watch the video (2.0 KB)" in page
    assert "Only listen, or read what is said" in page


def test_content_stands_in_its_language_and_our_words_in_ours(blocks):
    """A screen reader changes its voice twice: into the lesson, and out of it for what is ours."""
    soup = BeautifulSoup(reader().get(LESSON).content.decode(), "html.parser")
    body = soup.select_one(".lesson-body")
    assert body["lang"] == "vi"
    assert len(body.select('[lang="en"]')) > 12
    vietnamese = BeautifulSoup(reader(language="vi").get(LESSON).content.decode(), "html.parser")
    assert vietnamese.select_one(".lesson-body")["lang"] == "vi"
    assert not vietnamese.select(".lesson-body [lang]")
    assert "viết bằng tiếng Việt" not in vietnamese.text


@pytest.mark.parametrize(("number", "said"), [("1", "✗ Not correct."), ("2", "✓ Correct.")])
def test_a_scenario_answers_in_english(blocks, learner, number, said):
    asked = {"khoi": "block-scenario", "chon": number}
    assert said in shown(reader(), LESSON, **asked)
    assert "Enrol so that this counts" in shown(reader(learner), LESSON)
    complete(learner, Course.objects.get(title="Khoá trước"))
    enrolled(learner)
    assert "Go to the scenario that is not correct yet" in shown(reader(learner), LESSON)
    reader(learner).post(reverse("courses:scenario_answer", args=[blocks.uuid]), asked)
    page = shown(reader(learner), LESSON)
    assert said in page
    assert ("You have finished this lesson." in page) == (number == "2")


@pytest.mark.parametrize(
    ("rule", "said"),
    [("marked", "I have finished this lesson ›"), ("opened", "have read for at least 1 minute 40 seconds.")],
)
def test_a_lesson_says_what_is_left_to_do(course, learner, rule, said):
    complete(learner, Course.objects.get(title="Khoá trước"))
    lesson_of(course, rule=rule)
    enrolled(learner)
    assert said in shown(reader(learner), LESSON)
    enrolled(learner, 2)
    page = shown(reader(learner), LESSON)
    assert "You have finished this lesson." in page
    assert "About 5 minutes left" in page
    assert "(done)" in page
    enrolled(learner, 4)
    assert "You have completed this course" in shown(reader(learner), LESSON)


def test_a_task_is_handed_in_returned_and_accepted(course, learner, coordinator):
    complete(learner, Course.objects.get(title="Khoá trước"))
    step = lesson_of(course, rule=StepRule.SIGNED_OFF, task="Chụp màn hình.")
    assert "sign in</a> to hand in your work" in shown(reader(), LESSON)
    enrolment = enrolled(learner)
    given = {"enrolment": enrolment, "step": step, "at": AT}
    assert "Practical task to hand in" in shown(reader(learner), LESSON)
    file = SimpleUploadedFile("Bài.pdf", b"%PDF-1.7\n" + b"0" * 50)
    work = services.submission_create(**given, text="Tôi đã làm.", file=file)
    assert "Waiting for an instructor to look at it." in shown(reader(learner), LESSON)
    services.submission_review(submission=work, reviewer=coordinator, accepted=False, comment="Ảnh mờ.", at=AT)
    page = shown(reader(learner), LESSON)
    assert 'Comment by <span translate="no">Lê Thị Ánh</span>' in page
    assert '<p lang="vi">Ảnh mờ.</p>' in page
    Submission.objects.filter(pk=work.pk).update(file="")
    assert "has been deleted" in shown(reader(learner), LESSON)
    again = services.submission_create(**{**given, "at": AT + timedelta(hours=1)}, text="Làm lại rồi.")
    services.submission_review(submission=again, reviewer=coordinator, accepted=True, comment="Tốt", at=AT)
    page = shown(reader(learner), LESSON)
    assert "Accepted by an instructor on 20 November 2026" in page
    assert "(2 times)" in page


def test_what_a_learner_leaves_beside_a_lesson(course, learner):
    complete(learner, Course.objects.get(title="Khoá trước"))
    enrolled(learner)
    page, step = shown(reader(learner), LESSON), Step.objects.get(path=LESSON)
    assert "Was this lesson helpful?" in page
    assert "Save this lesson" in page
    note_save(user=learner, step=step, text="Nhớ kỹ")
    reader(learner).post(reverse("courses:bookmark", args=[step.uuid]))
    for verdict in ("unclear", "useful"):
        reader(learner).post(reverse("courses:feedback", args=[step.uuid]), {"y_kien": verdict, "text": "Chỗ nào?"})
        page = shown(reader(learner), LESSON)
        assert "Thank you. You chose “" in page
    assert "1 note of yours" in page
    assert "Lesson saved" in page


# --- Paths, tests, standing pages -----------------------------------------------------------------------------------
def path_page(*courses, **fields):
    page = PathPage(slug="lo-trinh-thu", title="Lộ trình thử", summary="Học để thử.", live=False, **fields)
    page.places = [
        PathPlacement(course=Course.objects.get(path=course.site_path), sort_order=order, required=order < 2)
        for order, course in enumerate(courses)
    ]
    PathIndexPage.objects.get().add_child(instance=page)
    page.audiences = [AudienceFactory(code="nguoi_dan")]
    return make.publish(page)


def test_paths_in_every_state_of_a_learner(province, learner):
    make.site()
    assert "There are no learning paths yet" in shown(reader(), "/lo-trinh/")
    courses = [make.course(f"khoa-{name}", lessons=1) for name in "abc"]
    path_page(*courses, body=json.dumps([{"type": "try_it", "value": every_block(1)["try_it"]}]))
    page = shown(reader(), "/lo-trinh/lo-trinh-thu/")
    assert "The courses, in the order to take them" in page
    assert "Sign in</a> to see how far you are." in page
    assert "Try it on the real service" in page
    first, second, third = Course.objects.order_by("path")

    def standing():
        return shown(reader(learner), "/lo-trinh/lo-trinh-thu/") + shown(reader(learner), "/lo-trinh/")

    assert "<h2>Start the learning path</h2>" in standing()
    complete(learner, first)
    enrolment_start(user=learner, course=second)
    page = standing()
    assert "<h2>You are here</h2>" in page
    assert "learning: 0 of 1 parts" in page
    assert "You have finished 1 of 2 courses" in page
    complete(learner, second)
    enrolment_start(user=learner, course=third)
    Course.objects.filter(pk=third.pk).update(is_published=False)
    page = standing()
    assert "You have finished the learning path</h2>" in page
    assert "closed for now" in page


def test_a_test_is_asked_on_its_own_pages(course):
    answer = reader().get(f"{COURSE}cuoi-khoa/")
    assert answer["Location"] == reverse("quizzes:start", args=[Step.objects.get(kind=StepKind.QUIZ).uuid])


@pytest.mark.parametrize(
    ("slug", "says"),
    [
        ("tro-giup", ["Do I have to sign up before I can learn?", "Học Số never asks for"]),
        ("kha-nang-tiep-can", ["What we have not done yet"]),
        ("quyen-rieng-tu", ["No. 91/2025/QH15"]),
    ],
)
def test_a_standing_page_as_it_came_is_in_the_readers_language(province, slug, says):
    page = shown(reader(), f"/{slug}/")
    assert [one for one in says if one not in page] == []
    assert '<article class="reading lesson-body" lang="en">' in page
    assert "available in Vietnamese only" not in page
    vietnamese = reader(language="vi").get(f"/{slug}/").content.decode()
    assert '<article class="reading lesson-body" lang="vi">' in vietnamese
    assert says[0] not in vietnamese


def saved_in_the_window(html):
    """What the editors' window makes of a text when nobody changes a word: every paragraph gets a key."""
    converter = ContentstateConverter(features=BodyBlock().child_blocks["text"].features)
    return converter.to_database_format(converter.from_database_format(html))


@pytest.mark.parametrize("slug", ["tro-giup", "kha-nang-tiep-can", "quyen-rieng-tu"])
def test_saving_without_a_change_is_no_change(province, slug):
    page = StandardPage.objects.get(slug=slug)
    page.search_description = "Học Số"
    for block in page.body.raw_data:
        held, name = (block, "value") if block["type"] == "text" else (block["value"], "text")
        held[name], before = saved_in_the_window(held[name]), held[name]
        assert held[name] != before
        assert "data-block-key" in held[name]
    page.save_revision().publish()
    assert "available in Vietnamese only" not in shown(reader(), f"/{slug}/")


def change_a_word_of_the_text(page):
    page.body.raw_data[0]["value"] += "<p>Hỏi Sở.</p>"


def add_a_block(page):
    page.body = [*page.body.raw_data, {"type": "text", "value": "<p>Hỏi Sở.</p>"}]


@pytest.mark.parametrize(
    "change",
    [
        lambda page: setattr(page, "title", "Quyền riêng tư của bạn"),
        lambda page: setattr(page, "intro", ""),
        lambda page: setattr(page, "seo_title", "Quyền của bạn"),
        change_a_word_of_the_text,
        add_a_block,
        lambda page: setattr(page, "slug", "rieng-tu"),
    ],
)
def test_what_editors_changed_is_shown_as_they_wrote_it(province, change):
    page = StandardPage.objects.get(slug="quyen-rieng-tu")
    change(page)
    page.save()
    page.save_revision().publish()
    said = shown(reader(), page.site_path)
    assert '<p lang="en">This page is available in Vietnamese only.</p>' in said
    assert '<article class="reading lesson-body" lang="vi">' in said


def test_the_pages_that_come_are_the_same_in_every_language():
    """Page for page and heading for heading: what one says, the other does not leave out."""
    vietnamese, english_pages = (standing_pages(language) for language in ("vi", "en"))
    assert list(vietnamese) == list(english_pages)
    for slug, entry in vietnamese.items():
        for ours, theirs in zip(entry["body"], english_pages[slug]["body"], strict=True):
            assert ours["type"] == theirs["type"]
            marks = [re.findall(r"<(?!/)\w+", str(block["value"])) for block in (ours, theirs)]
            assert marks[0] == marks[1], slug
    assert standing_pages("km") == {}


# --- Languages apart ------------------------------------------------------------------------------------------------
def test_labels_follow_the_reader_not_the_first_request():
    with translation.override("en"):
        assert str(dict(LENGTHS)["60"]) == "Up to 1 hour"
        assert str(dict(LANGUAGES)["vi"]) == "Vietnamese"
        assert str(CatalogueForm.base_fields["muc"].label) == "Level"
    assert str(dict(LENGTHS)["60"]) == "Đến 1 giờ"
    assert str(dict(LANGUAGES)["km"]) == "Tiếng Khmer"
    assert str(CatalogueForm.base_fields["muc"].label) == "Mức"
