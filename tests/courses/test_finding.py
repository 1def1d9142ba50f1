"""What the catalogue and its search find; the same on both databases."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from common.text import search_key
from courses.finding import lessons_found
from courses.models import Course, Step, StepKind
from courses.querysets import Wanted
from courses.search_index import search_index_drop, search_index_ensure
from courses.services import course_close
from tests.factories.courses import CourseFactory, StepFactory, course_with_steps
from tests.factories.people import AudienceFactory

pytestmark = pytest.mark.django_db


def lesson(title, text="", **fields):
    return StepFactory(title=title, text=text, search_key=search_key(title, text), **fields)


def courses(**wanted):
    return [course.title for course in Course.objects.for_catalogue(Wanted(**wanted))]


def lessons(words, **options):
    return [found.step.title for found in lessons_found(words, **options).lessons]


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("chuyen doi so", True),
        ("Chuyển ĐỔI số", True),
        ("chuyển đổi", True),
        ("chuyen doi s", True),
        ("mọi nhà chuyển", True),
        ("CDS-01", True),
        ("học để th", True),
        # Only the last word may be a beginning, and no word matches inside another.
        ("chuy đổi", False),
        ("uyển", False),
        ("chuyển đổi nông", False),
        ("!?", False),
        ('"chuyển" OR nông', False),
        ("chuyển:* | nông", False),
        ("title_key", False),
    ],
)
def test_a_course_is_found_by_what_names_it(words, is_found):
    course_with_steps(title="Chuyển đổi số cho mọi nhà", code="CDS-01")
    course_with_steps(title="Nông nghiệp sạch", summary="Trồng rau.")
    assert courses(words=words) == (["Chuyển đổi số cho mọi nhà"] if is_found else [])


def test_courses_named_by_their_title_come_first_then_by_the_rest_then_by_a_lesson():
    lesson("Nhận ra lừa đảo", course=CourseFactory(title="An toàn"))
    CourseFactory(title="Bảo vệ mình", summary="Tránh lừa đảo.")
    CourseFactory(title="Phòng lừa đảo")
    CourseFactory(title="Nông nghiệp")
    assert courses(words="lừa đảo") == ["Phòng lừa đảo", "Bảo vệ mình", "An toàn"]


def test_all_words_must_stand_in_one_lesson():
    course = CourseFactory(title="Kỹ năng số")
    lesson("Một", "lừa đảo", course=course)
    lesson("Hai", "qua mạng", course=course)
    assert courses(words="lừa mạng") == []
    assert lessons("lừa mạng") == []
    assert lessons("mạng qua") == ["Hai"]


def test_lessons_whose_title_says_it_come_first_then_one_after_the_other_then_the_rest():
    course = CourseFactory()
    lesson("Mua sắm", "đổi hàng, số khác", course=course)
    lesson("Ngân hàng", "chuyện đổi sổ", course=course)
    lesson("Tiền bạc", "việc đổi số là", course=course)
    lesson("Đổi số điện thoại", "", course=course)
    assert lessons("đổi số") == ["Đổi số điện thoại", "Tiền bạc", "Ngân hàng", "Mua sắm"]


def test_a_lesson_comes_with_the_place_where_the_words_stand():
    lesson("Giữ tiền", "Trước hết. Không đọc mã OTP cho ai.")
    found = lessons_found("ma otp").lessons[0]
    assert [(piece.text, piece.is_hit) for piece in found.excerpt] == [
        ("Trước hết. Không đọc ", False),
        ("mã OTP", True),
        (" cho ai.", False),
    ]


def test_only_what_is_open_is_found():
    course = CourseFactory()
    kept = lesson("Lừa đảo", course=course)
    Step.objects.filter(pk=lesson("Lừa đảo cũ", course=course).pk).update(is_active=False)
    lesson("Lừa đảo kiểm tra", course=course, kind=StepKind.QUIZ)
    lesson("Lừa đảo ẩn", course=CourseFactory(is_published=False))
    assert lessons("lừa đảo") == [kept.title]
    course_close(key=course.key)
    assert lessons("lừa đảo") == []
    assert courses(words="lừa đảo") == []
    assert lessons("  ") == []


def test_more_lessons_than_are_shown_are_told_of():
    course = CourseFactory()
    for number in range(4):
        lesson(f"Lừa đảo {number}", course=course)
    few, all_of_them = lessons_found("lừa đảo", limit=3), lessons_found("lừa đảo", limit=4)
    assert (len(few.lessons), few.has_more) == (3, True)
    assert (len(all_of_them.lessons), all_of_them.has_more) == (4, False)


def test_lessons_are_those_of_the_courses_that_were_chosen():
    lesson("Lừa đảo một", course=CourseFactory(level="co_ban"))
    lesson("Lừa đảo hai", course=CourseFactory(level="thanh_thao"))
    assert lessons("lừa đảo", courses=Course.objects.narrowed(Wanted(level="thanh_thao"))) == ["Lừa đảo hai"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["Dài", "Ngắn", "Vừa"]),
        ({"length": "30"}, ["Ngắn"]),
        ({"length": "60"}, ["Ngắn", "Vừa"]),
        ({"length": "180"}, ["Ngắn", "Vừa"]),
        ({"length": "dai"}, ["Dài"]),
        ({"language": "tyz"}, ["Vừa"]),
        ({"level": "thanh_thao"}, ["Dài"]),
        ({"helps": ["is_captioned"]}, ["Dài", "Vừa"]),
        ({"helps": ["is_captioned", "is_light"]}, ["Vừa"]),
        ({"audience": "y_bac_si"}, ["Ngắn"]),
        ({"audience": "y_bac_si", "level": "thanh_thao"}, []),
        ({"words": "van", "length": "60"}, ["Vừa"]),
    ],
)
def test_every_filter_narrows(wanted, found):
    short = CourseFactory(title="Ngắn", minutes=30)
    short.audiences.set([AudienceFactory(code="y_bac_si"), AudienceFactory(code="nguoi_dan")])
    CourseFactory(title="Vừa", summary="Văn bản", minutes=60, language="tyz", is_captioned=True, is_light=True)
    CourseFactory(title="Dài", summary="Văn bản", minutes=181, level="thanh_thao", is_captioned=True)
    assert courses(**wanted) == found


def test_the_index_follows_every_way_of_writing():
    one = lesson("Cũ")
    Step.objects.filter(pk=one.pk).update(title_key="moi", search_key="moi tinh")
    assert lessons("mới tinh") == ["Cũ"]
    assert lessons("cũ") == []
    with pytest.raises(InterruptedError), transaction.atomic():
        _write_and_give_up(one)
    assert lessons("thôi rồi") == []
    assert lessons("mới tinh") == ["Cũ"]
    more = Step(course=one.course, key=uuid4(), kind="lesson", title="Loạt", search_key="ca loat", position=2, path="/")
    Step.objects.bulk_create([more])
    assert lessons("cả loạt") == ["Loạt"]
    Step.objects.filter(title="Loạt").delete()
    assert lessons("cả loạt") == []


def _write_and_give_up(step):
    Step.objects.filter(pk=step.pk).update(search_key="thoi roi")
    raise InterruptedError


def test_the_index_is_made_again_with_everything_in_it():
    lesson("Lừa đảo")
    connection.check_constraints()  # PostgreSQL changes no table that has checks waiting
    search_index_drop()
    lesson("Lừa đảo mới")
    connection.check_constraints()
    search_index_ensure()
    assert lessons("lừa đảo") == ["Lừa đảo", "Lừa đảo mới"]
    with CaptureQueriesContext(connection) as queries:
        search_index_ensure()
    assert len(queries) == 1


@pytest.mark.parametrize("size", [3, 60])
def test_search_costs_the_same_at_any_size(size):
    course = CourseFactory()
    for number in range(size):
        lesson(f"Bài {number}", "lừa một người, đảo chữ", course=course)
    with CaptureQueriesContext(connection) as queries:
        assert lessons_found("lừa đảo")
    # titles · one after the other · all words · lessons with their course; PostgreSQL asks for the second and third
    # at once, and for the third alone only where that gave too little
    assert len(queries) == (3 if connection.vendor == "postgresql" and size > 12 else 4)


@pytest.mark.parametrize("number", [0, 700])
def test_a_lesson_of_the_chosen_course_is_found_behind_hundreds_of_others(number):
    """The first rows of the index are asked first; what is wanted may be none of them."""
    crowd, chosen = CourseFactory(), CourseFactory()
    lesson("Bài", "người lừa, đảo chữ", course=crowd)
    Step.objects.bulk_create(
        Step(course=crowd, key=uuid4(), kind=StepKind.LESSON, title="Bài", path=f"/{n}/", position=n + 2,
             search_key="bai nguoi lua dao chu", title_key="bai", text="người lừa, đảo chữ")
        for n in range(number)
    )  # fmt: skip
    lesson("Bài tìm", "chữ đảo ngược, người lừa", course=chosen)
    assert lessons("lừa đảo", courses=Course.objects.filter(pk=chosen.pk)) == ["Bài tìm"]
    assert len(lessons("lừa đảo")) == min(number + 2, 12)
