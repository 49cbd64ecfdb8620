"""Words that were retired stay out of pages, messages and documents. `docs/glossary.md` lists the terms that stay."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# What nobody says any more, and what is said instead. A new row is one line.
PHRASES = {
    "Say why you look": "Give a reason for viewing",
    "Why you look": "Reason for viewing",
    "What has come down": "Taken down",
    "What the rules say": "Checks",
    "Lost sight of it": "Upload outcome unknown: checking with the platform",
    "Put before a person": "Action needed",
    "direct addresses answer no more": "Direct image links no longer work",
    "Text below it": "Caption",
    "What happened to it": "History",
    "Keep and go on": "Save and continue",
    "Written or changed by": "Author and editors",
    "Where it goes": "Destinations",
    "When it goes out": "Schedule",
    "What wants a person": "Action needed",
    "Coming down, not confirmed yet": "Removal in progress",
    "What is owed": "Tasks due",
    "Mend it here": "Fix this",
    "The words are mended": "Edit the text",
    "Freeze everything": "Pause all publishing",
    "Everything is frozen": "All publishing is paused",
    "Features are frozen": "Features are paused",
    "What became of the search": "Outcome of the appeal",
    "What the age rests on": "How you assessed age",
    "Nothing less would do": "Why less intrusive options would not work",
    "Our mark": "Watermark",
    "Nothing keeps these any more": "Ready for deletion review",
    "None stands": "No legal holds",
    "These are the very bytes": "Exact file to be published",
    "next free hour": "next available slot",
    "It is no longer wanted": "The appeal is no longer needed",
    "No insult and no hunt": "No insulting or inflammatory language",
    "taken for ours": "adopted",
    "stood there before us": "already on the account",
    "One after another": "Review images",
    "speaks to stand-ins": "connects to a sandbox",
    "Picture or film": "Picture or video",
    "Add the film itself": "Add the video itself",
    "pictures and films": "pictures and videos",
    "close the comments of a single film": "close the comments of a single video",
}
# Names of modules that are gone, and what they are called now.
NAMES = {
    "bell": "scheduler", "offices": "office_file", "presspacks": "press_packs", "leasehold": "lease_deadline",
    "lingering": "media_urls", "setting_aside": "internal_failures", "singling_out": "repeated_failures",
    "foreseen": "early_warning", "public_words": "public_texts", "founding": "init", "rewording": "amendments",
}  # fmt: skip


def texts() -> Iterator[tuple[str, str]]:
    """(where, text) of every page, every message of the code (not its docstrings), and every document."""
    for page in sorted((ROOT / "publisher").rglob("*.html")):
        yield str(page.relative_to(ROOT)), page.read_text(encoding="utf-8")
    for part in ("publisher", "queue/pressqueue"):
        for module in sorted((ROOT / part).rglob("*.py")):
            if "migrations" not in module.parts:
                yield str(module.relative_to(ROOT)), "\n".join(messages(module.read_text(encoding="utf-8")))
    documents = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    for document in sorted(documents):
        yield str(document.relative_to(ROOT)), document.read_text(encoding="utf-8")


def messages(source: str) -> Iterator[str]:
    """The texts in a module's code; what documents it is left out."""
    tree = ast.parse(source)
    documenting = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documenting:
            yield node.value


def found(phrase: str, among: list[tuple[str, str]]) -> list[str]:
    """Where a phrase is said, whatever its case and its line breaks."""
    pattern = re.compile(r"\s+".join(map(re.escape, phrase.split())), re.IGNORECASE)
    return [where for where, text in among if pattern.search(text)]


@pytest.fixture(scope="module")
def everything() -> list[tuple[str, str]]:
    found = list(texts())
    assert len(found) > 400
    return found


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_retired_phrase_is_said_nowhere(phrase: str, everything: list[tuple[str, str]]) -> None:
    assert not found(phrase, everything), f"say: {PHRASES[phrase]}"


@pytest.mark.parametrize("name", NAMES)
def test_a_retired_module_is_named_nowhere(name: str) -> None:
    named = re.compile(rf"\b(?:publisher[./](?:\w+[./])?{name}\b|{name}\.py\b|import {name}\b|as {name}\b)")
    places = [*(ROOT / "publisher").rglob("*.py"), *(ROOT / "queue").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]
    assert not [str(each) for each in places if named.search(each.read_text(encoding="utf-8"))], NAMES[name]


@pytest.mark.parametrize("phrase", PHRASES)
def test_control_each_is_found_where_it_is_said(phrase: str) -> None:
    page = ("a page", f"<h1>{phrase.lower()}</h1>")
    code = ("a module", "\n".join(messages(f'"""Docs."""\nx = f"{phrase} {{1}}"')))
    broken = ("a document", "# About\n\n" + phrase.replace(" ", "\n"))
    assert found(phrase, [page, code, broken]) == ["a page", "a module", "a document"]
    assert not found(phrase, [("a docstring", "\n".join(messages(f'"""{phrase}"""')))])
