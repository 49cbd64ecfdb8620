"""What may be sent where: no page takes more than it needs, nor a file it did not ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client

from publisher.desk import addresses
from publisher.desk.addresses import LARGEST_FORM, LARGEST_OPEN, UPLOADS

from support import databases, factories
from support.desk_officers import picture

TEMPLATES = databases.ROOT / "publisher" / "desk" / "templates"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of files that came to the disk."""
    names: list[str] = []
    before = TemporaryFileUploadHandler.new_file

    def new_file(self: TemporaryFileUploadHandler, *given: object, **named: object) -> None:
        before(self, *given, **named)
        names.append(str(self.file_name))

    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", new_file)
    yield names


def film(size: int = 1000) -> SimpleUploadedFile:
    return SimpleUploadedFile("film.mp4", bytes(size), "video/mp4")


@pytest.mark.parametrize("page", ["/sign-in/", "/set-password/", "/items/new/", "/live/", "/items/POD-0001/form/"])
def test_nobody_who_is_not_signed_in_brings_a_file_to_the_disk(page: str, written: list[str], db: None) -> None:
    Client().post(page, {"username": "chidi", "password": "x", "file": film()})
    assert Client().post(page, {"username": "chidi", "file": film(LARGEST_OPEN)}).status_code == 413
    assert written == []


def test_a_page_without_a_file_field_takes_none(author: Client, written: list[str]) -> None:
    author.post("/password/", {"present": "x", "file": film()})
    assert author.post("/holds/freeze/", {"what": "all", "file": film(LARGEST_FORM)}).status_code == 413
    assert written == []


def test_an_author_s_film_is_taken(author: Client, written: list[str]) -> None:
    factories.series()
    author.post("/items/new/", {"file": SimpleUploadedFile("a.jpg", picture(), "image/jpeg")})
    assert written == ["a.jpg"]


def test_control_without_the_check_a_file_comes_to_the_disk_before_the_sign_in_is_refused(
    written: list[str], settings: object, db: None
) -> None:
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "Bodies" not in each]  # type: ignore[attr-defined]  # of Django, untyped
    assert Client().post("/sign-in/", {"username": "x", "password": "y", "file": film()}).status_code == 400
    assert written == ["film.mp4"]


def pages_with_a_file_field() -> list[tuple[Path, str]]:
    found = []
    for template in sorted(TEMPLATES.rglob("*.html")):
        for form in re.findall(r"<form[^>]*multipart/form-data[^>]*>", template.read_text()):
            named = re.search(r"{% url '(\w+)'", form)
            found.append((template, named.group(1) if named else ""))
    return found


@pytest.mark.parametrize(("template", "name"), pages_with_a_file_field())
def test_every_form_with_a_file_field_has_its_row(template: Path, name: str) -> None:
    assert (name or "new") in UPLOADS, f"{template.name} sends files to {name}: enter it in addresses.UPLOADS"


def test_every_name_in_the_tables_is_an_address() -> None:
    from publisher.desk.urls import urlpatterns

    names = {each.name for each in urlpatterns}
    assert {*UPLOADS, *addresses.TAKING_DOWN, *addresses.SIGNING_IN, *addresses.FILES} <= names
