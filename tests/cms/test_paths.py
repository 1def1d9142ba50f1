"""Path pages: carried when published, closed when taken away, shown to guests and to those who learn."""

from __future__ import annotations

import json
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from cms.models import CoursePage, HomePage, PathIndexPage, PathPage, PathPlacement
from cms.publishing import publish_problems
from cms.services import course_load, paths_load
from common.errors import DataError
from courses.loading import frameworks_load
from courses.models import Competence, Course, Framework, LearningPath
from tests.factories import cms
from tests.factories.courses import complete
from tests.factories.people import AudienceFactory, UserFactory


def path_page(*courses, slug="lo-trinh-thu", live=True, optional=(), **fields):
    cms.site()
    page = PathPage(slug=slug, live=False, **{"title": f"Lộ trình {slug}", "summary": "Học để thử.", **fields})
    page.places = [
        PathPlacement(course=Course.objects.get(slug=course.slug), required=course not in optional, sort_order=order)
        for order, course in enumerate([*courses, *optional])
    ]
    PathIndexPage.objects.get().add_child(instance=page)
    return cms.publish(page) if live else page


@pytest.fixture
def two(db):
    return cms.course("khoa-a"), cms.course("khoa-b")


def test_publishing_carries_the_path_and_closing_it_keeps_the_row(two):
    page = path_page(*two, level="thanh_thao")
    path = LearningPath.objects.get()
    assert (path.key, path.path, path.level) == (page.translation_key, "/lo-trinh/lo-trinh-thu/", "thanh_thao")
    assert [(p.course.slug, p.required) for p in path.places.all()] == [("khoa-a", True), ("khoa-b", True)]
    page.unpublish()
    path.refresh_from_db()
    assert not path.is_published
    cms.publish(page)
    path.refresh_from_db()
    assert path.is_published
    page.delete()
    path.refresh_from_db()
    assert not path.is_published


def test_a_new_address_of_the_list_is_the_path_s_too(two, django_capture_on_commit_callbacks):
    path_page(*two)
    index = PathIndexPage.objects.get()
    index.slug = "con-duong"
    with django_capture_on_commit_callbacks(execute=True):
        cms.publish(index)
    assert LearningPath.objects.get().path == "/con-duong/lo-trinh-thu/"


def test_a_path_without_an_open_required_course_or_with_one_twice_is_refused(two):
    page = path_page(optional=two, live=False)
    assert "chưa có khoá bắt buộc nào" in publish_problems(page)[0]
    page.places = [PathPlacement(course=Course.objects.first(), sort_order=n) for n in range(2)]
    assert "có hai lần" in publish_problems(page)[0]
    assert not LearningPath.objects.exists()


def test_a_guest_sees_the_courses_in_order_and_pays_no_query_the_second_time(client, two):
    path_page(*two)
    with CaptureQueriesContext(connection) as first:
        page = client.get("/lo-trinh/lo-trinh-thu/").content.decode()
    assert page.index("Khoá khoa-a") < page.index("Khoá khoa-b")
    assert "Xem khoá đầu tiên" in page
    assert "Bạn đã xong" not in page
    assert len(first) <= 8
    with CaptureQueriesContext(connection) as second:
        client.get("/lo-trinh/lo-trinh-thu/")
    assert len(second) == 0


def test_a_learner_sees_where_they_stand_and_the_next_thing_to_do(client, two):
    path_page(*two)
    user = UserFactory()
    AudienceFactory(code="nguoi_dan")
    complete(user, Course.objects.get(slug="khoa-a"))
    client.force_login(user)
    page = client.get("/lo-trinh/lo-trinh-thu/").content.decode()
    assert "1 trên 2 khoá, còn khoảng 10 phút" in page
    assert "Bắt đầu: Khoá khoa-b" in strip_tags(page)
    assert "Bạn đã xong 1 trên 2 khoá" in client.get("/lo-trinh/").content.decode()
    complete(user, Course.objects.get(slug="khoa-b"))
    assert "Bạn đã xong lộ trình" in client.get("/lo-trinh/lo-trinh-thu/").content.decode()
    assert user.path_completions.count() == 1


@pytest.mark.parametrize("signed_in", [False, True])
def test_pages_cost_the_same_for_few_and_many_courses(client, db, signed_in):
    user = UserFactory()
    if signed_in:
        client.force_login(user)
    counts = []
    for size in (2, 6):
        courses = [cms.course(f"khoa-{size}-{n}", lessons=1) for n in range(size)]
        path_page(*courses, slug=f"lo-trinh-{size}")
        for address in (f"/lo-trinh/lo-trinh-{size}/", "/lo-trinh/"):
            with CaptureQueriesContext(connection) as queries:
                client.get(f"{address}?lan={size}")
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_an_empty_list_leads_to_the_catalogue(client, db):
    cms.site()
    assert "Chưa có lộ trình nào" in client.get("/lo-trinh/").content.decode()


def test_an_editor_previews_a_path_that_nobody_published(client, editor, two):
    client.force_login(editor)
    page = path_page(*two, live=False)
    response = client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))
    assert response.status_code == 200
    text = response.content.decode()
    assert "Bản xem trước" in text
    assert "Khoá khoa-b" in text


def test_an_editor_chooses_courses_by_words_without_accents(client, editor, two):
    client.force_login(editor)
    cms.course("khoa-suc-khoe", title="Chăm sóc sức khoẻ")
    page = client.get(reverse("wagtailadmin_pages:add", args=["cms", "pathpage", PathIndexPage.objects.get().pk]))
    assert page.status_code == 200
    found = client.get(reverse("chon_khoa_hoc:choose_results"), {"q": "suc khoe"}).content.decode()
    assert "Chăm sóc sức khoẻ" in found
    assert "Khoá khoa-a" not in found


def test_after_finishing_a_course_its_page_tells_what_to_learn_next(client, province, learner, two):
    path_page(*two, audiences=[province.citizen])
    complete(learner, Course.objects.get(slug="khoa-a"))
    client.force_login(learner)
    for address in ("/khoa-hoc/khoa-a/", "/"):
        assert "Tiếp theo trong lộ trình «Lộ trình lo-trinh-thu»." in client.get(address).content.decode()
    assert "Gợi ý học tiếp" not in client.get("/khoa-hoc/khoa-b/").content.decode()
    client.logout()
    assert "Gợi ý học tiếp" not in client.get("/").content.decode()


# --- Loading ---------------------------------------------------------------------------------------------------------
def written(tmp_path, **changes):
    entry = {"slug": "lo-trinh-thu", "title": "Lộ trình thử", "summary": "Thử.", "courses": [{"course": "khoa-a"}]}
    file = tmp_path / "paths.yaml"
    file.write_text(yaml.safe_dump({"paths": [{**entry, **changes}]}, allow_unicode=True), encoding="utf-8")
    return file


def test_paths_are_loaded_once_and_what_editors_wrote_stays(two, tmp_path):
    file = written(tmp_path, body="<p>Nói thêm.</p>")
    assert paths_load(file=file) == {"created": 1, "updated": 0, "unchanged": 0}
    page = PathPage.objects.get()
    page.summary = "Biên tập viên sửa."
    cms.publish(page)
    assert paths_load(file=file) == {"created": 0, "updated": 0, "unchanged": 1}
    assert LearningPath.objects.get().summary == "Biên tập viên sửa."
    changed = written(tmp_path, courses=[{"course": "khoa-b"}, {"course": "khoa-a", "required": False}])
    assert paths_load(file=changed)["updated"] == 1
    places = [(p.course.slug, p.required) for p in LearningPath.objects.get().places.all()]
    assert places == [("khoa-b", True), ("khoa-a", False)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"courses": [{"course": "khong-co"}]}, "course"),
        ({"courses": []}, "courses"),
        ({"courses": [{"course": "khoa-a", "required": False}]}, "courses"),
        ({"audiences": ["khong_co"]}, "audiences"),
        ({"level": "cao"}, "level"),
        ({"muc": "x"}, "muc"),
        ({"body": "<script>x</script>"}, "body"),
    ],
)
def test_a_wrong_path_file_is_told_by_field_and_loads_nothing(two, tmp_path, changes, field):
    with pytest.raises(DataError) as error:
        paths_load(file=written(tmp_path, **changes))
    assert error.value.field == field
    assert not LearningPath.objects.exists()


@pytest.mark.slow
def test_shipped_paths_and_alignments_load_and_load_again(db):
    from courses.loading import topics_load
    from people.loading import audiences_load

    audiences_load()
    topics_load()
    for _ in range(2):
        call_command("load_courses", stdout=(out := StringIO()))
    assert "Lộ trình: 0 đã tạo, 0 đã cập nhật, 2 không đổi" in out.getvalue()
    assert LearningPath.objects.published().count() == 2
    assert all(course.competences.exists() for course in Course.objects.all())


# --- Frameworks ------------------------------------------------------------------------------------------------------
def test_the_shipped_frameworks_have_what_the_documents_count(db):
    for _ in range(2):
        assert frameworks_load() == {"frameworks": 2, "competences": 26}
    circular = Framework.objects.get(code="TT02-2025")
    assert circular.competences.count() == 24
    assert circular.competences.values("domain").distinct().count() == 6
    assert "chưa" in Framework.objects.get(code="QD757-2025").note


def test_a_province_adds_to_a_framework_and_loading_ours_again_keeps_it(db, tmp_path):
    frameworks_load()
    file = tmp_path / "tinh.yaml"
    entry = {"code": "QD757-2025", "name": "Khung kiến thức, kỹ năng số cơ bản", "decision": "757/QĐ-BKHCN"}
    entry["competences"] = [{"code": "1.1", "domain": "Tìm kiếm", "name": "Tìm kiếm thông tin", "position": 3}]
    file.write_text(yaml.safe_dump({"frameworks": [entry]}, allow_unicode=True), encoding="utf-8")
    call_command("load_frameworks", str(file), "--dry-run", "--json", stdout=(out := StringIO()))
    assert json.loads(out.getvalue()) == {"dry_run": True, "frameworks": 1, "competences": 1}
    assert Competence.objects.count() == 26
    call_command("load_frameworks", str(file), stdout=StringIO())
    frameworks_load()
    codes = list(Framework.objects.get(code="QD757-2025").competences.values_list("code", flat=True))
    assert codes == ["0.1", "0.2", "1.1"]
    file.write_text("frameworks:\n- {code: X, name: Y}\n", encoding="utf-8")
    with pytest.raises(CommandError) as error:
        call_command("load_frameworks", str(file))
    assert error.value.returncode == 2
    assert "dòng 2" in str(error.value)


def test_a_course_file_names_competences_validity_and_what_comes_before(two, tmp_path):
    frameworks_load()
    folder = tmp_path / "khoa-c"
    folder.mkdir()
    (folder / "bia.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><title>Bìa</title></svg>', encoding="utf-8"
    )
    lesson = {"kind": "lesson", "slug": "bai-1", "title": "Bài", "minutes": 5,
              "body": [{"type": "text", "value": "<p>Chào.</p>"}]}  # fmt: skip
    course = {
        "slug": "khoa-c", "code": "KC-01", "title": "Khoá C", "summary": "Thử.", "hours": 1, "audiences": ["nguoi_dan"],
        "illustration": "bia.svg", "steps": [lesson], "competences": ["TT02-2025:4.2"], "language": "tyz",
        "valid_months": 24, "yearly_refresh": True, "prerequisites": ["KHOA-A"],
    }  # fmt: skip
    file = folder / "course.yaml"
    file.write_text(yaml.safe_dump(course, allow_unicode=True), encoding="utf-8")
    course_load(folder=folder)
    made = Course.objects.get(slug="khoa-c")
    assert (made.language, made.valid_months, made.yearly_refresh) == ("tyz", 24, True)
    assert [c.reference for c in made.competences.all()] == ["TT02-2025:4.2"]
    assert [c.slug for c in made.prerequisites.all()] == ["khoa-a"]
    for name, wrong in (
        ("competences", ["TT02-2025:9.9"]),
        ("prerequisites", ["X"]),
        ("language", "xx"),
        ("valid_months", 0),
    ):
        file.write_text(yaml.safe_dump({**course, name: wrong}, allow_unicode=True), encoding="utf-8")
        with pytest.raises(DataError) as error:
            course_load(folder=folder)
        assert error.value.field == name


def test_the_first_page_offers_no_course_twice(client, province, learner, two):
    path_page(*two, audiences=[province.citizen])
    complete(learner, Course.objects.get(slug="khoa-a"))
    client.force_login(learner)
    HomePage.objects.update(start_course=CoursePage.objects.get(slug="khoa-b"))
    page = client.get("/").content.decode()
    assert "Bắt đầu từ đây" in page
    assert page.count("Khoá khoa-b") == 1
