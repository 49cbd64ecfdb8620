"""`connect`: a platform account's consent, given once by a person; and the word that its comments are off."""

from __future__ import annotations

import threading
import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.session import As, AsJson, Session, act, enter
from publisher.configuration.os_user import os_user
from publisher.output import Declined, aside, say, tell

if TYPE_CHECKING:
    from pressqueue.actors import Actor
    from publisher.destinations.base import Account

WAIT = 300  # seconds for somebody to agree in the browser


def register(app: typer.Typer) -> None:
    app.command("connect")(connect)


def connect(
    context: typer.Context,
    destination: Annotated[str, typer.Argument(metavar="DESTINATION", help="A destination of the configuration.")],
    comments_off: Annotated[
        bool,
        typer.Option("--comments-off", help="Attest, for 30 days, that new videos there have comments off by default."),
    ] = False,
    evidence: Annotated[
        Path | None,
        typer.Option(
            help="With --comments-off: a picture (JPEG, PNG) or PDF of the channel's settings as they are now."
        ),
    ] = None,
    by_hand: Annotated[
        bool, typer.Option("--by-hand", help="Type the code the platform shows: for a machine no browser reaches.")
    ] = False,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Have the account's owner agree in a browser, and keep the token encrypted; or attest that comments are off."""
    from pressqueue.destination_names import name_of

    session = enter(context)
    actor = act(session, user)
    if destination not in session.office.destinations:
        there = ", ".join(session.office.destinations) or "none"
        raise Declined(f"There is no destination {destination}. {session.office.file} has: {there}.")
    if comments_off:
        _attest(session, actor, destination, evidence)
        message = f"Attested for 30 days: comments are off by default on {name_of(destination)}."
        tell({"destination": destination, "comments_off": True}, as_json, lambda: message)
        return
    _demand_administrator(actor)
    token = _consent(session, destination, by_hand)
    _keep(session, actor.officer_id, destination, token)
    who = token.get("channel_title") or token.get("fullname") or token.get("username") or "the account"
    message = f"{name_of(destination)} is connected to {who}."
    tell({"destination": destination, "account": who}, as_json, lambda: message)


def _attest(session: Session, actor: Actor, destination: str, evidence: Path | None) -> None:
    """With what shows that comments are off, kept in the vault. Raises Declined where that is missing."""
    from pressqueue import powers
    from pressqueue.moves import platform_accounts
    from publisher.media.errors import BadMedia
    from publisher.media.vault import Vault
    from publisher.publishing import intake

    powers.demand(actor, "attest_comments_closed")  # before anything is kept
    if evidence is None or not evidence.is_file():
        raise Declined("Name a picture or PDF of the channel's settings: --evidence FILE.")
    vault = Vault(session.office.media / "originals")
    try:
        with intake.form_of(actor, None, evidence, evidence.name, vault, session.now) as kept:
            platform_accounts.attest_comments_closed(actor, destination, kept, now=session.now)
    except BadMedia as bad:
        raise Declined(f"{bad.message} ({evidence})") from None


def _demand_administrator(actor: Actor) -> None:
    """Whose account everything goes out on is no author's decision, nor an approver's."""
    from pressqueue.models import Officer

    if not Officer.objects.filter(pk=actor.officer_id or 0, administrator=True).exists():
        raise Declined("Only an administrator connects an account. Attesting --comments-off takes an author.")


def _consent(session: Session, destination: str, by_hand: bool) -> dict[str, str]:
    from publisher.destinations.plugin import Browser
    from publisher.workers import plugins
    from publisher.workers.quota import Ledger
    from publisher.workers.worker import account_of

    plugin = plugins.known(session.office, destination)
    if plugin.consent is None:
        raise Declined(f"{destination} ({session.office.destinations[destination].kind}) needs no consent.")
    account = account_of(session.office, session.secrets, destination, Ledger(destination, lambda: session.now))
    _demand_keys(session, account, plugin.client_keys)
    return plugin.consent(replace(account, token=None), Browser(_open, _ask, by_hand, WAIT))


def _demand_keys(session: Session, account: Account, needed: tuple[str, ...]) -> None:
    if missing := [name for name in needed if not account.client.get(name)]:
        place = session.office.folder / "secrets.toml"
        raise Declined(
            f"{account.name} needs its client's {missing[0]}: put it into {place} under [clients.{account.name}]."
        )


def _keep(session: Session, officer_id: int | None, destination: str, token: dict[str, str]) -> None:
    from pressqueue.actors import Actor
    from pressqueue.audit import moving
    from pressqueue.moves import accounts
    from publisher.workers.token_store import TokenStore

    with moving(Actor(officer_id, "cli", shell=os_user()), session.now) as log:
        TokenStore(session.secrets.seal_key).save(destination, token)
        accounts.reconnected(destination, session.now)
        log.note("account_connected", destination=destination)


def _open(address: str) -> None:
    say(f"Open this address and agree: {address}")
    # Beside us: a browser in the terminal comes back only when it is closed, and we must hear its answer before.
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _ask(question: str) -> str:
    aside.print(f"{question}: ", end="", markup=False, soft_wrap=True)  # typer's prompt puts a space on stdout
    try:
        return input()
    except EOFError:
        raise Declined("Nothing was typed, so nothing is connected. Run the command again.") from None
