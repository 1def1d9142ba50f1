"""The sentences about signatures, each under the code that programs know it by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, gettext_noop

from common import wording
from common.errors import Refusal
from common.language import on_record

if TYPE_CHECKING:
    from certificates.signing.base import Finding, SignatureReport

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

#: What spoils a file or a signature.
PROBLEMS = {
    # the file
    "too_big": gettext_noop("Tệp nặng hơn {most} MB nên không được kiểm tra."),
    "not_pdf": gettext_noop("Đây không phải tệp PDF."),
    "encrypted": gettext_noop("Tệp PDF được đặt mật khẩu nên không kiểm tra được chữ ký."),
    "unreadable": gettext_noop("Tệp PDF bị hỏng hoặc bị cắt, không đọc được."),
    "unsigned": gettext_noop("Tệp PDF này không có chữ ký số."),
    "not_covered": gettext_noop("Phần cuối của tệp không được chữ ký nào bảo vệ."),
    "original_changed": gettext_noop("Tệp không bắt đầu bằng đúng nội dung của tệp gốc."),
    "content_changed": gettext_noop("Nội dung của tệp gốc đã bị sửa trước khi ký."),
    # one signature
    "signature_unreadable": gettext_noop("Chữ ký bị hỏng, không đọc được."),
    "content_tampered": gettext_noop("Nội dung tệp đã bị thay đổi sau khi ký."),
    "signature_broken": gettext_noop("Chữ ký không khớp với chứng thư của người ký."),
    "changed_after": gettext_noop("Tệp đã bị sửa hoặc thêm nội dung sau khi ký."),
    "weak_algorithm": gettext_noop("Chữ ký dùng thuật toán đã lỗi thời, không còn an toàn."),
    "key_weak": gettext_noop("Khoá của người ký quá ngắn, không còn an toàn."),
    "key_expired": gettext_noop("Khi ký, chứng thư của người ký đã hết hạn (ngày {valid_to})."),
    "key_not_yet_valid": gettext_noop("Khi ký, chứng thư của người ký chưa có hiệu lực (từ ngày {valid_from})."),
    "key_revoked": gettext_noop("Chứng thư của người ký đã bị thu hồi ngày {revoked}."),
    "key_usage": gettext_noop("Chứng thư của người ký không được cấp để ký số."),
    "unknown_signer": gettext_noop(
        "Chưa biết người ký là ai: nơi cấp chứng thư ({issuer}) không có trong danh sách tin cậy."
    ),
    "chain_invalid": gettext_noop("Chuỗi chứng thư của người ký không hợp lệ."),
    "signed_in_future": gettext_noop("Giờ ký ({time}) ở sau thời điểm kiểm tra."),
    "no_time": gettext_noop("Chữ ký không ghi giờ ký."),
    "timestamp_broken": gettext_noop("Dấu thời gian kèm chữ ký không hợp lệ."),
    "seed_values": gettext_noop("Chữ ký không theo đúng quy định đặt sẵn trong ô ký của tệp."),
}

#: What is worth knowing, and does not spoil anything: said on the command line alone, so in Vietnamese alone.
NOTES = {
    "expired_since": "Chứng thư của người ký đã hết hạn ngày {valid_to}, sau khi ký; chữ ký vẫn có giá trị.",
    "revoked_since": "Chứng thư của người ký bị thu hồi ngày {revoked}, sau khi ký, không phải vì lộ khoá.",
    "no_timestamp": "Giờ ký do máy của người ký ghi, không có dấu thời gian của một máy chủ thời gian.",
    "timestamp_unknown": "Có dấu thời gian, nhưng máy chủ thời gian không có trong danh sách tin cậy.",
    "revocation_unknown": "Chưa kiểm tra được chứng thư có bị thu hồi hay không vì không có danh sách thu hồi (CRL).",
    "rsa_pkcs1": "Chữ ký RSA dùng kiểu đệm PKCS#1 v1.5; Thông tư 15/2025/TT-BKHCN yêu cầu RSASSA-PSS.",
}


def finding(code: str, **values: object) -> Finding:
    """The sentence of a code with its values in place: for the reader, and as it stands in a record."""
    from certificates.signing.base import Finding

    with on_record():
        kept = _sentence(code, values)
    return Finding(code, _sentence(code, values), kept)


def _sentence(code: str, values: Mapping[str, object]) -> str:
    """``time`` is said to the second, other moments as days."""
    said = {
        name: (clock if name == "time" else day)(value) if value is None or isinstance(value, datetime) else value
        for name, value in values.items()
    }
    return gettext(PROBLEMS.get(code) or NOTES[code]).format(**said)


def refusal(code: str, words: Callable[[], tuple[str, str]], **detail: Any) -> Refusal:
    """A refusal of what ``words`` gives, text and remedy; ``detail["kept"]`` holds them as they stand in a record."""
    with on_record():
        kept = words()
    text, fix = words()
    return Refusal(text, code=code, fix=fix, kept=kept, **detail)


def day(moment: datetime | None) -> str:
    """The day of a moment in Vietnam, as 05/09/2026; "không rõ" without one."""
    return wording.day(moment.astimezone(VIETNAM).date()) if moment else gettext("không rõ")


def clock(moment: datetime | None) -> str:
    """Time and day of a moment in Vietnam, as 14:05:09 ngày 05/09/2026."""
    if moment is None:
        return gettext("không rõ")
    said = {"time": moment.astimezone(VIETNAM).strftime("%H:%M:%S"), "day": day(moment)}
    return gettext("%(time)s ngày %(day)s") % said


def summary_of(report: SignatureReport) -> str:
    """The verdict on a file as one Vietnamese sentence, for who asks on the command line."""
    from certificates.signing.base import State

    people = ", ".join(dict.fromkeys(one.signer_name for one in report.signatures if one.signer_name)) or "không rõ"
    return {
        State.VALID: f"Chữ ký số hợp lệ. Người ký: {people}; ký lúc {clock(report.main.time)}.",
        State.INVALID: "Chữ ký số không hợp lệ." if report.signatures else "Không kiểm tra được tệp này.",
        State.UNSIGNED: PROBLEMS["unsigned"],
        State.UNKNOWN_SIGNER: f"Nội dung còn nguyên vẹn từ khi ký, nhưng chưa xác định được người ký ({people}) là ai.",
    }[report.state]
