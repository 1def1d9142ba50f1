"""A course's outline: arranged as a whole, with its effect told before, or refused with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page, PageLogEntry

from cms.effects import effect_of_publishing, effect_of_removal, removal_warning
from cms.models import CoursePage, LessonPage, ModulePage, QuizPage
from cms.outline.reading import changes_of, effect_of_arrangement, outline_state
from cms.outline.rules import Line
from cms.outline.services import outline_arrange, outline_page_add
from common.errors import Refusal
from courses.models import Completion, Course
from courses.services import enrolment_start, enrolments_settle, step_complete
from tests.factories import cms as make
from tests.factories.people import UserFactory


@pytest.fixture
def course(province):
    """«Phần mot» with two lessons, «Phần hai» with one and the final quiz; published."""
    page = make.course_draft()
    make.module(page, "mot")
    make.lesson(page, "bai-1")
    make.lesson(page, "bai-2")
    make.module(page, "hai")
    make.lesson(page, "bai-3")
    make.quiz(page, bank=make.bank())
    return make.publish(page)


def _titles(page):
    return list(page.get_children().order_by("path").values_list("slug", flat=True))


def _lines(state, *slugs, **changes):
    """An arrangement in the order of ``slugs``, or as it stands; ``changes`` by slug with _ for -."""
    by_slug = {row.page.slug: row.line for row in state.rows}
    for slug, values in changes.items():
        by_slug[slug.replace("_", "-")] = replace(by_slug[slug.replace("_", "-")], **values)
    return tuple(by_slug[slug] for slug in (slugs or by_slug))


def _arrange(page, actor, *slugs, **changes):
    state = outline_state(page)
    return outline_arrange(
        course_page=page, arrangement=_lines(state, *slugs, **changes), token=state.token, actor=actor
    )


ANEW = ("hai", "bai-3", "cuoi-khoa", "mot", "bai-2", "bai-1")


def test_pages_and_steps_follow_the_arrangement(course, editor):
    before = dict(Page.objects.values_list("pk", "url_path"))
    _arrange(course, editor, *ANEW)
    assert _titles(course) == list(ANEW)
    steps = Course.objects.get().steps.filter(is_active=True)
    assert [(step.path.split("/")[-2], step.module.title) for step in steps.select_related("module")] == [
        ("bai-3", "Phần hai"),
        ("cuoi-khoa", "Phần hai"),
        ("bai-2", "Phần mot"),
        ("bai-1", "Phần mot"),
    ]
    assert dict(Page.objects.values_list("pk", "url_path")) == before
    assert Page.find_problems() == ([], [], [], [], [])
    entry = PageLogEntry.objects.get(action="cms.outline.arrange")
    assert entry.user == editor
    assert "Đã sắp xếp đề cương: «" in entry.message


def test_required_and_rule_reach_learners_and_the_history(course, editor):
    _arrange(course, editor, bai_2={"required": False, "rule": "opened"})
    lesson = LessonPage.objects.get(slug="bai-2")
    assert (lesson.required, lesson.rule, lesson.live, lesson.has_unpublished_changes) == (False, "opened", True, False)
    assert lesson.latest_revision == lesson.live_revision
    assert lesson.latest_revision.content["required"] is False
    step = Course.objects.get().steps.get(key=lesson.translation_key)
    assert (step.required, step.rule) == (False, "opened")


def test_of_a_draft_nothing_else_is_published(course, editor):
    lesson = LessonPage.objects.get(slug="bai-2")
    lesson.title, lesson.minutes = "Bài viết dở", 9
    lesson.save_revision()
    _arrange(course, editor, bai_2={"required": False})
    lesson = LessonPage.objects.get(slug="bai-2")
    draft = lesson.get_latest_revision_as_object()
    assert (lesson.title, lesson.minutes, lesson.required) == ("Bài bai-2", 5, False)
    assert lesson.has_unpublished_changes
    assert lesson.live_revision.content["required"] is False
    assert lesson.live_revision.content["title"] == "Bài bai-2"
    assert (draft.title, draft.minutes, draft.required) == ("Bài viết dở", 9, False)
    assert lesson.draft_title == "Bài viết dở"


def test_what_a_draft_says_otherwise_stays_its_own(course, editor):
    """The page shows what learners have; a draft that unticks the lesson is told of, and kept."""
    lesson = LessonPage.objects.get(slug="bai-2")
    lesson.required = False
    lesson.save_revision()
    row = outline_state(course).by_page[lesson.pk]
    assert (row.line.required, row.draft_words, row.state) == (True, "thành tự chọn", "changed")
    _arrange(course, editor, bai_2={"rule": "opened"})
    draft = LessonPage.objects.get(slug="bai-2").get_latest_revision_as_object()
    assert (draft.required, draft.rule) == (False, "opened")


def test_a_lesson_never_published_is_changed_in_its_draft(course, editor):
    make.lesson(course, "nhap", live=False).save_revision()
    _arrange(course, editor, nhap={"required": False})
    lesson = LessonPage.objects.get(slug="nhap")
    assert not lesson.live
    assert lesson.get_latest_revision_as_object().required is False
    assert outline_state(course).by_page[lesson.pk].line.required is False


def test_an_arrangement_that_changes_nothing_writes_nothing(course, editor):
    revisions = list(LessonPage.objects.values_list("latest_revision", flat=True))
    _arrange(course, editor)
    assert list(LessonPage.objects.values_list("latest_revision", flat=True)) == revisions
    assert not PageLogEntry.objects.filter(action="cms.outline.arrange").exists()


def _missing(lines):
    return lines[1:]


def _added(lines):
    return (*lines, Line(1))


def _twice(lines):
    return (*lines[:-1], lines[0])


@pytest.mark.parametrize("spoil", [_missing, _added, _twice])
def test_pages_are_neither_lost_nor_added(course, editor, spoil):
    state = outline_state(course)
    with pytest.raises(Refusal) as refusal:
        outline_arrange(course_page=course, arrangement=spoil(state.arrangement), token=state.token, actor=editor)
    assert refusal.value.code == "pages_differ"


@pytest.mark.parametrize("act", ["add", "move", "untick", "unpublish"])
def test_what_others_did_meanwhile_is_not_overwritten(course, editor, act):
    state = outline_state(course)
    lesson = LessonPage.objects.get(slug="bai-1")
    if act == "add":
        make.lesson(course, "bai-4", live=False)
    elif act == "move":
        lesson.move(LessonPage.objects.get(slug="bai-3"), pos="left")
    elif act == "untick":
        lesson.required = False
        make.publish(lesson)
    else:
        lesson.unpublish()
    now = _titles(course)
    with pytest.raises(Refusal) as refusal:
        outline_arrange(course_page=course, arrangement=_lines(state, *ANEW), token=state.token, actor=editor)
    assert refusal.value.code == "outline_changed"
    assert _titles(course) == now


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"rule": "scenario"}, "rule_without_scenarios"),
        ({"rule": "signed_off"}, "rule_without_task"),
        ({"rule": "passed"}, "rule_unknown"),
        ({"rule": ""}, "rule_unknown"),
    ],
)
def test_a_rule_that_nobody_could_meet_is_refused(course, editor, values, code):
    with pytest.raises(Refusal) as refusal:
        _arrange(course, editor, bai_1=values)
    assert refusal.value.code == code
    assert LessonPage.objects.get(slug="bai-1").rule == "marked"


def test_a_rule_with_its_task_is_taken(course, editor):
    LessonPage.objects.filter(slug="bai-1").update(task="Chụp màn hình hồ sơ đã nộp.")
    _arrange(course, editor, bai_1={"rule": "signed_off"})
    assert LessonPage.objects.get(slug="bai-1").rule == "signed_off"


@pytest.mark.parametrize("how", ["locked", "scheduled"])
def test_what_is_locked_or_scheduled_may_move_but_not_change(course, editor, how):
    lesson = LessonPage.objects.get(slug="bai-1")
    if how == "locked":
        LessonPage.objects.filter(pk=lesson.pk).update(locked=True, locked_by=UserFactory())
    else:
        lesson.save_revision(approved_go_live_at=timezone.now() + timezone.timedelta(days=1))
    with pytest.raises(Refusal) as refusal:
        _arrange(course, editor, bai_1={"required": False})
    assert refusal.value.code == "page_locked"
    _arrange(course, editor, *ANEW)
    assert _titles(course) == list(ANEW)


def test_an_open_course_keeps_something_to_complete(province, editor):
    page = make.course(lessons=2)
    untick = {"bai_1": {"required": False}, "bai_2": {"required": False}}
    with pytest.raises(Refusal) as refusal:
        _arrange(page, editor, **untick)
    assert refusal.value.code == "no_required_step"
    assert Course.objects.get().is_published
    page.unpublish()
    _arrange(CoursePage.objects.get(), editor, **untick)
    assert not LessonPage.objects.filter(required=True).exists()


@pytest.mark.slow
def test_moving_many_costs_no_more_queries_than_moving_one(province, editor):
    page = make.course_draft()
    for number in range(1, 41):
        make.lesson(page, f"bai-{number}", live=False)
    counts = []
    for move in (lambda slugs: [*slugs[1:], slugs[0]], lambda slugs: slugs[::-1]):
        slugs = move(_titles(page))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            _arrange(page, editor, *slugs)
        assert _titles(page) == slugs
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30


# --- The effect -----------------------------------------------------------------------------------------------------
@pytest.fixture
def two_learners(course, learner, stranger):
    """One has done the first lesson of four steps, one all but the second lesson."""
    steps = {step.path.split("/")[-2]: step for step in Course.objects.get().steps.all()}
    for person, done in ((learner, ["bai-1"]), (stranger, ["bai-1", "bai-3", "cuoi-khoa"])):
        enrolment, _ = enrolment_start(user=person, course=Course.objects.get())
        for slug in done:
            step_complete(enrolment=enrolment, step=steps[slug])
    return course


def test_the_effect_is_told_before_and_comes_true(two_learners, editor):
    state = outline_state(two_learners)
    arrangement = _lines(state, *ANEW, bai_2={"required": False})
    effect = effect_of_arrangement(state, arrangement)
    assert (effect.completed, effect.less, effect.more, effect.same) == (1, 1, 0, 0)
    assert not Completion.objects.exists()
    assert outline_state(two_learners).token == state.token
    outline_arrange(course_page=two_learners, arrangement=arrangement, token=state.token, actor=editor)
    enrolments_settle()
    assert Completion.objects.count() == 1


def test_a_new_order_alone_touches_nobody(two_learners):
    state = outline_state(two_learners)
    assert not effect_of_arrangement(state, _lines(state, *ANEW)).touches_anybody


def test_publishing_one_page_tells_its_effect(two_learners):
    lesson = LessonPage.objects.get(slug="bai-2")
    lesson.required = False
    assert effect_of_publishing(lesson).completed == 1
    new = make.lesson(two_learners, "bai-4", live=False)
    assert effect_of_publishing(new).more == 2
    optional = make.lesson(two_learners, "bai-5", live=False, required=False)
    assert not effect_of_publishing(optional).touches_anybody
    assert not effect_of_publishing(ModulePage.objects.first()).touches_anybody
    assert not effect_of_publishing(CoursePage.objects.get()).touches_anybody
    assert effect_of_publishing(make.lesson(make.course_draft("khac"), "xa", live=False)) is None


def test_taking_a_page_away_tells_its_effect_in_figures(two_learners):
    lesson = LessonPage.objects.get(slug="bai-2")
    effect = effect_of_removal(lesson)
    assert (effect.completed, effect.less) == (1, 1)
    said = removal_warning(lesson)
    assert "Có 2 người đang học" in said
    assert "1 người được ghi là hoàn thành khoá học, 1 người có ít việc hơn." in said
    assert effect_of_removal(CoursePage.objects.get()).learners == 2
    assert "không học tiếp được" in removal_warning(CoursePage.objects.get())
    assert removal_warning(ModulePage.objects.first()) == ""
    assert effect_of_removal(make.lesson(two_learners, "nhap", live=False)) is None


def test_the_changes_are_told_in_words(course):
    state = outline_state(course)
    changes = changes_of(state, _lines(state, "mot", "bai-2", "hai", "bai-1", "bai-3", "cuoi-khoa",
                                       bai_3={"required": False, "rule": "opened"}))  # fmt: skip
    assert [(change.title, change.words) for change in changes] == [
        ("Bài bai-1", "chuyển đến vị trí 1 trong «Phần hai»"),
        ("Bài bai-3", "thành tự chọn; được tính là xong khi: Đọc đến cuối, đủ thời gian"),
    ]


# --- Adding ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("module", "kind", "expected"),
    [
        ("mot", "lesson", ["mot", "bai-1", "bai-2", "moi", "hai", "bai-3", "cuoi-khoa"]),
        ("hai", "module", ["mot", "bai-1", "bai-2", "hai", "bai-3", "cuoi-khoa", "moi"]),
        (None, "quiz", ["moi", "mot", "bai-1", "bai-2", "hai", "bai-3", "cuoi-khoa"]),
    ],
)
def test_a_draft_is_added_at_the_end_of_a_module(course, editor, module, kind, expected):
    at = ModulePage.objects.get(slug=module).pk if module else None
    revision = Course.objects.get().revision
    page = outline_page_add(course_page=course, kind=kind, title=" Mới ", module=at, actor=editor)
    assert _titles(course) == expected
    assert (page.title, page.live, page.latest_revision is not None) == ("Mới", False, True)
    assert Course.objects.get().revision == revision
    if kind == "quiz":
        assert (page.purpose, page.bank) == ("check", QuizPage.objects.get(slug="cuoi-khoa").bank)


def test_the_first_quiz_is_the_final_one_and_a_title_without_letters_gets_an_address(province, editor):
    draft = make.course_draft()
    quiz = outline_page_add(course_page=draft, kind="quiz", title="???", module=None, actor=editor)
    assert (quiz.purpose, quiz.bank) == ("final", None)
    assert quiz.slug.startswith("quiz-")
