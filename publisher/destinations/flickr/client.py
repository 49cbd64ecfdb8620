"""Flickr through flickrapi 2.4.0, with its faults worked round: the only module that imports it.

2.4.0 is the last release (2018) and will not be mended. Of it remain the OAuth 1.0a signatures, which
were right in 400 concurrent requests, and the building of calls. What it does with the network, with
files, tokens and errors is replaced in `_Interface`; what that leaves to do is in the siblings:

    wire      one request with its limits      sending   one upload
    replies   XML, strictly read               listing   complete lists or an error
    errors    what each refusal means          photos    the destination itself
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import flickrapi
import requests
from flickrapi.auth import FlickrAccessToken, OAuthFlickrInterface
from requests_toolbelt import MultipartEncoder

from publisher.destinations.base import Account, Budget, Destination, Limits, Purpose
from publisher.destinations.errors import Later, Refused
from publisher.destinations.flickr.body import Body
from publisher.destinations.flickr.calls import CallFault
from publisher.destinations.flickr.errors import BUSY, of_call
from publisher.destinations.flickr.photos import BUCKET, Flickr, Terms, limits_of
from publisher.destinations.flickr.replies import ApiFault, BadReply, child, parse
from publisher.destinations.flickr.wire import HttpFault, Line, LineFault, Patience, Wire
from publisher.destinations.net import BadSetting, check_address
from publisher.destinations.served import MediaHosts, media_hosts

ADDRESSES = {
    "api_url": "https://api.flickr.com/services/rest/",
    "upload_url": "https://up.flickr.com/services/upload/",
    "oauth_url": "https://www.flickr.com/services/oauth/",
}
PERMISSION = "delete"  # a "write" token can post what it can never take down: photos.delete answers 99
MEDIA_HOST = "live.staticflickr.com"  # every `source` in a recorded reply of photos.getSizes
CONNECT_FIRST = "Run `publisher connect flickr`."
TOO_LITTLE = "Flickr was not allowed to delete, and what is posted must come down again. Connect again and agree."


def quiet() -> None:
    """Keep signatures, tokens and titles out of the log.

    At DEBUG flickrapi prints Authorization headers and the request token's secret (measured with 2.4.0), and oauthlib
    and requests_oauthlib print the text they sign.
    """
    for name in ("flickrapi", "oauthlib", "requests_oauthlib"):
        logging.getLogger(name).setLevel(logging.ERROR)


quiet()


class _Interface(OAuthFlickrInterface):  # type: ignore[misc] # the library has no types
    """Signed requests over our own Wire. Errors keep HTTP code, headers and body, and log none of them."""

    def __init__(self, key: str, secret: str, token_cache: Any, wire: Wire, oauth_url: str) -> None:
        super().__init__(key, secret, token_cache)
        # The library names its logger after the module of the class, which would be this one, unpinned.
        self.log = logging.getLogger("flickrapi.auth")
        self.wire = wire
        self.session = wire.session  # the library's own is one for all instances, threads and forks
        self.REQUEST_TOKEN_URL = oauth_url + "request_token"
        self.AUTHORIZE_URL = oauth_url + "authorize"
        self.ACCESS_TOKEN_URL = oauth_url + "access_token"

    def do_request(self, url: str, params: Any = None, timeout: Any = None) -> bytes:
        """POST a signed form; the Wire's own limits hold, whatever `timeout` says."""
        return self.wire.post(url, data=params, auth=self.oauth)

    def do_upload(self, filename: str, url: str, params: Any = None, fileobj: Any = None, timeout: Any = None) -> bytes:
        """POST a multipart form whose signature covers all fields but the file.

        The file part carries a real name and type; 2.4.0 sends "dummy name" and none.
        """
        signed = requests.Request("POST", url, data=params, auth=self.oauth).prepare()
        form = MultipartEncoder({**params, "photo": (filename, fileobj, fileobj.media_type)})
        headers = {"Authorization": signed.headers["Authorization"], "Content-Type": form.content_type}

        def when_the_last_byte_has_left(line: Line) -> None:
            fileobj.on_end = line.start_clock

        return self.wire.post(url, data=form, headers=headers, watch=when_the_last_byte_has_left)


class Api:
    """The Calls of one account, through flickrapi."""

    def __init__(self, flickr: Any, budget: Budget, purpose: Purpose = Purpose.PUBLISH) -> None:
        self._flickr = flickr
        self._budget = budget
        self._purpose = purpose

    def spending(self, purpose: Purpose) -> Api:
        """Returns the same connection, whose requests are counted as `purpose`."""
        return Api(self._flickr, self._budget, purpose)

    def call(self, operation: str, **args: str) -> Element:
        """Call "flickr." + `operation`; returns its `<rsp>`. Raises CallFault, or Later from the budget."""
        self._budget.spend(BUCKET, 1, self._purpose)
        try:
            return parse(self._flickr.do_flickr_call("flickr." + operation, format="rest", **args))
        except (ApiFault, BadReply, HttpFault, LineFault) as fault:
            raise CallFault(operation, fault) from fault

    def upload(self, fields: dict[str, str], body: Body) -> Element:
        """Upload a file; returns the `<rsp>`. Raises ApiFault, BadReply, HttpFault, LineFault, or Later."""
        wrong = [name for name, value in fields.items() if not isinstance(value, str)]
        if wrong:
            # flickrapi would send None as the word "None" and a list as its Python spelling (measured).
            raise TypeError(f"not a text: {', '.join(wrong)}")
        self._budget.spend(BUCKET, 1, self._purpose)
        return parse(self._flickr.upload(body.filename, fileobj=body, format="rest", **fields))


def build(account: Account) -> Destination:
    """Returns the destination for `account`. Raises BadSetting, whose text is a sentence.

    options: api_url, upload_url, oauth_url; reply_timeout (seconds for a whole reply); calls_per_hour, calls_reserve;
    max_seconds (of footage); media_hosts (the hosts of direct addresses). client: key, secret. token: as `finish`
    returns it.
    """
    quiet()  # again: whoever configured logging since may have opened it
    token = account.token
    if not token or not token.get("token") or not token.get("secret"):
        raise BadSetting(f"{account.name} has no consent from Flickr yet. {CONNECT_FIRST}")
    if not token.get("nsid"):
        raise BadSetting(f"{account.name}: the kept consent does not say whose it is. {CONNECT_FIRST}")
    if token.get("perms") != PERMISSION:
        raise BadSetting(f"{account.name}: {TOO_LITTLE} {CONNECT_FIRST}")
    addresses = _addresses(account)
    return Flickr(
        name=account.name,
        calls=Api(_client(account, addresses, _access(token)), account.budget),
        budget=account.budget,
        now=account.now,
        photos_url=f"{_host(addresses['oauth_url'])}photos/{token['nsid']}/",
        hosts=_media_hosts(account, addresses["api_url"]),
        nsid=token["nsid"],
        token=token["token"],
        terms=_terms(account),
    )


def limits(account: Account) -> Limits:
    """Returns what Flickr takes, whichever account it is. Raises BadSetting."""
    return limits_of(_terms(account))


def begin(account: Account, callback: str) -> tuple[str, str, str]:
    """Start a consent; returns the address to open in a browser, the request token and its secret.

    `callback`: an address on loopback, or "oob" where the person types the verifier in.
    """
    oauth = _client(account, _addresses(account)).flickr_oauth
    _consented(account, lambda: oauth.get_request_token(oauth_callback=callback))
    return oauth.auth_url(perms=PERMISSION), oauth.resource_owner_key, oauth.resource_owner_secret


def finish(account: Account, request_token: str, request_secret: str, verifier: str) -> dict[str, str]:
    """Finish a consent; returns the token to keep: {"token", "secret", "nsid", "username", "fullname", "perms"}.

    Raises Later, or Refused where the person granted less than "delete". A request asks Flickr what was granted: the
    token's own answer does not say, and flickrapi's token_valid() discards a good token on any error, a plain HTTP 500
    included (measured).
    """
    addresses = _addresses(account)
    oauth = _client(account, addresses).flickr_oauth
    oauth.resource_owner_key, oauth.resource_owner_secret = request_token, request_secret
    oauth.verifier, oauth.requested_permissions = verifier, PERMISSION
    access: FlickrAccessToken = _consented(account, oauth.get_access_token)
    granted = _granted(account, _client(account, addresses, access), access.token)
    if granted != PERMISSION:
        raise Refused(f"{TOO_LITTLE} {CONNECT_FIRST}")
    return {
        "token": access.token,
        "secret": access.token_secret,
        "nsid": access.user_nsid,
        "username": access.username,
        "fullname": access.fullname,
        "perms": granted,
    }


def _consented(account: Account, request: Callable[[], Any]) -> Any:
    """One step of the consent, its failures in words."""
    account.budget.spend(BUCKET, 1, Purpose.PUBLISH)
    try:
        return request()
    except (HttpFault, LineFault) as fault:
        raise of_call("oauth", fault, account.now()) from fault
    except (KeyError, UnicodeDecodeError) as fault:  # an answer without a token in it
        raise Later(BUSY) from fault


def _granted(account: Account, flickr: Any, token: str) -> str:
    try:
        reply = Api(flickr, account.budget).call("auth.oauth.checkToken", oauth_token=token)
        return (child(reply, "oauth").findtext("perms") or "").strip()
    except CallFault as fault:
        raise of_call(fault.operation, fault.cause, account.now()) from fault
    except BadReply as fault:
        raise Later(BUSY) from fault


def _client(account: Account, addresses: dict[str, str], access: FlickrAccessToken | None = None) -> Any:
    """A flickrapi client whose token lives in memory only, on a Wire of its own.

    Left alone 2.4.0 writes the token to ~/.flickr, readable by all, in its constructor (measured); and
    a token set afterwards is not signed with, so it is handed over here. Its cache would swallow a
    second identical write (measured) and stays off.
    """
    key, secret = account.client.get("key"), account.client.get("secret")
    if not key or not secret:
        raise BadSetting(f"{account.name} needs the API key and its secret (`key`, `secret`).")
    flickr = flickrapi.FlickrAPI(key, secret, token=access, format="rest", store_token=False, cache=False)
    patience = Patience(account.connect_timeout, account.read_timeout, _number(account, "reply_timeout", 120))
    wire = Wire(tuple({_host(url) for url in addresses.values()}), patience)
    flickr.REST_URL, flickr.UPLOAD_URL = addresses["api_url"], addresses["upload_url"]
    flickr.flickr_oauth = _Interface(key, secret, flickr.token_cache, wire, addresses["oauth_url"])
    return flickr


def _access(token: dict[str, str]) -> FlickrAccessToken:
    names = (token.get(part, "") for part in ("fullname", "username", "nsid"))
    return FlickrAccessToken(token["token"], token["secret"], token["perms"], *names)


def _addresses(account: Account) -> dict[str, str]:
    """The three addresses, each allowed for this kind of office and ending in a slash."""
    chosen = {name: str(account.options.get(name, real)) for name, real in ADDRESSES.items()}
    return {name: check_address(url.rstrip("/") + "/", account.exercise) for name, url in chosen.items()}


def _media_hosts(account: Account, api_url: str) -> MediaHosts:
    """A stand-in serves its pictures itself."""
    api = urlsplit(api_url)
    usual = MEDIA_HOST if api_url == ADDRESSES["api_url"] else api.netloc
    patience = (account.connect_timeout, account.read_timeout)
    return media_hosts(account.options, usual, api.scheme, account.exercise, patience)


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _terms(account: Account) -> Terms:
    plain = Terms()
    return Terms(
        calls_per_hour=int(_number(account, "calls_per_hour", plain.calls_per_hour)),
        reserve=int(_number(account, "calls_reserve", plain.reserve)),
        max_seconds=int(_number(account, "max_seconds", plain.max_seconds)),
    )


def _number(account: Account, name: str, usual: float) -> float:
    value = account.options.get(name, usual)
    if isinstance(value, str | bool) or value < 0:
        raise BadSetting(f"{account.name}: `{name}` must be a number, not {value!r}.")
    return value
