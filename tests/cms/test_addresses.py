"""Addresses hold no accents, however a title or a pasted address came in."""

from __future__ import annotations

import re
import string

import pytest
from django.core.exceptions import ValidationError
from django.utils.text import slugify
from hypothesis import given
from hypothesis import strategies as st
from wagtail.admin.widgets import SlugInput

from cms.addresses import LONGEST, browser_rules, plain_slug
from cms.models import CoursePage
from common.text import fold
from courses.models import Course
from tests.factories import cms as make

VIETNAMESE = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Khoá thử: Đổi mới & sáng tạo", "khoa-thu-doi-moi-sang-tao"),
        ("khoá-thử", "khoa-thu"),
        ("Kho\u0301a", "khoa"),
        ("5 kỹ năng số cơ bản", "5-ky-nang-so-co-ban"),
        ("ƯỚC MƠ", "uoc-mo"),
        ("???", ""),
        ("học " * 60, ("hoc-" * 25)[:-1]),
        ("a" * 150, "a" * LONGEST),
    ],
)
def test_a_title_becomes_a_plain_address(text, slug):
    assert plain_slug(text) == slug


@given(st.text(max_size=300))
def test_an_address_is_plain_short_and_stays(text):
    slug = plain_slug(text)
    assert set(slug) <= set(string.ascii_lowercase + string.digits + "-_")
    assert len(slug) <= LONGEST
    assert plain_slug(slug) == slug


@given(st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + " -0123456789\u0301\u0323"))
def test_the_browser_folds_as_we_do(text):
    told = text
    for pattern, plain in browser_rules():
        told = re.sub(pattern, plain, told)
    assert slugify(told) == slugify(fold(text))


def test_the_rules_reach_the_browser():
    rules = SlugInput(formatters=browser_rules()).attrs
    assert rules["data-w-slug-allow-unicode-value"] is False
    assert "đ" in rules["data-w-slug-formatters-value"] or "\\u0111" in rules["data-w-slug-formatters-value"]


def test_pasted_accents_never_reach_a_course(province, client, learner):
    page = make.course("khoá-thử-đổi-mới", lessons=1)
    assert page.slug == "khoa-thu-doi-moi"
    assert Course.objects.get().path == "/khoa-hoc/khoa-thu-doi-moi/"
    client.force_login(learner)
    response = client.get("/khoa-hoc/khoa-thu-doi-moi/")
    assert response.status_code == 200
    assert "Ghi danh" in response.content.decode()


def test_a_page_without_an_address_gets_one_of_its_own(province):
    catalogue = make.site()
    slugs = []
    for code in ("A", "B"):
        page = CoursePage(title="Đổi mới", code=code, summary="Học.", live=False)
        catalogue.add_child(instance=page)
        slugs.append(page.slug)
    assert slugs == ["doi-moi", "doi-moi-2"]


def test_a_title_that_courses_cannot_keep_is_told(province):
    page = make.course_draft()
    page.title = "Dài " * 51
    with pytest.raises(ValidationError, match="không quá 200"):
        page.full_clean()
