"""Pages as readers meet them: what they show, to whom, and what they cost."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from cms.models import HomePage
from cms.services import site_ensure
from courses.models import Course, Enrolment
from courses.services import enrolment_start, step_complete
from tests.factories import cms as make
from tests.factories import media
from tests.factories.people import AudienceFactory

COURSE = "/khoa-hoc/khoa-thu/"
LESSON = "/khoa-hoc/khoa-thu/bai-1/"


@pytest.fixture
def course(province):
    return make.course(lessons=3, title="Khoá thử", outcomes="Làm được việc một.\nLàm được việc hai.")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Học kỹ năng số"),
        ("/khoa-hoc/", "Khoá thử"),
        (COURSE, "Làm được việc hai."),
        (LESSON, "Nội dung bài học."),
        ("/tro-giup/", "mật khẩu"),
        ("/kha-nang-tiep-can/", "WCAG 2.2"),
        ("/quyen-rieng-tu/", "91/2025/QH15"),
    ],
)
def test_everybody_reads_every_page(client, course, path, words):
    response = client.get(path)
    assert response.status_code == 200
    assert words in response.content.decode()


@pytest.mark.parametrize("path", ["/khong-co/", "/khoa-hoc/khong-co/", f"{COURSE}khong-co/", f"{LESSON}x/"])
def test_unknown_addresses_are_not_found(client, course, path):
    assert client.get(path).status_code == 404


def test_a_guest_is_offered_the_first_lesson_and_told_about_signing_in(client, course):
    page = client.get(COURSE).content.decode()
    assert f'href="{LESSON}">Học thử bài 1' in page
    assert f"{reverse('account_login')}?next={COURSE}" in page
    lesson = client.get(LESSON).content.decode()
    assert "Bài 1 trên 3" in lesson
    assert "Tiếp: Bài số 2" in lesson
    assert "Tôi đã học xong" not in lesson
    assert "csrfmiddlewaretoken" not in lesson


def test_a_signed_in_reader_enrols_marks_and_resumes(client, course, learner):
    client.force_login(learner)
    assert "Ghi danh và học bài 1" in client.get(COURSE).content.decode()
    step = Course.objects.get().steps.get(position=1)
    assert reverse("courses:step_done", args=[step.uuid]) in client.get(LESSON).content.decode()
    client.post(reverse("courses:step_done", args=[step.uuid]))
    page = client.get(COURSE).content.decode()
    assert "Bạn đã học 1 trên 3 phần" in page
    assert "Học tiếp: Bài số 2" in page
    assert "Còn khoảng 10 phút" in page
    assert "Bạn đã học xong bài này" in client.get(LESSON).content.decode()


def test_opening_a_lesson_remembers_it_for_the_enrolled_only(client, course, learner, stranger):
    enrolment, _ = enrolment_start(user=learner, course=Course.objects.get())
    client.force_login(learner)
    client.get("/khoa-hoc/khoa-thu/bai-2/")
    enrolment.refresh_from_db()
    assert enrolment.last_step.title == "Bài số 2"
    client.force_login(stranger)
    client.get(LESSON)
    assert Enrolment.objects.count() == 1


def test_a_finished_course_says_so(client, course, learner):
    enrolment, _ = enrolment_start(user=learner, course=Course.objects.get())
    for step in Course.objects.get().steps.all():
        step_complete(enrolment=enrolment, step=step)
    client.force_login(learner)
    page = client.get(COURSE).content.decode()
    assert "Bạn đã hoàn thành" in page
    assert reverse("certificates:mine") in page


def test_quiz_page_leads_to_the_quiz(client, province):
    draft = make.course_draft()
    make.lesson(draft, "bai-1")
    make.quiz(draft, bank=make.bank())
    make.publish(draft)
    step = Course.objects.get().steps.get(kind="quiz")
    assert step.required
    assert client.get("/khoa-hoc/khoa-thu/cuoi-khoa/").url == reverse("quizzes:start", args=[step.uuid])


def test_a_draft_course_and_its_lessons_are_not_found(client, province):
    draft = make.course_draft()
    make.lesson(draft, "bai-1")
    assert client.get(COURSE).status_code == 404
    assert client.get(LESSON).status_code == 404


def test_guests_step_over_quizzes_members_do_not(client, province, learner):
    draft = make.course_draft()
    make.lesson(draft, "bai-1")
    make.quiz(draft, "kiem-tra", purpose="check", draw=3, bank=make.bank(), title="Tự kiểm tra")
    make.lesson(draft, "bai-2", title="Bài hai")
    make.publish(draft)
    assert "Tiếp: Bài hai" in client.get(LESSON).content.decode()
    client.force_login(learner)
    enrolment, _ = enrolment_start(user=learner, course=Course.objects.get())
    step_complete(enrolment=enrolment, step=Course.objects.get().steps.get(position=1))
    assert "Tiếp: Tự kiểm tra" in client.get(LESSON).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"Chuyển đổi số cho mọi người", "Hồ sơ sức khoẻ"}),
        ("q=chuyen+doi+so", {"Chuyển đổi số cho mọi người"}),
        ("q=CHUYỂN+ĐỔI", {"Chuyển đổi số cho mọi người"}),
        ("q=suc+khoe", {"Hồ sơ sức khoẻ"}),
        ("q=sức+khỏe", {"Hồ sơ sức khoẻ"}),
        ("q=CDS-01", {"Chuyển đổi số cho mọi người"}),
        ("q=khong+co+gi", set()),
        ("doi_tuong=y_bac_si", {"Hồ sơ sức khoẻ"}),
        ("doi_tuong=nguoi_dan&q=suc", set()),
        ("chu_de=T-F03", {"Hồ sơ sức khoẻ"}),
        ("doi_tuong=khong-co", {"Chuyển đổi số cho mọi người", "Hồ sơ sức khoẻ"}),
        ("trang=99", {"Chuyển đổi số cho mọi người", "Hồ sơ sức khoẻ"}),
    ],
)
def test_catalogue_filters_and_folding_search(client, province, query, found):
    make.course("mot", title="Chuyển đổi số cho mọi người", code="CDS-01")
    make.course(
        "hai",
        title="Hồ sơ sức khoẻ",
        audiences=[AudienceFactory(code="y_bac_si")],
        topics=[make.topic("T-F03", "Hồ sơ")],
    )
    response = client.get(f"/khoa-hoc/?{query}")
    assert {course.title for course, _ in response.context["cards"]} == found
    if not found:
        assert "Thử cách khác" in response.content.decode()


def test_home_counts_what_is_there(client, course, learner):
    site_ensure()  # a card for each audience that has come to be known
    home = HomePage.objects.get()
    home.start_course = course
    make.publish(home)
    page = client.get("/").content.decode()
    assert "Chưa có" in page
    assert f"trong năm {timezone.localdate().year}. Bạn" in page
    assert "1 khoá" in page
    assert "Học thử bài 1" in page
    # A card whose audience has no course is not shown.
    assert "Hướng dẫn bà con" not in page


def _cost(client, path):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("lessons", [3, 30])
def test_course_page_of_a_guest_costs_six_queries_then_none(client, province, lessons):
    """Site · home page · course page with picture · steps with course · audiences · topics."""
    make.course(lessons=lessons)
    _cost(client, "/tro-giup/")
    assert _cost(client, COURSE) <= 6
    assert _cost(client, COURSE) == 0


@pytest.mark.parametrize("lessons", [3, 30])
def test_lesson_signed_in_costs_the_same_at_any_length(client, province, learner, lessons):
    """Session · user · site · home · lesson page · enrolment with completion · steps with course and what is done ·
    the visit · last seen · narrations · notes, bookmark and feedback · roles of the person (menu): at most 15, with
    what the lesson's blocks choose on top of twelve."""
    make.course(lessons=lessons)
    enrolment_start(user=learner, course=Course.objects.get())
    client.force_login(learner)
    client.get(LESSON)
    client.get("/khoa-hoc/khoa-thu/bai-2/")
    assert _cost(client, LESSON) == 12


@pytest.mark.parametrize("courses", [2, 20])
def test_catalogue_costs_the_same_at_any_size(client, province, courses):
    """Site · home · catalogue as page and as itself · audiences · topics · languages · which courses · their cards ·
    their audiences · pictures · lessons with these words in the title, in the text; PostgreSQL also in their order."""
    for number in range(courses):
        make.course(f"khoa-{number}", lessons=1)
    client.get("/tro-giup/")
    assert _cost(client, "/khoa-hoc/?q=khoa") == (14 if connection.vendor == "postgresql" else 13)


def test_kept_pages_carry_nothing_personal_and_die_with_a_publication(
    client, course, learner, django_capture_on_commit_callbacks
):
    first = client.get(COURSE)
    assert "public" in first["Cache-Control"]
    assert "Cookie" in first["Vary"]
    assert not first.cookies
    # Somebody signed in never gets the kept page, and never fills it.
    client.force_login(learner)
    own = client.get(COURSE)
    assert "private" in own["Cache-Control"]
    assert "Ghi danh" in own.content.decode()
    client.logout()
    assert "Học thử bài 1" in client.get(COURSE).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        course.title = "Tên mới của khoá"
        make.publish(course)
    assert "Tên mới của khoá" in client.get(COURSE).content.decode()


@pytest.mark.parametrize("cookie", ["sessionid", "messages"])
def test_whoever_might_be_somebody_gets_a_fresh_page(client, course, cookie):
    client.get(COURSE)
    client.cookies[cookie] = uuid.uuid4().hex
    assert _cost(client, COURSE) > 0


def test_a_query_in_the_address_is_not_kept(client, course):
    client.get("/khoa-hoc/?q=thu")
    assert _cost(client, "/khoa-hoc/?q=thu") > 0


def test_what_a_reader_did_is_never_kept_by_a_browser(client, course, learner):
    client.force_login(learner)
    for path in ("/", COURSE, LESSON):
        assert client.get(path)["Cache-Control"] == "private, no-store", path
    assert "js/fresh" in client.get(LESSON).content.decode()
    client.logout()
    assert "js/fresh" not in client.get(LESSON).content.decode()


@pytest.mark.parametrize(("hours", "shown"), [("1.5", "1,5 giờ"), ("2.0", "2 giờ"), ("12", "12 giờ")])
def test_a_course_promises_the_hours_its_paper_will_claim(client, province, hours, shown):
    page = make.course(hours=Decimal(hours))
    home = HomePage.objects.get()
    home.start_course = page
    make.publish(home)
    for path in ("/khoa-hoc/", COURSE):
        assert f"Thời lượng {shown}, cả thực hành" in client.get(path).content.decode()
    assert f"{shown}, cả thực hành" in client.get("/").content.decode()
    assert "5 phút" in client.get(COURSE).content.decode()


def test_the_catalogue_names_the_lessons_that_hold_the_words(client, province):
    draft = make.course_draft(title="Khoá nhỏ")
    step = {"title": "Mở", "text": "Gõ địa chỉ.", "alt": "Nút xanh"}
    shown = get_image_model().objects.create(title="Hội trường", file=get_test_image_file())
    body = [
        {"type": "text", "value": "<p>Đừng đọc <b>mã</b>&nbsp;OTP.</p>"},
        {"type": "callout", "value": {"style": "danger", "title": "Coi chừng", "text": "<p>Giục chuyển khoản</p>"}},
        {"type": "steps", "value": {"title": "Nộp", "steps": [step]}},
        {"type": "image", "value": {"image": shown.pk, "alt": "Ba chiếc ghế", "caption": "Hội trường"}},
        {"type": "document", "value": {"document": media.document("mau.pdf").pk, "title": "Mẫu đơn"}},
    ]  # fmt: skip
    make.lesson(draft, "bai-1", title="Giữ tiền", summary="Tóm tắt riêng", minutes=7, body=json.dumps(body))
    make.publish(draft)
    for words in ("otp", "giục chuyển", "go dia chi", "nút xanh", "ghe", "hoi truong", "mau don", "tom tat"):
        response = client.get("/khoa-hoc/", {"q": words})
        page = response.content.decode()
        assert [course.title for course, _ in response.context["cards"]] == ["Khoá nhỏ"], words
        assert "Bài học có từ này" in page
        assert 'href="/khoa-hoc/khoa-thu/bai-1/"><span>Giữ tiền' in page
        assert 'Khoá nhỏ · <span class="nowrap">7 phút' in page
    # The name of a box's kind, and the tags, are no words of the lesson.
    for words in ("lừa đảo", "strong", "<b>mã</b>"):
        assert not client.get("/khoa-hoc/", {"q": words}).context["lessons"], words
    assert "Bài học có từ này" not in client.get("/khoa-hoc/").content.decode()
