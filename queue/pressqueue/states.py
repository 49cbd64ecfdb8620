"""The states of Items and Posts and the tables of allowed moves. Pure: no database, no clock."""

from __future__ import annotations

from enum import StrEnum


class ItemState(StrEnum):
    """Where an Item stands; people move it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ItemMove(StrEnum):
    """What may happen to an Item."""

    SUBMIT = "submit"
    RENDERED = "rendered"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    REOPEN = "reopen"  # an edit, a lapsed or voided Approval, an appeal past its window
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


class PostState(StrEnum):
    """Where a Post stands; the machine moves it."""

    WAITING = "waiting"
    SENDING = "sending"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CONCEALED = "concealed"
    UNSURE = "unsure"
    REVEALING = "revealing"
    BLOCKED = "blocked"
    LIVE = "live"
    MISSING = "missing"
    REMOVING = "removing"
    REMOVED = "removed"


class PostMove(StrEnum):
    """What may happen to a Post."""

    TAKE = "take"
    CANCEL = "cancel"
    LATER = "later"
    REFUSE = "refuse"
    SENT = "sent"
    LOSE_SIGHT = "lose_sight"
    FOUND = "found"
    ADOPT = "adopt"  # public already when a restored office found it
    ABSENT = "absent"
    DROP = "drop"  # absent, and no longer wanted
    BEGIN_REVEAL = "begin_reveal"
    SEEN = "seen"
    UNSEEN = "unseen"
    VANISHED = "vanished"
    TAKE_DOWN = "take_down"
    GONE = "gone"
    RETRY = "retry"


class NotAllowed(ValueError):
    """The table has no such arrow."""


_I, _P, _IM, _PM = ItemState, PostState, ItemMove, PostMove

ITEM_ARROWS: dict[tuple[ItemState, ItemMove], ItemState] = {
    (_I.DRAFT, _IM.SUBMIT): _I.SUBMITTED,
    (_I.SUBMITTED, _IM.RENDERED): _I.IN_REVIEW,
    (_I.SUBMITTED, _IM.SEND_BACK): _I.DRAFT,
    (_I.IN_REVIEW, _IM.SEND_BACK): _I.DRAFT,
    (_I.IN_REVIEW, _IM.APPROVE): _I.APPROVED,
    (_I.IN_REVIEW, _IM.REOPEN): _I.SUBMITTED,
    (_I.APPROVED, _IM.REOPEN): _I.SUBMITTED,
    (_I.APPROVED, _IM.EXPIRE): _I.EXPIRED,
    **{(state, _IM.WITHDRAW): _I.WITHDRAWN for state in ItemState if state is not ItemState.WITHDRAWN},
}

POST_ARROWS: dict[tuple[PostState, PostMove], PostState] = {
    (_P.WAITING, _PM.TAKE): _P.SENDING,
    (_P.WAITING, _PM.CANCEL): _P.CANCELLED,
    (_P.FAILED, _PM.CANCEL): _P.CANCELLED,
    (_P.SENDING, _PM.LATER): _P.WAITING,
    (_P.SENDING, _PM.REFUSE): _P.FAILED,
    (_P.SENDING, _PM.SENT): _P.CONCEALED,
    (_P.SENDING, _PM.LOSE_SIGHT): _P.UNSURE,
    (_P.UNSURE, _PM.FOUND): _P.CONCEALED,
    # What a listing shows with this Post's Mark was sent, whatever a restored ledger, or an officer, believes.
    (_P.WAITING, _PM.FOUND): _P.CONCEALED,
    (_P.FAILED, _PM.FOUND): _P.CONCEALED,
    **{(state, _PM.ADOPT): _P.LIVE for state in (_P.WAITING, _P.FAILED, _P.UNSURE, _P.CONCEALED, _P.REVEALING)},
    (_P.UNSURE, _PM.ABSENT): _P.WAITING,
    (_P.UNSURE, _PM.DROP): _P.CANCELLED,
    (_P.CONCEALED, _PM.LATER): _P.CONCEALED,
    (_P.CONCEALED, _PM.BEGIN_REVEAL): _P.REVEALING,
    (_P.REVEALING, _PM.SEEN): _P.LIVE,
    (_P.REVEALING, _PM.UNSEEN): _P.BLOCKED,
    (_P.LIVE, _PM.VANISHED): _P.MISSING,
    (_P.BLOCKED, _PM.SEEN): _P.LIVE,
    (_P.MISSING, _PM.SEEN): _P.LIVE,
    (_P.REMOVING, _PM.GONE): _P.REMOVED,
    (_P.FAILED, _PM.RETRY): _P.WAITING,
    **{(state, _PM.TAKE_DOWN): _P.REMOVING for state in (_P.CONCEALED, _P.REVEALING, _P.BLOCKED, _P.LIVE, _P.MISSING)},
}

# Where a Destination cannot conceal, sending is the reveal: what was sent or found is already public.
SENDS_INTO_THE_OPEN = {_PM.SENT: _P.REVEALING, _PM.FOUND: _P.REVEALING}

ENDED = frozenset({_P.CANCELLED, _P.REMOVED})
# From `revealing` on a Post counts as public, whatever the platform says.
COUNTS_AS_PUBLIC = frozenset({_P.REVEALING, _P.BLOCKED, _P.LIVE, _P.MISSING, _P.REMOVING})
# A withdrawal asked for in these is a flag: nobody knows yet what there is to remove.
OUT_OF_SIGHT = frozenset({_P.SENDING, _P.UNSURE})


def next_item_state(state: str, move: ItemMove) -> ItemState:
    """Returns the state `move` leads to. Raises NotAllowed where the table has no such arrow."""
    try:
        return ITEM_ARROWS[ItemState(state), move]
    except KeyError:
        raise NotAllowed(f"An Item that is {state} cannot {move}.") from None


def next_post_state(state: str, move: PostMove, *, conceals: bool = True) -> PostState:
    """Returns the state `move` leads to, for a Destination that conceals or one that does not.

    Raises NotAllowed where the table has no such arrow.
    """
    try:
        arrow = POST_ARROWS[PostState(state), move]
    except KeyError:
        raise NotAllowed(f"A Post that is {state} cannot {move}.") from None
    return arrow if conceals else SENDS_INTO_THE_OPEN.get(move, arrow)


def post_sources(move: PostMove) -> frozenset[PostState]:
    """Returns every state `move` may start from."""
    return frozenset(state for state, each in POST_ARROWS if each is move)
