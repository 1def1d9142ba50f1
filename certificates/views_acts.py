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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from certificates import rights, services
from certificates.forms_acts import ActForm, CancelForm, CopyForm, CorrectForm, ReissueForm, RevokeForm
from certificates.models import Act, Certificate, CertificateState, RegisterEntry
from certificates.services.standing import last_of
from certificates.views_office import official_of, posted_from, prove
from certificates.wording import changes_said
from common.language import on_record
from people import access
from people.stepup import demand_fresh_proof

#: The forms of the page, in order: heading, form, what the button says, what comes of it.
FORMS: dict[str, tuple[str, type[Any], str, str]] = {
    "ban-sao": (
        gettext_noop("Cấp bản sao"),
        CopyForm,
        gettext_noop("Cấp bản sao giấy số %(number)s"),
        gettext_noop("Mỗi lần cấp là một dòng trong sổ gốc; giấy không thay đổi."),
    ),
    "cap-lai": (
        gettext_noop("Cấp lại (mất, hỏng bản giấy)"),
        ReissueForm,
        gettext_noop("Cấp lại giấy số %(number)s"),
        gettext_noop("Giấy mới có số mới của năm nay, nội dung như cũ; giấy này chuyển thành đã được thay thế."),
    ),
    "chinh-sua": (
        gettext_noop("Chỉnh sửa nội dung"),
        CorrectForm,
        gettext_noop("Chỉnh sửa giấy số %(number)s"),
        gettext_noop("Giấy mới mang nội dung đã sửa và số mới; sổ gốc giữ nội dung trước và sau."),
    ),
    "thu-hoi": (
        gettext_noop("Thu hồi giấy này"),
        RevokeForm,
        gettext_noop("Thu hồi giấy số %(number)s"),
        gettext_noop("Không khôi phục được. Trang kiểm tra sẽ báo thu hồi ngay."),
    ),
    "huy-bo": (
        gettext_noop("Huỷ bỏ (cấp nhầm)"),
        CancelForm,
        gettext_noop("Huỷ bỏ giấy số %(number)s"),
        gettext_noop("Không khôi phục được. Người được cấp có thể được đề nghị cấp lại từ đầu."),
    ),
}
#: What each act is called where it is refused, and where a proof is asked for.
SAID: dict[str, tuple[str, str]] = {
    "ban-sao": (gettext_noop("việc cấp bản sao giấy này"), gettext_noop("cấp bản sao giấy số %(number)s")),
    "cap-lai": (gettext_noop("việc cấp lại giấy này"), gettext_noop("cấp lại giấy số %(number)s")),
    "chinh-sua": (gettext_noop("việc chỉnh sửa giấy này"), gettext_noop("chỉnh sửa giấy số %(number)s")),
    "thu-hoi": (gettext_noop("việc thu hồi giấy này"), gettext_noop("thu hồi giấy số %(number)s")),
    "huy-bo": (gettext_noop("việc huỷ bỏ giấy này"), gettext_noop("huỷ bỏ giấy số %(number)s")),
}
#: Acts that end a certificate for good carry a red button.
DANGEROUS = frozenset({"thu-hoi", "huy-bo"})


def _certificate(request: HttpRequest, uuid: UUID) -> Certificate:
    kept = Certificate.objects.select_related("series__unit", "batch", "replaces", "replaced_by")
    found = get_object_or_404(kept, uuid=uuid)
    access.require(rights.can_manage_certificate(request.user, found), request.user, what=_("giấy này"))
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
                "heading": _(heading),
                "form": form if form and name == slug else kind(certificate=certificate),
                "button": _(button) % {"number": certificate.number},
                "hint": _(hint),
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


def _proved(request: HttpRequest, uuid: UUID, slug: str) -> tuple[Certificate, Any, HttpResponse | None]:
    """The certificate, the form of an act as it was sent, and the page with its errors unless it is sound."""
    found = _certificate(request, uuid)
    what, why = SAID[slug]
    access.require(access.can_issue_certificates(request.user, found.series.unit), request.user, what=_(what))
    form: ActForm | CopyForm = FORMS[slug][1](request.POST, certificate=found)
    if not form.is_valid():
        return found, form, _certificate_page(request, found, slug=slug, form=form)
    prove(request, found.series, _(why) % {"number": found.number})
    return found, form, None


@login_required
@posted_from("issuing:certificate")
def certificate_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Revoke a certificate by a decision."""
    found, form, wrong = _proved(request, uuid, "thu-hoi")
    if wrong:
        return wrong
    services.certificate_revoke(certificate=found, actor=official_of(request), **form.said)
    done = _("Đã thu hồi giấy số %(number)s. Trang kiểm tra công khai đã báo thu hồi.")
    messages.success(request, done % {"number": found.number})
    return redirect("issuing:certificate", uuid=found.uuid)


@login_required
@posted_from("issuing:certificate")
def certificate_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Cancel a certificate that was issued by mistake."""
    found, form, wrong = _proved(request, uuid, "huy-bo")
    if wrong:
        return wrong
    services.certificate_cancel(certificate=found, actor=official_of(request), **form.said)
    done = _("Đã huỷ bỏ giấy số %(number)s. Trang kiểm tra công khai đã báo huỷ bỏ.")
    messages.success(request, done % {"number": found.number})
    return redirect("issuing:certificate", uuid=found.uuid)


@login_required
@posted_from("issuing:certificate")
def certificate_reissue(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Issue anew what was lost or damaged; leads to the new certificate."""
    found, form, wrong = _proved(request, uuid, "cap-lai")
    if wrong:
        return wrong
    new, _made = services.certificate_reissue(certificate=found, actor=official_of(request), **form.said)
    done = _("Đã cấp lại: giấy số %(new)s thay cho giấy số %(old)s.")
    messages.success(request, done % {"new": new.number, "old": found.number})
    return redirect("issuing:certificate", uuid=new.uuid)


@login_required
@posted_from("issuing:certificate")
def certificate_correct(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct what a certificate says; leads to the new certificate."""
    found, form, wrong = _proved(request, uuid, "chinh-sua")
    if wrong:
        return wrong
    new, _made = services.certificate_correct(
        certificate=found, actor=official_of(request), changes=form.changes, **form.said
    )
    done = _("Đã chỉnh sửa: giấy số %(new)s thay cho giấy số %(old)s.")
    messages.success(request, done % {"new": new.number, "old": found.number})
    return redirect("issuing:certificate", uuid=new.uuid)


@login_required
@posted_from("issuing:certificate")
def certificate_copy(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write down that copies are handed out; the page then offers the copy as a file."""
    found, form, wrong = _proved(request, uuid, "ban-sao")
    if wrong:
        return wrong
    asked = {name: form.cleaned_data[name] for name in ("asked_by", "copies", "reason")}
    entry, _made = services.certificate_copy(certificate=found, actor=official_of(request), **asked)
    done = _("Đã ghi vào sổ: dòng %(position)s. Tải bản sao ở bảng «Trong sổ gốc».")
    messages.success(request, done % {"position": entry.position})
    return redirect("issuing:certificate", uuid=found.uuid)


@never_cache
@login_required
@require_GET
def copy_file(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """The page of a copy, made from the row of the register that says it was handed out."""
    found = _certificate(request, uuid)
    access.require(
        access.can_issue_certificates(request.user, found.series.unit), request.user, what=_("bản sao của giấy này")
    )
    row = get_object_or_404(
        RegisterEntry.objects.select_related("series", "certificate"),
        certificate=found,
        act=Act.COPY,
        position=position,
    )
    demand_fresh_proof(request, _("tải bản sao có dữ liệu cá nhân"))
    from certificates.papers import copy_pdf  # the layout engine is heavy; pages never need it

    with on_record():
        pdf = copy_pdf(row)
    response = HttpResponse(pdf, content_type="application/pdf")
    name = f"ban-sao-{found.number.replace('/', '-')}-{position}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
