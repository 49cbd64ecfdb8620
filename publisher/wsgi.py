"""The desk as a WSGI application: what the server calls."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "publisher.settings")
application = get_wsgi_application()

from publisher import settings  # noqa: E402  # models exist only from here on
from publisher.register import sync  # noqa: E402  # models exist only from here on

if settings.OFFICE is not None:
    sync.connect(settings.OFFICE)
