"""What can happen to decisions, figures and reports: one use case, one function, each in a module of its capability."""

from kpi.services.loading import kpi_load
from kpi.services.recounting import people_recount

__all__ = ["kpi_load", "people_recount"]
