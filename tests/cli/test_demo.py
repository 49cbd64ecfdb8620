"""The demo: where it works, how it reads the desk's pages, and that it does the main job."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from publisher.configuration.office_file import Misconfigured
from publisher.exercise import demo
from publisher.exercise.demo.places import choose
from publisher.exercise.demo.report import Row, shown
from publisher.exercise.demo.visitor import Page
from publisher.output import Declined

from support.commands import publisher


def test_a_folder_that_was_named_is_kept(tmp_path: Path) -> None:
    place = choose(tmp_path / "mine", once=True)
    place.clear_away(good=True)
    assert place.folder == tmp_path / "mine"
    assert place.folder.is_dir()


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear press office")
    with pytest.raises(Misconfigured, match="is not an empty folder"):
        choose(tmp_path, once=False)


def test_an_earlier_demo_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [choose(None, once=False).folder.name for _ in range(3)]
    assert names == ["demo-office", "demo-office-2", "demo-office-3"]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o700}


@pytest.mark.parametrize("good", [True, False])
def test_a_passing_folder_is_left_only_where_there_is_something_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, good: bool
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = choose(None, once=True)
    assert place.folder.parent == tmp_path
    place.clear_away(good)
    assert place.folder.exists() is not good


def test_the_environment_of_a_real_office_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    real = dict.fromkeys(("PUBLISHER_OFFICE", "PUBLISHER_TOKEN", "DATABASE_URL", "STORAGE_URL"), "x")
    monkeypatch.setattr(os, "environ", {**real, "PATH": "/bin", "PUBLISHER_DEBUG": "1"})
    demo._forget_the_environment()
    assert os.environ == {"PATH": "/bin", "PUBLISHER_DEBUG": "1"}


PAGE = b"""
<form action="/elsewhere/"><input name="stray" value="1"></form>
<form method="post" action="/items/POD-0001/approve/">
  <input type="hidden" name="csrfmiddlewaretoken" value="abc"><input type="hidden" name="digest" value="d&amp;1">
  <input type="checkbox" name="confirm"><button>Approve</button>
</form>
<input name="outside" value="2">
"""


def test_a_form_is_read_as_a_browser_reads_it() -> None:
    form = Page("/items/POD-0001/", 200, PAGE, "").form("/approve/")
    assert form.action == "/items/POD-0001/approve/"
    assert form.fields == {"csrfmiddlewaretoken": "abc", "digest": "d&1"}, "a box is ticked by a person"


def test_a_page_without_the_form_is_a_sentence() -> None:
    with pytest.raises(Declined, match="has no form for /approve/"):
        Page("/items/POD-0001/", 403, b"<p>You wrote this.</p>", "").form("/approve/")


def test_the_object_holds_the_whole_hashes(capsys: pytest.CaptureFixture[str]) -> None:
    row = Row("POD-0001", "flickr", "54", "http://127.0.0.1/54", "a" * 64, None, "failed")
    shown([row], 12.34, True)
    out, err = capsys.readouterr()
    assert '"sent_sha256": "' + "a" * 64 in out
    assert '"held_sha256": null' in out
    assert '"seconds": 12.3' in out
    assert "0 of 1 Posts are live" in err


@pytest.mark.slow
@pytest.mark.timeout(600)  # a minute on a machine to itself
def test_a_week_a_gallery_and_a_film_go_out_once_with_the_very_bytes(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    said = publisher(
        "demo", "--once", "--json", cwd=home, HOME=str(home), TMPDIR=str(temporary), PUBLISHER_OFFICE="/no/such/office"
    )
    assert said.code == 0, said.err
    posts = said.object["posts"]
    assert [each["destination"] for each in posts].count("youtube") == 1
    assert len(posts) == 15
    assert {each["state"] for each in posts} == {"live"}
    assert all(each["sent_sha256"] == each["held_sha256"] for each in posts)
    assert len({(each["destination"], each["remote_id"]) for each in posts}) == 15
    assert {each["reference"] for each in posts} == {f"{p}-{n:04d}" for p in ("POD", "WTN") for n in range(1, 8)}
    assert "Traceback" not in said.err
    assert list(home.iterdir()) == [], "nothing is left in the home folder"
    assert list(temporary.iterdir()) == []
