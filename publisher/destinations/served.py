"""Whether a direct media address still answers: what outlives a deletion in a platform's caches.

These are pages of the public web, no API: no token goes with the request and no quota is spent on it.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from publisher.destinations.errors import Later, Refused
from publisher.destinations.net import check_address

UNKNOWN = "Whether the picture's direct address still answers could not be found out."
STRANGE = "The picture's direct address is not one of this account's media hosts, so it is not asked."
_GONE = frozenset({404, 410})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

Option = str | int | float | bool


@dataclass(frozen=True, slots=True)
class MediaHosts:
    """Where one account's direct addresses lie: hosts with their ports, as in a URL's network location."""

    hosts: frozenset[str]
    connect: float
    read: float

    def hold(self, url: str) -> bool:
        """Whether `url` is at one of these hosts. Other addresses, such as a player's page, are not media addresses."""
        return urlsplit(url).netloc.lower() in self.hosts

    def still_served(self, url: str) -> bool:
        """Send one GET and leave its body unread.

        Raises Later where the status does not say, Refused for an address that is not at these hosts. The status
        decides, not the body: YouTube answers 404 with a grey picture. Flickr shows anybody who requests a deleted
        photo a picture that says so, by a redirect as far as is known; a redirect to the same path on another host
        proves nothing.
        """
        parts = urlsplit(url)
        if not self.hold(url) or parts.username is not None:
            raise Refused(STRANGE)
        try:
            status, location = self._ask(parts)
        except (OSError, http.client.HTTPException) as error:
            raise Later(UNKNOWN) from error
        if 200 <= status < 300:
            return True
        if status in _GONE or (status in _REDIRECTS and urlsplit(location).path != parts.path):
            return False
        raise Later(UNKNOWN)

    def _ask(self, parts: SplitResult) -> tuple[int, str]:
        """(status, Location). http.client knows neither proxies nor ~/.netrc, and follows nothing."""
        line = self._line(parts)
        try:
            line.connect()
            if line.sock is not None:
                line.sock.settimeout(self.read)
            line.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path, headers={"Accept": "*/*"})
            answer = line.getresponse()
            return answer.status, answer.getheader("Location") or ""
        finally:
            line.close()

    def _line(self, parts: SplitResult) -> http.client.HTTPConnection:
        host = parts.hostname or ""
        if parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, parts.port, timeout=self.connect, context=context)
        return http.client.HTTPConnection(host, parts.port, timeout=self.connect)


def media_hosts(
    options: Mapping[str, Option], usual: str, scheme: str, exercise: bool, patience: tuple[float, float] = (10.0, 30.0)
) -> MediaHosts:
    """Read the option `media_hosts` (names, divided by commas), or else `usual`.

    `patience`: seconds to connect and to read. Raises BadSetting for a host this kind of office may not connect to.
    """
    names = [name.strip().lower() for name in str(options.get("media_hosts", usual)).split(",") if name.strip()]
    for name in names:
        check_address(f"{scheme}://{name}/", exercise)
    return MediaHosts(frozenset(names), *patience)
