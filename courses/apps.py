from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Khoá học")

    def ready(self) -> None:
        from courses import waiting  # noqa: F401  (registers what waits for officials)
        from courses.search_index import search_index_ensure

        post_migrate.connect(search_index_ensure, sender=self, dispatch_uid="courses.search_index")
