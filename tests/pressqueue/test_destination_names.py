"""Sentences name a destination as officers write it, not as the configuration does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pressqueue import destination_names
from publisher.configuration.office_file import load

from support import office_folder

ROOT = Path(__file__).resolve().parents[2]
# What holds the configured name of a destination.
CONFIGURED = {"destination", "_destination", "account"}
# A command that is typed, a key or an address needs the configured name.
QUOTED = ("`", ":", "/", "@", "=")


@pytest.mark.parametrize(
    ("name", "written"),
    [("flickr", "Flickr"), ("youtube", "YouTube"), ("gallery", "Gallery"), ("myPortal", "MyPortal")],
)
def test_without_an_office_a_kind_is_known_by_its_own_name(name: str, written: str) -> None:
    assert destination_names.name_of(name) == written


def test_a_name_of_the_configurations_own_is_written_beside_the_platforms(tmp_path: Path, settings: object) -> None:
    options = {"kind": "youtube", "root_url": "http://127.0.0.1:9/"}
    folder = office_folder.write_office(tmp_path / "office", {"appeals": options})
    settings.OFFICE = load(folder)  # type: ignore[attr-defined]
    assert destination_names.name_of("appeals") == "YouTube (appeals)"


def test_a_domain_by_itself_begins_it_with_a_capital(settings: object) -> None:
    settings.DESTINATION_NAMES = ""  # type: ignore[attr-defined]
    assert destination_names.name_of("youtube") == "Youtube"


def test_no_sentence_of_the_domain_and_the_service_names_the_configuration() -> None:
    found = [
        each
        for folder in ("queue/pressqueue", *(f"publisher/{one}" for one in SERVICE))
        for file in sorted((ROOT / folder).rglob("*.py"))
        for each in namings(file)
    ]
    assert found == []


SERVICE = ("publishing", "takedown", "reconciliation", "scheduling", "workers", "desk", "disclosure")


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ('f"{post.item.reference} at {post.destination} is gone."', 1),
        ('f"{mine.destination} does not answer."', 1),
        ('f"{destination} does not answer."', 1),
        ('f"{name_of(post.destination)} does not answer."', 0),
        ('f"Connect it: `publisher connect {case.destination}`."', 0),
        ('f"account:{post.destination}:silent"', 0),
    ],
)
def test_control_what_the_search_finds(tmp_path: Path, code: str, count: int) -> None:
    (tmp_path / "one.py").write_text(f"x = {code}\n")
    assert len(list(namings(tmp_path / "one.py"))) == count


def namings(file: Path) -> list[str]:
    """Sentences in this module with a configured name in them: a text of several words, outside code quotes."""
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.JoinedStr):
            continue
        texts = [each.value if isinstance(each, ast.Constant) else "\0" for each in node.values]
        if sum(len(str(text).split()) for text in texts if text != "\0") < 2:
            continue  # a key, not a sentence
        before = ""
        for part, text in zip(node.values, texts, strict=True):
            named = part.value if isinstance(part, ast.FormattedValue) else None
            said = named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""
            plain = said in CONFIGURED
            if plain and before.count("`") % 2 == 0 and not before.endswith(QUOTED):
                found.append(f"{file.name}:{node.lineno}: {''.join(texts)}")
            before += str(text)
    return found
