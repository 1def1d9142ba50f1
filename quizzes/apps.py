from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class QuizzesConfig(AppConfig):
    name = "quizzes"
    verbose_name = pgettext_lazy("tên phần", "Kiểm tra")

    def ready(self) -> None:
        from quizzes import insight_jobs, waiting  # noqa: F401  (registers the work of jobs, and what waits)
