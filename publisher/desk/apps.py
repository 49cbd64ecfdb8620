"""Django's registration of the desk's pages."""

from django.apps import AppConfig


class Desk(AppConfig):
    """Templates, static files and one table: failed sign-ins. It stands above the domain, so it reads the policy."""

    name = "publisher.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings  # noqa: PLC0415  # the domain's models exist only from here on

        from pressqueue import policy  # noqa: PLC0415
        from publisher import policies  # noqa: PLC0415

        policy.use(policies.load(settings.OFFICE))
