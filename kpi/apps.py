from django.apps import AppConfig


class KpiConfig(AppConfig):
    name = "kpi"
    verbose_name = "Chỉ tiêu"

    def ready(self) -> None:
        from importlib import import_module

        import_module(f"{self.name}.receivers")
