"""Google's consent page and token endpoint: authorisation code with PKCE, and refresh.

Errors are OAuth's own envelope (`{"error": ..., "error_description": ...}`), not the Data API's.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode, urlsplit

from publisher.exercise.sandbox.consent import asked
from publisher.exercise.sandbox.records import Token
from publisher.exercise.sandbox.spoiled import under_faults
from publisher.exercise.sandbox.wire import Reply, Request, html_reply, json_reply, redirect

if TYPE_CHECKING:
    from publisher.exercise.sandbox.world import World

AUTH_PATH = "/o/oauth2/auth"
TOKEN_PATH = "/token"  # noqa: S105 - a path
FORCE_SSL = "https://www.googleapis.com/auth/youtube.force-ssl"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CARRIED = ("client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "access_type")


def serve(world: World, request: Request) -> Reply:
    """Answer either address."""
    form = dict(request.form())
    if request.path == TOKEN_PATH:
        request.operation = "google.token"
        request.fields = {"grant_type": form.get("grant_type", "")}
        return under_faults(world, request, lambda: _token(world, request, form))
    request.operation = "google.auth"
    given = {**dict(request.query), **form}
    return under_faults(world, request, lambda: _consent(world, request, given))


def mint(world: World, scope: str = FORCE_SSL) -> Token:
    """A new refresh token, as after a person's consent."""
    token = Token(
        id=f"google-refresh/1//{secrets.token_urlsafe(32)}",
        kind="google-refresh",
        perms=scope,
        created=world.now(),
    )
    world.ledger.put(token)
    return token


def _consent(world: World, request: Request, given: dict[str, str]) -> Reply:
    """The page a person sees; agreed to by its button, or at once where the stand-in is set so."""
    if given.get("client_id") != world.settings.google_client_id or given.get("response_type") != "code":
        return html_reply(400, "Error 400: invalid_request")
    back = given.get("redirect_uri", "")
    if urlsplit(back).hostname not in _LOOPBACK or urlsplit(back).scheme != "http":
        return html_reply(400, "Error 400: redirect_uri_mismatch")
    if given.get("code_challenge_method", "S256") != "S256":
        return html_reply(400, "Error 400: invalid_request")
    if request.method != "POST" and not world.settings.auto_consent:
        message = f"An application asks to manage the channel {world.settings.channel_title}: {given.get('scope', '')}"
        return asked("Google (sandbox)", message, AUTH_PATH, {name: given.get(name, "") for name in _CARRIED})
    code = Token(
        id=f"google-code/4/{secrets.token_urlsafe(24)}",
        kind="google-code",
        perms=world.settings.granted_scopes or given.get("scope", ""),
        created=world.real_now(),
        parts={name: given.get(name, "") for name in ("redirect_uri", "code_challenge", "access_type")},
    )
    world.ledger.put(code)
    answer = {"state": given.get("state", ""), "code": code.id.removeprefix("google-code/"), "scope": code.perms}
    return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode(answer)}")


def _token(world: World, request: Request, form: dict[str, str]) -> Reply:
    if request.method != "POST":
        return _refused(405, "invalid_request", "Only POST is allowed")
    settings = world.settings
    form = {**form, **_basic(request)}
    if form.get("client_id") != settings.google_client_id:
        return _refused(401, "invalid_client", "The OAuth client was not found.")
    if form.get("client_secret") != settings.google_client_secret:
        return _refused(401, "invalid_client", "Unauthorized")
    with world.lock:
        if form.get("grant_type") == "authorization_code":
            return _exchanged(world, form)
        if form.get("grant_type") == "refresh_token":
            return _refreshed(world, form)
    return _refused(400, "unsupported_grant_type", "Invalid grant_type")


def _basic(request: Request) -> dict[str, str]:
    """The client's keys from HTTP Basic (RFC 6749, 2.3.1), as requests-oauthlib sends them; {} without."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return {}
    client_id, _, secret = b64decode(value).decode("utf-8", "replace").partition(":")
    return {"client_id": unquote(client_id), "client_secret": unquote(secret)}


def _exchanged(world: World, form: dict[str, str]) -> Reply:
    """A code for tokens, once; the refresh token comes with offline access only."""
    code = world.ledger.get(Token, f"google-code/{form.get('code', '')}")
    if code is None:
        return _refused(400, "invalid_grant", "Malformed auth code.")
    world.ledger.drop(code)
    if form.get("redirect_uri") != code.parts["redirect_uri"]:
        return _refused(400, "redirect_uri_mismatch", "Bad Request")
    if code.parts["code_challenge"] and _challenge(form.get("code_verifier", "")) != code.parts["code_challenge"]:
        return _refused(400, "invalid_grant", "Invalid code verifier.")
    refresh = mint(world, code.perms)
    answer = _granted(world, refresh)
    if code.parts["access_type"] == "offline":
        answer["refresh_token"] = refresh.id.removeprefix("google-refresh/")
    return json_reply(answer)


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _refreshed(world: World, form: dict[str, str]) -> Reply:
    refresh = world.ledger.get(Token, f"google-refresh/{form.get('refresh_token', '')}")
    if refresh is None or refresh.revoked:
        return _refused(400, "invalid_grant", "Token has been expired or revoked.")
    return json_reply(_granted(world, refresh))


def _granted(world: World, refresh: Token) -> dict[str, object]:
    """A new access token for that consent."""
    value = f"ya29.{secrets.token_urlsafe(32)}"
    access = Token(
        id=f"google-access/{value}",
        kind="google-access",
        perms=refresh.perms,
        created=world.real_now(),
        parts={"until": world.real_now() + world.settings.access_token_seconds, "refresh": refresh.id},
    )
    world.ledger.put(access)
    seconds = int(world.settings.access_token_seconds)
    return {"access_token": value, "expires_in": seconds, "scope": refresh.perms, "token_type": "Bearer"}


def _refused(code: int, error: str, message: str) -> Reply:
    return json_reply({"error": error, "error_description": message}, code, error)
