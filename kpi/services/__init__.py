"""What can happen to decisions, figures and reports: one use case, one function, each in a module of its capability."""

from kpi.services.allocating import target_allocate
from kpi.services.closings import closing_make, closing_verify
from kpi.services.declarations import (
    declaration_approve,
    declaration_return,
    declaration_submit,
    declaration_withdraw,
)
from kpi.services.exporting import missing_export
from kpi.services.loading import kpi_load
from kpi.services.populations import population_set, populations_import
from kpi.services.recounting import people_recount
from kpi.services.reminding import missing_leaders_remind, missing_remind
from kpi.services.reports import report_draft, report_drop, report_issue, report_save
from kpi.services.targets import target_set, target_withdraw

__all__ = [
    "closing_make",
    "closing_verify",
    "declaration_approve",
    "declaration_return",
    "declaration_submit",
    "declaration_withdraw",
    "kpi_load",
    "missing_export",
    "missing_leaders_remind",
    "missing_remind",
    "people_recount",
    "population_set",
    "populations_import",
    "report_draft",
    "report_drop",
    "report_issue",
    "report_save",
    "target_allocate",
    "target_set",
    "target_withdraw",
]
