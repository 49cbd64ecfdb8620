"""States and log entries in plain words."""

from __future__ import annotations

from pressqueue.models import Post
from pressqueue.states import OUT_OF_SIGHT, ItemState, PostState

ITEM_STATES = {
    ItemState.DRAFT: "Draft",
    ItemState.SUBMITTED: "Being prepared",
    ItemState.IN_REVIEW: "Waiting for approval",
    ItemState.APPROVED: "Approved",
    ItemState.WITHDRAWN: "Withdrawn",
    ItemState.EXPIRED: "Expired",
}
POST_STATES = {
    PostState.WAITING: "Waiting to be sent",
    PostState.SENDING: "Being sent",
    PostState.FAILED: "Could not be sent",
    PostState.CANCELLED: "Cancelled, never sent",
    PostState.CONCEALED: "Sent, still private",
    PostState.UNSURE: "Not certain whether it arrived",
    PostState.REVEALING: "Being made public",
    PostState.BLOCKED: "Asked to be public, but is not",
    PostState.LIVE: "Live",
    PostState.MISSING: "Gone or changed at the platform",
    PostState.REMOVING: "Coming down, not confirmed yet",
    PostState.REMOVED: "Confirmed down",
}
# How a state is coloured; the words always say it too.
ITEM_TONES = {
    ItemState.DRAFT: "quiet",
    ItemState.SUBMITTED: "busy",
    ItemState.IN_REVIEW: "wait",
    ItemState.APPROVED: "good",
    ItemState.WITHDRAWN: "stop",
    ItemState.EXPIRED: "quiet",
}
POST_TONES = {
    PostState.LIVE: "good",
    PostState.FAILED: "stop",
    PostState.BLOCKED: "stop",
    PostState.MISSING: "stop",
    PostState.UNSURE: "wait",
    PostState.REMOVING: "wait",
    PostState.CANCELLED: "quiet",
    PostState.REMOVED: "quiet",
}
_ACTS = {
    "item_added": "Written",
    "item_edited": "Changed",
    "item_submit": "Submitted",
    "item_rendered": "Prepared for review",
    "item_send_back": "Sent back",
    "item_approve": "Approved",
    "item_reopen": "Back to review",
    "item_withdraw": "Withdrawn",
    "item_expire": "Expired",
    "item_hold": "Held",
    "item_release": "Released from hold",
    "original_received": "File received",
    "package_made": "Package made",
    "approved": "Approval recorded",
    "sent_back": "Sending back recorded",
    "verified": "Verified by the officer in the case",
    "form_attached": "A signed form was attached",
    "form_confirmed": "The signed form was confirmed",
    "glass_broken": "A threat to life was declared: some answers are deferred",
    "deferred_answered": "Deferred answers were given",
    "glass_mended": "Every deferred answer is given",
    "approvals_void": "Approvals made void",
    "amendment_drafted": "An amendment of what is public was drafted",
    "review_drafted": "It was looked at again and is to stay",
    "amendment_approved": "Approval of the amendment recorded",
    "amendment_in_effect": "The amendment is approved",
    "amendment_written": "The amended words stand everywhere",
    "amendment_dropped": "The amendment was dropped",
    "post_amended": "Read back with the amended words",
    "post_made": "Queued for its destination",
    "post_take": "Sending began",
    "post_sent": "Arrived at the platform, private",
    "post_later": "Put off",
    "post_refuse": "Refused by the platform",
    "post_lose_sight": "Lost sight of it while sending",
    "post_found": "Found at the platform",
    "post_adopt": "Found public at the platform, and taken for ours",
    "post_adopted": "Found at the platform without a record, and taken for ours",
    "inherited_listed": "Stock was taken of what stood there before us",
    "inherited_kept": "Inherited things may stay",
    "inherited_review": "Inherited things put under review",
    "inherited_linked": "Inherited things linked to a person sought",
    "inherited_withdrawn": "Inherited things withdrawn",
    "inherited_left_up": "Was to be gone and is there: taken down again",
    "inherited_gone": "Inherited thing confirmed gone",
    "difference_acknowledged": "A difference was acknowledged",
    "recovery_ended": "Recovery after a restore ended",
    "post_absent": "Found to be absent",
    "post_drop": "Absent and no longer wanted",
    "post_begin_reveal": "Making it public",
    "post_seen": "Seen live",
    "post_unseen": "Asked public, not seen",
    "post_vanished": "Gone or changed without us",
    "post_take_down": "Taking it down",
    "take_down_asked": "Take-down asked while out of sight",
    "post_gone": "Confirmed gone",
    "post_cancel": "Cancelled",
    "post_retry": "Tried again",
    "post_settled": "Settled by an officer",
    "post_parked": "Put before a person",
    "post_handed_over": "Put before a person, to be removed by hand as well",
    "removed_by_hand": "An officer removed it by hand",
    "media_gone": "Its direct addresses answer no more",
    "operation_withdrawn": "The whole operation was withdrawn",
    "subject_made": "A person sought was given a number",
    "subjects_linked": "Who is shown was recorded",
    "subject_described": "What is asked of a person shown was answered",
    "proceedings_checked": "Proceedings were looked up",
    "rule_broken": "A rule it stands under holds no longer",
    "subject_outcome": "An outcome was recorded",
    "picture_read": "A picture of it was looked at",
    "images_blocked": "The picture was blocked from being queued again",
    "images_unblocked": "The picture may be queued again",
    "inherited_take_down": "Taking down what stood there before us",
    "clock_jumped": "The office's clock was moved",
    "text_drafted": "Words were drafted that Publisher puts out by itself",
    "text_approved": "A second person approved them",
    "text_ended": "They are in force no more",
    "totals_changed": "Public totals changed",
    "booking_filled": "Given its hour",
    "booking_reopened": "Its hour is free again",
    "recovering": "Frozen until it is reconciled: an older database is in use",
    "restored": "Restored from a backup",
    "counters_raised": "Numbers raised above everything that was used",
    "sign_ins_ended": "Sessions, codes and tokens from before the restore ended",
}


def of_item(state: str) -> str:
    return ITEM_STATES[ItemState(state)]


def of_post(post: Post) -> str:
    """A Post's state for an officer. What was asked down and is out of sight is never called done."""
    state = PostState(post.state)
    if post.take_down_asked_at is not None and state in OUT_OF_SIGHT:
        return "Not confirmed down: still being looked for"
    return POST_STATES[state]


def tone_of_post(post: Post) -> str:
    if post.take_down_asked_at is not None and PostState(post.state) in OUT_OF_SIGHT:
        return "stop"
    return POST_TONES.get(PostState(post.state), "busy")


def of_act(act: str) -> str:
    """A log entry's code in words; a code nobody wrote words for is shown as it is, readable."""
    return _ACTS.get(act, act.replace("_", " ").capitalize())
