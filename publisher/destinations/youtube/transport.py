"""The transport under the Google client: each request once, on time, and to our hosts only.

httplib2 sends a request again by itself when a connection closes without a reply, POSTs included: one
`playlistItems.insert(...).execute(num_retries=0)` reached a server twice and answered with success, and
the constant RETRIES does not switch it off (measured with httplib2 0.32.1). So the sending is ours here:
one fresh connection for one request, closed afterwards. That costs a TLS handshake per request, which is
nothing beside an upload, and leaves no half-dead kept connection to be told from a real failure.
"""

from __future__ import annotations

import http.client
import json
import logging
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import google.oauth2.credentials
import google_auth_httplib2
import httplib2
from google.auth.exceptions import TransportError

from publisher.destinations.platform_clock import record_date_header

# Their debug lines hold addresses, tokens and answers; one warning even quotes a whole reply.
NOISY = (
    "googleapiclient",
    "google_auth_httplib2",
    "google.auth",
    "google_auth_oauthlib",
    "requests_oauthlib",
    "oauthlib",
    "httplib2",
)
for _name in NOISY:
    logging.getLogger(_name).setLevel(logging.ERROR)


class NotConnected(ConnectionError):
    """No connection came about: certainly not a byte of the request has left."""


class SignInDown(ConnectionError):
    """The token endpoint has a fault of its own, or asks for fewer requests."""


class StrayAddress(ConnectionError):
    """A reply sent us to a host that is not configured: certainly not a byte has gone there."""


# What a request may raise besides an error reply; all of it means "ask again later".
TROUBLES = (OSError, httplib2.HttpLib2Error, http.client.HTTPException, TransportError)


class OneShotHttp(httplib2.Http):
    """httplib2 without re-sending, redirects, proxies or other hosts.

    `timeout` is per socket operation, so a reply that drips would last for ever: `reply_limit` bounds the
    reply as a whole. All in seconds. `origins`: the (scheme, host:port) pairs that may be spoken to.
    """

    def __init__(
        self, origins: frozenset[tuple[str, str]], connect_timeout: float, timeout: float, reply_limit: float
    ) -> None:
        # proxy_info: any http_proxy in the environment, even with no_proxy, ends in
        # ProxiesUnavailableError where PySocks is missing (measured with httplib2 0.32.1).
        super().__init__(timeout=timeout, proxy_info=None)
        # A 308 is "go on sending" here; httplib2 takes it for a redirect and raises
        # RedirectMissingLocation (googleapis/google-api-python-client#803, #891).
        self.follow_redirects = False
        self._origins = origins
        self._connect_timeout = connect_timeout
        self._reply_limit = reply_limit

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        redirections: int = 0,
        connection_type: Any = None,
    ) -> tuple[httplib2.Response, bytes]:
        """Send one request as httplib2 does. Raises StrayAddress for any host that is not configured."""
        if origin(uri) not in self._origins:
            raise StrayAddress("a reply named a host that is not configured")
        try:
            answer: tuple[httplib2.Response, bytes] = super().request(
                uri, method, body, {**(headers or {}), "accept-encoding": "identity"}, 0, connection_type
            )
            return answer
        finally:
            self.close()

    def _conn_request(
        self, conn: http.client.HTTPConnection, request_uri: str, method: str, body: Any, headers: Any
    ) -> tuple[httplib2.Response, bytes]:
        """Send once, in place of httplib2's loop."""
        self._connect(conn)
        conn.request(method, request_uri, body, headers)
        with self._within_limit(conn):
            reply = conn.getresponse()
            record_date_header(reply.getheader("Date"))
            content = reply.read()
        return httplib2.Response(reply), content

    def _connect(self, conn: http.client.HTTPConnection) -> None:
        conn.timeout = self._connect_timeout
        try:
            conn.connect()
        except OSError as error:
            raise NotConnected(str(error)) from error
        conn.sock.settimeout(self.timeout)

    @contextmanager
    def _within_limit(self, conn: http.client.HTTPConnection) -> Iterator[None]:
        """Cut the connection when the reply as a whole takes longer than the limit."""
        cut = threading.Event()

        def hang_up(sock: socket.socket = conn.sock) -> None:
            cut.set()
            # The other side may have hung up before us.
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

        timer = threading.Timer(self._reply_limit, hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, http.client.HTTPException) as error:
            if cut.is_set():
                raise TimeoutError("the reply took longer than its limit") from error
            raise
        finally:
            timer.cancel()
        if cut.is_set():
            raise TimeoutError("the reply took longer than its limit")


def opens_a_session(url: str, origins: frozenset[tuple[str, str]]) -> bool:
    """Whether `url` can be the address of an upload session: complete, and at a configured host.

    By Google's guide "Resumable uploads", an `upload_id` makes it one.
    """
    try:
        there = origin(url) in origins
        named = parse_qs(urlsplit(url).query).get("upload_id", [""])[0]
    except ValueError:
        return False
    return there and bool(named.strip())


def origin(url: str) -> tuple[str, str]:
    """Returns the scheme and host:port of an address, in lower case."""
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


class _Credentials(google.oauth2.credentials.Credentials):
    """Asks the token endpoint once.

    The library asks three times, asleep for seconds in between, where it is answered by 408, 429 or 5xx (measured
    with google-auth 2.62.2): when to ask again is decided by our caller, and a withdrawal waits for no sleep.
    """

    def refresh(self, request: Any) -> None:
        super().refresh(partial(_once, request))  # type: ignore[no-untyped-call]


def _once(request: Any, *given: Any, **named: Any) -> Any:
    response = request(*given, **named)
    if response.status in (408, 429) or response.status >= 500:
        raise SignInDown("the token endpoint has a fault of its own")
    if response.status == http.client.OK and not _is_a_grant(response.data):
        # google-auth takes what is no JSON for a token and dies of a TypeError (measured with 2.62.2).
        raise SignInDown("the token endpoint answered with something else than a token")
    return response


def _is_a_grant(body: bytes) -> bool:
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return isinstance(answer, dict) and isinstance(answer.get("access_token"), str)


def authorised(
    transport: OneShotHttp, client: Mapping[str, str], refresh_token: str, token_url: str
) -> google_auth_httplib2.AuthorizedHttp:
    """Returns `transport` with a valid access token on each request, renewed by its expiry or, once, after a 401.

    Built field by field: `Credentials.from_authorized_user_info` overrides the token address with Google's own
    (google-auth 2.62.2). The access token is kept in memory only.
    """
    credentials = _Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=refresh_token,
        token_uri=token_url,
        client_id=client["client_id"],
        client_secret=client["client_secret"],
    )
    return google_auth_httplib2.AuthorizedHttp(credentials, http=transport, max_refresh_attempts=1)
