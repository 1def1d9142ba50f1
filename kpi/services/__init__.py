"""What can happen to decisions, figures and reports: one use case, one function, each in a module of its capability."""

from kpi.services.allocating import target_allocate
from kpi.services.loading import kpi_load
from kpi.services.targets import target_set, target_withdraw

__all__ = ["kpi_load", "target_allocate", "target_set", "target_withdraw"]
