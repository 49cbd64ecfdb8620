"""A whole life with every logger open: nothing of what is secret, and nothing of what is said, is in any log.

Publishing at both platforms, faults of several kinds with the platforms' own texts in them, a processing that fails,
withdrawals and a consent that is over: in this process with the product's own logging configuration and the root at
DEBUG, and in a real `publisher worker`.
"""

from __future__ import annotations

import copy
import importlib
import io
import json
import logging
import logging.config
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.utils.log import AdminEmailHandler

from pressqueue.models import Item, Post
from pressqueue.moves import takedown
from publisher import settings
from publisher.configuration import secret_store
from publisher.destinations.youtube import transport as youtube_transport
from publisher.exercise.sandbox.control import Control
from publisher.logs import QUIET, Discreet
from publisher.workers.token_store import TokenStore
from publisher.workers.worker import Worker

from support import approved_posts, databases, factories
from support import killable_workers as scenes
from support.factories import Clock
from support.faults_at_calls import UGLY
from support.killable_workers import wait_until

Rounds = Callable[..., list[str]]

WORDS = {
    "title": "Zebulon Quxwort in Grommet Alley {reference}",
    "caption": f"Vermilion trilby. {factories.CAPTION}",
    "alt_text": "A person with a vermilion trilby beside a grommet stall.",
}
PLANTED = (
    "Quxwort",
    "Grommet Alley",
    "ermilion trilby",
    "grommet stall",
    "IMG_0001",
    "Larch",
    "Zq7ugly-of-the-platform",
)
SIGNED = ("oauth_signature", "oauth_nonce", "oauth_token", "Bearer ", "ya29.", "upload_id", "debug_sbs")
CLIENTS = ("sandbox-flickr-secret", "sandbox-client-secret")


@contextmanager
def open_logs() -> Iterator[io.StringIO]:
    """The product's configuration with every level opened at its root; as it was before, afterwards."""
    root, manager = logging.getLogger(), logging.root.manager
    handlers, level = root.handlers[:], root.level
    levels = {name: one.level for name, one in manager.loggerDict.items() if isinstance(one, logging.Logger)}
    given = copy.deepcopy(settings.LOGGING)
    given["root"]["level"] = "DEBUG"
    logging.config.dictConfig(given)
    written = io.StringIO()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    try:
        yield written
    finally:
        root.handlers, root.level = handlers, level
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)


def secrets_of(worker: Worker) -> list[str]:
    """Every secret the worker holds, and the session of every upload."""
    tokens = TokenStore(secret_store.load(worker.office.folder).seal_key)
    flickr, youtube = tokens.load("flickr") or {}, tokens.load("youtube") or {}
    sessions = [value for post in Post.objects.all() for key, value in post.journal.items() if ".session" in key]
    return [flickr["token"], flickr["secret"], youtube["refresh_token"], *map(str, sessions)]


def leaked(text: str, *secret: str) -> list[str]:
    return [each for each in (*PLANTED, *SIGNED, *CLIENTS, *secret) if each and each in text]


def queue(worker: Worker, clock: Clock, destination: str) -> Post:
    number = Post.objects.count()
    pk = approved_posts.queue(worker.office.folder, destination, number, clock.now, worker.key, **WORDS)
    return Post.objects.select_related("item").get(pk=pk)


TROUBLE = [
    ("flickr.upload", {"kind": "503", "when": "after"}),
    ("flickr.upload", {"kind": "flickr_error", "code": 105, "msg": UGLY}),
    ("flickr.photos.setPerms", {"kind": "http", "code": 502, "message": UGLY}),
    ("flickr.photos.getInfo", {"kind": "closed", "times": 6}),  # so often that the account itself is asked, which
    ("flickr.auth.oauth.checkToken", {"kind": "closed", "times": 2}),  # fails too: it rests, and that is logged
    ("flickr.photosets.create", {"kind": "flickr_error", "code": 201, "msg": UGLY}),
    ("youtube.session", {"kind": "youtube_error", "http": 503, "reason": "backendError", "message": UGLY}),
    ("youtube.chunk", {"kind": "closed", "when": "after"}),
    ("youtube.videos.list", {"kind": "html200"}),
    ("youtube.thumbnails.set", {"kind": "youtube_error", "http": 500, "reason": "internalError", "message": UGLY}),
    ("google.token", {"kind": "google_error", "http": 503, "error": "temporarily_unavailable", "message": UGLY}),
]


def live_through(worker: Worker, clock: Clock, control: Control, rounds: Rounds) -> list[str]:
    """The whole life; answers every secret that was in use."""
    for operation, fault in TROUBLE:
        control.fault(operation, **fault)
    for destination in ("flickr", "youtube"):
        queue(worker, clock, destination)
    rounds("live", most=150)
    assert {met["operation"] for met in control.met()} == {operation for operation, _ in TROUBLE}
    secret = secrets_of(worker)
    control.fault("youtube.chunk", "processing_failed")
    queue(worker, clock, "youtube")
    rounds("live", "concealed", most=20)
    for item in Item.objects.order_by("pk"):
        takedown.withdraw(factories.approver(), item, "identified", now=clock.now)
    control.fault("flickr.photos.delete", "flickr_error", code=106, msg=UGLY)
    control.fault("youtube.videos.delete", "youtube_error", http=403, reason="forbidden", message=UGLY)
    rounds("removed", most=150)
    control.fault("flickr.upload", "flickr_oauth", problem="signature_invalid", msg=UGLY)
    control.revoke_google()
    for destination in ("flickr", "youtube"):
        queue(worker, clock, destination)
    rounds("removed", "waiting", most=5)
    return secret


def test_nothing_secret_and_nothing_said_is_logged(
    worker: Worker, clock: Clock, control: Control, rounds: Rounds
) -> None:
    with open_logs() as written:
        secret = live_through(worker, clock, control, rounds)
        logging.getLogger("publisher").debug("the log is open")
    assert "the log is open" in written.getvalue()
    assert "flickr does not answer properly" in written.getvalue()
    assert all(secret[:3])
    assert leaked(written.getvalue(), *secret) == []


@pytest.mark.first_row
@pytest.mark.parametrize("name", ["flickrapi", "requests_oauthlib", "oauthlib"])
def test_control_a_library_that_is_not_kept_quiet_leaks(
    name: str, worker: Worker, clock: Clock, control: Control, rounds: Rounds
) -> None:
    with open_logs() as written:
        logging.getLogger(name).setLevel(logging.DEBUG)
        queue(worker, clock, "flickr")
        rounds("live")
    assert leaked(written.getvalue(), *secrets_of(worker))


def test_an_exception_is_logged_by_its_type_and_place_and_not_by_its_words() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Discreet())
    log = logging.Logger("a fault of ours")
    log.addHandler(handler)
    try:
        try:
            raise KeyError(PLANTED[0])  # the line itself is shown, so it does not spell it out
        except KeyError as error:
            raise ValueError(PLANTED[1]) from error
    except ValueError:
        log.exception("it went wrong")
    assert leaked(written.getvalue()) == []
    assert "builtins.KeyError" in written.getvalue()
    assert "builtins.ValueError" in written.getvalue()
    assert "test_logs.py" in written.getvalue()


def test_a_page_that_fails_is_mailed_to_nobody_and_logged_without_its_words() -> None:
    with open_logs() as written:
        named = [logging.getLogger(name) for name in ("", "django", "django.request", "django.security")]
        assert not any(isinstance(handler, AdminEmailHandler) for one in named for handler in one.handlers)
        try:
            raise RuntimeError(PLANTED[0])
        except RuntimeError:
            logging.getLogger("django.request").error("Internal Server Error: %s", "/items/1/", exc_info=True)
    assert "RuntimeError" in written.getvalue()
    assert leaked(written.getvalue()) == []


def test_every_library_that_talks_is_quiet() -> None:
    with open_logs():
        importlib.import_module("publisher.destinations.flickr.client")
        talkers = {*QUIET, *youtube_transport.NOISY, "flickrapi"}
        assert {name for name in talkers if logging.getLogger(name).isEnabledFor(logging.WARNING)} == set()


@pytest.mark.slow
@pytest.mark.timeout(600)  # more than all its steps may wait
def test_a_real_worker_logs_nothing_of_it_either(tmp_path: Path) -> None:
    with scenes.scene("sqlite", tmp_path, 1) as stand:
        for operation, fault in TROUBLE:
            stand.control.fault(operation, **fault)
        stand.sql("UPDATE pressqueue_post SET not_before = due_at")
        env = {**stand.env, "PUBLISHER_LOG": "DEBUG"}
        errors = (tmp_path / "stderr").open("w+b")
        command = [sys.executable, "-m", "publisher", "--office", str(stand.folder), "worker"]
        process = subprocess.Popen(command, env=env, cwd=databases.ROOT, stderr=errors)
        try:
            wait_until(lambda: set(stand.states().values()) == {"live"}, "both are live", 130)
            sessions = [json.loads(row[0]) for row in stand.sql("SELECT journal FROM pressqueue_post")]
            databases.run("withdraw_all.py", env=stand.env)
            wait_until(lambda: set(stand.states().values()) == {"removed"}, "both are removed", 130)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(300)
            errors.close()
    written = (tmp_path / "stderr").read_text()
    secret = [str(value) for journal in sessions for key, value in journal.items() if "session" in key]
    assert "flickr does not answer properly" in written, "the log was not open"
    assert leaked(written, *secret, "Do you know this person", "dark coat") == []
