"""A YouTube account's configuration, checked once when the destination is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from publisher.destinations.base import BucketRule
from publisher.destinations.net import BadSetting, check_address
from publisher.destinations.served import MediaHosts, media_hosts
from publisher.destinations.youtube.quota import rules
from publisher.destinations.youtube.session import CHUNK_STEP, DEFAULT_CHUNK
from publisher.destinations.youtube.transport import origin

ROOT_URL = "https://youtube.googleapis.com/"
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address)
AUTH_URL = "https://accounts.google.com/o/oauth2/auth"
WATCH_URL = "https://www.youtube.com/watch?v={id}"

# Thumbnails, as snippet.thumbnails names them in recorded replies.
_MEDIA_HOST = "i.ytimg.com"
# Upload sessions are handed out under either of the API's two names.
_SESSION_HOSTS = "youtube.googleapis.com,www.googleapis.com"

Option = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Settings:
    """Addresses, sizes (bytes) and the account's daily buckets."""

    root_url: str
    token_url: str
    auth_url: str
    watch_url: str
    chunk: int
    buckets: tuple[BucketRule, ...]
    long_uploads: bool
    origins: frozenset[tuple[str, str]]
    media: MediaHosts


def read_settings(options: Mapping[str, Option], exercise: bool) -> Settings:
    """Read the account's options. Raises BadSetting, naming the value, for an address or number that cannot be used."""
    root = check_address(str(options.get("root_url", ROOT_URL)), exercise)
    root = root if root.endswith("/") else root + "/"
    token = check_address(str(options.get("token_url", TOKEN_URL)), exercise)
    auth = check_address(str(options.get("auth_url", AUTH_URL)), exercise)
    watch = WATCH_URL if root == ROOT_URL else root + "watch?v={id}"
    return Settings(
        root_url=root,
        token_url=token,
        auth_url=auth,
        watch_url=str(options.get("watch_url", watch)),
        chunk=_chunk(options),
        buckets=rules(
            _number(options, "uploads_per_day", 100),
            _number(options, "units_per_day", 10_000),
            _number(options, "units_reserve", 1_000),
        ),
        long_uploads=bool(options.get("long_uploads", False)),
        origins=frozenset({origin(root), origin(token), *_session_origins(root, options, exercise)}),
        media=_media_hosts(root, options, exercise),
    )


def check_client(client: Mapping[str, str]) -> None:
    """Raise BadSetting unless both keys of Google's client are there."""
    for name in ("client_id", "client_secret"):
        if not client.get(name):
            raise BadSetting(f"{name} is missing: copy it from the Google project's OAuth client (Desktop app).")


def check_token(name: str, token: Mapping[str, str] | None) -> Mapping[str, str]:
    """Returns the token. Raises BadSetting unless account `name` was connected."""
    if not token or not token.get("refresh_token"):
        raise BadSetting(f"{name} is not connected: run `publisher connect youtube`.")
    return token


def _media_hosts(root: str, options: Mapping[str, Option], exercise: bool) -> MediaHosts:
    """A stand-in serves its thumbnails itself."""
    parts = urlsplit(root)
    return media_hosts(options, _MEDIA_HOST if root == ROOT_URL else parts.netloc, parts.scheme, exercise)


def _session_origins(root: str, options: Mapping[str, Option], exercise: bool) -> set[tuple[str, str]]:
    """Where a session's address may lie besides the API's own host. Bound as every other address is."""
    hosts = str(options.get("session_hosts", _SESSION_HOSTS if root == ROOT_URL else "")).split(",")
    scheme = urlsplit(root).scheme
    return {origin(check_address(f"{scheme}://{host.strip()}/", exercise)) for host in hosts if host.strip()}


def _chunk(options: Mapping[str, Option]) -> int:
    """YouTube takes multiples of 256 KiB only and the client library does not check it."""
    chunk = _number(options, "chunk_bytes", DEFAULT_CHUNK)
    if chunk < CHUNK_STEP or chunk % CHUNK_STEP:
        raise BadSetting(f"chunk_bytes is {chunk}; YouTube takes multiples of {CHUNK_STEP} only.")
    return chunk


def _number(options: Mapping[str, Option], name: str, default: int) -> int:
    value = options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadSetting(f"{name} must be a whole number, not {value!r}.")
    return value
