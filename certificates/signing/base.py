"""What signing promises to the rest of the platform: one interface to sign, one report on signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class Backend(StrEnum):
    """How certificates are signed (CERTIFICATE_SIGNING)."""

    NONE = "none"
    LOCAL = "local"
    HANDOFF = "handoff"


class Signer(Protocol):
    """Something that signs PDF files in this process."""

    @property
    def signer_name(self) -> str:
        """Whose key it is, as its certificate says."""
        ...

    def sign(
        self, pdf: bytes, *, reason: str = "", location: str = "", name: str = "", at: datetime | None = None
    ) -> bytes:
        """The signed file: exactly ``pdf``, with an incremental update behind it.

        ``reason``, ``location`` and ``name`` are shown by readers of PDF; ``at`` (aware) is the signing time, now by
        default. Raises Refusal when the key may not sign, the file cannot be signed or the time server fails.
        """
        ...


class State(StrEnum):
    """The verdict on a file or on one signature. ``unknown_signer``: intact, by somebody nobody vouches for."""

    VALID = "valid"
    INVALID = "invalid"
    UNSIGNED = "unsigned"
    UNKNOWN_SIGNER = "unknown_signer"


@dataclass(frozen=True)
class Finding:
    """One thing found out: ``code`` for programs, ``text`` a sentence for the reader, ``kept`` the same in Vietnamese,
    for records."""

    code: str
    text: str
    kept: str = ""


@dataclass(frozen=True)
class OneSignature:
    """One signature in a file. Times are aware; empty strings and None where the signature does not say.

    ``signing_time`` is what the signing machine claims; ``timestamp_time`` is sworn to by a time server that the trust
    store knows. ``problems`` spoil the verdict, ``notes`` do not.
    """

    state: State
    signer_name: str = ""
    organisation: str = ""
    serial: str = ""
    issuer: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    signing_time: datetime | None = None
    timestamp_time: datetime | None = None
    algorithm: str = ""
    field: str = ""
    problems: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()

    @property
    def time(self) -> datetime | None:
        """The best known time of signing: the time server's, otherwise the claimed one."""
        return self.timestamp_time or self.signing_time


_NOBODY = OneSignature(State.UNSIGNED)


@dataclass(frozen=True)
class SignatureReport:
    """What can be said of the signatures of a file.

    ``covers_whole_file``: nothing follows the last signature but validation data and timestamps.
    ``original_unchanged``: the file begins with exactly the original bytes; None when no original was given.
    ``found`` holds what concerns the whole file; ``problems``, ``notes`` and ``codes`` add those of each signature.
    """

    state: State
    signatures: tuple[OneSignature, ...] = ()
    covers_whole_file: bool = False
    original_unchanged: bool | None = None
    found: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        return self.state == State.VALID

    @property
    def main(self) -> OneSignature:
        """The signature to name first: the earliest one, a person's before the seal of an office."""
        return self.signatures[0] if self.signatures else _NOBODY

    @property
    def problems(self) -> list[str]:
        """Why the file is not valid, in sentences for the reader; empty when it is."""
        return [finding.text for finding in self.against]

    @property
    def notes(self) -> list[str]:
        """What is worth knowing though it does not spoil the verdict."""
        return list(dict.fromkeys(note.text for one in self.signatures for note in one.notes))

    @property
    def codes(self) -> list[str]:
        """The codes of problems, then of notes, each once."""
        notes = [note for one in self.signatures for note in one.notes]
        return list(dict.fromkeys(finding.code for finding in [*self.against, *notes]))

    @property
    def against(self) -> Sequence[Finding]:
        """What spoils the verdict, what concerns the whole file first; each once."""
        each = [problem for one in self.signatures for problem in one.problems]
        return list(dict.fromkeys([*self.found, *each]))

    # What most callers ask is about the main signature.
    @property
    def signer_name(self) -> str:
        return self.main.signer_name

    @property
    def organisation(self) -> str:
        return self.main.organisation

    @property
    def serial(self) -> str:
        return self.main.serial

    @property
    def issuer(self) -> str:
        return self.main.issuer

    @property
    def valid_from(self) -> datetime | None:
        return self.main.valid_from

    @property
    def valid_to(self) -> datetime | None:
        return self.main.valid_to

    @property
    def signing_time(self) -> datetime | None:
        return self.main.signing_time

    @property
    def timestamp_time(self) -> datetime | None:
        return self.main.timestamp_time

    @property
    def algorithm(self) -> str:
        return self.main.algorithm

    @property
    def summary(self) -> str:
        """The verdict as one Vietnamese sentence."""
        from certificates.signing.wording import summary_of

        return summary_of(self)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the fields, the verdict in words, problems and notes as sentences."""
        return {
            "state": self.state,
            "ok": self.ok,
            "summary": self.summary,
            "covers_whole_file": self.covers_whole_file,
            "original_unchanged": self.original_unchanged,
            "problems": self.problems,
            "notes": self.notes,
            "codes": self.codes,
            "signatures": [_plain(asdict(one)) for one in self.signatures],
        }


def _plain(value: Any) -> Any:
    """Times as ISO text, tuples as lists, sentences once."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key != "kept"}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
