"""Signing elsewhere: files are packed for an official's token, come back signed, and are looked over one by one.

Nothing here knows certificates: names and bytes go in, names, bytes and reports come out.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from certificates.signing.base import SignatureReport
from certificates.signing.trust import TrustStore
from certificates.signing.verifying import CLOCKS_APART, MEGABYTE, signature_check
from certificates.signing.wording import VIETNAM, clock, refusal
from common.errors import Refusal
from common.text import search_words

LIST = "DANH-SACH.csv"
GUIDE = "HUONG-DAN.txt"
COLUMNS = ("so", "ten_tep", "sha256")
GUIDE_TEXT = """HƯỚNG DẪN KÝ SỐ

1. Giải nén gói này ra một thư mục. Đừng đổi tên tệp.
2. Dùng phần mềm ký số của cơ quan (USB token hoặc SIM) ký từng tệp PDF, hoặc chọn cả thư mục để ký một lượt.
   - Chọn ký thêm vào tệp sẵn có; đừng dùng "Lưu thành", "In ra PDF", đừng ghép hay nén lại tệp PDF.
   - Được ký nhiều lần: chữ ký của người có thẩm quyền trước, dấu của cơ quan sau.
3. Nén các tệp đã ký thành một tệp .zip (hoặc để riêng từng tệp) rồi tải lên lại ở trang đã lấy gói này.
   Được tải lên nhiều lần, mỗi lần một phần.

Khi nhận lại, nền tảng kiểm tra từng tệp: đúng nội dung đã gửi đi, chữ ký hợp lệ, chứng thư của người ký còn hạn và
có trong danh sách tin cậy. Tệp nào không đạt thì có lời giải thích và không được cấp.

DANH-SACH.csv ghi số của giấy, tên tệp và mã SHA-256 của từng tệp trước khi ký.
"""

Content = bytes | Callable[[], bytes]


@dataclass(frozen=True)
class HandoffLimits:
    """What a returned file may hold. A package is at most as big as everything in it."""

    most_files: int = 20_000
    most_file_bytes: int = 5 * MEGABYTE
    most_bytes: int = 2048 * MEGABYTE
    #: How often an entry may be packed; PDF files hardly pack at all.
    most_ratio: int = 100


LIMITS = HandoffLimits()


def handoff_name(number: str) -> str:
    """The file name of a certificate: number 00042/2026/CN-SKHCN is 00042-2026-CN-SKHCN.pdf."""
    return re.sub(r"[^\w.-]+", "-", number).strip("-.") + ".pdf"


def handoff_package(items: Iterable[tuple[str, Content]], target: IO[bytes], *, at: datetime | None = None) -> int:
    """Write a zip of files to sign: the PDFs, DANH-SACH.csv and a guide; return how many PDFs there are.

    ``items`` are (number of the certificate, bytes or a function that reads them), taken one at a time.
    Raises ValueError when two numbers give one file name.
    """
    moment = (at or timezone.now()).astimezone(VIETNAM).timetuple()[:6]
    rows = io.StringIO(newline="")
    listed = csv.writer(rows)
    listed.writerow(COLUMNS)
    names: set[str] = set()
    with zipfile.ZipFile(target, "w") as archive:
        for number, content in items:
            name = handoff_name(number)
            if name in names:
                raise ValueError(f"Two certificates would be called {name}.")
            names.add(name)
            pdf = content if isinstance(content, bytes) else content()
            archive.writestr(zipfile.ZipInfo(name, moment), pdf)  # a PDF is packed as it is
            listed.writerow([number, name, hashlib.sha256(pdf).hexdigest()])
        for name, text in ((LIST, rows.getvalue()), (GUIDE, GUIDE_TEXT.replace("\n", "\r\n"))):
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode("utf-8-sig"))
    return len(names)


def handoff_read(
    source: IO[bytes], *, name: str = "tep.pdf", limits: HandoffLimits = LIMITS
) -> Iterator[tuple[str, bytes]]:
    """The PDF files that came back, as (name without folders, bytes), one at a time: of a zip, or one PDF of ``name``.

    Other entries (the list, the guide, what a system leaves behind) are passed over. Refuses with ``handoff_empty``,
    ``handoff_unknown``, ``handoff_damaged``, ``handoff_encrypted_zip``, ``handoff_too_big``, ``handoff_too_many``,
    ``handoff_unsafe_name``, ``handoff_bomb`` or ``handoff_twice``; what was yielded before is good.
    """
    source.seek(0, io.SEEK_END)
    size = source.tell()
    source.seek(0)
    head = source.read(5)
    source.seek(0)
    if not size:
        raise _refusal(
            "empty", lambda: (_("Tệp này trống."), _("Hãy chọn tệp .zip chứa các tệp PDF đã ký, hoặc một tệp PDF."))
        )
    if head == b"%PDF-":
        if size > limits.most_file_bytes:
            raise _too_big(name, limits)
        yield _plain(name), source.read()
    elif head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _unpacked(source, size, limits)
    else:
        raise _refusal(
            "unknown",
            lambda: (
                _("Tệp này không phải tệp .zip hay PDF."),
                _("Hãy tải lên tệp .zip chứa các tệp PDF đã ký."),
            ),
        )


def _unpacked(source: IO[bytes], size: int, limits: HandoffLimits) -> Iterator[tuple[str, bytes]]:
    _directory_require(source, size, limits)
    try:
        with zipfile.ZipFile(source) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            _entries_require(entries, limits)
            found = [one for one in entries if _is_signed_file(one.filename)]
            if not found:
                raise _refusal(
                    "empty",
                    lambda: (
                        _("Trong tệp .zip không có tệp PDF nào."),
                        _("Hãy nén các tệp PDF đã ký rồi tải lên lại."),
                    ),
                )
            for entry in found:
                with archive.open(entry) as opened:
                    content = opened.read(limits.most_file_bytes + 1)
                if len(content) > limits.most_file_bytes:
                    raise _too_big(entry.filename, limits)
                yield _plain(entry.filename), content
    except Refusal:
        raise
    except Exception:  # the module raises whatever a damaged archive leads it to
        raise _refusal(
            "damaged",
            lambda: (_("Tệp .zip bị hỏng, không giải nén được hết."), _("Hãy nén lại rồi tải lên lần nữa.")),
        ) from None


def _directory_require(source: IO[bytes], size: int, limits: HandoffLimits) -> None:
    """Refuse a table of contents too long to be read into memory at all, before it is."""
    source.seek(max(0, size - 65_557))
    tail = source.read()
    at = tail.rfind(b"PK\x05\x06")
    length = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    source.seek(0)
    if length > limits.most_files * 512:
        raise _too_many(limits)


def _entries_require(entries: list[zipfile.ZipInfo], limits: HandoffLimits) -> None:
    if len(entries) > limits.most_files:
        raise _too_many(limits)
    seen: set[str] = set()
    total = 0
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise _refusal(
                "encrypted_zip",
                lambda: (_("Tệp .zip được đặt mật khẩu."), _("Hãy nén lại mà không đặt mật khẩu rồi tải lên.")),
            )
        if entry.filename.startswith(("/", "\\")) or ":" in entry.filename or ".." in _parts(entry.filename):
            raise _unsafe_name(entry.filename)
        total += entry.file_size
        packed_too_well = entry.file_size > limits.most_ratio * max(entry.compress_size, 1024)
        if total > limits.most_bytes or packed_too_well:
            raise _bomb(limits)
        if not _is_signed_file(entry.filename):
            continue
        if entry.file_size > limits.most_file_bytes:
            raise _too_big(entry.filename, limits)
        if (name := _plain(entry.filename).casefold()) in seen:
            raise _twice(name)
        seen.add(name)


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name.replace("\\", "/")).parts


def _plain(name: str) -> str:
    parts = _parts(name)
    return parts[-1] if parts else "tep.pdf"


def _is_signed_file(name: str) -> bool:
    """A PDF, and not one of the shadows that macOS packs along."""
    parts = _parts(name)
    return bool(parts) and name.lower().endswith(".pdf") and "__MACOSX" not in parts and not parts[-1].startswith("._")


def _refusal(code: str, words: Callable[[], tuple[str, str]], **detail: Any) -> Refusal:
    return refusal(f"handoff_{code}", words, status=400, **detail)


def _unsafe_name(name: str) -> Refusal:
    return _refusal(
        "unsafe_name",
        lambda: (
            _("Tên tệp «%(name)s» trong tệp .zip chỉ ra ngoài thư mục.") % {"name": name[:80]},
            _("Hãy nén lại."),
        ),
    )


def _bomb(limits: HandoffLimits) -> Refusal:
    most = limits.most_bytes // MEGABYTE
    return _refusal(
        "bomb",
        lambda: (
            _("Tệp .zip giải nén ra quá lớn."),
            _("Chỉ nhận tối đa %(most)s MB một lần; hãy chia ra nhiều lần.") % {"most": most},
        ),
    )


def _twice(name: str) -> Refusal:
    return _refusal(
        "twice",
        lambda: (
            _("Trong tệp .zip có hai tệp cùng tên «%(name)s».") % {"name": name},
            _("Hãy chỉ giữ lại tệp đã ký rồi nén lại."),
        ),
    )


def _too_many(limits: HandoffLimits) -> Refusal:
    return _refusal(
        "too_many",
        lambda: (
            _("Tệp .zip có hơn %(most)s tệp.") % {"most": limits.most_files},
            _("Hãy chia ra nhiều lần tải lên."),
        ),
    )


def _too_big(name: str, limits: HandoffLimits) -> Refusal:
    said = {"name": _plain(name)[:80], "most": limits.most_file_bytes // MEGABYTE}
    return _refusal(
        "too_big",
        lambda: (
            _("Tệp «%(name)s» nặng hơn %(most)s MB.") % said,
            _("Một giấy chứng nhận đã ký chỉ nặng dưới 1 MB."),
        ),
    )


#: What to do about a file that is not accepted, by the code of what was found.
FIXES = {
    "unsigned": gettext_noop("Hãy ký tệp này bằng phần mềm ký số rồi tải lên lại."),
    "original_changed": gettext_noop(
        "Phần mềm ký đã ghi lại cả tệp, hoặc đây là tệp khác. Hãy ký lại đúng tệp đã lấy về và chọn "
        "cách ký thêm vào cuối tệp; đừng dùng «Lưu thành» hay «In ra PDF»."
    ),
    "content_changed": gettext_noop("Hãy ký lại đúng tệp đã lấy về, không thêm hình, chữ hay trang nào ngoài chữ ký."),
    "changed_after": gettext_noop("Hãy ký lại tệp gốc và không sửa gì sau khi ký."),
    "not_covered": gettext_noop("Hãy ký lại tệp gốc và không sửa gì sau khi ký."),
    "content_tampered": gettext_noop("Hãy ký lại tệp gốc và không sửa gì sau khi ký."),
    "unknown_signer": gettext_noop(
        "Hãy ký bằng chứng thư do cơ quan được công nhận cấp, hoặc nhờ quản trị viên thêm chứng thư gốc "
        "của nơi cấp vào danh sách tin cậy."
    ),
    "key_expired": gettext_noop("Hãy gia hạn chứng thư rồi ký lại."),
    "key_not_yet_valid": gettext_noop("Hãy kiểm tra đồng hồ của máy ký rồi ký lại."),
    "key_revoked": gettext_noop("Hãy ký bằng chứng thư đang có hiệu lực."),
    "signed_in_future": gettext_noop("Đồng hồ của máy ký chạy nhanh: hãy chỉnh giờ rồi ký lại."),
    "signed_before": gettext_noop("Hãy kiểm tra đồng hồ của máy ký và ký lại đúng tệp đã lấy về."),
    "no_time": gettext_noop("Hãy bật ghi giờ ký trong phần mềm ký rồi ký lại."),
    "weak_algorithm": gettext_noop("Hãy chọn thuật toán băm SHA-256 trong phần mềm ký rồi ký lại."),
}
DEFAULT_FIX = gettext_noop("Hãy lấy lại gói và ký lại tệp này.")


def handoff_accept(
    original: bytes,
    returned: bytes,
    *,
    trust: TrustStore,
    issued: datetime | None = None,
    at: datetime | None = None,
    signer_name: str = "",
) -> SignatureReport:
    """The report on a file that came back signed, when it may become the issued file.

    It begins with exactly ``original`` and adds signatures only, every one of them is valid and by somebody the store
    vouches for, made between ``issued`` and ``at`` (now; clocks may be five minutes apart), and with a ``signer_name``
    one of them is that person's. Otherwise refuses with ``handoff_`` and the code of what was found (``unsigned``,
    ``original_changed``, ``content_changed``, ``changed_after``, ``unknown_signer``, ``key_expired``, …), or with
    ``handoff_signed_before`` or ``handoff_other_signer``; the refusal's ``detail["report"]`` is the whole report.
    """
    report = signature_check(returned, trust=trust, original=original, at=at)
    if not report.ok:
        raise _spoilt(report)
    early = [one.time for one in report.signatures if issued and one.time and one.time < issued - CLOCKS_APART]
    if early:
        raise _signed_before(min(early), issued, report)
    people = [one.signer_name for one in report.signatures]
    if signer_name and not any(_names(person, signer_name) for person in people):
        raise _other_signer(people, signer_name, report)
    return report


def _spoilt(report: SignatureReport) -> Refusal:
    """What to say first: a file that is not the one sent out is not worth reading further."""
    first = report.against[0]
    fix = FIXES.get(first.code, DEFAULT_FIX)
    kept = (first.kept, fix)  # the source of every text is Vietnamese
    return Refusal(first.text, code=f"handoff_{first.code}", fix=_(fix), status=400, kept=kept, report=report)


def _signed_before(time: datetime, issued: datetime | None, report: SignatureReport) -> Refusal:
    return _refusal(
        "signed_before",
        lambda: (
            _("Giờ ký (%(time)s) ở trước khi tệp được lập (%(issued)s).")
            % {"time": clock(time), "issued": clock(issued)},
            _(FIXES["signed_before"]),
        ),
        report=report,
    )


def _other_signer(people: Sequence[str], expected: str, report: SignatureReport) -> Refusal:
    said = {"people": ", ".join(people), "expected": expected}
    return _refusal(
        "other_signer",
        lambda: (
            _("Tệp do %(people)s ký, không phải %(expected)s như ghi trên giấy.") % said,
            _("Giấy phải do chính người có tên trên giấy ký; ký lại rồi tải lên."),
        ),
        report=report,
    )


def _names(person: str, expected: str) -> bool:
    """Whether a certificate's name holds the expected one, whatever its accents, case and additions."""
    held, wanted = search_words(person), search_words(expected)
    return any(held[start : start + len(wanted)] == wanted for start in range(len(held)))
