"""All files of a list in one piece: a zip to keep, and PDF files to print. Written part by part, so memory is flat."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from django.core.files.storage import storages
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Batch, BatchState, Certificate, CertificateState
from common.errors import Refusal
from common.sheets_out import write_csv
from common.text import slug
from common.wording import number

#: Papers opened at once while they are joined.
JOINED = 50
#: Papers in one PDF: what a printer and its program still take. More come as several files in a zip.
PRINTED = 1000
LIST_NAME = "danh-sach.csv"

Advance = Callable[[], None]


def bundle_papers(*, batch: Batch) -> QuerySet[Certificate]:
    """What goes into the bundles of a list: the certificates that hold, by number."""
    found: QuerySet[Certificate] = batch.certificates.filter(state=CertificateState.VALID)
    return found.order_by("year", "seq")


def require_complete(batch: Batch) -> None:
    """Let pass lists whose every certificate has its issued file. Raises Refusal ``files_missing``."""
    papers = bundle_papers(batch=batch)
    missing = papers.filter(file="").count()
    if batch.state == BatchState.ISSUED and not missing and papers.exists():
        return
    if missing:
        text = ngettext(
            "Còn %(number)s giấy chưa có tệp. Chỉ đóng gói được khi mọi giấy đã có tệp.",
            "Còn %(number)s giấy chưa có tệp. Chỉ đóng gói được khi mọi giấy đã có tệp.",
            missing,
        ) % {"number": number(missing)}
    else:
        text = _("Đợt này chưa cấp xong. Chỉ đóng gói được khi mọi giấy đã có tệp.")
    raise Refusal(
        text,
        code="files_missing",
        fix=_("Xem tiến độ: chờ tạo xong, hoặc làm lại các tệp gặp lỗi, rồi đóng gói."),
        link=(reverse("issuing:progress", args=[batch.uuid]), _("Xem tiến độ")),
    )


def file_name(paper: Certificate) -> str:
    """``00042-2026-CN-SKHCN_nguyen-thi-hoa.pdf``: sorted by number, readable on any machine."""
    return f"{paper.number.replace('/', '-')}_{slug(paper.holder_name)}.pdf"


def bundle_zip(*, batch: Batch, target: IO[bytes], advance: Advance) -> int:
    """Write a zip of all PDF files with a list of them; returns how many. ``advance`` is called for each."""
    require_complete(batch)
    papers = list(bundle_papers(batch=batch))
    # PDF files are compressed already.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for paper in papers:
            with _opened(paper) as source, archive.open(file_name(paper), "w") as kept:
                shutil.copyfileobj(source, kept)
            advance()
        archive.writestr(LIST_NAME, write_csv(_HEADINGS, (_row(paper) for paper in papers)))
    return len(papers)


_HEADINGS = ["Số giấy", "Họ và tên", "Ngày sinh", "Nội dung", "Ngày cấp", "Tên tệp", "SHA-256"]


def _row(paper: Certificate) -> list[Any]:
    return [
        paper.number, paper.holder_name, paper.holder_birth_date, paper.course_title, paper.issued_on,
        file_name(paper), paper.file_sha256,
    ]  # fmt: skip


def bundle_print(*, batch: Batch, target: IO[bytes], advance: Advance) -> str:
    """Write all papers, in the order of their numbers, as one PDF to print, or where they are more than ``PRINTED`` as
    a zip of several; returns the ending of the file's name. Signatures do not survive: the copies are for paper."""
    require_complete(batch)
    papers = list(bundle_papers(batch=batch))
    if len(papers) <= PRINTED:
        _joined(papers, target, advance)
        return "pdf"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for start in range(0, len(papers), PRINTED):
            part = papers[start : start + PRINTED]
            with tempfile.TemporaryFile() as kept:
                _joined(part, kept, advance)
                kept.seek(0)
                with archive.open(f"in-{start + 1:05d}-{start + len(part):05d}.pdf", "w") as entry:
                    shutil.copyfileobj(kept, entry)
    return "zip"


def _joined(papers: Sequence[Certificate], target: IO[bytes], advance: Advance) -> None:
    """One PDF of several: a few are opened at a time, their pages set down in a file, and the files joined."""
    import pikepdf  # heavy, and loaded with every process that knows the jobs

    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened, pikepdf.new() as whole:
        for start in range(0, len(papers), JOINED):
            part = Path(folder) / f"{start}.pdf"
            with ExitStack() as sources, pikepdf.new() as few:
                for paper in papers[start : start + JOINED]:
                    source = sources.enter_context(pikepdf.open(sources.enter_context(_opened(paper))))
                    few.pages.extend(_for_print(source))
                    advance()
                few.save(part)
            whole.pages.extend(opened.enter_context(pikepdf.open(part)).pages)
        whole.save(cast(BinaryIO, target))


def _for_print(source: Any) -> Any:
    """The pages without form fields: a signature moved into another file would only be called broken."""
    for page in source.pages:
        if "/Annots" in page:
            del page["/Annots"]
    return source.pages


@contextmanager
def _opened(paper: Certificate) -> Iterator[Any]:
    try:
        file = storages["private"].open(paper.file)
    except FileNotFoundError as error:
        raise Refusal(
            _("Tệp của giấy số %(number)s không còn trong kho lưu trữ.") % {"number": paper.number},
            code="file_lost",
            fix=_("Báo người quản trị khôi phục tệp từ bản sao lưu, rồi đóng gói lại."),
        ) from error
    with file:
        yield file
