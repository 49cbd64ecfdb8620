"""What every answer tells the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

import publisher.desk
from pressqueue.models import Item, Office
from pressqueue.moves import subjects
from publisher.desk.headers import SecurityHeaders

from support import factories

PAGES = [
    "/",
    "/live/",
    "/live/removed/",
    "/attention/",
    "/alarms/",
    "/holds/",
    "/accounts/",
    "/tokens/",
    "/password/",
    "/items/new/",
]
OF_ONE = ["/items/POD-0001/", "/items/POD-0001/record/", "/people/WTN-0001/"]
TEMPLATES = sorted((Path(publisher.desk.__file__).parent / "templates").rglob("*.html"))


def in_an_open_page(answer: object) -> str:
    return answer.content.decode()


@pytest.mark.parametrize("address", [*PAGES, *OF_ONE, "/no-such-page/", "/items/XXX-9999/"])
def test_no_page_is_kept_framed_or_given_foreign_things(author: Client, address: str) -> None:
    factories.feature()
    subjects.make_subject(factories.author(), factories.operation(), now=factories.NOW)
    answer = author.get(address)
    assert answer.status_code == (404 if "no-such" in address or "9999" in address else 200)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_a_picture_by_itself_runs_and_loads_nothing(author: Client) -> None:
    """The middleware alone: what a browser shows a picture with is its own style, and nothing else."""
    asked = RequestFactory().get("/items/POD-0001/original/")
    picture = SecurityHeaders(lambda _: HttpResponse(b"", content_type="image/jpeg"))(asked)
    page = SecurityHeaders(lambda _: HttpResponse(b"", content_type="application/octet-stream"))(asked)
    assert "style-src 'unsafe-inline'" in picture["Content-Security-Policy"]
    assert "default-src 'none'" in picture["Content-Security-Policy"]
    assert "script-src" not in picture["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_what_the_policy_forbids(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r'(src|href)="(https?:)?//', text)


def test_the_style_sheet_and_its_fonts_are_served_from_the_package() -> None:
    sheet = Client().get("/static/desk/desk.css")
    assert sheet.status_code == 200
    assert sheet["Content-Type"].startswith("text/css")
    text = b"".join(sheet.streaming_content).decode()
    for font in re.findall(r'url\("([^"]+)"\)', text):
        found = Client().get(f"/static/desk/{font}")
        assert found.status_code == 200
        found.close()


@pytest.mark.parametrize("address", PAGES)
def test_an_exercise_says_so_on_every_page(author: Client, address: str) -> None:
    assert "<strong>EXERCISE</strong>" in in_an_open_page(author.get(address))
    Office.objects.update(exercise=False)
    assert "<strong>EXERCISE</strong>" not in in_an_open_page(author.get(address))


def test_even_the_sign_in_page_of_an_exercise_says_so() -> None:
    assert "<strong>EXERCISE</strong>" in in_an_open_page(Client().get("/sign-in/"))


def test_a_freeze_is_shown_on_every_page(approver: Client) -> None:
    approver.post("/holds/freeze/", {"what": "features"})
    assert "Features are paused." in in_an_open_page(approver.get("/live/"))


def test_what_goes_wrong_inside_is_said_without_its_workings(author: Client, settings: object) -> None:
    settings.OFFICE = None
    answer = author.get("/accounts/")
    assert answer.status_code == 500
    assert "PUBLISHER_OFFICE" in in_an_open_page(answer)
    assert "Traceback" not in in_an_open_page(answer)


def test_there_is_no_admin_site(author: Client) -> None:
    assert author.get("/admin/").status_code == 404


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_a_change_is_made_by_post_only(approver: Client, reviewed: Callable[..., Item], method: str) -> None:
    item = reviewed()
    for action in ("approve", "send-back", "submit", "hold", "release"):
        assert getattr(approver, method)(f"/items/{item.reference}/{action}/").status_code == 405
    item.refresh_from_db()
    assert item.state == "in_review"
