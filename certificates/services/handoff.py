"""Signing on an official's own device: drafts go out in packages, come back signed, and are taken one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.models import Certificate, Series
from certificates.numbering import number_key
from certificates.services.files import file_keep
from certificates.services.issuing import require_issuing_right
from certificates.signing.wording import refusal
from common import audit
from common.errors import Refusal
from people.models import User

if TYPE_CHECKING:
    from certificates.signing.trust import TrustStore

#: Files of one package: some 25 MB, which a browser takes back in one piece and an official signs in one go.
PACKAGE = 500
#: Refused files that a page lists; the rest is in the file that goes with them.
TOLD = 100


@dataclass(frozen=True)
class NotTaken:
    """A file that came back and did not become an issued one: why, and what helps; both as they stand in a record."""

    name: str
    code: str
    text: str
    fix: str
    on_record: tuple[str, str] = ("", "")


@dataclass
class Returned:
    """What became of the files that came back. ``already`` were issued before: taking them again changes nothing."""

    taken: int = 0
    already: int = 0
    refused: list[NotTaken] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For the result of a job: how many, and the first of those refused."""
        told = [{"name": one.name, "code": one.code, "text": one.text, "fix": one.fix} for one in self.refused[:TOLD]]
        return {"taken": self.taken, "already": self.already, "refused": len(self.refused), "told": told}


def handoff_waiting(*, series: Series) -> QuerySet[Certificate]:
    """Certificates of a series that were drawn and wait to be signed, by number."""
    found: QuerySet[Certificate] = series.certificates.filter(file="").exclude(draft_file="")
    return found.order_by("year", "seq")


def handoff_pack(*, series: Series, actor: User, target: IO[bytes], advance: Callable[[], None]) -> int:
    """Write the next package of drafts to sign into ``target``; return how many there are. Raises Refusal
    ``not_allowed``, or ``nothing_to_sign``."""
    from certificates.signing.handoff import handoff_package

    require_issuing_right(actor, series.unit)
    waiting = list(handoff_waiting(series=series)[:PACKAGE])
    if not waiting:
        raise Refusal(
            _("Không có giấy nào đang chờ ký."),
            code="nothing_to_sign",
            fix=_("Nếu vừa duyệt một đợt cấp, hãy chờ hệ thống tạo xong tệp."),
        )
    packed = handoff_package(_read_in_turn(waiting, advance), target)
    audit.record(
        actor=actor,
        act="handoff_pack",
        subject=series,
        unit=series.unit,
        first=waiting[0].number,
        last=waiting[-1].number,
        certificates=packed,
    )
    return packed


def _read_in_turn(
    certificates: list[Certificate], advance: Callable[[], None]
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for certificate in certificates:
        yield certificate.number, partial(_draft, certificate)
        advance()


def _draft(certificate: Certificate) -> bytes:
    try:
        with storages["private"].open(certificate.draft_file) as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise refusal(
            "draft_lost",
            lambda: (
                _("Tệp chờ ký của giấy %(number)s không còn trong kho lưu trữ.") % {"number": certificate.number},
                _("Khôi phục tệp từ bản sao lưu rồi làm lại."),
            ),
        ) from None


def handoff_return(
    *, series: Series, actor: User, source: IO[bytes], name: str, advance: Callable[[], None]
) -> Returned:
    """Look over signed files (a zip or one PDF) and make those that are right the issued files.

    Each file stands for itself: what is refused changes nothing and is told with its reason. Safe to repeat. Raises
    Refusal ``not_allowed`` or one of ``handoff_read``'s about the upload as a whole; what was taken before stays.
    """
    from certificates.signing.handoff import handoff_read
    from certificates.signing.trust import trust_default

    require_issuing_right(actor, series.unit)
    trust, done = trust_default(), Returned()
    try:
        for file_name, pdf in handoff_read(source, name=name):
            _signed_try(done, series, file_name, pdf, trust)
            advance()
    except Refusal as refused:  # of the upload as a whole: what came before it in the archive is good
        if not done.taken:
            raise
        done.refused.append(_not_taken(name, refused))
    audit.record(
        actor=actor,
        act="handoff_return",
        subject=series,
        unit=series.unit,
        certificates=done.taken,
        refused=len(done.refused),
    )
    return done


def _signed_try(done: Returned, series: Series, file_name: str, pdf: bytes, trust: TrustStore) -> None:
    try:
        fresh = _signed_take(series, file_name, pdf, trust)
    except Refusal as refused:
        done.refused.append(_not_taken(file_name, refused))
    else:
        done.taken += fresh
        done.already += not fresh


def _not_taken(name: str, refused: Refusal) -> NotTaken:
    kept = refused.detail.get("kept", (refused.text, refused.fix))
    return NotTaken(name, refused.code, refused.text, refused.fix, kept)


@transaction.atomic
def _signed_take(series: Series, file_name: str, pdf: bytes, trust: TrustStore) -> bool:
    """Make one signed file the issued one; whether it was not so before."""
    from certificates.signing.handoff import handoff_accept

    certificate = _certificate_of(series, file_name)
    if certificate.file:
        return False
    report = handoff_accept(
        _draft(certificate),
        pdf,
        trust=trust,
        issued=certificate.batch.approved_at if certificate.batch else None,
        signer_name=certificate.signer_name,
    )
    kept, digest = file_keep(pdf, folder=str(certificate.year))
    draft = certificate.draft_file
    taken = Certificate.objects.filter(pk=certificate.pk, file="").update(
        file=kept,
        file_sha256=digest,
        draft_file="",
        signed_at=report.main.time or timezone.now(),
        signed_by=", ".join(one.signer_name for one in report.signatures)[:200],
        render_error="",
    )
    if taken:
        transaction.on_commit(partial(storages["private"].delete, draft))
    return bool(taken)


def _certificate_of(series: Series, file_name: str) -> Certificate:
    """The certificate whose file this is, by its name; signing programs like to add words at the end."""
    key = number_key(file_name)
    parts = key.split(".")
    candidates = series.certificates.filter(number_key__startswith=".".join(parts[:2])).select_related(
        "batch", "series"
    )
    found = [one for one in candidates if key == one.number_key or key.startswith(one.number_key)]
    if not found:
        raise refusal(
            "handoff_unknown_name",
            lambda: (
                _("Tên tệp không phải số của giấy nào thuộc loại giấy này."),
                _("Giữ nguyên tên tệp như trong gói đã tải về."),
            ),
        )
    certificate: Certificate = max(found, key=lambda one: len(one.number_key))
    if not certificate.file and not certificate.draft_file:
        raise refusal(
            "handoff_not_waiting",
            lambda: (
                _("Giấy %(number)s không chờ ký.") % {"number": certificate.number},
                _("Kiểm tra cách ký của loại giấy này, hoặc chờ hệ thống tạo xong tệp."),
            ),
        )
    return certificate
