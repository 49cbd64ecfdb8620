"""YouTube's Data API: who calls, what it costs, which method answers.

Methods are small functions in `youtube_videos`, `youtube_playlists` and `youtube_extras`; bytes come in
through `youtube_upload`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from publisher.exercise.sandbox.records import Thing, Token
from publisher.exercise.sandbox.spoiled import under_faults
from publisher.exercise.sandbox.wire import Reply, Request, json_reply
from publisher.exercise.sandbox.world import PACIFIC
from publisher.exercise.sandbox.youtube.errors import Refusal, channel_full, daily_limit, pool_empty, unauthorised

if TYPE_CHECKING:
    from publisher.exercise.sandbox.world import World

PATH = "/youtube/v3/"
SCOPE = "https://www.googleapis.com/auth/"
# Which scopes each method takes, from the discovery document (revision 20261104).
_MANAGE = frozenset({"youtube", "youtube.force-ssl", "youtubepartner"})
_READ = _MANAGE | {"youtube.readonly"}
_UPLOAD = _MANAGE | {"youtube.upload"}
_CAPTIONS = frozenset({"youtube.force-ssl", "youtubepartner"})

# operation: (units, accepted scopes). Units as in determine_quota_cost since 2026-06-01.
RULES: dict[str, tuple[int, frozenset[str]]] = {
    "videos.list": (1, _READ),
    "videos.insert": (1, _UPLOAD),
    "videos.update": (50, _MANAGE),
    "videos.delete": (50, _MANAGE),
    "channels.list": (1, _READ),
    "playlists.list": (1, _READ),
    "playlists.insert": (50, _MANAGE),
    "playlists.update": (50, _MANAGE),
    "playlists.delete": (50, _MANAGE),
    "playlistItems.list": (1, _READ),
    "playlistItems.insert": (50, _MANAGE),
    "playlistItems.delete": (50, _MANAGE),
    "thumbnails.set": (50, _UPLOAD),
    "captions.list": (50, _CAPTIONS),
    "captions.insert": (400, _CAPTIONS),
    "captions.delete": (50, _CAPTIONS),
}
_VERBS = {"GET": "list", "POST": "insert", "PUT": "update", "DELETE": "delete"}


@dataclass(slots=True)
class Ask:
    """One authenticated call: its query, its JSON body, the parts it names."""

    world: World
    request: Request
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> float:
        return self.world.now()

    def get(self, name: str, default: str = "") -> str:
        return self.request.argument(name, default)

    @property
    def parts(self) -> list[str]:
        """`part`, repeated or with commas. Raises Refusal where there is none."""
        named = [one for name, value in self.request.query if name == "part" for one in value.split(",") if one]
        if not named:
            raise Refusal(400, "missingRequiredParameter", "No filter selected. Expected one of: part", "global")
        return named

    def section(self, name: str) -> dict[str, Any]:
        """One part of the body, {} where it was not sent."""
        value = self.body.get(name)
        return value if isinstance(value, dict) else {}


Method = Callable[[Ask], Any]
_METHODS: dict[str, Method] = {}


def method(operation: str) -> Callable[[Method], Method]:
    """Register a method under its operation, such as `videos.list`."""

    def registered(function: Method) -> Method:
        _METHODS[operation] = function
        return function

    return registered


def serve(world: World, request: Request) -> Reply:
    """Answer one JSON call."""
    resource = request.path.removeprefix(PATH).strip("/")
    operation = f"{resource}.{_VERBS.get(request.method, request.method)}"
    request.operation = f"youtube.{operation}"
    raw = request.small_body()
    request.fields = {**dict(request.query), "body": raw.decode("utf-8", "replace")}
    return under_faults(world, request, lambda: _answer(world, request, operation, raw))


def _answer(world: World, request: Request, operation: str, raw: bytes) -> Reply:
    with world.lock:
        world.ripen()
        try:
            if operation not in _METHODS:
                raise Refusal(404, "notFound", f"There is no method {operation}", "global")
            refused = unauthorised_reply(world, request, operation)
            if refused is not None:
                return refused
            charge(world, operation)
            answer = _METHODS[operation](Ask(world, request, body_of(raw)))
        except Refusal as refusal:
            return refusal.reply()
    return Reply(204) if answer is None else json_reply(answer)


def body_of(raw: bytes) -> dict[str, Any]:
    """A JSON object, {} for an empty body. Raises Refusal 400 for anything else."""
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refusal(400, "parseError", "Parse Error", "global") from None
    if not isinstance(body, dict):
        raise Refusal(400, "parseError", "Parse Error", "global")
    return body


def unauthorised_reply(world: World, request: Request, operation: str) -> Reply | None:
    """The 401 a request without a live access token gets, None where it has one.

    Raises Refusal 403 where the token's scopes do not reach.
    """
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    token = world.ledger.get(Token, f"google-access/{value}") if kind == "Bearer" else None
    if token is None or token.revoked or token.parts["until"] <= world.real_now():
        return unauthorised()
    granted = {one.removeprefix(SCOPE) for one in token.perms.split()}
    if not granted & RULES[operation][1]:
        raise Refusal(403, "insufficientPermissions", "Request had insufficient authentication scopes.", "global")
    return None


def charge(world: World, operation: str) -> None:
    """Take the operation's units, also for a request that will turn out invalid. Raises Refusal.

    Uploads have a bucket of their own; both end at midnight in Los Angeles.
    """
    settings = world.settings
    units = RULES[operation][0]
    day = datetime.fromtimestamp(world.now(), PACIFIC).date().isoformat()
    if operation == "videos.insert":
        if not world.spend("youtube uploads", day, 1, settings.upload_bucket):
            raise daily_limit(settings.google_project, settings.error_details)
        return
    if not world.spend("youtube units", day, units, settings.general_units):
        raise pool_empty(settings.google_project, settings.error_details)


def within_channel_limit(world: World) -> None:
    """The channel's own rolling day, whatever quota is left. Raises Refusal."""
    limit = world.settings.channel_limit
    since = world.now() - 86_400
    videos = [one for one in world.ledger.every(Thing) if one.platform == "youtube" and one.mine]
    if limit is not None and sum(one.created > since for one in videos) >= limit:
        raise channel_full()
