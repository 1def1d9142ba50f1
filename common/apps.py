from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"
    verbose_name = "Hộp công cụ"

    def ready(self) -> None:
        from common import lookups  # noqa: F401  (lets every field be asked so)
