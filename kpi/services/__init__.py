"""What can happen to decisions, figures and reports: one use case, one function, each in a module of its capability."""

from kpi.services.closings import closing_make, closing_verify
from kpi.services.loading import kpi_load
from kpi.services.recounting import people_recount

__all__ = ["closing_make", "closing_verify", "kpi_load", "people_recount"]
