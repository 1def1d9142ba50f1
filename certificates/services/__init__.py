"""What can happen to certificates: one use case, one function, each in a module of its capability."""

from certificates.defaults import series_ensure_defaults
from certificates.services.acts import certificate_cancel, certificate_revoke
from certificates.services.batches import (
    batch_approve,
    batch_item_exclude,
    batch_last_completed_on,
    batch_propose,
    batch_reject,
)
from certificates.services.books import book_close
from certificates.services.copies import certificate_copy
from certificates.services.files import certificate_file_request, certificate_render, certificates_sweep
from certificates.services.issuing import certificates_issue_automatic
from certificates.services.numbering import batch_number, batches_sweep
from certificates.services.paper import paper_check, paper_import
from certificates.services.proposals import proposal_for
from certificates.services.proving import register_verify
from certificates.services.replacing import certificate_correct, certificate_reissue

__all__ = [
    "batch_approve",
    "batch_item_exclude",
    "batch_last_completed_on",
    "batch_number",
    "batch_propose",
    "batch_reject",
    "batches_sweep",
    "book_close",
    "certificate_cancel",
    "certificate_copy",
    "certificate_correct",
    "certificate_file_request",
    "certificate_reissue",
    "certificate_render",
    "certificate_revoke",
    "certificates_issue_automatic",
    "certificates_sweep",
    "paper_check",
    "paper_import",
    "proposal_for",
    "register_verify",
    "series_ensure_defaults",
]
