"""The tables of moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressqueue.states import (
    COUNTS_AS_PUBLIC,
    ENDED,
    POST_ARROWS,
    ItemMove,
    ItemState,
    NotAllowed,
    PostMove,
    PostState,
    next_item_state,
    next_post_state,
    post_sources,
)

from support.loops import at_least_one


def test_every_state_of_a_post_can_be_reached_and_left_except_the_two_ends() -> None:
    reached = {PostState.WAITING, *POST_ARROWS.values()}
    left = {state for state, _ in POST_ARROWS}
    assert reached == set(PostState)
    assert set(PostState) - left == ENDED


@given(st.lists(st.sampled_from(PostMove), min_size=1, max_size=30))
def test_nothing_becomes_public_without_the_deciding_commit(walk: list[PostMove]) -> None:
    state, decided = PostState.WAITING, False
    for move in at_least_one(walk):
        try:
            state = next_post_state(state, move)
        except NotAllowed:
            continue
        # What is adopted was decided before the restore that lost the record of it.
        decided = decided or move in (PostMove.BEGIN_REVEAL, PostMove.ADOPT)
        assert decided or state not in COUNTS_AS_PUBLIC - {PostState.REMOVING}


@given(st.lists(st.sampled_from(PostMove), min_size=1, max_size=30))
def test_where_nothing_can_be_concealed_what_was_sent_counts_as_public(walk: list[PostMove]) -> None:
    state = PostState.WAITING
    for move in at_least_one(walk):
        try:
            state = next_post_state(state, move, conceals=False)
        except NotAllowed:
            continue
        if move in (PostMove.SENT, PostMove.FOUND):
            assert state is PostState.REVEALING


def test_every_state_of_an_item_can_be_withdrawn_but_withdrawn_itself() -> None:
    for state in at_least_one(ItemState):
        if state is ItemState.WITHDRAWN:
            with pytest.raises(NotAllowed):
                next_item_state(state, ItemMove.WITHDRAW)
        else:
            assert next_item_state(state, ItemMove.WITHDRAW) is ItemState.WITHDRAWN


def test_a_draft_cannot_be_approved() -> None:
    with pytest.raises(NotAllowed, match="draft cannot approve"):
        next_item_state("draft", ItemMove.APPROVE)


def test_only_what_stands_at_a_platform_is_taken_down() -> None:
    assert post_sources(PostMove.TAKE_DOWN) == {
        PostState.CONCEALED,
        PostState.REVEALING,
        PostState.BLOCKED,
        PostState.LIVE,
        PostState.MISSING,
    }
