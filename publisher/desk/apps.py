"""Django's registration of the desk's pages."""

from django.apps import AppConfig


class Desk(AppConfig):
    """Templates, static files and one table: failed sign-ins. Above the domain, so it reads policy and wording."""

    name = "publisher.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings  # noqa: PLC0415  # the domain's models exist only from here on

        from pressqueue import policy, wording  # noqa: PLC0415
        from publisher import policies, wordings  # noqa: PLC0415

        policy.use(policies.load(settings.OFFICE))
        wording.use(wordings.load(settings.OFFICE))
