from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = _("Nội dung")

    def ready(self) -> None:
        from cms import (  # system_checks, tasks_pages and waiting register what they hold
            path_publishing,
            publishing,
            receivers,
            removal,
            sharing,
            shown,
            system_checks,  # noqa: F401
            tasks_pages,  # noqa: F401
            waiting,  # noqa: F401
        )
        from cms.outline import copy_job, release_job  # noqa: F401  (registers the work of jobs)

        publishing.connect()
        path_publishing.connect()
        receivers.connect()
        sharing.connect()
        shown.connect()
        removal.connect()
        post_migrate.connect(self.on_migrated, sender=self, dispatch_uid="cms.on_migrated")

    @staticmethod
    def on_migrated(**kwargs: Any) -> None:
        """Every start migrates: what the settings say about reviews holds from then on."""
        from cms.services.reviewing import review_settings_apply

        review_settings_apply()
