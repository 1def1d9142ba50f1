from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KpiConfig(AppConfig):
    name = "kpi"
    verbose_name = _("Chỉ tiêu")

    def ready(self) -> None:
        from importlib import import_module

        for module in ("receivers", "effects", "closing_jobs", "population_jobs", "waiting", "kept"):
            import_module(f"{self.name}.{module}")
