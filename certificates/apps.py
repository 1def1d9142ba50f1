from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Chứng nhận")

    def ready(self) -> None:
        from importlib import import_module

        import_module(f"{self.name}.receivers")
        import_module(f"{self.name}.handoff_jobs")
        import_module(f"{self.name}.bundle_jobs")
        import_module(f"{self.name}.register_jobs")
        import_module(f"{self.name}.paper_jobs")
        import_module(f"{self.name}.signing.checks")
        import_module(f"{self.name}.waiting")
