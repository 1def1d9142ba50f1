"""Officials' pages: the register, a certificate with its revocation."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from certificates import rights, services
from certificates.forms import RevokeForm
from certificates.models import Certificate, CertificateState, RegisterEntry, Series
from certificates.services.register import GENESIS, chain_errors
from certificates.views_office import official_of, page_of, posted_from, prove
from people import access


@login_required
@require_GET
def register(request: HttpRequest, code: str) -> HttpResponse:
    """The register of a series, newest act first, with the state of its chain."""
    series = get_object_or_404(Series.objects.select_related("unit"), code=code)
    access.require(rights.can_read_register(request.user, series), request.user, what="sổ gốc này")
    rows = RegisterEntry.objects.filter(series=series).select_related("certificate", "actor", "series")
    page = page_of(request, rows.order_by("-position"))
    context = {
        "series": series,
        "page": page,
        "page_errors": _page_errors(series, list(page)),
        "report": services.register_verify(series=series) if "kiem-tra" in request.GET else None,
    }
    return render(request, "certificates/manage/register.html", context)


def _page_errors(series: Series, newest_first: list[RegisterEntry]) -> list[str]:
    """Whether the rows shown follow from each other and from the row before them."""
    if not newest_first:
        return []
    rows = newest_first[::-1]
    before = RegisterEntry.objects.filter(series=series, position=rows[0].position - 1).first()
    return list(
        chain_errors(
            iter(rows), previous=before.row_hash if before else GENESIS, position=before.position if before else 0
        )
    )


def _certificate(request: HttpRequest, uuid: UUID) -> Certificate:
    found = get_object_or_404(Certificate.objects.select_related("series__unit", "batch"), uuid=uuid)
    access.require(rights.can_manage_certificate(request.user, found), request.user, what="giấy này")
    return found


def _certificate_page(request: HttpRequest, certificate: Certificate, form: RevokeForm | None = None) -> HttpResponse:
    may_issue = access.can_issue_certificates(request.user, certificate.series.unit)
    context = {
        "certificate": certificate,
        "history": certificate.register.select_related("actor").order_by("position"),
        "is_valid": certificate.state == CertificateState.VALID,
        "may_revoke": may_issue and certificate.state == CertificateState.VALID,
        "form": form or RevokeForm(certificate=certificate),
        "form_open": form is not None,
    }
    return render(request, "certificates/manage/certificate.html", context)


@login_required
@require_GET
def certificate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A certificate with its history in the register."""
    return _certificate_page(request, _certificate(request, uuid))


@login_required
@posted_from("issuing:certificate")
def certificate_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Revoke a certificate by a decision."""
    certificate = _certificate(request, uuid)
    form = RevokeForm(request.POST, certificate=certificate)
    if not form.is_valid():
        return _certificate_page(request, certificate, form)
    prove(request, certificate.series, f"thu hồi giấy số {certificate.number}")
    services.certificate_revoke(
        certificate=certificate, actor=official_of(request), reason=form.cleaned_data["reason"], **form.decision
    )
    messages.success(request, f"Đã thu hồi giấy số {certificate.number}. Trang kiểm tra công khai đã báo thu hồi.")
    return redirect("issuing:certificate", uuid=certificate.uuid)
