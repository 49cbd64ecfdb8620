"""Flickr's REST address: who calls, whether the token may, which method answers.

Methods are small functions in `flickr_account`, `flickr_photo_info`, `flickr_photos`, `flickr_listings` and
`flickr_albums`. Importing those registers them, each under its name and with the permission that Flickr's own
reflection gives (flickr-sdk, src/services/rest).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.exercise.sandbox import oauth1
from publisher.exercise.sandbox.flickr.reply import FlickrError, Node, answered, failed
from publisher.exercise.sandbox.records import Thing, Token
from publisher.exercise.sandbox.spoiled import under_faults
from publisher.exercise.sandbox.wire import Pairs, Reply, Request

if TYPE_CHECKING:
    from publisher.exercise.sandbox.world import World

RANKS = {"none": 0, "read": 1, "write": 2, "delete": 3}
PATH = "/services/rest/"


@dataclass(slots=True)
class Call:
    """One authenticated method call: its arguments, and the token it came with (None: unsigned)."""

    world: World
    request: Request
    arguments: dict[str, str]
    token: Token | None

    @property
    def now(self) -> float:
        return self.world.now()

    def get(self, name: str, default: str = "") -> str:
        return self.arguments.get(name, default)

    def flag(self, name: str) -> bool:
        return self.get(name) == "1"

    def number(self, name: str, default: int) -> int:
        """A whole number; anything else counts as left out, as Flickr takes it."""
        value = self.get(name)
        return int(value) if value.isdigit() else default

    def photo(self, code: int = 1, message: str = "Photo not found") -> Thing:
        """Our own photo that `photo_id` names. Another's, and one that is gone, are both not found."""
        thing = self.world.ledger.thing("flickr", self.get("photo_id"))
        if thing is None or thing.deleted is not None or not thing.mine:
            raise FlickrError(code, message)
        return thing

    def keep(self, thing: Thing) -> None:
        """Store a changed photo; it moves to the top of recentlyUpdated."""
        thing.updated = self.now
        self.world.ledger.put(thing)


Method = Callable[[Call], Node | list[Node] | None]
_METHODS: dict[str, tuple[str, Method]] = {}


def method(name: str, perms: str) -> Callable[[Method], Method]:
    """Register a method under Flickr's name for it, with the permission it needs."""

    def registered(function: Method) -> Method:
        _METHODS[name] = (perms, function)
        return function

    return registered


def serve(world: World, request: Request) -> Reply:
    """Answer one call of a REST method."""
    form = request.form()
    arguments = dict([*request.query, *form])
    request.operation = arguments.get("method", "flickr.none")
    request.fields = {name: value for name, value in arguments.items() if not name.startswith("oauth_")}
    return under_faults(world, request, lambda: _answer(world, request, form, arguments))


def _answer(world: World, request: Request, form: Pairs, arguments: dict[str, str]) -> Reply:
    with world.lock:
        try:
            token = authenticated(world, request, form)
            within_hourly_limit(world)
            perms, function = _method(arguments)
            permitted(token, perms, arguments, world)
            return answered(function(Call(world, request, arguments, token)), arguments)
        except FlickrError as error:
            return failed(error.code, error.message, arguments, error.extra)


def _method(arguments: dict[str, str]) -> tuple[str, Method]:
    name = arguments.get("method", "")
    if name not in _METHODS:
        raise FlickrError(112, f'Method "{name}" not found')
    return _METHODS[name]


def authenticated(world: World, request: Request, form: Pairs) -> Token | None:
    """The token a request is signed with, None for an unsigned one.

    Raises AnswerNow(401) for a signature that does not hold, FlickrError 98 for a token revoked.
    """
    signed = oauth1.claimed(request, form)
    if signed is None:
        return None
    if signed.oauth.get("oauth_consumer_key") != world.settings.flickr_key:
        raise FlickrError(100, "Invalid API Key (Key has invalid format)")
    token = world.ledger.get(Token, f"flickr-access/{signed.token}")
    if signed.token and token is None:
        raise oauth1.problem("token_rejected")
    oauth1.verify(request, signed, world.settings.flickr_secret, token.secret if token else "")
    once_only(world, signed.oauth["oauth_nonce"], signed.token)
    if token and token.revoked:
        raise FlickrError(98, "Invalid auth token")
    return token


def once_only(world: World, nonce: str, token: str) -> None:
    """A nonce counts once for each token. Raises AnswerNow(401) for a replayed request."""
    key = f"flickr-nonce/{token}/{nonce}"
    if world.ledger.fact(key, ""):
        raise oauth1.problem("nonce_used")
    world.ledger.set_fact(key, "1")


def permitted(token: Token | None, needed: str, arguments: dict[str, str], world: World) -> None:
    """Raise FlickrError 99 (or 100, for an unsigned call without a key) unless the token suffices."""
    if token is None and needed == "none":
        if arguments.get("api_key", world.settings.flickr_key) != world.settings.flickr_key:
            raise FlickrError(100, "Invalid API Key (Key has invalid format)")
        return
    granted = token.perms if token else "none"
    if RANKS[granted] < RANKS[needed]:
        raise FlickrError(99, f"Insufficient permissions. Method requires {needed} privileges; {granted} granted.")


def within_hourly_limit(world: World) -> None:
    """Count the request against the key's hour. Flickr expires a key that goes on beyond it."""
    hour = time.strftime("%Y-%m-%dT%H", time.gmtime(world.now()))
    if not world.spend("flickr", hour, 1, world.settings.flickr_hourly):
        raise FlickrError(100, "Invalid API Key (Key has expired)")
