"""A person at the desk's own pages, by HTTP: reads a form, fills it in, sends it. No way round any check."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from publisher.output import Declined

TIMEOUT = 60.0


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, and what it already holds."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """What a request was answered with."""

    path: str
    code: int
    body: bytes
    location: str

    def form(self, ending: str) -> Form:
        """The page's form whose action ends so. Raises Declined where there is none."""
        reader = _Forms(self.path)
        reader.feed(self.body.decode())
        for form in reader.found:
            if form.action.endswith(ending):
                return form
        raise Declined(f"The desk's page {self.path} has no form for {ending} (HTTP {self.code}).")


class _Forms(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._path = path
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append(Form(given.get("action") or self._path))
            self._inside = True
        elif tag == "input" and self._inside and given.get("name") and given.get("type") not in ("checkbox", "radio"):
            self.found[-1].fields[str(given["name"])] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


class Visitor:
    """One browser's worth of cookies."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> Page:
        return self._ask("GET", path)

    def send(self, page: Page, ending: str, **values: str) -> Page:
        """Fill in a form of the page and send it. Raises Declined unless the desk goes on to another page."""
        form = page.form(ending)
        answer = self._ask("POST", form.action, urlencode({**form.fields, **values}))
        if answer.code not in (302, 303):
            raise Declined(f"The desk refused {form.action} (HTTP {answer.code}).")
        return answer

    def wait_until_open(self, path: str, within: float) -> Page:
        """The page, as soon as the desk answers. Raises Declined after `within` seconds."""
        deadline = time.monotonic() + within
        while True:
            try:
                return self.get(path)
            except OSError:
                if time.monotonic() > deadline:
                    raise Declined("The desk did not start. Try `publisher web` in the demo's office.") from None
                time.sleep(0.1)

    def _ask(self, method: str, path: str, body: str | None = None) -> Page:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(self._host, timeout=TIMEOUT)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self._cookies.update({name: crumb.value for name, crumb in SimpleCookie(line).items()})
        return Page(path, answer.status, content, answer.getheader("Location") or "")
