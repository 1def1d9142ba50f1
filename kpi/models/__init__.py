"""What is promised, what counts, what was declared, and what was reported."""

from kpi.models.closings import ClosedFigure, Closing, FigureCorrection, Period
from kpi.models.counting import CorrectionReason, CountCorrection, Counted, UnitMonth
from kpi.models.declarations import Declaration, DeclarationState
from kpi.models.populations import AudiencePopulation, Population
from kpi.models.reports import Report, ReportDue, ReportDuty, ReportKind, ReportState
from kpi.models.targets import (
    DECLARED_KINDS,
    FED_KINDS,
    CountingKind,
    Decision,
    Indicator,
    Measure,
    Programme,
    Recurrence,
    Target,
    TargetVersion,
)

__all__ = [
    "DECLARED_KINDS",
    "FED_KINDS",
    "AudiencePopulation",
    "ClosedFigure",
    "Closing",
    "CorrectionReason",
    "CountCorrection",
    "Counted",
    "CountingKind",
    "Decision",
    "Declaration",
    "DeclarationState",
    "FigureCorrection",
    "Indicator",
    "Measure",
    "Period",
    "Population",
    "Programme",
    "Recurrence",
    "Report",
    "ReportDue",
    "ReportDuty",
    "ReportKind",
    "ReportState",
    "Target",
    "TargetVersion",
    "UnitMonth",
]
