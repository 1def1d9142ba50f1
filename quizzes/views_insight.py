"""What is learnt from quizzes and mended in them: figures of a quiz and of a question, scoring anew.

Figures carry no names: they are open to whoever teaches anywhere and to editors. Lists of people stay within the scope.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import jobs, sheets_out
from courses import teaching
from people import access
from people.models import Role, User
from people.requests import SignedInRequest
from people.stepup import demand_fresh_proof
from quizzes import insight, insight_jobs
from quizzes.access import FIGURES
from quizzes.insight_forms import RegradeForm
from quizzes.models import Question, Quiz, QuizStatistics
from quizzes.services import regrading
from quizzes.statistics import ENOUGH, SURE

PAGE_SIZE = 50
CHANGES_SHOWN = 200
REGRADING = access.EDITING | {Role.PROVINCIAL_LEAD}
OFFICES = access.MANAGING | access.TEACHING | access.EDITING
STUCK = {
    "kind_changed": gettext_noop("loại câu đã đổi"),
    "option_gone": gettext_noop("danh sách đáp án đã đổi"),
    "settings_changed": gettext_noop("các vế hoặc chỗ trống đã đổi"),
    "by_hand": gettext_noop("câu do người chấm"),
}


def require_role(request: SignedInRequest, roles: frozenset[str], what: str) -> None:
    """Let pass whoever holds one of ``roles`` anywhere."""
    allowed = bool(access.roles_of(request.user) & roles) or (roles == REGRADING and access.is_editor(request.user))
    access.require(allowed, request.user, what=what, offices=OFFICES)


def quiz_or_404(step: UUID) -> Quiz:
    """The quiz of a step; its address is that of the step, which other rooms know."""
    found: Quiz = get_object_or_404(Quiz.objects.select_related("step__course", "bank"), step__uuid=step)
    return found


def _statistics_of(quiz: Quiz) -> QuizStatistics | None:
    return QuizStatistics.objects.filter(quiz=quiz).first()


@never_cache
@login_required
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Every quiz that was worked on, with the few figures that say where to look."""
    require_role(request, FIGURES, _("bài kiểm tra nào"))
    words = request.GET.get("q", "").strip()
    page = Paginator(insight.quizzes_with_figures(words=words), PAGE_SIZE).get_page(request.GET.get("trang"))
    signs_off = bool(access.roles_of(request.user) & access.SIGNING_OFF)
    waiting = 0
    if signs_off:
        people = teaching.people_of(access.scope_units(request.user, access.SIGNING_OFF))
        waiting = insight.essays_waiting(viewer=request.user, people=people).count()
    context = {"page": page, "words": words, "signs_off": signs_off, "waiting": waiting, "enough": ENOUGH}
    return render(request, "quizzes/insight/home.html", context)


@never_cache
@login_required
@require_safe
def quiz(request: SignedInRequest, step: UUID) -> HttpResponse:
    """The figures of a quiz as they were last worked out: what to look at, how scores are spread, each question."""
    require_role(request, FIGURES, _("bài kiểm tra nào"))
    found = quiz_or_404(step)
    row = _statistics_of(found)
    context: dict[str, Any] = {
        "quiz": found,
        "step": found.step,
        "course": found.step.course,
        "row": row,
        "teaches": access.is_teacher(request.user),
        "enough_at": ENOUGH,
        "sure_at": SURE,
    }
    if row:
        figures = row.figures
        lines = insight.lines_of(figures)
        context |= {
            "figures": figures,
            "lines": lines,
            "alerts": [line for line in lines if line.alerts],
            "enough": figures["attempts"] >= ENOUGH,
            "bars": insight.band_bars(figures["bands"], figures["pass_percent"]),
            "weeks": insight.trend_points(figures["trend"]),
            "no_alpha": _(insight.NO_ALPHA.get(figures["no_alpha"], insight.ALL_ALIKE_WORDS)),
        }
    return render(request, "quizzes/insight/quiz.html", context)


@login_required
def rebuild(request: SignedInRequest, step: UUID) -> HttpResponse:
    """Work the figures out anew: a job, whose page leads back here."""
    require_role(request, FIGURES, _("bài kiểm tra nào"))
    found = quiz_or_404(step)
    here = reverse("insight:quiz", args=[step])
    if request.method != "POST":
        return redirect(here)
    job = jobs.job_open(
        kind=insight_jobs.STATISTICS,
        owner=request.user,
        title=(_("Tính số liệu «%(title)s»") % {"title": found.step.title})[:200],
        args={"quiz": str(found.uuid)},
        next_path=here,
    )
    return redirect("jobs:job", job.uuid)


@never_cache
@login_required
@require_safe
def export(request: SignedInRequest, step: UUID) -> HttpResponse:
    """The table of questions as a sheet; nobody's name is in it."""
    require_role(request, FIGURES, _("bài kiểm tra nào"))
    row = _statistics_of(quiz_or_404(step))
    if row is None:
        raise Http404
    rows = insight.export_rows(insight.lines_of(row.figures))
    answer = HttpResponse(
        sheets_out.write_xlsx(insight.EXPORT_HEADINGS, rows, sheet=insight.EXPORT_SHEET),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    answer["Content-Disposition"] = 'attachment; filename="so-lieu-cau-hoi.xlsx"'
    return answer


@never_cache
@login_required
@require_safe
def question(request: SignedInRequest, step: UUID, question: UUID) -> HttpResponse:
    """A question: what was answered by whom of which standing, its versions, its regrades."""
    require_role(request, FIGURES, _("bài kiểm tra nào"))
    found, row = quiz_or_404(step), None
    asked = get_object_or_404(Question.objects.select_related("bank"), uuid=question)
    if statistics := _statistics_of(found):
        row = next((item for item in statistics.figures["items"] if item["question"] == asked.pk), None)
    context = {
        "quiz": found,
        "step": found.step,
        "course": found.step.course,
        "question": asked,
        "line": insight.Line(asked, row) if row else None,
        "answers": insight.answer_table(asked, row) if row else [],
        "versions": asked.versions.select_related("made_by").order_by("-number"),
        "regrades": asked.regrades.select_related("made_by"),
        "may_regrade": may_regrade(request.user),
        "sure_at": SURE,
    }
    return render(request, "quizzes/insight/question.html", context)


def may_regrade(user: Any) -> bool:
    """Whether the person may score a question's answers anew: whoever answers for its key, or for the province."""
    return bool(access.roles_of(user) & REGRADING) or access.is_editor(user)


@never_cache
@login_required
def regrade(request: SignedInRequest, question: UUID) -> HttpResponse:
    """Who would change if a question's answers were scored anew; a POST with a reason does it, as a job."""
    require_role(request, REGRADING, _("việc chấm lại câu hỏi"))
    found = get_object_or_404(Question.objects.select_related("bank"), uuid=question)
    form = RegradeForm(request.POST or None, initial={"version": found.version})
    status = HTTPStatus.OK
    if request.method == "POST":
        if form.is_valid():
            # It gives passes, and with them completions and certificates.
            demand_fresh_proof(request, _("chấm lại câu hỏi"))
            return _regrade(request, found, form)
        status = HTTPStatus.BAD_REQUEST
    preview = regrading.question_regrade_preview(question=found)
    context = {
        "question": found,
        "form": form,
        "preview": preview,
        "named": _named(request.user, preview),
        "stuck": sorted({_(STUCK[code]) for code in preview.stuck.values()}),
        "quizzes": insight.quizzes_that_asked(found),
    }
    return render(request, "quizzes/insight/regrade.html", context, status=status)


def _named(user: Any, preview: regrading.Preview) -> list[regrading.Previewed]:
    """Of those who change, the people whom the viewer may read about by name."""
    ids = {one.attempt.enrolment.user_id for one in preview.changes}
    scope = teaching.people_of(access.scope_units(user, access.TEACHING))
    seen = set(User.objects.filter(pk__in=ids).filter(pk__in=scope).values_list("pk", flat=True))
    return [one for one in preview.changes if one.attempt.enrolment.user_id in seen][:CHANGES_SHOWN]


def _regrade(request: SignedInRequest, found: Question, form: RegradeForm) -> HttpResponse:
    quiz = Quiz.objects.filter(attempts__answers__question=found).select_related("step").first()
    back = reverse("insight:question", args=[quiz.step.uuid, found.uuid]) if quiz else reverse("insight:home")
    job = jobs.job_open(
        kind=insight_jobs.REGRADE,
        owner=request.user,
        title=(_("Chấm lại câu %(code)s") % {"code": found.code})[:200],
        args={
            "question": str(found.uuid),
            "version": form.cleaned_data["version"],
            "reason": form.cleaned_data["reason"],
            "actor": str(request.user.uuid),
        },
        next_path=back,
    )
    return redirect("jobs:job", job.uuid)
