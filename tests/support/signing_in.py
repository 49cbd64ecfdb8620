"""Accounts with a password or a one-time code, and who types them at the desk's door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.test import Client

from pressqueue.models import Officer, SignInCode
from pressqueue.moves.officers import digest

PASSWORD = "a long pass phrase for tests"


def account(username: str = "chidi", **roles: bool) -> Officer:
    return Officer.objects.create_user(username, "Chidi", PASSWORD, **roles)


def sign_in(client: Client, username: str, password: str, **extra: str) -> object:
    return client.post("/sign-in/", {"username": username, "password": password}, **extra)


def a_code(officer: Officer, value: str = "code-1", life: timedelta = timedelta(hours=1)) -> str:
    SignInCode.objects.create(officer=officer, digest=digest(value), expires_at=datetime.now(UTC) + life)
    return value


def redeem(client: Client, username: str, code: str, password: str = PASSWORD) -> object:
    form = {"username": username, "code": code, "password": password, "again": password}
    return client.post("/set-password/", form)
