"""Sent and read back are the same words, however Flickr wrapped them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.destinations.flickr.texts import forges_a_mark, mark_in, tag_line
from publisher.destinations.texts import normalise

MARK = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("sent", "read_back"),
    [
        ("plain", "plain"),
        ("two  spaces\r\nand lines\n\nbetween", "two spaces and lines between"),
        ("Smith & Sons", "Smith &amp; Sons"),
        ("\"quoted\" 'words'", "&quot;quoted&quot; &#039;words&#039;"),
        (
            "see https://x.org/a?b=1&c=2.",
            'see <a href="https://x.org/a?b=1&amp;c=2" rel="noreferrer nofollow">https://x.org/a?b=1&amp;c=2</a>.',
        ),
        ("<b>bold</b> and <i>thin</i>", "bold and <i>thin</i>"),
        ("fish & chips &amp; peas", "fish &amp; chips &amp;amp; peas"),
        ("1 < 2 > 0", "1 &lt; 2 &gt; 0"),
        ("an unknown <mark>tag</mark>", "an unknown tag"),
    ],
)
def test_the_same_words_compare_equal(sent: str, read_back: str) -> None:
    assert normalise(sent) == normalise(read_back)


@pytest.mark.parametrize(("sent", "read_back"), [("Call 101", "Call 999"), ("a b", "ab"), ("Day 1", "Day 1 "[:-2])])
def test_other_words_do_not(sent: str, read_back: str) -> None:
    assert normalise(sent) != normalise(read_back)


@settings(max_examples=50)
@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_tags_of_several_words_are_quoted_and_the_mark_comes_first() -> None:
    line = tag_line(MARK, ("police", " dog  patrol ", 'say "cheese"', "", "a,b"))
    assert line == f'publisher:mark={MARK} police "dog patrol" "say cheese" "a,b"'


@pytest.mark.parametrize(
    "tag", [f"publisher:mark={MARK}", f"Publisher:Mark={MARK.upper()}", f'"publisher:mark={MARK}"']
)
def test_a_mark_is_known_however_it_is_written(tag: str) -> None:
    assert mark_in(("police", tag)) == MARK


@pytest.mark.parametrize("tag", [MARK, f"publisher:mark={MARK[:-1]}", f"xpublisher:mark={MARK}", "publisher:mark="])
def test_what_is_nearly_a_mark_is_none(tag: str) -> None:
    assert mark_in((tag,)) is None


def test_a_forged_mark_is_noticed() -> None:
    assert forges_a_mark(("police", f' "PUBLISHER : mark = {MARK}"'))
    assert not forges_a_mark(("publisher", "mark"))
