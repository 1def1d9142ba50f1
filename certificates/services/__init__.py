"""What can happen to certificates: one use case, one function, each in a module of its capability."""

from certificates.defaults import series_ensure_defaults
from certificates.services.acts import certificate_revoke
from certificates.services.assets import asset_keep
from certificates.services.batches import (
    batch_approve,
    batch_item_exclude,
    batch_last_completed_on,
    batch_propose,
    batch_reject,
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
from certificates.services.numbering import batch_number, batches_sweep
from certificates.services.proposals import proposal_for
from certificates.services.register import register_verify
from certificates.services.renewals import certificates_remind
from certificates.services.series import series_save

__all__ = [
    "asset_keep",
    "batch_approve",
    "batch_item_exclude",
    "batch_last_completed_on",
    "batch_number",
    "batch_propose",
    "batch_reject",
    "batches_sweep",
    "certificate_file_request",
    "certificate_render",
    "certificate_revoke",
    "certificates_issue_automatic",
    "certificates_remind",
    "certificates_sweep",
    "design_copy",
    "design_draft",
    "design_drop",
    "design_publish",
    "design_retire",
    "design_save",
    "proposal_for",
    "register_verify",
    "series_ensure_defaults",
    "series_save",
]
