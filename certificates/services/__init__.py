"""What can happen to certificates: one use case, one function, each in a module of its capability."""

from certificates.defaults import series_ensure_defaults
from certificates.services.acts import certificate_cancel, certificate_revoke
from certificates.services.assets import asset_keep
from certificates.services.batches import (
    batch_approve,
    batch_check,
    batch_last_completed_on,
    batch_propose,
    batch_reject,
)
from certificates.services.books import book_close
from certificates.services.copies import certificate_copy
from certificates.services.delivery import (
    certificate_acknowledge,
    certificates_notify,
    deliveries_hand_over,
    deliveries_take_back,
)
from certificates.services.designs import (
    design_copy,
    design_draft,
    design_drop,
    design_publish,
    design_retire,
    design_save,
)
from certificates.services.files import certificate_file_request, certificate_render, certificates_sweep
from certificates.services.issuing import certificates_issue_automatic
from certificates.services.lists import (
    batch_items_exclude,
    batch_items_hold,
    batch_items_name_confirm,
    batch_items_release,
)
from certificates.services.numbering import batch_number, batches_sweep
from certificates.services.paper import paper_check, paper_import
from certificates.services.progress import batch_files_retry, batch_pause, batch_progress, batch_resume
from certificates.services.proposals import proposal_for
from certificates.services.proving import register_verify
from certificates.services.reassigning import certificates_reassign
from certificates.services.renewals import certificates_remind
from certificates.services.replacing import certificate_correct, certificate_reissue
from certificates.services.series import series_save

__all__ = [
    "asset_keep",
    "batch_approve",
    "batch_check",
    "batch_files_retry",
    "batch_items_exclude",
    "batch_items_hold",
    "batch_items_name_confirm",
    "batch_items_release",
    "batch_last_completed_on",
    "batch_number",
    "batch_pause",
    "batch_progress",
    "batch_propose",
    "batch_reject",
    "batch_resume",
    "batches_sweep",
    "book_close",
    "certificate_cancel",
    "certificate_copy",
    "certificate_correct",
    "certificate_acknowledge",
    "certificate_file_request",
    "certificate_reissue",
    "certificate_render",
    "certificate_revoke",
    "certificates_issue_automatic",
    "certificates_reassign",
    "certificates_remind",
    "certificates_sweep",
    "design_copy",
    "design_draft",
    "design_drop",
    "design_publish",
    "design_retire",
    "design_save",
    "certificates_notify",
    "deliveries_hand_over",
    "deliveries_take_back",
    "paper_check",
    "paper_import",
    "proposal_for",
    "register_verify",
    "series_ensure_defaults",
    "series_save",
]
