"""Phrases: found whole, in whatever disguise, nowhere else, in one pass; and lists that hold to their own examples."""

from __future__ import annotations

import random
import time
import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressqueue import wording
from pressqueue.wording import Dates, WordingWrong

SHIPPED = wording.current()
KIND_OF_PHRASE = [(words, phrase) for phrase in SHIPPED.phrases for words in phrase.words]


def phrase(**changes: Any) -> dict[str, Any]:
    """One entry that is right but for `changes`; None leaves a value out."""
    entry = {
        "rule": "R13", "words": ["bad word", "bad words"], "why": "it is bad.", "better": "good word",
        "source": "a test", "passes": ["a bad sword"], "fails": ["one bad word"], **changes,
    }  # fmt: skip
    return {name: value for name, value in entry.items() if value is not None}


def read(*entries: dict[str, Any], **sections: list[dict[str, Any]]) -> wording.Wording:
    return wording.read([("guilt.toml", {"phrase": list(entries), **sections})])


def found(text: str, kind: str = "suspect", field: str = "caption") -> list[str]:
    return [each.written for each in SHIPPED.check({field: text}, kind)]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Do you know this thief?", "thief"),
        ("THIEVES at work", "THIEVES"),
        ("the thief’s coat", "thief"),
        ("drug‑dealer", "drug‑dealer"),  # non-breaking hyphen
        ("in-\nvolved in", None),  # a word broken over lines is two words
        ("thi\u00adef", "thi\u00adef"),  # soft hyphen
        ("th\u200bief", "th\u200bief"),  # zero-width space
        ("thіef", "thіef"),  # Cyrillic і
        ("THΙEF", "THΙEF"),  # Greek capital iota
        ("ｔｈｉｅｆ", "ｔｈｉｅｆ"),  # full width
        ("thíef", "thíef"),
        ("t\u0301hief", "t\u0301hief"),  # a combining accent
        ("involved   in", "involved   in"),
        ("involved, in", "involved, in"),
        ("thief_seen", "thief"),
        ("#ShopALooter", "Shop A Looter"),
        ("left the shop a minute later", None),
        ("thiefdom", None),
        ("a belief", None),
    ],
)
def test_a_phrase_is_found_whatever_it_wears_and_only_as_whole_words(text: str, written: str | None) -> None:
    assert found(text)[:1] == ([written] if written else [])


@pytest.mark.parametrize(
    "text",
    [
        "criminal damage", "Criminal Damage in Mill Lane", "Criminal Investigation Department", "Crimestoppers",
        "a reported assault", "Integrated Offender Management", "being drunk and disorderly", "criminal-damage",
    ],
)  # fmt: skip
def test_offence_titles_and_names_are_allowed(text: str) -> None:
    assert found(text) == []


def test_what_stands_beside_an_allowed_name_is_still_found() -> None:
    assert found("Criminal damage by a criminal") == ["criminal"]
    assert found("this criminal investigation found the criminal") == ["criminal"]


def test_a_finding_says_phrase_reason_and_what_would_be_accepted() -> None:
    (finding,) = SHIPPED.check({"title": "A thief"}, "suspect")
    assert finding.sentence.startswith("“thief” in the title: it says the person committed the offence.")
    assert "Write instead: “a person we would like to identify" in finding.sentence


def test_where_a_phrase_does_not_apply_it_is_not_found() -> None:
    assert found("Rufus caught a ball", "feature") == []
    assert found("was convicted of theft", "convicted") == []
    assert found("was convicted of theft", "wanted") == ["convicted of"]
    assert found("a man fleeing", field="alternative text") == ["fleeing"]
    assert found("people fleeing the fire") == []


_SEPARATORS = [" ", "  ", "-", "\u2011", "\n", ", ", " \u2013 ", "_"]
_INVISIBLE = ["\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff"]
_LOOK_ALIKE = {"a": "а", "e": "е", "o": "о", "c": "с", "p": "р", "i": "і", "s": "ѕ", "x": "х", "y": "у"}


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, wording.Phrase]:
    """A listed phrase, written by somebody who does not want it found."""
    words, phrase = draw(st.sampled_from(KIND_OF_PHRASE))
    written = []
    for token in wording.tokens(words):
        letters = ""
        for letter in token.form:
            way = draw(st.integers(0, 5))
            shown = {0: letter.upper(), 1: _LOOK_ALIKE.get(letter, letter), 2: letter + "\u0301"}.get(way, letter)
            letters += shown + (draw(st.sampled_from(_INVISIBLE)) if way == 3 else "")
        written.append(letters)
    text = written[0]
    for word in written[1:]:
        text += draw(st.sampled_from(_SEPARATORS)) + word
    return unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])), text), phrase


@given(disguised(), st.sampled_from(["", "Xyz ", "(", "“", "\n"]), st.sampled_from(["", " xyz", ".", "”", "’s"]))
def test_no_disguise_hides_a_listed_phrase(drawn: tuple[str, wording.Phrase], before: str, after: str) -> None:
    text, listed = drawn
    bare = wording.Wording(SHIPPED.phrases, (), ())
    findings = bare.check({listed.fields[0]: before + text + after}, listed.kinds[0])
    assert any(each.phrase is listed for each in findings), text


@given(st.sampled_from(KIND_OF_PHRASE), st.sampled_from("abcxyz019"), st.booleans())
def test_a_longer_word_is_another_word(entry: tuple[str, wording.Phrase], more: str, in_front: bool) -> None:
    words, listed = entry
    text = more * 9 + words if in_front else words + more * 9
    findings = SHIPPED.check({listed.fields[0]: text}, listed.kinds[0])
    assert tuple(t.form for t in wording.tokens(words)) not in [
        tuple(t.form for t in wording.tokens(each.written)) for each in findings if each.phrase is listed
    ]


@given(st.text())
def test_any_text_is_read_and_each_word_has_its_place(text: str) -> None:
    words = wording.tokens(text)
    places = [(word.start, word.end) for word in words]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(word.form and not word.form.isspace() for word in words)
    SHIPPED.check({"caption": text}, "suspect")


def test_a_text_ten_times_as_long_takes_about_ten_times_as_long() -> None:
    # The worst there is for the lists: every word begins a phrase and hardly any ends one.
    firsts = sorted({wording.tokens(words)[0].form for words, _ in KIND_OF_PHRASE})
    dice = random.Random(4)

    def took(count: int) -> float:
        text = " ".join(dice.choices(firsts, k=count))
        begun = time.process_time()
        SHIPPED.check({"caption": text}, "suspect")
        return time.process_time() - begun

    took(2_000)
    assert took(20_000) < 40 * max(took(2_000), 0.002)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"fails": ["something good"]}, "says that this fails, and it does not: “something good”"),
        ({"passes": ["a BAD-WORD!"]}, "says that this passes, and it does not"),
        ({"passes": None}, "needs “passes”, a list of texts"),
        ({"fails": []}, "needs at least one text in “fails”"),
        ({"words": ["...!"]}, "which holds no word"),
        ({"why": None}, "needs “why”, a text"),
        ({"rule": "R99"}, "cannot belong to “R99”"),
        ({"kinds": ["burglar"]}, "cannot have “burglar” in “kinds”"),
        ({"fields": ["subject line"]}, "cannot have “subject line” in “fields”"),
        ({"override": "yes"}, "needs true or false"),
        ({"wrods": ["a"]}, "has no “wrods”"),
    ],
)
def test_a_list_that_cannot_be_is_refused_naming_file_and_entry(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(WordingWrong, match=r"^guilt\.toml: ") as refused:
        read(phrase(**changes))
    assert says in str(refused.value)


def test_what_is_said_to_be_allowed_must_pass() -> None:
    entry = {"words": ["bad word of honour"], "why": "a title", "passes": ["a bad word of honour", "a bad word"]}
    with pytest.raises(WordingWrong, match="“bad word” is found in it: “a bad word”"):
        read(phrase(), allowed=[entry])


def test_a_second_language_may_say_a_required_line_too() -> None:
    def line(words: str, better: str) -> dict[str, Any]:
        return {
            "rule": "R14", "key": "force", "words": [words], "why": "Say it.", "better": better, "source": "a test",
            "passes": [better], "fails": ["nothing"],
        }  # fmt: skip

    both = wording.read(
        [("a", {"line": [line("call 101", "Call 101.")]}), ("b", {"line": [line("ffoniwch 101", "Ffoniwch 101.")]})]
    )
    assert [both.missing(text, "suspect", do_not_approach=False) for text in ("Call 101", "Ffoniwch 101")] == [[], []]
    assert [each.key for each in both.missing("Hello", "suspect", do_not_approach=False)] == ["force"]


DATES: Dates = SHIPPED.dates[0]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("on Saturday 21st of February 2026, at 8", [(21, 2, 2026, 5)]),
        ("on 21 Feb", [(21, 2, None, None)]),
        ("on March 2, 2026", [(2, 3, 2026, None)]),
        ("21/02/2026", [(21, 2, 2026, None)]),
        ("21.2.26", [(21, 2, 2026, None)]),
        ("2026-02-21", [(21, 2, 2026, None)]),
        ("aged about 18 may be able to help", []),
        ("call 18001 101 or 0800 555 111", []),
        ("26/001234", []),
    ],
)
def test_dates_are_read_as_a_reader_would(text: str, named: list[tuple[int, int, int | None, int | None]]) -> None:
    assert [(each.day, each.month, each.year, each.weekday) for each in DATES.find(text)] == named


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1)))
def test_a_date_that_was_written_is_read_again(day: date) -> None:
    (named,) = DATES.find(f"It was {DATES.written(day)}.")
    assert (named.on(1), named.weekday) == (day, day.weekday())
