"""A stand-in for every test, and callers that speak to it with nothing but http.client and oauthlib."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from oauthlib.oauth1 import Client

from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.server import Sandbox
from publisher.exercise.sandbox.settings import Settings

from support.patience import PATIENCE

BLOCK = 256 * 1024
PICTURE = b"\xff\xd8\xff\xe0 a picture"
FOOTAGE = b"\x00\x00\x00\x18ftypmp42 footage"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Answer:
    """What came back."""

    code: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def xml(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.body)

    @property
    def failure(self) -> tuple[int, str]:
        """(code, message) of Flickr's failure; it always travels with HTTP 200."""
        assert self.code == 200
        error = self.xml.find("err")
        assert error is not None, self.text
        return int(error.attrib["code"]), error.attrib["msg"]

    @property
    def reason(self) -> str:
        """The reason in YouTube's envelope."""
        return str(self.json["error"]["errors"][0]["reason"])


@dataclass
class Clock:
    """The stand-in's clock: stands still until somebody moves it."""

    now: float = 1_700_000_000.25

    def __call__(self) -> float:
        return self.now


@dataclass
class Stage:
    """One stand-in, its control, and bare HTTP to it."""

    sandbox: Sandbox
    control: Control
    clock: Clock

    @property
    def base(self) -> str:
        return self.sandbox.base

    def http(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request; underscores in header names become dashes."""
        address = urlsplit(self.base)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path.removeprefix(self.base), body, named)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def flickr(self, perms: str = "delete") -> FlickrCaller:
        return FlickrCaller(self, self.control.mint_flickr_token(perms))

    def youtube(self, **given: str) -> YouTubeCaller:
        return YouTubeCaller(self, self.control.mint_google_token(**given))

    def thing(self, key: str) -> dict[str, Any]:
        return next(one for one in self.control.things() if one["id"] == key)


@dataclass
class FlickrCaller:
    """Signs as OAuth 1.0a asks, independently of flickrapi."""

    stage: Stage
    token: dict[str, str]
    key: str = "sandbox-flickr-key"
    secret: str = "sandbox-flickr-secret"

    def signed(self, path: str, body: str) -> dict[str, str]:
        client = Client(self.key, self.secret, self.token.get("token"), self.token.get("secret"))
        _, headers, _ = client.sign(self.stage.base + path, "POST", body, {"Content-Type": FORM})
        return {"Authorization": headers["Authorization"]}

    def call(self, method: str, **arguments: object) -> Answer:
        given = {"method": f"flickr.{method}", **{name: str(value) for name, value in arguments.items()}}
        body = urlencode(given)
        headers = self.signed("/services/rest/", body)
        return self.stage.http("POST", "/services/rest/", body.encode(), Content_Type=FORM, **headers)

    def form(self, photo: bytes | None, filename: str, fields: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        """A multipart upload: (body, headers)."""
        head = "".join(
            f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ).encode()
        if photo is not None:
            disposition = f'--xx\r\nContent-Disposition: form-data; name="photo"; filename="{filename}"\r\n\r\n'
            head += disposition.encode() + photo + b"\r\n"
        signed = self.signed("/services/upload/", urlencode(fields))
        return head + b"--xx--\r\n", {"Content-Type": "multipart/form-data; boundary=xx", **signed}

    def upload(self, photo: bytes | None = PICTURE, filename: str = "a.jpg", **fields: str) -> Answer:
        body, headers = self.form(photo, filename, {"title": "A title", **fields})
        return self.stage.http("POST", "/services/upload/", body, **headers)

    def photo(self, photo: bytes = PICTURE, filename: str = "a.jpg", **fields: str) -> str:
        """Upload, private unless `fields` say otherwise; answers the id."""
        answer = self.upload(photo, filename, **{"is_public": "0", **fields})
        found = answer.xml.findtext("photoid")
        assert found, answer.text
        return found


@dataclass
class YouTubeCaller:
    """Speaks JSON and the resumable protocol by hand."""

    stage: Stage
    consent: dict[str, str]
    access: str = field(default="")

    def __post_init__(self) -> None:
        form = urlencode({"grant_type": "refresh_token", **self.consent})
        answer = self.stage.http("POST", "/token", form.encode(), Content_Type=FORM)
        self.access = answer.json["access_token"]

    def ask(self, method: str, path: str, body: object = None, **query: str) -> Answer:
        raw = None if body is None else json.dumps(body).encode()
        target = f"/youtube/v3/{path}?{urlencode(query, quote_via=quote)}"
        return self.stage.http(
            method, target, raw, Authorization=f"Bearer {self.access}", Content_Type="application/json"
        )

    def metadata(self, **status: Any) -> dict[str, Any]:
        return {
            "snippet": {"title": "A title", "categoryId": "25", "tags": ["one"]},
            "status": {"privacyStatus": "private", **status},
        }

    def open(self, size: int | None, body: dict[str, Any] | None = None, kind: str = "video/mp4") -> Answer:
        headers = {"X-Upload-Content-Type": kind, "Authorization": f"Bearer {self.access}"}
        if size is not None:
            headers["X-Upload-Content-Length"] = str(size)
        raw = json.dumps(self.metadata() if body is None else body).encode()
        path = "/upload/youtube/v3/videos?uploadType=resumable&part=snippet%2Cstatus&alt=json"
        return self.stage.http("POST", path, raw, Content_Type="application/json", **headers)

    def session(self, size: int | None, body: dict[str, Any] | None = None) -> str:
        return str(self.open(size, body).headers["Location"])

    def put(self, session: str, data: bytes, content_range: str | None = None) -> Answer:
        headers = {} if content_range is None else {"Content_Range": content_range}
        return self.stage.http("PUT", session, data, **headers)

    def video(self, data: bytes = FOOTAGE, body: dict[str, Any] | None = None) -> str:
        """Upload in one go; answers the id."""
        answer = self.put(self.session(len(data), body), data)
        assert answer.code == 201, answer.text
        return str(answer.json["id"])

    def listed(self, video: str, part: str = "snippet,status,processingDetails") -> dict[str, Any]:
        return dict(self.ask("GET", "videos", id=video, part=part).json["items"][0])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_stage(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Stage]]:
    """Opens a stand-in with the knobs given; a stand-in that failed in itself fails the test."""
    opened: list[Sandbox] = []

    def opens(folder: Path | None = None, **knobs: Any) -> Stage:
        settings = Settings(search_delay=0.0).changed(knobs)
        sandbox = Sandbox(folder or tmp_path / "sandbox", clock=clock, settings=settings).start()
        opened.append(sandbox)
        return Stage(sandbox, Control(sandbox.base, sandbox.secret), clock)

    yield opens
    for sandbox in opened:
        sandbox.stop()
        assert sandbox.defects == 0


@pytest.fixture
def stage(open_stage: Callable[..., Stage]) -> Stage:
    return open_stage()


@pytest.fixture
def recorded() -> Callable[[str], str]:
    """A platform's recorded reply, by its path under fixtures/."""
    return lambda name: (Path(__file__).parent / "fixtures" / name).read_text()
