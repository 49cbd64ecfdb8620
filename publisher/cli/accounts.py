"""`connect`: a platform account's consent, given once by a person; and the word that its comments are off."""

from __future__ import annotations

import http.server
import secrets as random_source
import threading
import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, urlsplit

import typer

from publisher.cli.session import As, AsJson, Open, act, enter
from publisher.configuration.os_user import os_user
from publisher.output import Declined, say, tell

if TYPE_CHECKING:
    from pressqueue.actors import Actor
    from publisher.destinations.base import Account

WAIT = 300  # seconds for somebody to agree in the browser


def register(app: typer.Typer) -> None:
    app.command("connect")(connect)


def connect(
    context: typer.Context,
    destination: Annotated[str, typer.Argument(metavar="flickr|youtube", help="A destination of the configuration.")],
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
        bool, typer.Option("--by-hand", help="Flickr: type the code over, where no browser reaches this machine.")
    ] = False,
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Have the account's owner agree in a browser, and keep the token encrypted; or attest that comments are off."""
    here = enter(context)
    actor = act(here, user)
    if destination not in here.office.destinations:
        there = ", ".join(here.office.destinations) or "none"
        raise Declined(f"There is no destination {destination}. {here.office.file} has: {there}.")
    if comments_off:
        _attest(here, actor, destination, evidence)
        words = f"Attested for 30 days: comments are off by default on {destination}."
        tell({"destination": destination, "comments_off": True}, as_json, lambda: words)
        return
    _demand_administrator(actor)
    token = _consent(here, destination, by_hand)
    _keep(here, actor.officer_id, destination, token)
    who = token.get("channel_title") or token.get("fullname") or token.get("username") or "the account"
    tell({"destination": destination, "account": who}, as_json, lambda: f"{destination} is connected to {who}.")


def _attest(here: Open, actor: Actor, destination: str, evidence: Path | None) -> None:
    """With what shows that comments are off, kept in the vault. Raises Declined where that is missing."""
    from pressqueue import powers
    from pressqueue.moves import platform_accounts
    from publisher.media.errors import BadMedia
    from publisher.media.vault import Vault
    from publisher.publishing import intake

    powers.demand(actor, "attest_comments_closed")  # before anything is kept
    if evidence is None or not evidence.is_file():
        raise Declined("Name a picture or PDF of the channel's settings: --evidence FILE.")
    vault = Vault(here.office.media / "originals")
    try:
        with intake.form_of(actor, None, evidence, evidence.name, vault, here.now) as kept:
            platform_accounts.attest_comments_closed(actor, destination, kept, now=here.now)
    except BadMedia as bad:
        raise Declined(f"{bad.words} ({evidence})") from None


def _demand_administrator(actor: Actor) -> None:
    """Whose account everything goes out on is no author's decision, nor an approver's."""
    from pressqueue.models import Officer

    if not Officer.objects.filter(pk=actor.officer_id or 0, administrator=True).exists():
        raise Declined("Only an administrator connects an account. Attesting --comments-off takes an author.")


def _consent(here: Open, destination: str, by_hand: bool) -> dict[str, str]:
    from publisher.workers.quota import Ledger
    from publisher.workers.worker import account_of

    kind = here.office.destinations[destination].kind
    if kind not in ("flickr", "youtube"):
        raise Declined(f"{destination} ({kind}) needs no consent.")
    account = account_of(here.office, here.secrets, destination, Ledger(destination, lambda: here.now))
    _demand_keys(here, account, kind)
    if kind == "youtube":
        from publisher.destinations.youtube import plugin as youtube

        return youtube.consent(replace(account, token=None), _open, timeout=WAIT)
    return _flickr_by_hand(account) if by_hand else _flickr(account)


def _demand_keys(here: Open, account: Account, kind: str) -> None:
    needed = ("key", "secret") if kind == "flickr" else ("client_id", "client_secret")
    if missing := [name for name in needed if not account.client.get(name)]:
        place = here.office.folder / "secrets.toml"
        raise Declined(
            f"{account.name} needs its client's {missing[0]}: put it into {place} under [clients.{account.name}]."
        )


def _keep(here: Open, officer_id: int | None, destination: str, token: dict[str, str]) -> None:
    from pressqueue.actors import Actor
    from pressqueue.audit import moving
    from pressqueue.moves import accounts
    from publisher.workers.token_store import TokenStore

    with moving(Actor(officer_id, "cli", shell=os_user()), here.now) as log:
        TokenStore(here.secrets.seal_key).save(destination, token)
        accounts.reconnected(destination, here.now)
        log.note("account_connected", destination=destination)


def _open(address: str) -> None:
    say(f"Open this address and agree: {address}")
    # Beside us: a browser in the terminal comes back only when it is closed, and we must hear its answer before.
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _flickr_by_hand(account: Account) -> dict[str, str]:
    from publisher.destinations.flickr import plugin as flickr

    address, token, secret = flickr.begin(account, "oob")
    say(f"Open this address and agree: {address}")
    return flickr.finish(account, token, secret, str(typer.prompt("The code Flickr shows", err=True)).strip())


def _flickr(account: Account) -> dict[str, str]:
    from publisher.destinations.flickr import plugin as flickr

    with _Answer() as answer:
        address, token, secret = flickr.begin(account, answer.address)
        _open(address)
        verifier = answer.wait(token)
    return flickr.finish(account, token, secret, verifier)


class _Answer:
    """Waits on loopback for the browser to come back from the platform with a verifier.

    The path is random, so that no other page can hand in an answer of its own.
    """

    def __init__(self) -> None:
        self._path = f"/{random_source.token_urlsafe(16)}"
        self._came = threading.Event()
        self._given: dict[str, list[str]] = {}
        self._server = http.server.HTTPServer(("127.0.0.1", 0), self._visit())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1})

    def __enter__(self) -> _Answer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{self._path}"

    def wait(self, request_token: str) -> str:
        """The verifier for this request token. Raises Declined where nobody agreed in time."""
        if not self._came.wait(WAIT):
            raise Declined(f"Nobody agreed within {WAIT} seconds. Run the command again.")
        verifiers, tokens = self._given.get("oauth_verifier"), self._given.get("oauth_token")
        if not verifiers or tokens != [request_token]:
            raise Declined("The browser came back without Flickr's answer to this question. Run the command again.")
        return verifiers[0]

    def _visit(self) -> type[http.server.BaseHTTPRequestHandler]:
        waiting = self

        class Visit(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                address = urlsplit(self.path)
                ours = address.path == waiting._path
                page = b"Publisher has its answer. You may close this window." if ours else b"Not here."
                self.send_response(200 if ours else 404)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)
                if ours:
                    waiting._given = parse_qs(address.query)
                    waiting._came.set()

            def log_message(self, *_: object) -> None:
                """Say nothing: the address holds the verifier."""

        return Visit
