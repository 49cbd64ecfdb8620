"""Where a command works, and for whom: the office, and the person a token (or, in an exercise, --as) names."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from publisher.configuration.office_file import Office
from publisher.configuration.os_user import os_user
from publisher.configuration.secret_store import Secrets
from publisher.output import Declined
from publisher.setup import bootstrap

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from pressqueue.actors import Actor
    from pressqueue.models import Officer, PersonalToken

Row = TypeVar("Row", bound="Model")
TOKEN = "PUBLISHER_TOKEN"  # noqa: S105  # the variable's name

AsJson = Annotated[bool, typer.Option("--json", help="Answer one JSON object on stdout, and nothing else there.")]
As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="USER", help="Act for this account. Exercise offices only; elsewhere PUBLISHER_TOKEN."
    ),
]


@dataclass(slots=True)
class Named:
    """What the command line named before the command."""

    folder: Path | None = None
    config: Path | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """An open office. `now` is the moment the command began, by the clock leases are compared by."""

    office: Office
    secrets: Secrets
    now: datetime


def folder(context: typer.Context) -> Path:
    return bootstrap.find_folder(context.ensure_object(Named).folder)


def enter(context: typer.Context) -> Session:
    """Open the office the command was given. Raises what `bootstrap.open_office` raises."""
    named = context.ensure_object(Named)
    office, secrets = bootstrap.open_office(bootstrap.find_folder(named.folder), config=named.config)
    from pressqueue.moves.leases import database_now
    from publisher.cli.patience import speak_up

    speak_up()
    return Session(office, secrets, database_now())


def act(session: Session, user: str | None) -> Actor:
    """Whom a changing command acts for. Raises Declined where nobody may be named so."""
    from pressqueue.actors import Actor

    officer = _named_officer(session, user) if user is not None else _token_holder(session)
    return Actor(officer.pk, "cli", shell=os_user())


def numbered(rows: QuerySet[Row], number: int, what: str, where: str) -> Row:
    """The one row with this number. Raises Declined, which says where the numbers are shown."""
    found: Row | None = rows.filter(pk=number).first()
    if found is None:
        raise Declined(f"There is no {what} {number}. {where}")
    return found


def _named_officer(session: Session, user: str) -> Officer:
    from pressqueue.models import Officer

    if not session.office.identity.exercise:
        raise Declined(
            f"--as exists in exercise offices only. Make a token at the desk (Command-line tokens), put it in {TOKEN}."
        )
    officer = Officer.objects.filter(username=user).first()
    if officer is None:
        names = ", ".join(Officer.objects.order_by("username").values_list("username", flat=True))
        raise Declined(f"There is no account {user}. There are: {names}.")
    return _active(officer)


def vouching(session: Session, user: str, variable: str) -> Officer:
    """The account `user`, which must hold the token in the environment's `variable`; in an exercise its name will do.

    Raises Declined.
    """
    if session.office.identity.exercise:
        return _named_officer(session, user)
    officer = _token_holder(session, variable)
    if officer.username != user:
        raise Declined(f"The token in {variable} is not {user}'s.")
    return officer


def _token_holder(session: Session, variable: str = TOKEN) -> Officer:
    value = os.environ.get(variable, "").strip()
    if not value:
        way = " or, in this exercise office, say --as USER" if session.office.identity.exercise else ""
        raise Declined(f"Who is acting? Put your command-line token in {variable}{way}.")
    return _active(_valid_token(value, session.now, variable).officer)


def _valid_token(value: str, now: datetime, variable: str) -> PersonalToken:
    from pressqueue.models import PersonalToken

    digest = hashlib.sha256(value.encode()).hexdigest()
    token = PersonalToken.objects.select_related("officer").filter(digest=digest).first()
    again = "Make a new one at the desk (Command-line tokens)."
    if token is None:
        raise Declined(f"The token in {variable} is not one of this office. {again}")
    if token.revoked_at is not None:
        raise Declined(f"The token in {variable} (“{token.label}”) was revoked. {again}")
    if token.expires_at <= now:
        raise Declined(f"The token in {variable} (“{token.label}”) ran out on {token.expires_at:%d %B %Y}. {again}")
    if token.scope == "read":
        raise Declined(f"The token in {variable} (“{token.label}”) may only read. {again}")
    return token


def _active(officer: Officer) -> Officer:
    if not officer.is_active:
        raise Declined(f"The account {officer.username} is disabled.")
    return officer
