"""The consent of a channel's owner: OAuth 2.0 for installed programs, over loopback.

Service accounts have no channel, the console flow is gone, and the device flow gives no scope for
captions (Google's guide "Authentication"), so a person signs in once in a browser on this machine.
`youtube.force-ssl` alone covers everything done here (discovery document, revision 20261104).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
from oauthlib.oauth2.rfc6749.errors import OAuth2Error
from requests.adapters import HTTPAdapter

from publisher.destinations.base import Account
from publisher.destinations.errors import Refused
from publisher.destinations.net import is_loopback
from publisher.destinations.youtube.settings import Settings, check_client

SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"


class _Flow(InstalledAppFlow):  # type: ignore[misc]
    """Hands the page's address to `open_page`, once somebody listens for its answer.

    The flow itself opens only browsers that are registered for the whole process; one registered here
    would also be what `webbrowser.open` falls back on.
    """

    open_page: Callable[[str], None]

    def authorization_url(self, **asked: Any) -> tuple[str, str]:
        url, state = super().authorization_url(**asked)
        self.open_page(url)
        return url, state


def grant(
    account: Account, settings: Settings, open_browser: Callable[[str], None], port: int, timeout: int
) -> dict[str, str]:
    """Run the flow and return the token: refresh_token, scopes, granted_at, perhaps refresh_expires_in (seconds).

    Raises Refused, in a sentence, where the person declined, took longer than `timeout` seconds, or granted less than
    was requested.
    """
    check_client(account.client)
    flow = _Flow.from_client_config(_client_config(account, settings), scopes=[SCOPE])
    flow.open_page = open_browser
    _quiet(flow.oauth2session, account.connect_timeout, account.read_timeout)
    try:
        with _plain_http_allowed(settings.token_url, account.exercise):
            flow.run_local_server(
                host="127.0.0.1",
                port=port,
                open_browser=False,
                authorization_prompt_message=None,
                success_message="Publisher is connected. You may close this window.",
                timeout_seconds=timeout,
                access_type="offline",
                # Without it Google gives a second consent no refresh token.
                prompt="consent",
            )
    except WSGITimeoutError as error:
        raise Refused(f"Nobody gave consent within {timeout} seconds; run the command again.") from error
    except Warning as error:
        # oauthlib raises a Warning where the granted scopes are not those asked for.
        raise Refused(_TOO_LITTLE) from error
    except OAuth2Error as error:
        raise Refused("Google did not give consent; run the command again and allow access.") from error
    except requests.RequestException as error:
        raise Refused("Google's sign-in service did not answer; try again later.") from error
    return _token(flow.oauth2session.token, account)


_TOO_LITTLE = (
    "The consent does not cover managing the channel's videos; run the command again and leave every box ticked."
)


def _token(granted: dict[str, Any], account: Account) -> dict[str, str]:
    """What is worth keeping of Google's answer. The access token is not: it dies within the hour."""
    scopes = granted.get("scope", [])
    scopes = scopes.split() if isinstance(scopes, str) else list(scopes)
    if SCOPE not in scopes:
        raise Refused(_TOO_LITTLE)
    if not granted.get("refresh_token"):
        raise Refused("Google gave no lasting sign-in; remove Publisher from the account's apps and repeat.")
    token = {
        "refresh_token": str(granted["refresh_token"]),
        "scopes": " ".join(scopes),
        "granted_at": account.now().isoformat(),
    }
    # Only where the consent itself ends, as after 7 days for a Google project in "Testing".
    if "refresh_token_expires_in" in granted:
        token["refresh_expires_in"] = str(granted["refresh_token_expires_in"])
    return token


def _client_config(account: Account, settings: Settings) -> dict[str, Any]:
    return {
        "installed": {
            "client_id": account.client["client_id"],
            "client_secret": account.client["client_secret"],
            "auth_uri": settings.auth_url,
            "token_uri": settings.token_url,
            "redirect_uris": ["http://127.0.0.1"],
        }
    }


class _TimedAdapter(HTTPAdapter):
    """requests waits for ever unless told otherwise, and the flow cannot be told."""

    def __init__(self, timeouts: tuple[float, float]) -> None:
        super().__init__()
        self._timeouts = timeouts

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        return super().send(request, *args, **{**kwargs, "timeout": self._timeouts})


def _quiet(session: requests.Session, connect: float, read: float) -> None:
    """No proxies or .netrc from the environment, no redirects, no waiting for ever."""
    session.trust_env = False
    session.max_redirects = 0
    for prefix in ("https://", "http://"):
        session.mount(prefix, _TimedAdapter((connect, read)))


@contextmanager
def _plain_http_allowed(token_url: str, exercise: bool) -> Iterator[None]:
    """Let oauthlib use plain http: towards a stand-in on this machine only, and only meanwhile."""
    parts = urlsplit(token_url)
    if not (exercise and parts.scheme == "http" and is_loopback(parts.hostname or "")):
        yield
        return
    before = os.environ.get("OAUTHLIB_INSECURE_TRANSPORT")
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OAUTHLIB_INSECURE_TRANSPORT"]
        else:
            os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = before
