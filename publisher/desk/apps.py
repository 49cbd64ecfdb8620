"""Django's registration of the desk's pages."""

from django.apps import AppConfig


class Desk(AppConfig):
    """Templates, static files and one table: failed sign-ins."""

    name = "publisher.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"
