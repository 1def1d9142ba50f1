from django.apps import AppConfig


class QuizzesConfig(AppConfig):
    name = "quizzes"
    verbose_name = "Kiểm tra"

    def ready(self) -> None:
        from quizzes import insight_jobs, waiting  # noqa: F401  (registers the work of jobs, and what waits)
