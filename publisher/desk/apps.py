"""Django's registration of the desk's pages."""

from django.apps import AppConfig


class Desk(AppConfig):
    """Templates, static files and one table: failed sign-ins. Above the domain, so it reads policy and wording."""

    name = "publisher.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings  # noqa: PLC0415  # the domain's models exist only from here on

        from pressqueue import policy, wording  # noqa: PLC0415  # once every app is loaded
        from publisher.configuration import policy_file, wording_files  # noqa: PLC0415  # the same

        policy.use(policy_file.load(settings.OFFICE))
        wording.use(wording_files.load(settings.OFFICE))
