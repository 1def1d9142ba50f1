from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = "Nội dung"

    def ready(self) -> None:
        from cms import path_publishing, publishing, receivers, sharing

        publishing.connect()
        path_publishing.connect()
        receivers.connect()
        sharing.connect()
