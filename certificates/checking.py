"""What a PDF file that somebody holds is worth: its signatures, and whether it is one that was issued here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from certificates.models import Certificate, CertificateState
from certificates.signing.base import SignatureReport, State
from certificates.signing.trust import TrustStore
from certificates.signing.verifying import signature_check
from common.language import on_record

#: What is found of files that say nothing either way.
UNREADABLE = {"too_big", "not_pdf", "encrypted", "unreadable"}


@dataclass(frozen=True)
class FileCheck:
    """A file held against the register. ``certificate`` is the one whose issued file it is, byte for byte, or None."""

    sha256: str
    size: int
    certificate: Certificate | None
    signatures: SignatureReport

    @property
    def readable(self) -> bool:
        """Whether anything can be said. What was issued here is known even when it cannot be read."""
        return self.certificate is not None or not UNREADABLE & set(self.signatures.codes)

    @property
    def ok(self) -> bool:
        """An issued certificate in force, and its signatures, if it has any, are good."""
        in_force = self.certificate is not None and self.certificate.state == CertificateState.VALID
        return in_force and self.signatures.state in (State.VALID, State.UNSIGNED)

    @property
    def in_register(self) -> str:
        """What the register says of the file, in Vietnamese."""
        found = self.certificate
        if found is None:
            return "Không trùng với tệp giấy chứng nhận nào do nền tảng này cấp."
        told = f"Đúng từng byte với tệp của giấy số {found.number}, cấp cho {found.holder_name}"
        told += f" ngày {found.issued_on:%d/%m/%Y}."
        if found.state != CertificateState.VALID:
            when = f" ngày {found.ended_on:%d/%m/%Y}" if found.ended_on else ""
            with on_record():
                told += f" {found.get_state_display()}{when}: giấy không còn hiệu lực."
        return told

    def as_dict(self) -> dict[str, Any]:
        found = self.certificate
        return {
            "ok": self.ok,
            "readable": self.readable,
            "sha256": self.sha256,
            "size": self.size,
            "in_register": self.in_register,
            "certificate": found and {"number": found.number, "state": found.state, "issued_on": f"{found.issued_on}"},
            "signatures": self.signatures.as_dict(),
        }


def certificate_file_check(*, pdf: bytes, trust: TrustStore) -> FileCheck:
    """Check a file's signatures, and look its hash up among the issued files. Any bytes will do."""
    digest = hashlib.sha256(pdf).hexdigest()
    found = Certificate.objects.filter(file_sha256=digest).first()
    return FileCheck(digest, len(pdf), found, signature_check(pdf, trust=trust))
