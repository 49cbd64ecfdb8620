"""Words that were retired stay out of pages, messages and documents. `docs/glossary.md` lists the terms that stay."""

from __future__ import annotations

import ast
import io
import re
import tokenize
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
    "needs a person": "An officer must act",
    "goes on in the next round": "Publisher works on it next",
    "through us": "Publisher takes it down",
    "kept in the log": "The audit log records it",
    "close the comments of a single film": "close the comments of a single video",
}
# Names of modules that are gone, and what they are called now.
NAMES = {
    "bell": "scheduler", "offices": "office_file", "presspacks": "press_packs", "leasehold": "lease_deadline",
    "lingering": "media_urls", "setting_aside": "internal_failures", "singling_out": "repeated_failures",
    "foreseen": "early_warning", "public_words": "public_texts", "founding": "init", "rewording": "amendments",
}  # fmt: skip
# Names of Python's that are gone from the code, and what they are called now. Stored values keep theirs.
IDENTIFIERS = {
    "lose_sight": "mark_unconfirmed", "looked_in_vain": "record_empty_listing", "dress": "apply_metadata",
    "making_way": "pending_takedown", "makes_way": "yields_to_takedown", "reckon": "reconcile_account",
    "Reckoned": "ReconciliationResult", "Reckoning": "ReconciliationRun", "Inherited": "UnmanagedMedia",
    "take_stock": "record_unmanaged", "left_up": "still_published", "lingering": "media_urls",
    "set_aside": "record_internal_failure", "set_step_aside": "record_step_internal_failure",
    "TOLD": "SHUTDOWN_REQUESTED", "Ending": "Shutdown", "told_to_end": "shutdown_requested", "AWAKE": "RETRY_AFTER",
    "Guard": "LeaseCheck", "Guarded": "BreakerDestination", "GuardedBody": "LeaseCheckedFile",
    "put_up_guards": "create_triggers", "missing_guards": "missing_triggers", "demand_guards": "require_triggers",
    "guards": "trigger_names", "Bell": "Heartbeat", "_ring": "_run_part", "_ring_once": "run_part",
    "hear": "record_date_header", "Heard": "DateHeader", "Standing": "PublishedTotals",
    "StandingText": "ApprovedText", "Asked": "RuleReference", "ASKED": "REFERENCES", "LEFT": "UNENFORCED",
    "the_days": "schedule", "THE_DAYS": "SCHEDULE", "fall_away": "end_publication", "Sitting": "ReviewSession",
    "consult": "record_view", "unlike": "differences", "_ours": "_handle_own_mark", "Made": "RenderedFile",
    "pointed_at_nothing": "claimed_id_rejected", "_mourn": "_on_exit", "Told": "RegisterEvent",
    "told_again": "replay_totals", "tell_open": "notify_open", "tell_overdue": "notify_overdue",
    "tell_overdue_reviews": "notify_overdue_reviews", "tell_unacknowledged": "notify_unacknowledged",
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


def identifiers(source: str) -> set[str]:
    """The names a module uses: of what it defines, imports, calls or reads. Texts and comments are none."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}


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


def test_no_retired_identifier_is_used() -> None:
    modules = [*(ROOT / "publisher").rglob("*.py"), *(ROOT / "queue").rglob("*.py")]
    used = {path: identifiers(path.read_text("utf-8")) for path in modules if "migrations" not in path.parts}
    assert len(used) > 400
    assert {
        str(path): sorted(names & set(IDENTIFIERS)) for path, names in used.items() if names & set(IDENTIFIERS)
    } == {}


@pytest.mark.parametrize("name", IDENTIFIERS)
def test_control_a_retired_identifier_is_found(name: str) -> None:
    sample = f'"""`other_{name}`"""\nfrom somewhere import thing\nthing.{name}(1)  # as it was\n'
    assert name in identifiers(sample)
    assert name not in identifiers(f'"""`{name}`"""\nstored = "{name}"  # {name}\nx{name} = 1\n')


@pytest.mark.parametrize("phrase", PHRASES)
def test_control_each_is_found_where_it_is_said(phrase: str) -> None:
    page = ("a page", f"<h1>{phrase.lower()}</h1>")
    code = ("a module", "\n".join(messages(f'"""Docs."""\nx = f"{phrase} {{1}}"')))
    broken = ("a document", "# About\n\n" + phrase.replace(" ", "\n"))
    assert found(phrase, [page, code, broken]) == ["a page", "a module", "a document"]
    assert not found(phrase, [("a docstring", "\n".join(messages(f'"""{phrase}"""')))])
