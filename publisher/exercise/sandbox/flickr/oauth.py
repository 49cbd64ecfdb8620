"""Flickr's OAuth 1.0a in three steps: request token, a person's consent, access token."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from publisher.exercise.sandbox import oauth1
from publisher.exercise.sandbox.consent import asked, shown
from publisher.exercise.sandbox.flickr.api import RANKS, once_only
from publisher.exercise.sandbox.naming import numeric_id
from publisher.exercise.sandbox.records import Token
from publisher.exercise.sandbox.spoiled import under_faults
from publisher.exercise.sandbox.wire import Pairs, Reply, Request, html_reply, redirect, text_reply

if TYPE_CHECKING:
    from publisher.exercise.sandbox.world import World

PATH = "/services/oauth/"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(world: World, request: Request) -> Reply:
    """Answer one of the three addresses."""
    step = request.path.removeprefix(PATH).strip("/")
    request.operation = f"flickr.oauth.{step}"
    form = request.form()
    given = dict([*request.query, *form])
    request.fields = {name: value for name, value in given.items() if name in ("perms", "oauth_callback")}
    steps = {
        "request_token": lambda: _request_token(world, request, form),
        "access_token": lambda: _access_token(world, request, form),
        "authorize": lambda: _authorize(world, request, given),
    }
    if step not in steps:
        return html_reply(404, "Not Found")
    return under_faults(world, request, steps[step])


def mint(world: World, perms: str) -> Token:
    """A new access token with those permissions."""
    token = Token(
        id=f"flickr-access/{numeric_id('721577', 17)}-{secrets.token_hex(8)}",
        kind="flickr-access",
        secret=secrets.token_hex(8),
        perms=perms,
        created=world.now(),
    )
    world.ledger.put(token)
    return token


def _checked(world: World, request: Request, form: Pairs, token: Token | None) -> oauth1.Signed:
    signed = oauth1.claimed(request, form)
    if signed is None:
        raise oauth1.problem("parameter_absent", oauth_parameters_absent="oauth_consumer_key")
    if signed.oauth.get("oauth_consumer_key") != world.settings.flickr_key:
        raise oauth1.problem("consumer_key_unknown")
    oauth1.verify(request, signed, world.settings.flickr_secret, token.secret if token else "")
    once_only(world, signed.oauth["oauth_nonce"], signed.token)
    return signed


def _request_token(world: World, request: Request, form: Pairs) -> Reply:
    with world.lock:
        signed = _checked(world, request, form, None)
        callback = signed.oauth.get("oauth_callback", "")
        if not callback:
            raise oauth1.problem("parameter_absent", oauth_parameters_absent="oauth_callback")
        token = Token(
            id=f"flickr-request/{numeric_id('721577', 17)}-{secrets.token_hex(8)}",
            kind="flickr-request",
            secret=secrets.token_hex(8),
            created=world.now(),
            parts={"callback": callback},
        )
        world.ledger.put(token)
    name = token.id.removeprefix("flickr-request/")
    return text_reply(200, f"oauth_callback_confirmed=true&oauth_token={name}&oauth_token_secret={token.secret}")


def _authorize(world: World, request: Request, given: dict[str, str]) -> Reply:
    """The page a person sees; agreed to by its button, or at once where the stand-in is set so."""
    name, perms = given.get("oauth_token", ""), given.get("perms", "read")
    token = world.ledger.get(Token, f"flickr-request/{name}")
    if token is None or perms not in RANKS:
        return html_reply(404, "This request for permission is not known")
    if request.method != "POST" and not world.settings.auto_consent:
        words = f"An application asks for {perms} permission on the account {world.settings.flickr_username}."
        return asked("Flickr (sandbox)", words, f"{PATH}authorize", {"oauth_token": name, "perms": perms})
    with world.lock:
        callback = str(token.parts["callback"])
        verifier = "-".join(numeric_id("", 3) for _ in range(3)) if callback == "oob" else secrets.token_hex(8)
        token.perms, token.parts["verifier"] = perms, verifier
        world.ledger.put(token)
    if callback == "oob":
        return shown("Flickr (sandbox)", "Type this code into the application:", verifier)
    if urlsplit(callback).hostname not in _LOOPBACK:
        return html_reply(403, "This stand-in calls back to loopback only")
    joint = "&" if "?" in callback else "?"
    return redirect(f"{callback}{joint}{urlencode({'oauth_token': name, 'oauth_verifier': verifier})}")


def _access_token(world: World, request: Request, form: Pairs) -> Reply:
    claimed = oauth1.claimed(request, form)
    name = claimed.token if claimed else ""
    with world.lock:
        asked_for = world.ledger.get(Token, f"flickr-request/{name}")
        if claimed is not None and asked_for is None:
            raise oauth1.problem("token_rejected")
        signed = _checked(world, request, form, asked_for)
        if asked_for is None or signed.oauth.get("oauth_verifier", "") != asked_for.parts.get("verifier"):
            raise oauth1.problem("verifier_invalid")
        world.ledger.drop(asked_for)
        token = mint(world, asked_for.perms)
    return text_reply(200, "&".join(f"{key}={quote(value, safe='')}" for key, value in granted(world, token)))


def granted(world: World, token: Token) -> list[tuple[str, str]]:
    """What access_token answers, in its order; the permissions are not among it."""
    settings = world.settings
    return [
        ("fullname", settings.flickr_fullname),
        ("oauth_token", token.id.removeprefix("flickr-access/")),
        ("oauth_token_secret", token.secret),
        ("user_nsid", settings.flickr_nsid),
        ("username", settings.flickr_username),
    ]
