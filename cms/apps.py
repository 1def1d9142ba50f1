from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = "Nội dung"

    def ready(self) -> None:
        from cms import checks, publishing, receivers, sharing  # noqa: F401  (importing registers the checks)

        publishing.connect()
        receivers.connect()
        sharing.connect()
