"""A certificate as officials see it: what it says, its history in the register, and what can be done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from certificates import rights, services
from certificates.forms_acts import ActForm, CancelForm, CopyForm, CorrectForm, ReissueForm, RevokeForm
from certificates.models import Act, Certificate, CertificateState, RegisterEntry
from certificates.services.standing import last_of
from certificates.views_office import official_of, posted_from, prove
from certificates.wording import changes_said
from people import access
from people.stepup import demand_fresh_proof

#: The forms of the page, in order: heading, form, what the button says, what comes of it.
FORMS: dict[str, tuple[str, type[Any], str, str]] = {
    "ban-sao": (
        "Cấp bản sao",
        CopyForm,
        "Cấp bản sao giấy",
        "Mỗi lần cấp là một dòng trong sổ gốc; giấy không thay đổi.",
    ),
    "cap-lai": (
        "Cấp lại (mất, hỏng bản giấy)",
        ReissueForm,
        "Cấp lại giấy",
        "Giấy mới có số mới của năm nay, nội dung như cũ; giấy này chuyển thành đã được thay thế.",
    ),
    "chinh-sua": (
        "Chỉnh sửa nội dung",
        CorrectForm,
        "Chỉnh sửa giấy",
        "Giấy mới mang nội dung đã sửa và số mới; sổ gốc giữ nội dung trước và sau.",
    ),
    "thu-hoi": (
        "Thu hồi giấy này",
        RevokeForm,
        "Thu hồi giấy",
        "Không khôi phục được. Trang kiểm tra sẽ báo thu hồi ngay.",
    ),
    "huy-bo": (
        "Huỷ bỏ (cấp nhầm)",
        CancelForm,
        "Huỷ bỏ giấy",
        "Không khôi phục được. Người được cấp có thể được đề nghị cấp lại từ đầu.",
    ),
}
#: Acts that end a certificate for good carry a red button.
DANGEROUS = frozenset({"thu-hoi", "huy-bo"})


def _certificate(request: HttpRequest, uuid: UUID) -> Certificate:
    kept = Certificate.objects.select_related("series__unit", "batch", "replaces", "replaced_by")
    found = get_object_or_404(kept, uuid=uuid)
    access.require(rights.can_manage_certificate(request.user, found), request.user, what="giấy này")
    return found


def _certificate_page(
    request: HttpRequest, certificate: Certificate, *, slug: str = "", form: forms.Form | None = None
) -> HttpResponse:
    """The certificate; the form named by ``slug`` comes back open, with its errors."""
    stands = certificate.state == CertificateState.VALID
    may_act = stands and access.can_issue_certificates(request.user, certificate.series.unit)
    history = list(certificate.register.select_related("actor").order_by("position"))
    last, address = last_of(certificate), reverse("issuing:certificate", args=[certificate.uuid])
    context = {
        "certificate": certificate,
        "history": [(entry, changes_said(entry.content)) for entry in history],
        "is_valid": stands,
        "is_expired": stands and bool(certificate.expires_on and certificate.expires_on < timezone.localdate()),
        "last": last if last.pk != certificate.pk else None,
        "acts": [
            {
                "slug": name,
                "heading": heading,
                "form": form if form and name == slug else kind(certificate=certificate),
                "button": button,
                "hint": hint,
                "is_open": bool(form) and name == slug,
                "is_dangerous": name in DANGEROUS,
                "address": f"{address}{name}/",
            }
            for name, (heading, kind, button, hint) in FORMS.items()
        ]
        if may_act
        else [],
    }
    return render(request, "certificates/manage/certificate.html", context)


@never_cache
@login_required
@require_GET
def certificate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A certificate with its history in the register."""
    return _certificate_page(request, _certificate(request, uuid))


def _proved(request: HttpRequest, uuid: UUID, slug: str, why: str) -> tuple[Certificate, Any, HttpResponse | None]:
    """The certificate, the form of an act as it was sent, and the page with its errors unless it is sound."""
    found = _certificate(request, uuid)
    access.require(
        access.can_issue_certificates(request.user, found.series.unit), request.user, what=f"việc {why} giấy này"
    )
    form: ActForm | CopyForm = FORMS[slug][1](request.POST, certificate=found)
    if not form.is_valid():
        return found, form, _certificate_page(request, found, slug=slug, form=form)
    prove(request, found.series, f"{why} giấy số {found.number}")
    return found, form, None


@login_required
@posted_from("issuing:certificate")
def certificate_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Revoke a certificate by a decision."""
    found, form, wrong = _proved(request, uuid, "thu-hoi", "thu hồi")
    if wrong:
        return wrong
    services.certificate_revoke(certificate=found, actor=official_of(request), **form.said)
    messages.success(request, f"Đã thu hồi giấy số {found.number}. Trang kiểm tra công khai đã báo thu hồi.")
    return redirect("issuing:certificate", uuid=found.uuid)


@login_required
@posted_from("issuing:certificate")
def certificate_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Cancel a certificate that was issued by mistake."""
    found, form, wrong = _proved(request, uuid, "huy-bo", "huỷ bỏ")
    if wrong:
        return wrong
    services.certificate_cancel(certificate=found, actor=official_of(request), **form.said)
    messages.success(request, f"Đã huỷ bỏ giấy số {found.number}. Trang kiểm tra công khai đã báo huỷ bỏ.")
    return redirect("issuing:certificate", uuid=found.uuid)


@login_required
@posted_from("issuing:certificate")
def certificate_reissue(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Issue anew what was lost or damaged; leads to the new certificate."""
    found, form, wrong = _proved(request, uuid, "cap-lai", "cấp lại")
    if wrong:
        return wrong
    new, _ = services.certificate_reissue(certificate=found, actor=official_of(request), **form.said)
    messages.success(request, f"Đã cấp lại: giấy số {new.number} thay cho giấy số {found.number}.")
    return redirect("issuing:certificate", uuid=new.uuid)


@login_required
@posted_from("issuing:certificate")
def certificate_correct(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct what a certificate says; leads to the new certificate."""
    found, form, wrong = _proved(request, uuid, "chinh-sua", "chỉnh sửa")
    if wrong:
        return wrong
    new, _ = services.certificate_correct(
        certificate=found, actor=official_of(request), changes=form.changes, **form.said
    )
    messages.success(request, f"Đã chỉnh sửa: giấy số {new.number} thay cho giấy số {found.number}.")
    return redirect("issuing:certificate", uuid=new.uuid)


@login_required
@posted_from("issuing:certificate")
def certificate_copy(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write down that copies are handed out; the page then offers the copy as a file."""
    found, form, wrong = _proved(request, uuid, "ban-sao", "cấp bản sao")
    if wrong:
        return wrong
    asked = {name: form.cleaned_data[name] for name in ("asked_by", "copies", "reason")}
    entry, _ = services.certificate_copy(certificate=found, actor=official_of(request), **asked)
    messages.success(request, f"Đã ghi vào sổ: dòng {entry.position}. Tải bản sao ở bảng «Trong sổ gốc».")
    return redirect("issuing:certificate", uuid=found.uuid)


@never_cache
@login_required
@require_GET
def copy_file(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """The page of a copy, made from the row of the register that says it was handed out."""
    found = _certificate(request, uuid)
    access.require(
        access.can_issue_certificates(request.user, found.series.unit), request.user, what="bản sao của giấy này"
    )
    row = get_object_or_404(
        RegisterEntry.objects.select_related("series", "certificate"),
        certificate=found,
        act=Act.COPY,
        position=position,
    )
    demand_fresh_proof(request, "tải bản sao có dữ liệu cá nhân")
    from certificates.papers import copy_pdf  # the layout engine is heavy; pages never need it

    response = HttpResponse(copy_pdf(row), content_type="application/pdf")
    name = f"ban-sao-{found.number.replace('/', '-')}-{position}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
