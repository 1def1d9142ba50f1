from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("Con người và đơn vị")

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        # They register checks, the work of jobs, and what waits for officials.
        from people import checks, roster_export, slips_job, waiting_lists  # noqa: F401
        from people.mfa import remember_set_up
        from people.units import import_job  # noqa: F401

        authenticator_added.connect(remember_set_up, dispatch_uid="people.remember_set_up")
