"""Django's corner: settings made from the office's configuration. No logic of ours lives here."""

from __future__ import annotations

import os
from pathlib import Path

from publisher.configuration import database, office_file, secret_store
from publisher.logs import QUIET

# Without a folder (type checking, `--help`, the unit tests) there is no office: an in-memory database and no desk.
FOLDER = Path(os.environ["PUBLISHER_OFFICE"]) if os.environ.get("PUBLISHER_OFFICE") else None
OFFICE = office_file.load(FOLDER) if FOLDER else None
SECRETS = secret_store.load(FOLDER) if FOLDER else None
DESTINATION_NAMES = "publisher.workers.plugins.written"  # pressqueue knows no destination but by its configured name
INTEGRITY_KEY = SECRETS.integrity_key if SECRETS else None  # pressqueue takes it when Django starts

SECRET_KEY = SECRETS.web_key if SECRETS else os.urandom(32).hex()
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
if OFFICE and OFFICE.web.address:
    from urllib.parse import urlsplit

    ALLOWED_HOSTS.append(urlsplit(OFFICE.web.address).hostname or "")
    CSRF_TRUSTED_ORIGINS = [OFFICE.web.address.rstrip("/")]
if OFFICE and OFFICE.web.trusted_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "pressqueue.apps.PressQueue",
    "publisher.desk.apps.Desk",
]
AUTH_USER_MODEL = "pressqueue.Officer"
MIDDLEWARE = [
    "publisher.desk.proxy.TrustedProxy",  # before anything asks who calls, or for which host
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "publisher.desk.headers.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "publisher.desk.bodies.Bodies",  # before anything reads the body, which the CSRF check does
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # every page but those that say otherwise
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "publisher.desk.refusals.RefusalsInWords",
    "publisher.desk.own_cases.OwnCases",
]
ROOT_URLCONF = "publisher.urls"
WSGI_APPLICATION = "publisher.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "publisher.desk.context.office",
            ]
        },
    }
]

_sqlite = f"sqlite:///{FOLDER / 'publisher.sqlite3'}" if FOLDER else "sqlite://:memory:"
DATABASES = {"default": database.of_url(os.environ.get("DATABASE_URL") or _sqlite)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = "publisher.workers.sqlite_in_turn"
    # WAL lets readers work beside the writer. IMMEDIATE takes the write lock when a transaction begins: with the
    # default a transaction that reads and then writes fails at once with "database is locked", busy timeout or not.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 120,  # should its turn not help, a process may still lose the one write lock many times
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    # A process that is stopped (SIGSTOP, a frozen host) within a transaction would keep its locks, and the chain's
    # head with them, from everybody else: the server ends it, and what it had not committed never was.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c idle_in_transaction_session_timeout=30s")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": "publisher.desk.passwords.Foreseeable"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
SESSION_ENGINE = "publisher.desk.sessions"
SESSION_COOKIE_AGE = 8 * 3600  # one shift
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
if OFFICE and OFFICE.web.address.startswith("https://"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = OFFICE.identity.zone if OFFICE else "Europe/London"

# An upload always has a path: it is hashed and probed from the disk, never held in memory.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

STATIC_URL = "/static/"
# Served straight from the installed package, so that a read-only installation needs no collecting step.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# An exercise office mails nobody: what it would send lies in its folder.
if OFFICE and OFFICE.mail.host and not OFFICE.identity.exercise:
    EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS = OFFICE.mail.host, OFFICE.mail.port, OFFICE.mail.tls
    EMAIL_HOST_USER = os.environ.get("PUBLISHER_MAIL_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("PUBLISHER_MAIL_PASSWORD", "")
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str((FOLDER or Path.cwd()) / "mail")
DEFAULT_FROM_EMAIL = OFFICE.mail.sender if OFFICE else "publisher@localhost"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "publisher.logs.Discreet", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("PUBLISHER_LOG", "WARNING")},
    "loggers": {
        **{name: {"level": "ERROR"} for name in QUIET},
        # Without Django's own handlers, one of which mails every failed request with its settings and variables.
        "django": {"level": "INFO", "handlers": []},
    },
}
