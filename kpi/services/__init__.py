"""What can happen to decisions, figures and reports: one use case, one function, each in a module of its capability."""

from kpi.services.loading import kpi_load

__all__ = ["kpi_load"]
