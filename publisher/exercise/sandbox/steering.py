"""The control address: how a test or a demonstration steers the stand-in and reads what it holds.

It answers to the run's secret only, and to a loopback Host only, so that no page in a browser can use it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from publisher.exercise.sandbox import planting
from publisher.exercise.sandbox.flickr import oauth as flickr_oauth
from publisher.exercise.sandbox.records import Album, Thing, Token
from publisher.exercise.sandbox.wire import Reply, Request, json_reply
from publisher.exercise.sandbox.youtube import oauth as google_oauth

if TYPE_CHECKING:
    from publisher.exercise.sandbox.world import World

PATH = "/control/"
Verb = Callable[["World", dict[str, Any]], Any]


def serve(world: World, request: Request) -> Reply:
    """Do what one control request asks: POST /control/<verb> with a JSON object."""
    given = request.headers.get("X-Sandbox-Secret", "")
    raw = request.small_body()
    if request.method != "POST" or not hmac.compare_digest(given.encode(), world.secret.encode()):
        return json_reply({"error": "The control address wants this run's secret."}, 403, "forbidden")
    verb = _VERBS.get(request.path.removeprefix(PATH))
    if verb is None:
        return json_reply({"error": f"There is no {request.path}."}, 404, "unknown verb")
    try:
        world.ripen()
        return json_reply({"answer": verb(world, json.loads(raw or b"{}"))})
    except (KeyError, TypeError, ValueError) as error:
        return json_reply({"error": str(error)}, 400, "refused")


def _settings(world: World, changes: dict[str, Any]) -> Any:
    world.change(changes)
    return asdict(world.settings)


def _mint_flickr(world: World, given: dict[str, Any]) -> dict[str, str]:
    token = flickr_oauth.mint(world, given.get("perms", "delete"))
    settings = world.settings
    return {
        "token": token.id.removeprefix("flickr-access/"),
        "secret": token.secret,
        "nsid": settings.flickr_nsid,
        "username": settings.flickr_username,
        "fullname": settings.flickr_fullname,
        "perms": token.perms,
    }


def _mint_google(world: World, given: dict[str, Any]) -> dict[str, str]:
    scope = given.get("scope", google_oauth.FORCE_SSL)
    return {
        "refresh_token": google_oauth.mint(world, scope).id.removeprefix("google-refresh/"),
        "client_id": world.settings.google_client_id,
        "client_secret": world.settings.google_client_secret,
    }


def _revoke(world: World, platform: str) -> int:
    """Revoke every token of that platform, as its owner would in the account's settings."""
    with world.lock:
        tokens = [one for one in world.ledger.every(Token) if one.kind.startswith(platform) and not one.revoked]
        for token in tokens:
            token.revoked = True
            world.ledger.put(token)
    return len(tokens)


def _requests(world: World, given: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = given.get("operation")
    return [one for one in world.ledger.requests() if wanted in (None, one["operation"])]


def _things(world: World, given: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything ever stored, deleted or not, oldest first."""
    wanted = given.get("platform")
    with world.lock:
        return [_thing(world, one) for one in world.ledger.every(Thing) if wanted in (None, one.platform)]


def _thing(world: World, thing: Thing) -> dict[str, Any]:
    albums = [
        one.id
        for one in world.ledger.every(Album)
        if one.platform == thing.platform and one.deleted is None and thing.id in one.things
    ]
    shown = asdict(thing)
    parts = shown.pop("parts")
    return {
        **{name: value for name, value in shown.items() if name not in ("ready_at", "held", "thumbnail")},
        "processing": thing.processing(world.now()),
        "albums": albums,
        "comments": parts.get("perm_comment"),
        "licence": parts.get("licence", parts.get("license")),
        "safety": parts.get("safety"),
        "parts": parts,
    }


def _release(world: World, given: dict[str, Any]) -> None:
    world.faults.release(given.get("id"))


_VERBS: dict[str, Verb] = {
    "settings": _settings,
    "advance": lambda world, given: world.advance(float(given["seconds"])),
    "now": lambda world, _: world.now(),
    "mint_flickr_token": _mint_flickr,
    "mint_google_token": _mint_google,
    "revoke_flickr": lambda world, _: _revoke(world, "flickr-access"),
    "revoke_google": lambda world, _: _revoke(world, "google"),
    "fault": lambda world, given: world.faults.plan(given),
    "clear_faults": lambda world, given: world.faults.clear(given.get("id")),
    "met": lambda world, _: world.faults.met(),
    "held": lambda world, _: world.faults.held(),
    "release": _release,
    "requests": _requests,
    "things": _things,
    "albums": lambda world, _: [asdict(one) for one in world.ledger.every(Album)],
    "plant": lambda world, given: planting.plant(world, **given),
    "edit": lambda world, given: planting.edit(world, **given),
    "edit_album": lambda world, given: planting.edit_album(world, **given),
    "delete": lambda world, given: planting.delete(world, **given),
}
