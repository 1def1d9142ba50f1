"""Checking certificates in public, and one's own certificates."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.files.storage import storages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods

from certificates import rights
from certificates.forms import LookupForm
from certificates.models import Certificate
from certificates.services.files import certificate_file_request, file_exists
from certificates.services.standing import last_of
from certificates.wording import NO_LONGER, Status, status_of
from common.errors import Refusal
from common.text import masked_birth_date
from people import access

#: Look-ups that one address may make in a window: enough for a desk, too few to try out names.
LOOKUPS = 20
LOOKUP_WINDOW = 600
_DIGEST = re.compile(r"[0-9a-f]{64}")


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
            _("Bạn đã tra cứu quá nhiều lần."),
            code="too_many_lookups",
            fix=_("Hãy thử lại sau 10 phút, hoặc quét mã QR trên giấy: quét mã không bị giới hạn."),
            status=429,
        )


@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Look a certificate up by number and name, or by its file."""
    form = LookupForm(request.POST or None)
    if request.method == "POST":
        _lookup_count(request)
        if form.is_valid():
            if found := Certificate.objects.for_lookup(**form.cleaned_data):
                return redirect("certificates:verify_token", token=found.token)
            return _verify_page(request, form=form, missing="number")
    return _verify_page(request, form=form)


def _verify_page(request: HttpRequest, *, form: LookupForm | None = None, missing: str = "") -> HttpResponse:
    """Where to look things up; ``missing`` says what was looked for in vain: "number", "file" or "digest"."""
    context = {"form": form or LookupForm(), "missing": missing}
    return render(request, "certificates/verify.html", context, status=404 if missing else 200)


@cache_control(no_store=True)
@require_GET
def verify_token(request: HttpRequest, token: str) -> HttpResponse:
    """What the QR code opens: valid, expired, revoked, cancelled, replaced or unknown."""
    certificate = Certificate.objects.for_verification(token)
    if certificate is None:
        return render(request, "certificates/unknown.html", {"form": LookupForm()}, status=404)
    return _status_page(request, certificate)


@cache_control(no_store=True)
@require_GET
def verify_digest(request: HttpRequest) -> HttpResponse:
    """For who works the SHA-256 of a file out themselves: leads to its page."""
    digest = "".join(request.GET.get("ma", "").split()).lower()
    if not _DIGEST.fullmatch(digest):
        return _verify_page(request, missing="digest")
    return redirect("certificates:verify_file", digest=digest)


@cache_control(no_store=True)
@require_GET
def verify_file(request: HttpRequest, digest: str) -> HttpResponse:
    """The certificate whose issued file has exactly this SHA-256; the file itself never comes here."""
    _lookup_count(request)
    if not _DIGEST.fullmatch(digest):
        return _verify_page(request, missing="digest")
    certificate = Certificate.objects.for_file(digest)
    if certificate is None:
        return _verify_page(request, missing="file")
    return _status_page(request, certificate, by_file=True)


def _status_page(request: HttpRequest, certificate: Certificate, *, by_file: bool = False) -> HttpResponse:
    now = timezone.now()
    status = status_of(certificate.state, expires_on=certificate.expires_on, today=timezone.localdate(now))
    last = last_of(certificate)
    context = {
        "certificate": certificate,
        "status": status,
        "is_valid": status == Status.VALID,
        "no_longer": NO_LONGER.get(status, ""),
        "over_from": certificate.expires_on + timedelta(days=1) if certificate.expires_on else None,
        "last": last if last.pk != certificate.pk else None,
        "by_file": by_file,
        "birth_date": masked_birth_date(certificate.holder_birth_date),
        "checked_at": now,
    }
    return render(request, "certificates/status.html", context)


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """One's own certificates and the state of their files."""
    found = Certificate.objects.for_my_certificates(request.user)
    return render(request, "certificates/mine.html", {"certificates": found, "today": timezone.localdate()})


@login_required
@require_GET
def download(request: HttpRequest, uuid: Any) -> HttpResponseBase:
    """The PDF, for its holder and for the officials who issued or proposed it."""
    certificate = get_object_or_404(Certificate, uuid=uuid)
    access.require(rights.can_download(request.user, certificate), request.user, what=_("giấy này"))
    if not file_exists(certificate):
        certificate_file_request(certificate=certificate)
        certificate.refresh_from_db()
    if not file_exists(certificate):
        return render(request, "certificates/waiting.html", {"certificate": certificate}, status=202)
    response = file_answer(certificate)
    response["Cache-Control"] = "private, no-store"
    return response


def file_answer(certificate: Certificate) -> FileResponse:
    """The issued file, named by its number."""
    return FileResponse(
        storages["private"].open(certificate.file),
        as_attachment=True,
        filename=f"{certificate.number.replace('/', '-')}.pdf",
        content_type="application/pdf",
    )
