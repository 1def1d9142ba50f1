from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = "Nội dung"

    def ready(self) -> None:
        from cms import publishing, receivers, removal, tasks_pages  # noqa: F401  (the worker finds the tasks there)

        publishing.connect()
        receivers.connect()
        removal.connect()
        post_migrate.connect(self.on_migrated, sender=self, dispatch_uid="cms.on_migrated")

    @staticmethod
    def on_migrated(**kwargs: Any) -> None:
        """Every start migrates: what the settings say about reviews holds from then on."""
        from cms.services.reviewing import review_settings_apply

        review_settings_apply()
