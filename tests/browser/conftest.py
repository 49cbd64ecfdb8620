"""A real office with a real desk and a real sandbox, each in a process of its own, and the distribution's Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from support.databases import environment
from support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
FURNISH = Path(__file__).with_name("furnish.py")
PICTURES = ROOT / "docs" / "pictures"
PASSWORD = "a long pass phrase for tests"
ARGUMENTS = [
    "--no-sandbox",  # as root in a container there is none
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 640}


@dataclass(frozen=True)
class Desk:
    """The running desk: its address, the sandbox's, and the references of what it was furnished with."""

    base: str
    sandbox: str
    items: dict[str, str]

    def item(self, name: str) -> str:
        return f"{self.base}/items/{self.items[name]}/"


def chromium_path() -> str:
    """Skip, in words, where there is no Chromium; fail where it is required."""
    named = os.environ.get("PUBLISHER_CHROMIUM", "")
    for name in (named, "chromium", "chromium-browser"):
        if name and (found := shutil.which(name)):
            return found
    words = "the distribution's Chromium is not installed (Debian: apt-get install chromium)"
    if "chromium" in os.environ.get("PUBLISHER_TESTS_REQUIRE", "").split(","):
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    chromium_path()  # before anything is furnished in vain
    place = tmp_path_factory.mktemp("desk")
    command = [sys.executable, "-m", "publisher.exercise.sandbox", "--folder", str(place / "sandbox")]
    sandbox = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert sandbox.stdout is not None
        ready = json.loads(sandbox.stdout.readline())
        office = place / "office"
        furnish("found", str(office), ready["base"])
        items = json.loads(furnish("fill", str(office), SANDBOX_SECRET=ready["secret"]))
        with serving(office) as base:
            yield Desk(base, ready["base"], items)
    finally:
        end(sandbox)


def furnish(*arguments: str, **more: str) -> str:
    command = [sys.executable, str(FURNISH), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(**more), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def serving(office: Path) -> Iterator[str]:
    """The desk as `publisher web` serves it; answers its address.

    It is handed a socket that listens already, so the first request simply waits until it is up.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number, port = listening.fileno(), listening.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "publisher.desk.server.serve", str(number)],
            cwd=ROOT,
            env=environment(PUBLISHER_OFFICE=str(office)),
            pass_fds=[number],
        )
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with closing(connection):
            connection.request("GET", "/sign-in/")
            assert connection.getresponse().status == 200
        yield f"http://127.0.0.1:{port}"
    finally:
        end(process)


def end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    process.wait(timeout=PATIENCE)
    if process.stdout is not None:
        process.stdout.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield browser
        browser.close()


class Pages:
    """Opens pages, and remembers everything the browser complained about."""

    def __init__(self, browser: Browser, desk: Desk) -> None:
        self.browser, self.desk = browser, desk
        self.complaints: list[str] = []

    def signed_in(
        self, username: str, size: dict[str, int] = WIDE, *, why: str = "To try the pages.", **more: Any
    ) -> Page:
        """Signed in, and in a sitting unless `why` is empty."""
        page = self.fresh(size, **more)
        page.goto(f"{self.desk.base}/sign-in/")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.desk.base}/")
        if why:
            page.goto(f"{self.desk.base}/why/")
            page.get_by_label("Reason for viewing").fill(why)
            page.get_by_role("button", name="Continue").click()
            page.wait_for_url(f"{self.desk.base}/")
        return page

    def fresh(self, size: dict[str, int] = WIDE, **more: Any) -> Page:
        page = self.browser.new_context(viewport=size, locale="en-GB", **more).new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._answered)
        page.on("request", lambda asked: self._own(asked.url))
        return page

    def _heard(self, said: ConsoleMessage) -> None:
        """What the policy blocked, for one. A refused form's own answer code is no complaint."""
        if said.type in ("error", "warning") and not said.text.startswith("Failed to load resource"):
            self.complaints.append(said.text)

    def _answered(self, got: Response) -> None:
        """Every style, font, picture and film must be there."""
        if got.status >= 400 and got.request.resource_type != "document" and got.url.startswith(self.desk.base):
            self.complaints.append(f"{got.status} for {got.url}")

    def _own(self, url: str) -> None:
        if not url.startswith((self.desk.base, self.desk.sandbox)):
            self.complaints.append(f"asked for {url}")


@pytest.fixture(scope="module")
def pages(browser: Browser, desk: Desk) -> Iterator[Pages]:
    found = Pages(browser, desk)
    yield found
    for context in browser.contexts:
        context.close()
    assert found.complaints == []


@pytest.fixture
def picture(tmp_path: Path) -> Any:
    """Where a screenshot goes: the README's folder when pictures are asked for, else away with the test."""
    asked = os.environ.get("PUBLISHER_PICTURES") == "1"
    return lambda name: (PICTURES if asked else tmp_path) / name
