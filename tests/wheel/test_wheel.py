"""The built wheel alone, where nothing can be written, run from `/`: the main job, and a page with its CSS."""

from __future__ import annotations

import configparser
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.patience import PATIENCE
from support.wheels import ROOT, Installed

SHARE = "/data/share/publisher/"


def files_below(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file() and each.suffix != ".pyc"}


def named(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_program_the_queue_and_the_configuration_and_nothing_else(wheel: Path) -> None:
    expected = {f"publisher/{each}" for each in files_below(ROOT / "publisher")}
    expected |= {f"pressqueue/{each}" for each in files_below(ROOT / "queue" / "pressqueue")}
    names = named(wheel)
    (share,) = {
        name.split("/data/")[0] + "/data/share/publisher/" for name in names if "/data/share/publisher/" in name
    }
    expected |= {share + each for each in files_below(ROOT / "config")}
    assert {name for name in names if ".dist-info/" not in name} == expected


@pytest.mark.parametrize(
    "part",
    [
        "publisher/exercise/samples/rocket.jpg",
        "publisher/exercise/samples/car-park.mp4",
        "publisher/exercise/samples/LICENCES.txt",
        "publisher/desk/static/",
        "publisher/desk/templates/",
        "pressqueue/migrations/0001_initial.py",
        "data/share/publisher/publisher.example.toml",
        "data/share/publisher/nginx.conf",
        "data/share/publisher/brand/crest.png",
        "data/share/publisher/brand/OFL.txt",
    ],
)
def test_what_is_no_code_is_in_the_wheel_too(wheel: Path, part: str) -> None:
    assert any(part in name for name in named(wheel))


def test_no_tests_and_nothing_that_hides_pythons_own_queue_is_given_away(wheel: Path) -> None:
    top = {name.split("/")[0] for name in named(wheel)}
    assert {each for each in top if not each.startswith("publisher-0")} == {"publisher", "pressqueue"}


def test_the_samples_stay_under_eight_megabytes(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        samples = sum(
            each.file_size for each in archive.infolist() if each.filename.startswith("publisher/exercise/samples/")
        )
    assert 0 < samples < 8_000_000


def test_the_wheel_names_its_command_and_its_destinations(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith("entry_points.txt")]
        points = configparser.ConfigParser()
        points.read_string(archive.read(name).decode())
    assert points["console_scripts"]["publisher"] == "publisher.__main__:main"
    assert set(points["publisher.destinations"]) == {"flickr", "youtube", "folder"}


@pytest.mark.slow
def test_what_runs_is_the_wheel_and_it_cannot_be_written_to(installed: Installed) -> None:
    where = installed.python(
        "-c", "import publisher, pressqueue; print(publisher.__file__); print(pressqueue.__file__)"
    )
    assert where.returncode == 0, where.stderr
    assert [Path(line).parents[1] for line in where.stdout.split()] == [installed.packages] * 2
    for place in (installed.packages, installed.packages / "publisher", installed.venv / "share" / "publisher"):
        tried = installed.python("-c", f"open({str(place / 'x')!r}, 'w')")
        assert "PermissionError" in tried.stderr, f"{place} could be written to: this proves nothing"


@pytest.fixture(scope="module")
def played(installed: Installed) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The demo, once, in a folder of its own."""
    folder = installed.home / "demo"
    return folder, installed.python("-m", "publisher", "demo", "--once", "--json", "--dir", str(folder))


@pytest.mark.slow
def test_the_main_job_is_done_and_every_hash_is_equal(played: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = played
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    print(f"{len(answer['posts'])} posts in {answer['seconds']} s")
    assert len(answer["posts"]) >= 10
    assert {post["destination"] for post in answer["posts"]} == {"flickr", "youtube"}
    for post in answer["posts"]:
        assert post["state"] == "live", post
        assert post["sent_sha256"] == post["held_sha256"], post
        assert re.fullmatch("[0-9a-f]{64}", post["sent_sha256"])
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_page_of_the_desk_has_its_stylesheet(
    installed: Installed, played: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    folder, done = played
    assert done.returncode == 0, done.stderr
    with desk(installed, folder / "office") as port:
        page, kind, text = get(port, "/sign-in/")
        assert (page, kind) == (200, "text/html; charset=utf-8")
        sheets = re.findall(r'<link[^>]*rel="stylesheet"[^>]*href="([^"]+)"', text)
        assert sheets, text
        for sheet in sheets:
            answered, kind, css = get(port, sheet)
            assert (answered, kind.split(";")[0]) == (200, "text/css")
            assert "{" in css


def get(port: int, path: str) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", ""), answer.read().decode()
    finally:
        connection.close()


@contextmanager
def desk(installed: Installed, office: Path) -> Iterator[int]:
    """`publisher web` on a free port, until it is told to end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["publisher", "--office", str(office), "web", "--port", str(port)]
    process = subprocess.Popen(
        installed.command(str(installed.venv / "bin" / command[0]), *command[1:]),
        cwd="/", env=installed.env, start_new_session=True, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_for(port, process)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    """A real process is being waited for: there is no clock to pass in."""
    until = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, process.communicate()[1]
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < until, "the desk did not begin to listen"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.1)
