"""The only writer of state: each move checks, changes and logs in one transaction.

Every move locks in one order: Office, Subject, Campaign, Item (each ascending by id), Booking, Post, and as its
last statement the chain head.
"""

from pressqueue.moves.accounts import attest_comments_closed
from pressqueue.moves.campaigns import add_slot, book, fill, make_campaign, skip
from pressqueue.moves.credentials import change_password, redeem_code
from pressqueue.moves.holds import freeze, hold, hold_campaign, release, release_campaign
from pressqueue.moves.items import (
    add_item,
    approve,
    edit,
    expire,
    receive_original,
    render_failed,
    rendered,
    reopen,
    send_back,
    submit,
)
from pressqueue.moves.people import (
    add_officer,
    disable_officer,
    enable_officer,
    found_office,
    issue_code,
    issue_token,
    revoke_token,
)
from pressqueue.moves.posting import open_posts
from pressqueue.moves.posts import (
    absent,
    asked_public,
    begin_reveal,
    cancel,
    dressed,
    found,
    gone,
    later,
    looked_in_vain,
    lose_sight,
    park,
    refuse,
    retry,
    seen,
    sent,
    settle,
    unseen,
    vanished,
)
from pressqueue.moves.takedown import REASONS, take_down_post, withdraw

__all__ = [
    "REASONS",
    "absent",
    "add_item",
    "add_officer",
    "add_slot",
    "approve",
    "asked_public",
    "attest_comments_closed",
    "begin_reveal",
    "book",
    "cancel",
    "change_password",
    "disable_officer",
    "dressed",
    "edit",
    "enable_officer",
    "expire",
    "fill",
    "found",
    "found_office",
    "freeze",
    "gone",
    "hold",
    "hold_campaign",
    "issue_code",
    "issue_token",
    "later",
    "looked_in_vain",
    "lose_sight",
    "make_campaign",
    "open_posts",
    "park",
    "receive_original",
    "redeem_code",
    "refuse",
    "release",
    "release_campaign",
    "render_failed",
    "rendered",
    "reopen",
    "retry",
    "revoke_token",
    "seen",
    "send_back",
    "sent",
    "settle",
    "skip",
    "submit",
    "take_down_post",
    "unseen",
    "vanished",
    "withdraw",
]
