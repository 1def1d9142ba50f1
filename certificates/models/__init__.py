"""Designs and series, lists and certificates, and the append-only register."""

from certificates.models.batches import OPEN_STATES, Batch, BatchItem, BatchState
from certificates.models.certificates import Certificate, CertificateState, Delivery, Origin, ReasonClass, new_token
from certificates.models.designs import Asset, Design, DesignState, Paper
from certificates.models.register import Act, RegisterEntry
from certificates.models.series import Basis, Kind, Series, SeriesCounter, Signing

__all__ = [
    "OPEN_STATES",
    "Act",
    "Asset",
    "Basis",
    "Batch",
    "BatchItem",
    "BatchState",
    "Certificate",
    "CertificateState",
    "Delivery",
    "Design",
    "DesignState",
    "Kind",
    "Origin",
    "Paper",
    "ReasonClass",
    "RegisterEntry",
    "Series",
    "SeriesCounter",
    "Signing",
    "new_token",
]
