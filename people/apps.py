from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = "Con người và đơn vị"

    def ready(self) -> None:
        from people import checks  # noqa: F401  (importing registers them)
