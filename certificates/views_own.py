"""What holders do with their certificates: say that they have them, and give others a link that runs out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from certificates import services
from certificates.links import KEPT, link_read, link_token
from certificates.models import Certificate, CertificateState
from certificates.services.files import file_exists
from certificates.views import file_answer
from certificates.views_office import official_of
from common.errors import Refusal


def _own(request: HttpRequest, uuid: UUID) -> Certificate:
    """One's own certificate; everybody else's does not exist here, whatever the office."""
    return get_object_or_404(Certificate.objects.select_related("series"), uuid=uuid, holder=request.user)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that the certificate has arrived."""
    certificate = _own(request, uuid)
    if request.method == "POST":
        services.certificate_acknowledge(certificate=certificate, holder=official_of(request))
        messages.success(request, _("Đã ghi nhận bạn đã nhận giấy số %(number)s.") % {"number": certificate.number})
    return redirect("certificates:mine")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Make a link to the file that works for a week."""
    certificate = _own(request, uuid)
    if request.method != "POST":
        return redirect("certificates:mine")
    if certificate.state != CertificateState.VALID or not certificate.file:
        raise Refusal(
            _("Giấy này chưa chia sẻ được."),
            code="not_to_share",
            fix=_("Chỉ chia sẻ được giấy còn hiệu lực và đã có tệp."),
            back=reverse("certificates:mine"),
        )
    path = reverse("certificates:shared", args=[link_token(certificate)])
    context = {
        "certificate": certificate,
        "address": f"{settings.BASE_URL.rstrip('/')}{path}",
        "days": KEPT.days,
        "until": timezone.now() + timedelta(days=KEPT.days),
    }
    return render(request, "certificates/share.html", context)


@never_cache
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file behind a link, for whoever has the link, as long as both hold."""
    certificate = get_object_or_404(Certificate, uuid=link_read(token))
    if certificate.state != CertificateState.VALID:
        raise Refusal(
            _("Giấy số %(number)s không còn hiệu lực nên không tải được qua đường dẫn.")
            % {"number": certificate.number},
            code="no_longer_valid",
            fix=_("Xem tình trạng của giấy ở trang kiểm tra."),
            status=410,
            link=(reverse("certificates:verify_token", args=[certificate.token]), _("Trang kiểm tra")),
        )
    if not file_exists(certificate):
        raise Refusal(
            _("Tệp của giấy này đang tạm thời không tải được."),
            code="file_not_there",
            fix=_("Hãy thử lại sau ít phút, hoặc xem giấy ở trang kiểm tra."),
            status=404,
            link=(reverse("certificates:verify_token", args=[certificate.token]), _("Trang kiểm tra")),
        )
    response = file_answer(certificate)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
