"""What a film's file does not say of itself is asked for at the desk, and only then."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pressqueue import packages
from pressqueue.models import Item, Original

from support import factories

FILMS = Path(__file__).parents[1] / "media" / "samples" / "recorders"


def form(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "file": SimpleUploadedFile(name, (FILMS / name).read_bytes(), "application/octet-stream"),
        "kind": "feature",
        "campaign": factories.series().slug,
        "title": "Day {day} - Northshire Police - Police dog Rufus",
        "caption": "Rufus waits for his handler.",
        "alt_text": "A German shepherd runs beside a patrol car.",
        "destinations": ["flickr"],
        "when": "slot",
        "mark_style": "usual",
    } | changes


def said(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_a_bare_stream_s_frame_rate_is_asked_for_and_kept(author: Client) -> None:
    assert 'name="frame_rate"' not in said(author.get("/items/new/"))
    answer = author.post("/items/new/", form("cam.h264"))
    assert answer.status_code == 400
    assert "does not say how many frames a second" in said(answer) and 'name="frame_rate"' in said(answer)
    kept = Original.objects.get(filename="cam.h264")
    again = {**form("cam.h264"), "file": "", "kept": kept.pk}
    assert "not a frame rate" in said(author.post("/items/new/", again | {"frame_rate": "fast"}))
    assert author.post("/items/new/", again | {"frame_rate": "12.5"}).status_code == 302
    item = Item.objects.get()
    assert (item.frame_rate, item.track) == ("12.5", 1)
    assert packages.describe(item, {})["making"]["frame_rate"] == "12.5"
    assert 'value="12.5"' in said(author.get(f"/items/{item.reference}/edit/"))


@pytest.mark.parametrize(("track", "kept"), [("", 1), ("2", 2), ("3", None)])
def test_a_second_camera_may_be_chosen(author: Client, track: str, kept: int | None) -> None:
    answer = author.post("/items/new/", form("two.mp4", track=track))
    assert answer.status_code == (400 if kept is None else 302)
    assert sorted(item.track for item in Item.objects.all()) == ([] if kept is None else [kept])
    if kept is None:
        assert "there is no number 3" in said(answer) and 'name="track"' in said(answer)


def test_a_film_that_says_its_rate_takes_no_other(author: Client) -> None:
    assert author.post("/items/new/", form("ps.mpg", frame_rate="99")).status_code == 302
    assert Item.objects.get().frame_rate == ""
