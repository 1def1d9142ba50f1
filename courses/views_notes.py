"""Beside a lesson: one's own notes and bookmarks, and a word on whether it helped."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from courses import beside, services
from courses.forms_notes import BesideForm, CommentForm
from courses.models import LessonNote, Step, StepKind, Verdict
from people.requests import SignedInRequest

NOTES_A_PAGE = 50


def _lesson(uuid: UUID) -> Step:
    """A lesson that is open now."""
    steps = Step.objects.filter(kind=StepKind.LESSON, is_active=True, course__is_published=True)
    return get_object_or_404(steps.select_related("course"), uuid=uuid)


def _own_note(request: SignedInRequest, uuid: UUID) -> LessonNote:
    """A note of the person's own; anybody else's is not found."""
    notes = LessonNote.objects.filter(user=request.user).select_related("step__course")
    return get_object_or_404(notes, uuid=uuid)


@never_cache
@login_required
def notes(request: SignedInRequest) -> HttpResponse:
    """«Ghi chú và bài đã lưu»: everything of one's own, with the ways back to the lessons."""
    page = Paginator(beside.notes_for_my_notes(request.user), NOTES_A_PAGE).get_page(request.GET.get("trang"))
    context = {
        "page": page,
        "courses": list(beside.by_course(page)),
        "bookmarks": list(beside.bookmarks_for_my_notes(request.user)) if page.number == 1 else [],
    }
    return render(request, "courses/notes.html", context)


@never_cache
@login_required
def notes_export(request: SignedInRequest) -> HttpResponse:
    """One's own notes as a text file that every device opens."""
    courses = beside.by_course(beside.notes_for_my_notes(request.user))
    text = render_to_string("courses/notes.txt", {"courses": courses, "user": request.user})
    # Line ends as older editors want them; the mark tells them that these are Vietnamese letters.
    answer = HttpResponse("\ufeff" + text.replace("\n", "\r\n"), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="ghi-chu-hoc-so.txt"'
    return answer


@login_required
def note_add(request: SignedInRequest, step: UUID) -> HttpResponse:
    """Write a note on a lesson. A GET comes here after signing in again: back to the lesson."""
    lesson = _lesson(step)
    if request.method != "POST":
        return redirect(f"{lesson.path}#ghi-chu")
    form = BesideForm(request.POST, label=_("Ghi chú"))
    if form.save(services.note_save, user=request.user, step=lesson):
        return redirect(f"{lesson.path}#ghi-chu")
    return _form(request, form, lesson, _("Ghi chú"), _("Lưu ghi chú"))


@never_cache
@login_required
def note_edit(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Change a note of one's own."""
    note = _own_note(request, uuid)
    form = BesideForm(request.POST or None, initial={"text": note.text}, label=_("Ghi chú"))
    if request.method == "POST" and form.save(services.note_save, user=request.user, note=note):
        return redirect(_back(note.step))
    return _form(request, form, note.step, _("Sửa ghi chú"), _("Lưu ghi chú"), note=note)


@login_required
def note_delete(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """Take a note of one's own away. A GET comes here after signing in again: to the page that asks once more."""
    note = _own_note(request, uuid)
    if request.method != "POST":
        return redirect("courses:note_edit", note.uuid)
    services.note_delete(user=request.user, note=note)
    messages.success(request, _("Đã xoá ghi chú."))
    return redirect("courses:notes")


@login_required
def bookmark(request: SignedInRequest, step: UUID) -> HttpResponse:
    """Keep a lesson, or let it go (``bo``); back to where it was pressed."""
    if request.method != "POST":
        return redirect(_lesson(step).path)
    lesson = get_object_or_404(Step, uuid=step) if "bo" in request.POST else _lesson(step)
    services.bookmark_toggle(user=request.user, step=lesson, keep="bo" not in request.POST)
    return redirect("courses:notes" if "danh_sach" in request.POST else f"{lesson.path}#cong-cu")


@login_required
def feedback(request: SignedInRequest, step: UUID) -> HttpResponse:
    """Whether a lesson helped. A GET comes here after signing in again: back to the lesson."""
    lesson = _lesson(step)
    if request.method != "POST":
        return redirect(f"{lesson.path}#gop-y")
    verdict = request.POST.get("y_kien", "")
    form = CommentForm(request.POST, label=_("Chỗ nào chưa rõ?"), hint=_("Ví dụ: bước 3, không thấy nút Xác nhận."))
    if form.save(services.feedback_give, user=request.user, step=lesson, verdict=verdict):
        return redirect(f"{lesson.path}#gop-y")
    fixed = {"y_kien": verdict if verdict in Verdict.values else Verdict.UNCLEAR}
    return _form(request, form, lesson, _("Bài này có ích không?"), _("Gửi góp ý"), fixed=fixed)


def _back(step: Step) -> str:
    """Where a note is read: its lesson, or the page of all notes when that is closed."""
    is_open = step.is_active and step.course.is_published
    return f"{step.path}#ghi-chu" if is_open else "courses:notes"


def _form(
    request: SignedInRequest,
    form: BesideForm,
    step: Step,
    title: str,
    button: str,
    *,
    note: LessonNote | None = None,
    fixed: dict[str, str] | None = None,
) -> HttpResponse:
    """The form on a page of its own: to change a note, or because something was wrong with what was sent."""
    context = {"form": form, "step": step, "title": title, "button": button, "note": note, "fixed": fixed or {}}
    return render(request, "courses/beside_form.html", context, status=422 if form.errors else 200)
