"""YouTube through Google's own client library: the only module that knows googleapiclient.

`Wire` speaks for one account: it spends quota before each request, sends it once, and turns what comes
back into the contract's errors. What is asked for, and in which order, is in channel.py.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import googleapiclient.discovery_cache
from google.auth.exceptions import RefreshError
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaInMemoryUpload, MediaUpload

from publisher.destinations.base import Account, Destination, Journal, Parcel, Purpose
from publisher.destinations.errors import Later, NotSent, Refused, Stop, Unsure
from publisher.destinations.net import retry_after
from publisher.destinations.youtube.channel import YouTube
from publisher.destinations.youtube.consent import grant
from publisher.destinations.youtube.errors import REASONED, SIGN_IN, Complaint, as_error, judge, read_complaint
from publisher.destinations.youtube.quota import COSTS
from publisher.destinations.youtube.session import (
    SESSION,
    Finished,
    Gone,
    Odd,
    Slice,
    Stored,
    ask,
    forget,
)
from publisher.destinations.youtube.settings import Settings, check_client, check_token, read_settings
from publisher.destinations.youtube.texts import insert_body
from publisher.destinations.youtube.transport import (
    TROUBLES,
    NotConnected,
    OneShotHttp,
    SignInDown,
    authorised,
    opens_a_session,
)

_SIGN_IN_DOWN = "Google's sign-in service does not answer at the moment."
_NO_ANSWER = "YouTube did not answer, or not in a way that can be understood."
_WAIT_A_WHILE = "YouTube asks us to go on with the upload later."
_NO_ADDRESS = (
    "YouTube opened an upload and named no address of its own for it, so nothing was sent. If this goes on, compare "
    "`session_hosts` in the configuration with Google's documentation."
)
_BROKE_OFF = "The upload to YouTube broke off; what it holds must be looked up."


class ParcelUpload(MediaUpload):  # type: ignore[misc]
    """A Parcel's body as the library wants it: re-sendable chunks of a known whole, never a stream.

    `has_stream` False is the cure for chunks that are at their end when they are sent a second time
    (measured with google-api-python-client 2.202.0); Slice says more.
    """

    def __init__(self, parcel: Parcel, chunk: int) -> None:
        self._parcel = parcel
        self._chunk = chunk

    def chunksize(self) -> int:
        """Returns the size of one chunk, in bytes."""
        return self._chunk

    def mimetype(self) -> str:
        """Returns the Parcel's media type."""
        return self._parcel.media_type

    def size(self) -> int:
        """Returns the size of the whole file, in bytes."""
        return self._parcel.size

    def resumable(self) -> bool:
        """Returns True: the library then uploads in a resumable session."""
        return True

    def has_stream(self) -> bool:
        """Returns False, so that the library asks `getbytes` for every chunk and for every second try."""
        return False

    def getbytes(self, begin: int, length: int) -> Slice:
        """Returns `length` bytes from `begin` on, as a Slice that is read only while it is sent."""
        return Slice(self._parcel, begin, length)


class _SavesSession:
    """Passes an upload's requests on and saves the session's address before anything is sent to it.

    The library makes the POST that opens a session and the PUT of the first bytes in one step, so the
    only moment between them is here, under it. A 308 may name a new address: it counts from then on.
    An address that cannot be one (`usable`) is not kept: what was saved would be asked for ever.
    """

    def __init__(self, http: Any, journal: Journal, pay: Callable[[str], None], usable: Callable[[str], bool]) -> None:
        self._http = http
        self._journal = journal
        self._pay = pay
        self._usable = usable

    def request(self, uri: str, method: str = "GET", **rest: Any) -> tuple[Any, bytes]:
        opens = method == "POST"
        self._pay("session" if opens else "chunk")
        response, content = self._http.request(uri, method=method, **rest)
        if opens and response.status == 200 and not self._usable(response.get("location", "")):
            raise Later(_NO_ADDRESS, answered=True)  # not a byte of the body has left
        if "location" in response and response.status == (200 if opens else 308):
            self._keep(response)
        if response.status == 308 and "retry-after" in response:
            # Google's guide to resumable uploads wants it honoured; the library sends on at once. When to go on, the
            # session itself is asked.
            raise Later(_WAIT_A_WHILE, trouble=True)
        return response, content

    def _keep(self, response: Any) -> None:
        """The session's address, before anything is sent to it; the one that stands where a 308 names none of ours."""
        if self._usable(response["location"]):
            self._journal.save(SESSION, response["location"])
        else:
            del response["location"]


class Wire:
    """One account's requests. Safe to share between threads: each has a client of its own."""

    def __init__(self, account: Account, settings: Settings) -> None:
        check_client(account.client)
        self._account = account
        self._token = check_token(account.name, account.token)
        self._settings = settings
        # httplib2 is not thread-safe (the library's page "Thread safety").
        self._mine = threading.local()

    @property
    def channel_id(self) -> str | None:
        """The channel that was consented to; None where the token does not say."""
        return self._token.get("channel_id")

    def call(
        self,
        operation: str,
        purpose: Purpose,
        *,
        file: tuple[bytes, str] | None = None,
        settled: tuple[str | int, ...] = (),
        **arguments: Any,
    ) -> dict[str, Any]:
        """Make one API request, e.g. `call("videos.list", Purpose.LOOK, id=..., part="status")`.

        `file` is (bytes, media type) of a small file sent with it. A complaint whose reason or HTTP code is in
        `settled` counts as success and returns {}. Raises Later or Refused.
        """
        self._pay(operation, purpose)
        collection, method = operation.split(".")
        if file is not None:
            arguments["media_body"] = MediaInMemoryUpload(file[0], mimetype=file[1], resumable=False)
        request = getattr(getattr(self._service(), collection)(), method)(**arguments)
        try:
            answer = request.execute(num_retries=0)
        except HttpError as error:
            complaint = self._complaint(error)
            if complaint.reason in settled or complaint.http in settled:
                return {}
            raise self._judged(operation, complaint) from error
        except (RefreshError, ValueError, *TROUBLES) as error:
            raise self._trouble(error) from error
        if answer == "" and method == "delete":
            return {}  # 204
        if not isinstance(answer, dict):
            # The library hands on as text what is no JSON, and calls it success (measured with 2.202.0).
            raise Later(_NO_ANSWER, trouble=True)
        return answer

    def ask(self, uri: str, size: int, purpose: Purpose) -> Stored | Finished | Gone:
        """Returns how far the upload session at `uri` got. Raises Later.

        A session whose address cannot be used counts as gone: the channel is then looked through instead.
        """
        if not self._usable(uri):
            return Gone()
        self._pay("query", purpose)
        try:
            answer = ask(self._http(), uri, size)
        except (RefreshError, *TROUBLES) as error:
            raise self._trouble(error) from error
        if not isinstance(answer, Odd):
            return answer
        now = self._account.now()
        complaint = read_complaint(answer.http, answer.content, retry_after(answer.retry_after, now))
        failure = self._judged("query", complaint)
        if isinstance(failure, Later):
            raise failure
        # "Other 4xx = permanent" (Google's guide to resumable uploads): this session says no more.
        return Gone()

    def upload(self, parcel: Parcel, journal: Journal, resume: tuple[str, int] | None) -> dict[str, Any]:
        """Send the body, in a new session or on from `resume` (session URI, bytes stored there).

        Returns the video resource. Raises NotSent, Refused or Unsure; saves and deletes the session in `journal`.
        Nothing is retried here: after Unsure the caller asks the session itself.
        """
        request = (
            self._service()
            .videos()
            .insert(
                part="snippet,status",
                notifySubscribers=False,
                body=insert_body(parcel),
                media_body=ParcelUpload(parcel, self._settings.chunk),
            )
        )
        if resume is not None:
            # Both are public and just asked for. A request restored by the library's own from_json
            # forgets them and opens a second session (measured with 2.202.0).
            request.resumable_uri, request.resumable_progress = resume
        try:
            pay = partial(self._pay, purpose=Purpose.PUBLISH)
            return self._send_chunks(request, _SavesSession(self._http(), journal, pay, self._usable))
        except Later as error:
            raise self._broken_off(request, error) from error
        except HttpError as error:
            raise self._upload_refused(request, self._complaint(error), journal) from error
        except (RefreshError, ValueError, EOFError, *TROUBLES) as error:
            raise self._broken_off(request, self._trouble(error)) from error

    def _usable(self, uri: str) -> bool:
        return opens_a_session(uri, self._settings.origins)

    def _send_chunks(self, request: Any, http: _SavesSession) -> dict[str, Any]:
        """Chunk after chunk, each from where the last reply's Range says."""
        while True:
            before = request.resumable_progress
            # num_retries=0: the library's own retry neither asks first nor sends the bytes again.
            _, video = request.next_chunk(http=http, num_retries=0)
            if video is not None:
                if isinstance(video, dict) and "id" in video:
                    return video
                raise Unsure(_BROKE_OFF)
            if not before < request.resumable_progress < self._size(request):
                raise Unsure("YouTube took a part of the upload without storing more of it.")

    @staticmethod
    def _size(request: Any) -> int:
        size: int = request.resumable.size()
        return size

    @staticmethod
    def _broken_off(request: Any, cause: Later) -> NotSent | Unsure:
        """Certain only while there is no session: until then not a byte of the body has left."""
        return _not_sent(cause) if request.resumable_uri is None else Unsure(_BROKE_OFF)

    def _pay(self, operation: str, purpose: Purpose) -> None:
        """Spend before a request. What costs nothing is counted, and goes on when the bucket is empty: an
        upload that was begun may be finished."""
        bucket, units = COSTS[operation]
        try:
            self._account.budget.spend(bucket, units, purpose)
        except Later:
            if units:
                raise

    def _upload_refused(self, request: Any, complaint: Complaint, journal: Journal) -> NotSent | Refused | Unsure:
        """What an error reply during an upload means.

        Before a session stands no byte of the body has left, so every refusal is a plain one. Afterwards
        only YouTube's own reasoned no (a 400 that names its reason) is certain; anything else is Unsure.
        """
        if request.resumable_uri is None:
            failure = self._judged("session", complaint)
            return _not_sent(failure) if isinstance(failure, Later) else failure
        failure = self._judged("chunk", complaint)
        if complaint.http == 400 and complaint.reason in REASONED:
            journal.save(SESSION, None)
            return _not_sent(failure) if isinstance(failure, Later) else failure
        if complaint.http in (404, 410):
            forget(journal)
        return Unsure(_BROKE_OFF)

    def _complaint(self, error: HttpError) -> Complaint:
        wait = retry_after(error.resp.get("retry-after"), self._account.now())
        return read_complaint(int(error.resp.status), error.content, wait)

    def _judged(self, operation: str, complaint: Complaint) -> Later | Refused:
        return as_error(judge(operation, complaint), complaint, self._account.budget, self._account.now())

    @staticmethod
    def _trouble(error: BaseException) -> Later:
        """No reply, or none that can be read."""
        if isinstance(error, RefreshError):
            return _refused_sign_in(error)
        if isinstance(error, SignInDown):
            return Later(_SIGN_IN_DOWN, trouble=True)
        if isinstance(error, NotConnected):
            return Later("YouTube cannot be reached.", trouble=True)
        return Later(_NO_ANSWER, trouble=True)

    def _http(self) -> Any:
        if not hasattr(self._mine, "http"):
            transport = OneShotHttp(
                self._settings.origins,
                self._account.connect_timeout,
                self._account.read_timeout,
                reply_limit=2 * self._account.read_timeout,
            )
            self._mine.http = authorised(
                transport, self._account.client, self._token["refresh_token"], self._settings.token_url
            )
        return self._mine.http

    def _service(self) -> Any:
        if not hasattr(self._mine, "service"):
            self._mine.service = build_from_document(_document(self._settings.root_url), http=self._http())
        return self._mine.service


def _refused_sign_in(error: RefreshError) -> Later:
    """Whether the token endpoint itself said no, in OAuth's own words, or only something that cannot be read.

    Not every RefreshError asks for a person, and `retryable` does not tell them apart: of an HTML page it is False
    too (measured with google-auth 2.62.2).
    """
    codes = [said.get("error") for said in error.args if isinstance(said, dict)]
    if not (message := next((SIGN_IN[code] for code in codes if code in SIGN_IN), "")):
        return Later(_SIGN_IN_DOWN, trouble=True)
    return Later(message, stop=Stop.AUTH, answered=True)


def _not_sent(error: Later) -> NotSent:
    return NotSent(error.message, error.retry_at, error.stop, answered=error.answered, trouble=error.trouble)


def _document(root_url: str) -> dict[str, Any]:
    """The discovery document that lies in the package, for `root_url`. Never asks the network.

    Rewritten here because the library's `api_endpoint` option changes an upload's host but not its
    scheme (measured with google-api-python-client 2.202.0).
    """
    document: dict[str, Any] = json.loads(googleapiclient.discovery_cache.get_static_doc("youtube", "v3"))
    document["rootUrl"] = document["baseUrl"] = root_url
    document.pop("mtlsRootUrl", None)
    return document


def build(account: Account) -> Destination:
    """Returns the YouTube destination for `account`. Raises BadSetting, whose text is a sentence.

    options: root_url, token_url, auth_url, watch_url, chunk_bytes, uploads_per_day, units_per_day, units_reserve,
    long_uploads, session_hosts. client: client_id, client_secret. token: refresh_token and what `consent` returns.
    """
    settings = read_settings(account.options, account.exercise)
    return YouTube(account.name, Wire(account, settings), settings, account.now)


def consent(account: Account, open_browser: Callable[[str], None], port: int = 0, timeout: int = 300) -> dict[str, str]:
    """Ask a person for consent, once per channel, and return the token to keep.

    `open_browser` is given the address of Google's page; the answer comes to 127.0.0.1:`port` (0: any) within `timeout`
    seconds. Keys: refresh_token, scopes, granted_at, channel_id, channel_title, and refresh_expires_in (seconds) where
    Google limits the consent itself. Raises Refused, whose text is a sentence.
    """
    settings = read_settings(account.options, account.exercise)
    token = grant(account, settings, open_browser, port, timeout)
    wire = Wire(replace(account, token=token), settings)
    channels = wire.call("channels.list", Purpose.LOOK, mine=True, part="id,snippet").get("items", [])
    if not channels:
        raise Refused("This Google account has no YouTube channel; sign in with the account that owns it.")
    return {**token, "channel_id": channels[0]["id"], "channel_title": channels[0]["snippet"]["title"]}
