"""What gunicorn starts."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "publisher.settings")
application = get_wsgi_application()

from publisher import register, settings  # noqa: E402  # models exist only from here on

if settings.OFFICE is not None:
    register.connect(settings.OFFICE)
