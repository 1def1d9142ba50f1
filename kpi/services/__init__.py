"""What can happen to decisions, figures and reports: one use case, one function, each in a module of its capability."""

from kpi.services.loading import kpi_load
from kpi.services.reports import report_draft, report_drop, report_issue, report_save

__all__ = ["kpi_load", "report_draft", "report_drop", "report_issue", "report_save"]
