from django.apps import AppConfig


class KpiConfig(AppConfig):
    name = "kpi"
    verbose_name = "Chỉ tiêu"

    def ready(self) -> None:
        from importlib import import_module

        for module in ("receivers", "effects", "closing_jobs", "population_jobs", "waiting", "kept"):
            import_module(f"{self.name}.{module}")
