"""Questions in the editors' admin: the list, writing one, looking at it as learners do."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages

from cms.questions import pages, reading
from cms.questions.editor import QuestionEditor, QuizNeedsIt, with_quizzes_kept
from cms.questions.forms import FilterForm, TargetForm
from cms.questions.pages import PER_PAGE, bank_for, editor_of, page, question_for, question_trail, told
from cms.questions.preview import as_learner, in_short
from quizzes import insight
from quizzes.access import can_see_figures
from quizzes.kinds import KINDS
from quizzes.models import Answer, Bank, Question, QuestionState
from quizzes.services import (
    question_archive,
    question_copy,
    question_delete,
    question_move,
    question_review,
)
from quizzes.services.banks import duplicates_in

PREVIEW = "xem-thu"
NEEDED = gettext_noop(
    "Bài «{title}» đang cần câu này như trước. Hãy thêm câu khác vào ngân hàng hoặc sửa bài đó trước."
)
DID: dict[str, str] = {
    QuestionState.WAITING: gettext_noop("Đã gửi câu {code} để duyệt."),
    QuestionState.APPROVED: gettext_noop("Đã duyệt câu {code}."),
    QuestionState.DRAFT: gettext_noop("Câu {code} trở lại bản nháp."),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every question that the person may read, narrowed by what they look for."""
    banks = Bank.objects.readable_by(request.user)
    form = FilterForm(request.GET, banks=banks)
    found = form.narrowed(Question.objects.filter(bank__in=banks)).select_related("bank", "topic")
    found = found.annotate(was_asked=Exists(Answer.objects.filter(question=OuterRef("pk"))))
    listed = Paginator(found.order_by("bank__name", "code", "pk"), PER_PAGE).get_page(request.GET.get("p"))
    asked = {name: str(value) for name, value in request.GET.items() if name != "p" and value}
    bank = form.cleaned_data.get("bank")
    context = {
        "form": form,
        "listed": listed,
        "query": urlencode(asked),
        "bank": bank,
        "may_add": pages.may_write(request.user, bank) if bank else pages.writes(request.user),
        "is_narrowed": bool(asked),
        "sees_figures": can_see_figures(request.user),
    }
    return page(request, "index", _("Câu hỏi"), [], **context)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Choose bank and kind, each with a word of explanation; then fill in what this kind needs."""
    asked = request.GET.get("bank", "")
    kind = request.GET.get("loai", "")
    bank = Bank.objects.filter(pk=int(asked)).first() if asked.isdecimal() else None
    if bank is None or kind not in KINDS:
        if bank:
            bank_for(request, bank.pk, writing=True)
        return _choose(request, bank)
    return _write(request, bank_for(request, bank.pk, writing=True), kind, None)


def _choose(request: HttpRequest, bank: Bank | None) -> HttpResponse:
    banks = Bank.objects.writable_by(request.user) if pages.writes(request.user) else Bank.objects.none()
    context = {"bank": bank, "banks": banks, "kinds": reading.kinds_explained()}
    return page(request, "choose", _("Thêm câu hỏi"), _list_trail(bank), **context)


def _list_trail(bank: Bank | None) -> pages.Trail:
    trail = [(reverse("ngan_hang:index"), _("Ngân hàng câu hỏi"))]
    return [*trail, (reverse("ngan_hang:bank", args=[bank.pk]), bank.name)] if bank else trail


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a question; who may only read it sees it as learners do, with the way to copy it."""
    question = question_for(request, pk)
    if not pages.may_write(request.user, question.bank) and request.method == "GET":
        return redirect("cau_hoi:preview", pk)
    question_for(request, pk, writing=True)
    wanted = request.GET.get("loai", "")
    both = {wanted, question.kind} <= {"single", "multiple"}
    return _write(request, question.bank, wanted if both else question.kind, question)


def _write(request: HttpRequest, bank: Bank, kind: str, question: Question | None) -> HttpResponse:
    """One form for a new question and for one that is there. The button says what is asked for."""
    sent = request.method == "POST"
    data, files = (request.POST, request.FILES) if sent else (None, None)
    editor = QuestionEditor(kind=kind, bank=bank, user=editor_of(request), question=question, data=data, files=files)
    shown: dict[str, Any] = {}
    if sent and editor.added_to:
        editor.add()
        shown["focus"] = editor.added_to
    elif sent and editor.is_valid():
        if PREVIEW in request.POST:
            shown["preview"] = as_learner(editor.content)
        else:
            try:
                return _saved(request, editor)
            except QuizNeedsIt as quiz:
                shown["refused"] = _(NEEDED).format(title=quiz)
    elif sent:
        shown["refused"] = _("Chưa lưu được. Hãy sửa những chỗ được báo bên dưới.")
    context = {
        "editor": editor,
        "bank": bank,
        "question": question,
        "kind": KINDS[kind],
        "explained": reading.EXPLAINED[kind],
        **_doable(question, request),
        **shown,
    }
    trail = question_trail(question)[:-1] if question else _list_trail(bank)
    title = (
        _("Câu %(code)s") % {"code": question.code}
        if question
        else _("Thêm câu hỏi: %(label)s") % {"label": _(KINDS[kind].label)}
    )
    return page(request, "write", title, trail, **context)


def _doable(question: Question | None, request: HttpRequest) -> dict[str, Any]:
    """The buttons for a whole question."""
    actions = reading.actions_of(question, editor_of(request)) if question else []
    return {
        "actions": actions,
        "wants_note": any(action.needs_note for action in actions),
        "sees_figures": can_see_figures(request.user),
    }


def _saved(request: HttpRequest, editor: QuestionEditor) -> HttpResponse:
    question = editor.save()
    another = f"{reverse('cau_hoi:add')}?{urlencode({'bank': editor.bank.pk})}"
    buttons = [
        messages.button(another, _("Thêm câu hỏi vào ngân hàng này")),
        messages.button(reverse("cau_hoi:edit", args=[question.pk]), _("Sửa lại")),
    ]
    review = " " + _("Câu cần được duyệt trước khi dùng.") if question.state == QuestionState.DRAFT else ""
    messages.success(
        request,
        _("Đã lưu câu %(code)s, phiên bản %(version)s.%(review)s")
        % {"code": question.code, "version": question.version, "review": review},
        buttons=buttons,
    )
    if "va-them" in request.POST:
        return redirect(f"{another}&loai={editor.kind}")
    return redirect(f"{reverse('cau_hoi:index')}?{urlencode({'bank': editor.bank.pk})}")


@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """«Xem như người học», with what may be done with the question beside it."""
    question = question_for(request, pk)
    context = {
        "question": question,
        "bank": question.bank,
        "preview": as_learner(question.content),
        **_doable(question, request),
        "may_write": pages.may_write(request.user, question.bank),
        "may_copy": pages.writes(request.user),
        "tags": question.tags.all(),
    }
    return page(
        request, "preview", _("Xem câu %(code)s") % {"code": question.code}, question_trail(question)[:-1], **context
    )


@require_safe
def usage(request: HttpRequest, pk: int) -> HttpResponse:
    """Which quizzes may ask the question, and how many attempts did."""
    question = question_for(request, pk)
    context = {
        "question": question,
        "uses": reading.uses_of(question),
        "asked": reading.attempts_asking(question),
        "figures_in": insight.quizzes_that_asked(question) if can_see_figures(request.user) else [],
    }
    return page(
        request, "usage", _("Câu %(code)s dùng ở đâu") % {"code": question.code}, question_trail(question), **context
    )


@require_safe
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    """Straight to the figures of the question where one quiz asked it; otherwise to the list of those that did."""
    question = question_for(request, pk)
    asked_in = list(insight.quizzes_that_asked(question)[:2]) if can_see_figures(request.user) else []
    if len(asked_in) == 1:
        return redirect("insight:question", asked_in[0].step.uuid, question.uuid)
    return redirect(f"{reverse('cau_hoi:usage', args=[question.pk])}#so-lieu")


@require_safe
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version, newest first, with what changed from the one before."""
    question = question_for(request, pk)
    context = {"question": question, "versions": reading.versions_of(question)}
    return page(
        request,
        "versions",
        _("Các phiên bản của câu %(code)s") % {"code": question.code},
        question_trail(question),
        **context,
    )


@require_POST
@told
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """One step with a whole question: through its review, into the archive or out of it, away for good."""
    question = question_for(request, pk)
    asked, user = request.POST.get("viec", ""), editor_of(request)
    if asked in DID:
        note = request.POST.get("nhan-xet", "")
        question_review(question=question, state=asked, actor=user, note=note)
        messages.success(request, _(DID[asked]).format(code=question.code))
    elif asked in ("cat", "lay-lai"):
        question_for(request, pk, writing=True)
        _archive(request, question, is_active=asked == "lay-lai")
    elif asked == "xoa":
        question_for(request, pk, writing=True)
        question_delete(question=question, actor=user)
        messages.success(request, _("Đã xoá câu %(code)s.") % {"code": question.code})
        return redirect(f"{reverse('cau_hoi:index')}?{urlencode({'bank': question.bank_id})}")
    return pages.back(request, reverse("cau_hoi:preview", args=[pk]))


def _archive(request: HttpRequest, question: Question, *, is_active: bool) -> None:
    try:
        with_quizzes_kept(
            question.bank,
            lambda: question_archive(question=question, is_active=is_active, actor=editor_of(request)),
        )
    except QuizNeedsIt as quiz:
        messages.error(request, _(NEEDED).format(title=quiz))
    else:
        did = (
            _("Đã đưa câu {code} vào dùng lại.")
            if is_active
            else _("Đã cất câu {code}: câu không ra trong bài mới nữa.")
        )
        messages.success(request, did.format(code=question.code))


@require_http_methods(["GET", "POST"])
@told
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy or move a question to another bank."""
    question, user = question_for(request, pk), editor_of(request)
    form = TargetForm(request.POST or None, user=user, bank=question.bank)
    movable = pages.may_write(user, question.bank)
    if request.method == "POST" and form.is_valid():
        target = bank_for(request, form.cleaned_data["to"].pk, writing=True)
        if "chuyen" in request.POST:
            question_for(request, pk, writing=True)
            try:
                made = with_quizzes_kept(question.bank, lambda: question_move(question=question, to=target, actor=user))
            except QuizNeedsIt as quiz:
                messages.error(request, _(NEEDED).format(title=quiz))
                return redirect("cau_hoi:transfer", pk)
            messages.success(
                request, _("Đã chuyển sang «%(name)s», mã %(code)s.") % {"name": target.name, "code": made.code}
            )
        else:
            made = question_copy(question=question, to=target, actor=user)
            messages.success(
                request, _("Đã sao sang «%(name)s», mã %(code)s.") % {"name": target.name, "code": made.code}
            )
        return redirect("cau_hoi:edit", made.pk)
    context = {"question": question, "form": form, "movable": movable}
    return page(request, "transfer", _("Sao hoặc chuyển câu hỏi"), question_trail(question), **context)


@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """Questions that ask the same, side by side."""
    groups = duplicates_in(Bank.objects.readable_by(request.user))
    listed = Paginator(groups, 20).get_page(request.GET.get("p"))
    mine = Bank.objects.writable_by(request.user) if pages.writes(request.user) else Bank.objects.none()
    writable = set(mine.values_list("pk", flat=True))
    shown = [[(one, in_short(one.content), one.bank_id in writable) for one in group] for group in listed]
    return page(request, "duplicates", _("Câu hỏi trùng nhau"), _list_trail(None), groups=shown, listed=listed)
