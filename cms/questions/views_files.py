"""Questions in and out of files: upload, look at every question, decide, take in; download."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin import messages

from cms.questions import pages
from cms.questions.editor import QuizNeedsIt, with_quizzes_kept
from cms.questions.forms import FilterForm
from cms.questions.media import media_judged
from cms.questions.pages import PER_PAGE, bank_for, editor_of, page, told
from cms.questions.rows import PlainForm
from common.language import on_record
from quizzes.formats import FORMATS, xlsx
from quizzes.formats.base import MAX_BYTES, MB
from quizzes.kinds import KINDS
from quizzes.models import Bank, Question, QuestionImport
from quizzes.services import bank_export, bank_import, import_apply, import_keep
from quizzes.services.importing import OUTCOMES, SKIP, UPDATE, ImportReport, faults_file, import_read

WORDS = {
    "created": gettext_noop("Câu mới"),
    "updated": gettext_noop("Sửa câu đang có"),
    "unchanged": gettext_noop("Không đổi"),
    "skipped": gettext_noop("Bỏ qua"),
    "faulty": gettext_noop("Có lỗi"),
}
FILE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEFT_OUT_SHOWN = 20


class UploadForm(PlainForm):
    """A file, and the bank into which it is to go."""

    bank = forms.ModelChoiceField(
        label=gettext_lazy("Vào ngân hàng"), queryset=Bank.objects.none(), empty_label=gettext_lazy("Chọn ngân hàng")
    )
    file = forms.FileField(
        label=gettext_lazy("Tệp câu hỏi"),
        help_text=format_lazy(
            gettext_lazy("Bảng Excel theo mẫu, GIFT, Aiken, Moodle XML hoặc QTI; tối đa {size} MB."),
            size=MAX_BYTES // MB,
        ),
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Định dạng"),
        required=False,
        choices=[
            ("auto", gettext_lazy("Tự nhận ra")),
            *((code, gettext_lazy(one.label)) for code, one in FORMATS.items()),
        ],
    )

    def __init__(self, *args: Any, banks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank"].queryset = banks  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("Tệp nặng hơn %(size)s MB. Hãy chia thành nhiều tệp nhỏ hơn.") % {"size": MAX_BYTES // MB}
            )
        return file


class ChoiceForm(PlainForm):
    """What becomes of questions that the bank has already, and of those with faults."""

    trung = forms.ChoiceField(
        label=gettext_lazy("Câu mà ngân hàng đã có nhưng khác nội dung"),
        choices=[
            (SKIP, gettext_lazy("Bỏ qua, giữ câu của ngân hàng")),
            (UPDATE, gettext_lazy("Sửa câu của ngân hàng theo tệp")),
        ],
        widget=forms.RadioSelect,
        initial=SKIP,
    )
    bo_loi = forms.BooleanField(label=gettext_lazy("Bỏ các câu có lỗi, chỉ nhập những câu còn lại"), required=False)


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Bring a file; nothing is taken in yet."""
    banks = Bank.objects.writable_by(request.user) if pages.writes(request.user) else Bank.objects.none()
    sent = request.method == "POST"
    initial = {"bank": request.GET.get("bank"), "format": "auto"}
    form = UploadForm(request.POST if sent else None, request.FILES if sent else None, banks=banks, initial=initial)
    if sent and form.is_valid():
        given = form.cleaned_data
        kept = import_keep(
            bank=given["bank"],
            data=given["file"].read(),
            name=given["file"].name,
            format=given["format"] or "auto",
            actor=editor_of(request),
        )
        return redirect("nhap_cau_hoi:preview", kept.uuid)
    return page(request, "upload", _("Nhập câu hỏi từ tệp"), _trail(), form=form, formats=FORMATS.items())


def _trail(bank: Bank | None = None) -> pages.Trail:
    trail = [(reverse("ngan_hang:index"), _("Ngân hàng câu hỏi"))]
    return [*trail, (reverse("ngan_hang:bank", args=[bank.pk]), bank.name)] if bank else trail


def _kept(request: HttpRequest, uuid: UUID) -> QuestionImport:
    """A file that this person brought; of others' files nobody learns."""
    found = QuestionImport.objects.select_related("bank__owner")
    kept: QuestionImport = get_object_or_404(found, uuid=uuid, made_by=editor_of(request))
    bank_for(request, kept.bank_id, writing=True)
    return kept


def _looked(request: HttpRequest, kept: QuestionImport, on_duplicate: str) -> ImportReport:
    return bank_import(
        bank=kept.bank,
        data=import_read(kept),
        name=kept.name,
        format=kept.format,
        actor=editor_of(request),
        dry_run=True,
        on_duplicate=on_duplicate,
        media_check=media_judged,
    )


@require_http_methods(["GET", "POST"])
@told
def preview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every question of the file with what becomes of it; one button takes all in."""
    kept = _kept(request, uuid)
    if kept.done_at:
        return redirect(f"{reverse('cau_hoi:index')}?{urlencode({'bank': kept.bank_id})}")
    form = ChoiceForm(request.POST if request.method == "POST" else {"trung": request.GET.get("trung", SKIP)})
    choices: dict[str, Any] = form.cleaned_data if form.is_valid() else {"trung": SKIP, "bo_loi": False}
    if request.method == "POST" and form.is_valid() and (answer := _applied(request, kept, choices)):
        return answer
    report = _looked(request, kept, choices["trung"])
    only = request.GET.get("loai", "")
    rows = [row for row in report.rows if only not in OUTCOMES or row.outcome == only]
    context = {
        "kept": kept,
        "bank": kept.bank,
        "report": report,
        "counts": [(name, _(WORDS[name]), report.counts[name]) for name in OUTCOMES],
        "rows": [(row, _(WORDS[row.outcome]), _kind_label(row.kind)) for row in _paged(request, rows)],
        "listed": _paged(request, rows),
        "format": _(FORMATS[report.format].label) if report.format in FORMATS else _("không rõ"),
        "form": form,
        "only": only,
        "trung": choices["trung"],
    }
    return page(request, "import", _("Xem trước tệp «%(name)s»") % {"name": kept.name}, _trail(kept.bank), **context)


def _paged(request: HttpRequest, rows: list[Any]) -> Any:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))


def _kind_label(kind: str) -> str:
    return _(KINDS[kind].label) if kind in KINDS else ""


def _applied(request: HttpRequest, kept: QuestionImport, choices: dict[str, Any]) -> HttpResponse | None:
    """Take the file in; None, with the reason told, where it stays out."""
    try:
        report: ImportReport = with_quizzes_kept(
            kept.bank,
            lambda: import_apply(
                kept=kept,
                actor=editor_of(request),
                on_duplicate=choices["trung"],
                leave_faulty=choices["bo_loi"],
                media_check=media_judged,
            ),
        )
    except QuizNeedsIt as quiz:
        fix = _("Hãy chọn «Bỏ qua» cho câu trùng.")
        messages.error(
            request, _("Chưa nhập: bài «%(quiz)s» đang mở sẽ không đủ câu hỏi. %(fix)s") % {"quiz": quiz, "fix": fix}
        )
        return None
    if not report.applied:
        messages.error(
            request, _("Chưa nhập câu nào: tệp còn câu có lỗi. Hãy sửa tệp, hoặc đánh dấu bỏ các câu có lỗi.")
        )
        return None
    counts = report.counts
    messages.success(
        request,
        _(
            "Đã nhập vào «%(bank)s»: %(created)s câu mới, %(updated)s câu sửa, %(unchanged)s câu không đổi, "
            "%(skipped)s câu bỏ qua, %(faulty)s câu có lỗi."
        )
        % {"bank": kept.bank.name, **counts},
    )
    return redirect(f"{reverse('cau_hoi:index')}?{urlencode({'bank': kept.bank_id})}")


@require_safe
@told
def faults(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is wrong, as a table to work through."""
    kept = _kept(request, uuid)
    with on_record():
        content = faults_file(_looked(request, kept, SKIP))
    return _download(content, "loi-can-sua.xlsx", FILE)


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """The table to fill in."""
    with on_record():
        content = xlsx.template()
    return _download(content, "mau-cau-hoi.xlsx", FILE)


@require_http_methods(["GET"])
def export(request: HttpRequest, pk: int, format: str) -> HttpResponse:
    """A bank's questions in use as a file, or those that filters leave. What the format cannot say is told first."""
    bank = bank_for(request, pk)
    if format not in FORMATS:
        raise Http404
    chosen = Question.objects.filter(bank=bank).select_related("topic").prefetch_related("tags").order_by("code")
    form = FilterForm(request.GET, banks=Bank.objects.filter(pk=bank.pk))
    with on_record():
        data, mime, missing = bank_export(bank=bank, format=format, questions=list(form.narrowed(chosen)))
    if missing and "van-tai" not in request.GET:
        query = request.GET.copy()
        query["van-tai"] = "1"
        context = {"bank": bank, "missing": missing[:LEFT_OUT_SHOWN], "more": len(missing) - LEFT_OUT_SHOWN}
        context |= {"format": FORMATS[format], "query": query.urlencode()}
        return page(request, "export", _("Xuất «%(name)s»") % {"name": bank.name}, _trail(bank), **context)
    return _download(data, f"{bank.slug}.{FORMATS[format].extension}", mime)


def _download(content: bytes, name: str, mime: str) -> HttpResponse:
    response = HttpResponse(content, content_type=mime)
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    response["X-Content-Type-Options"] = "nosniff"
    return response
