"""Links that hand out the file of one certificate for a week, to whoever has them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.utils.translation import gettext as _

from certificates.models import Certificate
from common.errors import Refusal

KEPT = timedelta(days=7)
_SIGNER = TimestampSigner(salt="certificates.share")


def link_token(certificate: Certificate) -> str:
    """What the address of a link carries: the certificate and the moment, signed with the secret of the platform."""
    return _SIGNER.sign(certificate.uuid.hex)


def link_read(token: str) -> UUID:
    """The certificate behind a link. Raises Refusal ``link_expired`` (410) or ``link_unknown`` (404)."""
    try:
        return UUID(_SIGNER.unsign(token, max_age=KEPT))
    except SignatureExpired as error:
        raise Refusal(
            _("Đường dẫn này đã hết hạn."),
            code="link_expired",
            fix=_(
                "Mỗi đường dẫn chỉ dùng được %(days)s ngày. Hãy nhờ người có giấy tạo đường dẫn mới ở trang Chứng nhận "
                "của tôi, hoặc tra cứu giấy bằng số và họ tên."
            )
            % {"days": KEPT.days},
            status=410,
            link=("/xac-minh/", _("Tra cứu giấy")),
        ) from error
    except (BadSignature, ValueError) as error:
        raise Refusal(
            _("Đường dẫn này không đúng."),
            code="link_unknown",
            fix=_("Có thể đường dẫn bị cắt khi gửi. Hãy chép lại cả đường dẫn, hoặc nhờ người có giấy gửi lại."),
            status=404,
            link=("/xac-minh/", _("Tra cứu giấy")),
        ) from error
