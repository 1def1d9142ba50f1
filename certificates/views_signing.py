"""Signing on an official's own device: what waits, the package to take away, the files that come back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from certificates import handoff_jobs
from certificates.forms import REQUIRED
from certificates.models import Series
from certificates.services.handoff import PACKAGE, handoff_waiting
from common.errors import Refusal
from common.models import Job, JobState
from people import access
from people.models import User
from people.stepup import demand_fresh_proof


class ReturnForm(forms.Form):
    """The files that were signed."""

    tep = forms.FileField(
        label=_("Tệp đã ký"),
        help_text=format_lazy(
            _(
                "Một tệp .zip chứa các tệp PDF đã ký, hoặc một tệp PDF. Nặng nhất {most} MB; nhiều hơn thì gửi làm "
                "nhiều lần."
            ),
            most=handoff_jobs.MAX_MB,
        ),
        error_messages=REQUIRED | {"empty": _("Tệp này trống. Hãy chọn tệp khác.")},
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,.pdf"}),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def signing(request: HttpRequest, code: str) -> HttpResponse:
    """What waits to be signed in a series; a package to take away, or signed files to hand in."""
    assert isinstance(request.user, User)
    series = get_object_or_404(Series.objects.select_related("unit"), code=code)
    allowed = access.can_issue_certificates(request.user, series.unit)
    access.require(allowed, request.user, what=gettext("việc ký giấy này"))
    demand_fresh_proof(request, gettext("ký giấy"))
    back, form = reverse("issuing:signing", args=[code]), ReturnForm()
    if request.method == "POST" and "goi" in request.POST:
        return redirect("jobs:job", handoff_jobs.pack_open(series=series, owner=request.user, back=back).uuid)
    if request.method == "POST":
        form = ReturnForm(request.POST, request.FILES)
        if form.is_valid() and (job := _return(request.user, series, form, back)):
            messages.info(request, gettext("Đã nhận tệp. Hệ thống đang kiểm tra từng giấy."))
            return redirect("jobs:job", job.uuid)
    waiting = handoff_waiting(series=series)
    context: dict[str, Any] = {
        "series": series,
        "form": form,
        "waiting": waiting.count(),
        "first": waiting.first(),
        "package": PACKAGE,
        "looked": _looked(request.user, series),
    }
    return render(request, "certificates/manage/signing.html", context)


def _return(owner: User, series: Series, form: ReturnForm, back: str) -> Job | None:
    """Have the upload looked over; None when it cannot be, which the form then says."""
    upload = form.cleaned_data["tep"]
    try:
        file = handoff_jobs.returned_keep(upload)
    except Refusal as refusal:
        form.add_error("tep", f"{refusal.text} {refusal.fix}")
        return None
    return handoff_jobs.return_open(series=series, owner=owner, file=file, name=upload.name, back=back)


def _looked(viewer: User, series: Series) -> Job | None:
    """The upload whose outcome the page shows: the latest one of who looks."""
    found: Job | None = (
        Job.objects.filter(kind=handoff_jobs.RETURN, owner=viewer, state=JobState.DONE)
        .filter(args__series=str(series.uuid))
        .order_by("-finished_at")
        .first()
    )
    return found
