"""Digital signatures on PDF files: knows bytes, keys and settings, and no models.

``base`` holds the interface and the report, ``local`` signs with a key file, ``verifying.signature_check`` reports on a
file, ``trust.trust_default`` is whom the settings trust, ``handoff`` packs files for signing elsewhere and takes them
back. Only this module and ``base`` are light: import the others where they are used, for pyHanko takes its time.
"""

from __future__ import annotations

from django.conf import settings

from certificates.signing.base import Backend, Finding, OneSignature, SignatureReport, Signer, State

__all__ = ["Backend", "Finding", "OneSignature", "SignatureReport", "Signer", "State", "get_signer"]


def get_signer() -> Signer | None:
    """What the settings sign with in this process; None when nothing is signed here ("none", "handoff").

    The key is read once for the process. Refuses as ``keys.key_load`` does when the key file is not what it should be.
    """
    if settings.CERTIFICATE_SIGNING != Backend.LOCAL:
        return None
    from certificates.signing.local import signer_load

    return signer_load(settings.SIGNING_P12_FILE, settings.SIGNING_P12_PASSWORD, tsa_url=settings.SIGNING_TSA_URL)
