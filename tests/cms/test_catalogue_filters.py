"""The catalogue's filters live in the address, can be taken away one by one, and count honestly."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.text import search_key
from courses.models import Course, Topic
from tests.factories import cms as make
from tests.factories.courses import CourseFactory, StepFactory
from tests.factories.people import AudienceFactory

pytestmark = pytest.mark.usefixtures("province")


@pytest.fixture
def catalogue():
    """Three courses that differ in everything that can be chosen."""
    make.site()
    doctors, citizens = AudienceFactory(code="y_bac_si"), AudienceFactory(code="nguoi_dan")
    short = CourseFactory(title="Ngắn", minutes=30, is_light=True)
    middle = CourseFactory(title="Vừa", minutes=60, language="tyz", is_captioned=True, is_light=True)
    long = CourseFactory(title="Dài", minutes=400, level="thanh_thao", is_captioned=True, is_narrated=True)
    for course, audience in ((short, citizens), (middle, citizens), (long, doctors)):
        course.audiences.set([audience])
    topic = Topic.objects.create(code="T-1", name="Dịch vụ công", group="A")
    middle.topics.set([topic])


def titles(response):
    return [course.title for course, _ in response.context["cards"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Dài", "Ngắn", "Vừa"]),
        ("doi_tuong=y_bac_si", ["Dài"]),
        ("chu_de=T-1", ["Vừa"]),
        ("muc=thanh_thao", ["Dài"]),
        ("thoi_luong=30", ["Ngắn"]),
        ("thoi_luong=60", ["Ngắn", "Vừa"]),
        ("thoi_luong=dai", ["Dài"]),
        ("ngon_ngu=tyz", ["Vừa"]),
        ("tro_giup=phu_de", ["Dài", "Vừa"]),
        ("tro_giup=phu_de&tro_giup=nhe", ["Vừa"]),
        ("tro_giup=nghe", ["Dài"]),
        ("q=hoc&doi_tuong=nguoi_dan&thoi_luong=30", ["Ngắn"]),
        ("muc=khong-co&thoi_luong=99&tro_giup=x&ngon_ngu=zz", ["Dài", "Ngắn", "Vừa"]),
        ("thoi_luong=60&thoi_luong=dai", ["Dài"]),
    ],
)
def test_each_filter_narrows_and_the_count_is_what_is_listed(client, catalogue, query, found):
    response = client.get(f"/khoa-hoc/?{query}")
    assert titles(response) == found
    chosen = response.context["chips"]
    words = "khoá học phù hợp." if chosen else "khoá học."
    assert f"{len(found)} {words}" in response.content.decode()


def test_what_is_chosen_can_be_taken_away_one_by_one(client, catalogue):
    page = client.get("/khoa-hoc/?q=hoc&doi_tuong=nguoi_dan&tro_giup=phu_de&tro_giup=nhe&trang=3")
    chips = page.context["chips"]
    assert [chip.label for chip in chips] == [
        f"Dành cho: {AudienceFactory(code='nguoi_dan')}",
        "Video có phụ đề",
        "Đọc được bằng chữ, nhẹ mạng",
    ]
    assert chips[1].without == "?q=hoc&doi_tuong=nguoi_dan&tro_giup=nhe"
    links = {unescape(link) for link in re.findall(r'href="([^"]+)"', page.content.decode())}
    assert {f"/khoa-hoc/{chip.without}" for chip in chips} <= links
    assert titles(client.get(f"/khoa-hoc/{chips[1].without}")) == ["Ngắn", "Vừa"]


def test_the_form_shows_again_what_is_chosen(client, catalogue):
    page = client.get("/khoa-hoc/?muc=thanh_thao&tro_giup=nghe").content.decode()
    assert '<option value="thanh_thao" selected>' in page
    assert re.search(r'value="nghe"[^>]*checked', page)
    assert "(2 đang chọn)" in page


def test_a_language_can_be_chosen_only_where_there_are_several(client, catalogue):
    assert 'name="ngon_ngu"' in client.get("/khoa-hoc/").content.decode()
    Course.objects.update(language="vi")
    page = client.get("/khoa-hoc/?ngon_ngu=vi")
    assert 'name="ngon_ngu"' not in page.content.decode()
    assert len(titles(page)) == 3


def test_pages_of_the_list_keep_what_is_chosen(client, catalogue):
    for number in range(30):
        CourseFactory(title=f"Khoá {number:02}", minutes=20)
    page = client.get("/khoa-hoc/?q=hoc&thoi_luong=30&trang=2")
    assert len(titles(page)) == 7
    assert "31 khoá học phù hợp" in page.content.decode()
    assert "?q=hoc&amp;thoi_luong=30&amp;trang=1" in page.content.decode()


def test_nothing_found_shows_ways_on(client, catalogue):
    page = client.get("/khoa-hoc/?q=máy+cày&muc=thanh_thao").content.decode()
    assert "Chưa có khoá học nào phù hợp." in page
    assert 'href="/khoa-hoc/?q=m%C3%A1y+c%C3%A0y">Tìm «máy cày» trong mọi khoá học' in page
    assert 'href="/khoa-hoc/?doi_tuong=y_bac_si"' in page


def test_what_was_found_is_marked_and_everything_else_escaped(client, catalogue):
    course = CourseFactory(title="Lừa đảo <b>", summary="Chống lừa đảo & trộm.")
    text = 'Đừng tin <script>alert("lừa đảo")</script> ai.'
    StepFactory(course=course, title="Bài", text=text, search_key=search_key(text), path="/khoa-hoc/x/bai/")
    page = client.get("/khoa-hoc/", {"q": "lua dao"}).content.decode()
    assert "<mark>Lừa đảo</mark> &lt;b&gt;" in page
    assert "Chống <mark>lừa đảo</mark> &amp; trộm." in page
    assert "&lt;script&gt;alert(&quot;<mark>lừa đảo</mark>&quot;)" in page
    assert "<script>alert" not in page
    assert 'href="/khoa-hoc/x/bai/"' in page


def test_lessons_are_those_of_the_courses_chosen(client, catalogue):
    for course in Course.objects.filter(title__in=["Ngắn", "Dài"]):
        StepFactory(course=course, title=f"Lừa đảo {course.title}", search_key="lua dao")
    response = client.get("/khoa-hoc/?q=lua+dao&muc=thanh_thao")
    assert [found.step.title for found in response.context["lessons"].lessons] == ["Lừa đảo Dài"]


@pytest.mark.parametrize("courses", [3, 60])
def test_a_narrowed_catalogue_costs_the_same_at_any_size(client, catalogue, courses):
    """Site · home · catalogue as page and as itself · audiences · topics · languages · which courses · their cards ·
    their audiences · pictures · lessons: in the title, one after the other, all words, with their course. Where enough
    lessons are found by one question, the next is not asked."""
    reader = AudienceFactory(code="nguoi_dan")
    for number in range(courses):
        course = CourseFactory(title=f"Lừa gì đảo {number}", minutes=20)
        course.audiences.set([reader])
        StepFactory(course=course, title="Bài", search_key="lua gi dao")
    client.get("/tro-giup/")
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/khoa-hoc/?q=lua+dao&doi_tuong=nguoi_dan&thoi_luong=30")
    assert response.context["found"].paginator.count == courses
    assert len(queries) <= 15


def test_a_course_can_be_handed_on_and_printed(client, province):
    make.course()
    course = Course.objects.get()
    page = client.get(course.path).content.decode()
    assert f'value="http://localhost:8000{course.path}"' in page
    assert f'href="/viec-hoc/ap-phich/khoa/{course.slug}/?kho=a4"' in page
    assert f'href="/viec-hoc/ap-phich/khoa/{course.slug}/?kho=a3"' in page
