"""Kept pages: who gets them and who makes them, what puts them out of use, and what asks for them again."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Site

from cms.caching import content_version
from cms.models import CataloguePage, GlossaryTerm, HomePage, StandardPage
from courses.models import Competence, Framework, Step, StepCompletion
from people.models import Audience
from tests.factories import cms as make
from tests.factories import media

COURSE = "/khoa-hoc/khoa-thu/"
LESSON = f"{COURSE}bai-1/"


@pytest.fixture
def course(province):
    return make.course(lessons=2, title="Khoá thử")


def _ask(path, client=None, **headers):
    """The answer to somebody, and what it cost."""
    client = client or Client()
    with CaptureQueriesContext(connection) as queries:
        page = client.get(path, headers=headers)
    return page, len(queries)


# --- Who gets them, who makes them ----------------------------------------------------------------------------------
def _signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def _with_cookie(name, value):
    client = Client()
    client.cookies[name] = value
    return client


@pytest.mark.parametrize("who", ["signed in", "with a session", "with a message"])
def test_whoever_might_be_somebody_makes_no_page_for_others(course, learner, who):
    client = {
        "signed in": lambda: _signed_in(learner),
        "with a session": lambda: _with_cookie("sessionid", "f" * 32),
        "with a message": lambda: _with_cookie("messages", "x"),
    }[who]()
    _ask(COURSE, client)
    page, queries = _ask(COURSE)
    assert queries > 0
    assert page.headers["Cache-Control"] == "public, max-age=60"
    # And is not answered with theirs, whatever tag the browser still has from before.
    own, queries = _ask(COURSE, client, if_none_match=page.headers["ETag"])
    assert (own.status_code, queries > 0) == (200, True)
    assert "ETag" not in own.headers
    assert own.headers["Cache-Control"] == "private, no-store"


def test_a_cookie_that_says_nothing_about_a_person_gets_the_kept_page(course):
    _ask(COURSE)
    assert _ask(COURSE, _with_cookie("csrftoken", "b" * 32))[1] == 0


def test_each_language_is_kept_apart(course, settings):
    asked = [(code, _with_cookie(settings.LANGUAGE_COOKIE_NAME, code)) for code in ("vi", "en")]
    for language, client in asked:
        page, queries = _ask(COURSE, client)
        assert (queries > 0, page.headers["Content-Language"]) == (True, language)
    for language, client in asked:
        page, queries = _ask(COURSE, client)
        assert (queries, page.headers["Content-Language"]) == (0, language)


# --- Links that went round ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("trail", ["?fbclid=abc", "?utm_source=zalo&utm_medium=zalo&zarsrc=30", "?gclid=1"])
def test_a_link_that_went_round_leads_to_the_kept_page(course, trail):
    first, queries = _ask(f"{LESSON}{trail}")
    assert queries > 0
    assert trail.partition("=")[0][1:] not in first.content.decode()
    for other in (LESSON, f"{LESSON}?fbclid=khac"):
        page, queries = _ask(other)
        assert (queries, page.content) == (0, first.content)


def test_what_was_asked_for_survives_the_trail(course):
    page, queries = _ask("/khoa-hoc/?q=khong+co&utm_source=zalo&doi_tuong=a&doi_tuong=b")
    assert queries > 0
    assert page.wsgi_request.META["QUERY_STRING"] == "q=khong+co&doi_tuong=a&doi_tuong=b"
    assert "Thử cách khác" in page.content.decode()
    assert _ask("/khoa-hoc/?q=khong+co&utm_source=zalo")[1] > 0


# --- Asked for again ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/", "/khoa-hoc/", "/khoa-hoc/?q=khoa", COURSE, LESSON, "/tro-giup/"])
def test_a_browser_that_has_the_page_gets_no_page(course, path):
    page, _ = _ask(path, accept_encoding="gzip")
    assert page.headers["ETag"].startswith('W/"')
    again, queries = _ask(path, accept_encoding="gzip", if_none_match=page.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=60"
    assert {"Cookie", "Save-Data"} <= {name.strip() for name in again.headers["Vary"].split(",")}
    if "?" not in path:
        assert queries == 0
    # Another way of showing is another page.
    assert _ask(path, if_none_match=page.headers["ETag"], save_data="on")[0].status_code == 200


def test_a_changed_page_is_sent_again(course, django_capture_on_commit_callbacks):
    tag = _ask(COURSE)[0].headers["ETag"]
    with django_capture_on_commit_callbacks(execute=True):
        course.title = "Tên mới của khoá"
        make.publish(course)
    page, _ = _ask(COURSE, if_none_match=tag)
    assert page.status_code == 200
    assert "Tên mới của khoá" in page.content.decode()
    assert page.headers["ETag"] != tag


# --- Out of use -----------------------------------------------------------------------------------------------------
def _fresh(course):
    return type(course).objects.get(pk=course.pk)


def _saved(**values):
    def save(thing):
        for name, value in values.items():
            setattr(thing, name, value)
        thing.save()

    return save


def _published(**values):
    def publish(page):
        for name, value in values.items():
            setattr(page, name, value)
        make.publish(page)

    return publish


def _competence(course):
    framework = Framework.objects.create(code="k", name="Khung")
    return Competence.objects.create(framework=framework, code="1.1", name="Năng lực", domain="Miền", position=1)


#: What is there before, and what somebody does to it.
ACTS = {
    "a course is published": (_fresh, _published()),
    "a course is unpublished": (_fresh, lambda page: page.unpublish()),
    "a course is deleted": (_fresh, lambda page: page.delete()),
    "a course gets another address": (_fresh, _published(slug="ten-khac")),
    "a lesson is unpublished": (lambda course: course.get_first_child().specific, lambda page: page.unpublish()),
    "lessons change places": (
        _fresh,
        lambda page: page.get_last_child().specific.move(page.get_first_child(), pos="left"),
    ),
    "the catalogue is published": (lambda course: CataloguePage.objects.get(), _published()),
    "the first page is published": (lambda course: HomePage.objects.get(), _published()),
    "a standing page is published": (lambda course: StandardPage.objects.first(), _published()),
    "a standing page is deleted": (lambda course: StandardPage.objects.first(), lambda page: page.delete()),
    "an audience is renamed": (lambda course: Audience.objects.first(), _saved(short_name="Bà con")),
    "a topic is renamed": (lambda course: make.topic(), _saved(name="Tên khác")),
    "a topic is deleted": (lambda course: make.topic(), lambda topic: topic.delete()),
    "a framework is renamed": (lambda course: _competence(course).framework, _saved(name="Tên khác")),
    "a competence is renamed": (_competence, _saved(name="Tên khác")),
    "a picture gets another file": (lambda course: media.image(), _saved(title="Hình khác")),
    "a file is replaced": (lambda course: media.document("a.pdf"), _saved(title="Tệp khác")),
    "a word is explained otherwise": (
        lambda course: GlossaryTerm.objects.create(term="mã OTP", meaning="Mã dùng một lần."),
        _saved(meaning="Nghĩa khác"),
    ),
    "the site gets another name": (lambda course: Site.objects.get(), _saved(site_name="Tên khác")),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_changes_a_page_puts_every_kept_page_out_of_use(course, act, django_capture_on_commit_callbacks):
    there, do = ACTS[act]
    thing = there(course)
    before = content_version()
    with django_capture_on_commit_callbacks(execute=True):
        do(thing)
    assert content_version() != before


def test_nothing_else_does(course, learner, django_capture_on_commit_callbacks):
    """Learning goes on all day: it must not cost everybody the kept pages."""
    client = _signed_in(learner)
    before = content_version()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("courses:enrol", args=[course.slug]))
        client.post(reverse("courses:step_done", args=[Step.objects.get(position=1).uuid]))
    assert StepCompletion.objects.exists()
    assert content_version() == before


def test_a_lost_version_is_never_an_old_one(course):
    before = content_version()
    cache.clear()
    assert content_version() != before
