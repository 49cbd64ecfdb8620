"""Django's registration of the desk's pages."""

from django.apps import AppConfig


class Desk(AppConfig):
    """Templates and static files; it has no tables."""

    name = "publisher.desk"
