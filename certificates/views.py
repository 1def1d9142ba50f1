"""Checking certificates in public, and one's own certificates."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.files.storage import storages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods

from certificates import rights
from certificates.forms import LookupForm
from certificates.models import Certificate, CertificateState
from certificates.services.files import certificate_file_request, file_exists
from common.errors import Refusal
from common.text import masked_birth_date
from people import access

#: Look-ups that one address may make in a window: enough for a desk, too few to try out names.
LOOKUPS = 20
LOOKUP_WINDOW = 600


def _lookup_count(request: HttpRequest) -> None:
    """Count a look-up of this address; refuse when there were too many. The address itself is not kept."""
    address = get_adapter(request).get_client_ip(request)
    window = int(timezone.now().timestamp()) // LOOKUP_WINDOW
    key = f"certificate-lookup-{window}-{hashlib.sha256(address.encode()).hexdigest()[:24]}"
    cache.add(key, 0, LOOKUP_WINDOW)
    try:
        made = cache.incr(key)
    except ValueError:  # the window closed between the two lines
        return
    cache.touch(key, LOOKUP_WINDOW)  # counting in files falls back to the cache's own, shorter, time to live
    if made > LOOKUPS:
        raise Refusal(
            "Bạn đã tra cứu quá nhiều lần.",
            code="too_many_lookups",
            fix="Hãy thử lại sau 10 phút, hoặc quét mã QR trên giấy: quét mã không bị giới hạn.",
            status=429,
        )


@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Look a certificate up by number and name."""
    form = LookupForm(request.POST or None)
    missing = False
    if request.method == "POST":
        _lookup_count(request)
        if form.is_valid():
            if found := Certificate.objects.for_lookup(**form.cleaned_data):
                return redirect("certificates:verify_token", token=found.token)
            missing = True
    return render(
        request, "certificates/verify.html", {"form": form, "missing": missing}, status=404 if missing else 200
    )


@cache_control(no_store=True)
@require_GET
def verify_token(request: HttpRequest, token: str) -> HttpResponse:
    """What the QR code opens: valid, revoked or unknown."""
    certificate = Certificate.objects.for_verification(token)
    if certificate is None:
        return render(request, "certificates/unknown.html", {"form": LookupForm()}, status=404)
    context = {
        "certificate": certificate,
        "is_valid": certificate.state == CertificateState.VALID,
        "birth_date": masked_birth_date(certificate.holder_birth_date),
        "checked_at": timezone.now(),
    }
    return render(request, "certificates/status.html", context)


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """One's own certificates and the state of their files."""
    found = Certificate.objects.for_my_certificates(request.user)
    return render(request, "certificates/mine.html", {"certificates": found})


@login_required
@require_GET
def download(request: HttpRequest, uuid: Any) -> HttpResponseBase:
    """The PDF, for its holder and for the officials who issued or proposed it."""
    certificate = get_object_or_404(Certificate, uuid=uuid)
    access.require(rights.can_download(request.user, certificate), request.user, what="giấy này")
    if not file_exists(certificate):
        certificate_file_request(certificate=certificate)
        certificate.refresh_from_db()
    if not file_exists(certificate):
        return render(request, "certificates/waiting.html", {"certificate": certificate}, status=202)
    response = FileResponse(
        storages["private"].open(certificate.file),
        as_attachment=True,
        filename=f"{certificate.number.replace('/', '-')}.pdf",
        content_type="application/pdf",
    )
    response["Cache-Control"] = "private, no-store"
    return response
