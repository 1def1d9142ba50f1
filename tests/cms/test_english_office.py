"""The editors' admin in English: its pages are, and whatever is written into records from there is Vietnamese."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.admin.mail import send_notification
from wagtail.models import Collection, Page, PageLogEntry, Revision
from wagtail.users.models import UserProfile

from cms import uploads
from cms.checks import rules
from cms.checks.plain import ERROR, PlainEmpty, PlainLink, PlainMedia, PlainPage, PlainPicture, PlainScenario, PlainText
from cms.link_checks import LinkCheck
from cms.models import CoursePage, GlossaryTerm, HomePage, LessonPage, NewsIndexPage, PathIndexPage
from cms.outline.reading import outline_state
from cms.services import editor_group_ensure, pages_publish_scheduled
from cms.services.links import look_at
from courses.models import Course
from courses.services import enrolment_start
from people.models import Notice
from people.querysets import today
from tests.english import VIETNAMESE, english, held_texts, vietnamese_in
from tests.factories import cms as make
from tests.factories import uploads as made


@pytest.fixture
def admin(client, editor, settings):
    editor_group_ensure()
    client.force_login(editor)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def course(province, editor):
    """A course with everything that its outline can show, half of it published."""
    page = make.course_draft(title="Khoá thử", content_owner=editor, review_on=today() - timedelta(days=1))
    make.module(page, "mot", title="Phần một")
    make.lesson(page, "bai-1", title="Bài một", content_owner=editor, review_on=today(), minutes=3)
    make.lesson(page, "bai-2", title="Bài hai")
    make.quiz(page, bank=make.bank())
    page = make.publish(page)
    bad = make.lesson(page, "bai-3", title="Bài ba", live=False)
    bad.body = json.dumps([{"type": "text", "value": "<h3>Khoa</h3><p><a href='https://x.vn'>link</a></p>"}])
    bad.save_revision()
    LessonPage.objects.get(slug="bai-2").save_revision(user=editor)
    return page


def shown(answer, status=200):
    return english(answer, status, held=held_texts())


# --- Pages ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "said"),
    [
        (lambda course: "/cms/", ["Your work", "Create a new course", "Unpublished drafts", "overdue"]),
        (lambda course: reverse("cms_guide"), ["Guide for editors: a course", "Open the question banks"]),
        (lambda course: f"{reverse('cms_reviews')}?cua=toi", ["Content due for review", "Overdue", "(course)"]),
        (lambda course: reverse("cms_outline:index"), ["Find by name or code", "Learning now", "Published"]),
        (lambda course: f"{reverse('cms_outline:index')}?q=xyz", ["No course has “xyz” in its name or code."]),
        (lambda course: reverse("cms_outline:course", args=[course.pk]), ["Move “Bài một” up", "Done when", "1 error"]),
        (lambda course: reverse("cms_outline:copy", args=[course.pk]), ["Everything is a draft", "Do not copy"]),
        (lambda course: reverse("cms_outline:release", args=[course.pk]), ["Held back (1)", "Publish 1 page"]),
        (lambda course: reverse("cms_checks:findings", args=[course.pk]), ["To mend before publishing", "of level 3"]),
        (lambda course: reverse("wagtailadmin_explore", args=[course.pk]), ["Outline"]),
        (lambda course: reverse("wagtailadmin_pages:history", args=[course.pk]), []),
        (lambda course: reverse("wagtailadmin_pages:delete", args=[course.pk]), []),
    ],
)
def test_pages(admin, course, address, said):
    page = shown(admin.get(address(course)))
    assert [words for words in said if words not in page] == []


def _forms(course):
    lesson = LessonPage.objects.get(slug="bai-1")
    index = {"coursepage": course.get_parent(), "modulepage": course, "lessonpage": course}
    index |= {"newspage": NewsIndexPage.objects.first(), "pathpage": PathIndexPage.objects.first()}
    return [
        *(reverse("wagtailadmin_pages:add", args=["cms", kind, at.pk]) for kind, at in index.items() if at),
        *(reverse("wagtailadmin_pages:edit", args=[page.pk]) for page in (course, lesson, HomePage.objects.get())),
        *(reverse(GlossaryTerm.snippet_viewset.get_url_name(name)) for name in ("list", "add")),
        "/cms/snippets/cms/reusablecontent/add/",
    ]


def test_forms_in_one_language_after_the_other(admin, course, settings):
    """Forms are built once and shown in two languages: neither leaves its words to the other."""
    for address in _forms(course):
        for language in ("vi", "en", "vi"):
            admin.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            answer = admin.get(address)
            if language == "en":
                shown(answer)
            else:
                assert answer.status_code == 200
                page = answer.content.decode()
                ours = ("Content owner", "Highlighted box", "Short introduction", "Headline", "Words to explain")
                assert [words for words in ours if words in page] == []


def test_blocks_and_choosers(admin, course):
    page = admin.get(reverse("wagtailadmin_pages:edit", args=[LessonPage.objects.get(slug="bai-1").pk]))
    for words in ("Highlighted box", "Numbered series of pictures", "Tip, something to try", "Words explained"):
        assert words in page.content.decode()
    for name, title in (("chon_khoa_hoc", "Choose a course"), ("wagtailimages_chooser", "Search")):
        told = json.loads(admin.get(reverse(f"{name}:choose")).content)["html"]
        assert title in told
        assert list(vietnamese_in(told, held_texts())) == []


def test_the_profile_of_wagtail_decides_nothing(admin, course, editor):
    UserProfile.get_for_user(editor)
    assert "Your work" in shown(admin.get("/cms/"))
    assert UserProfile.objects.get(user=editor).preferred_language == ""


# --- Acts and refusals ------------------------------------------------------------------------------------------------
def _sent(course, turned):
    """What the form of the outline sends when two lessons changed places."""
    state = outline_state(course)
    order = [str(pk) for pk in state.order]
    if turned:
        order[1], order[2] = order[2], order[1]
    required = [str(row.page.pk) for row in state.rows if row.required]
    return {"token": state.token, "page": order, "required": required}


def test_an_outline_is_arranged_in_english_and_recorded_in_vietnamese(admin, course, learner):
    enrolment_start(user=learner, course=Course.objects.get())
    address = reverse("cms_outline:course", args=[course.pk])
    preview = shown(admin.post(address, {**_sent(course, True), "preview": "1"}))
    assert "moves to place 1 in “Phần một”" in preview
    assert "Nobody is in the middle" not in preview
    refused = shown(admin.post(address, {**_sent(course, True), "token": "x", "apply": "1"}))
    assert "The outline was changed elsewhere while you were arranging it" in refused
    assert "The new outline is applied." in shown(
        admin.post(address, {**_sent(course, True), "apply": "1"}, follow=True)
    )
    said = PageLogEntry.objects.get(action="cms.outline.arrange").data["changes"]
    assert said == ["«Bài hai» chuyển đến vị trí 1 trong «Phần một»"]


def test_what_is_added_copied_and_released(admin, course):
    address = reverse("cms_outline:add", args=[course.pk])
    added = {"kind": "lesson", "module": "start"}
    assert "Enter a name." in shown(admin.post(address, {**added, "title": ""}, follow=True))
    assert "was added to the outline" in shown(admin.post(address, {**added, "title": "Bài bốn"}, follow=True))
    address = reverse("cms_outline:copy", args=[course.pk])
    taken = {"title": "Khoá sao", "code": course.code}
    assert "This code is already used for the course" in shown(admin.post(address, taken))
    assert admin.get(address).context["form"].initial["title"].endswith("(bản sao)")
    address = reverse("cms_outline:release", args=[course.pk])
    assert "so nothing was published" in shown(admin.post(address, {"token": "x"}))
    told = shown(admin.post(address, {"token": admin.get(address).context["plan"].token}, follow=True))
    assert "1 page is published. 2 pages are held back." in told


def test_publishing_is_asked_about_and_refused(admin, course):
    unfit = LessonPage.objects.get(slug="bai-3")
    page = shown(admin.get(reverse("cms_checks:confirm", args=[unfit.pk])))
    assert "To mend before publishing (" in page
    assert "Not published" not in page
    last = Page.objects.get(pk=CoursePage.objects.get(pk=course.pk).get_children().last().pk)
    assert last.slug == "bai-3"
    again = admin.post(reverse("cms_checks:confirm", args=[unfit.pk]), {"revision": "0"}, follow=True)
    assert "The page has just been changed again." in shown(again)


def test_what_people_learnt_is_not_deleted(admin, course, learner):
    enrolment_start(user=learner, course=Course.objects.get())
    answer = admin.get(reverse("wagtailadmin_pages:delete", args=[course.pk]), follow=True)
    assert "Could not delete “Khoá thử”." in shown(answer)
    assert "Press “Unpublish” instead of deleting" in shown(answer)


def test_a_file_is_refused(admin):
    drawing = SimpleUploadedFile("hinh.svg", made.svg("<script>alert(1)</script>"))
    sent = {"file": drawing, "title": "x", "collection": Collection.get_first_root_node().pk}
    told = shown(admin.post(reverse("wagtailimages:add"), sent))
    assert "The SVG drawing has an element ‹script›. That is not for drawing." in told


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("a.pdf", b""),
        ("a.pdf", b"\x89PNG\r\n\x1a\n"),
        ("a.txt", b"\xff"),
        ("a.vtt", b"WEBVTT\n\n00:00:01,000 --> 00:00:04,000\nx"),
        ("a.zip", b"PK\x03\x04"),
        ("a.mp4", b"\0\0\0\x18ftypmp42\0"),
        ("a.docx", b"PK\x05\x06" + bytes(18)),
    ],
)
def test_refusals_of_files(name, content):
    limits = uploads.Limits(dict.fromkeys(("document", "captions", "video"), 1), 1000, 1, 10, 10)
    with translation.override("en"), pytest.raises(uploads.UnsafeFile) as refused:
        uploads.check_document(name=name, file=SimpleUploadedFile(name, content).file, limits=limits)
    assert not VIETNAMESE.search(f"{refused.value.text} {refused.value.fix}")


def test_findings():
    """Every rule that a page without content can break."""
    long = " ".join(["word"] * 200)
    page = PlainPage(
        kind="lesson", problems=["x"], empty=[PlainEmpty("A"), PlainEmpty("A", "B")], minutes=90, summary="",
        texts=[PlainText("A", [long]), PlainText("A", ["ONE TWO THREE"])], rule="scenario",
        links=[PlainLink("A", "here", "https://x.vn", "does not open.", True), PlainLink("A", "x", "", "leads away.")],
        pictures=[PlainPicture("A", "", True)], media=[PlainMedia("A", "video", False, False)],
        scenarios=[PlainScenario("A", 0)], has_owner=False, has_review_date=False, circle=["a", "b", "a"],
    )  # fmt: skip
    with translation.override("en"):
        found = rules.check(page)
        assert [str(finding) for finding in found if VIETNAMESE.search(str(finding))] == []
        assert {finding.place for finding in found if finding.where == "Trang"} == {"Page"}
    assert len({finding.code for finding in found if finding.level == ERROR}) >= 7


# --- Records ----------------------------------------------------------------------------------------------------------
def test_the_table_to_take_along_is_vietnamese(admin, course):
    table = admin.get(reverse("cms_reviews"), {"dang": "csv"}).content.decode("utf-8-sig")
    assert table.splitlines()[0].startswith('"Nội dung","Loại"')
    assert "bài học" in table
    assert "lesson" not in table.replace("/bai-", "")


def test_notices_of_the_clock_are_vietnamese(province, editor):
    page = make.course_draft()
    lesson = make.lesson(page, "bai-1", live=False, content_owner=editor)
    lesson.go_live_at = timezone.now() + timedelta(hours=1)
    lesson.save_revision(user=editor).publish()
    past = timezone.now() - timedelta(hours=1)
    Revision.objects.exclude(approved_go_live_at=None).update(approved_go_live_at=past)
    for revision in Revision.objects.exclude(approved_go_live_at=None):
        revision.content |= {"go_live_at": past.isoformat(), "body": "[]"}
        revision.save()
    with translation.override("en"):
        assert pages_publish_scheduled().refused
    body = Notice.objects.get().body
    assert "Bài học chưa có nội dung." in body
    assert "draft" not in body


def test_why_a_link_failed_is_kept_in_vietnamese_and_told_in_english():
    with translation.override("en"):
        status, why = look_at("ftp://x.vn")
        told = LinkCheck(url="ftp://x.vn", status=status, error=why, failures=2).problem
    assert why == "không phải địa chỉ https thông thường"
    assert told == "does not open (not an ordinary https address)."


def test_letters_of_wagtail_are_vietnamese_whoever_causes_them(province, editor, course):
    editor.email = "bientap@bacninh.gov.vn"
    editor.save()
    context = {"page": course, "editor": editor, "new_comments": [], "resolved_comments": [], "deleted_comments": []}
    context |= {"replied_comments": [{"comment": {"text": "x"}, "replies": []}]}
    with translation.override("en"):
        send_notification([editor], "updated_comments", context)
    letter = mail.outbox[0]
    for part in (letter.subject, letter.body, letter.alternatives[0][0]):
        assert "comment" not in part.lower().replace("#comment", "")
