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
    PostState.UNSURE: "Unconfirmed",
    PostState.REVEALING: "Being made public",
    PostState.BLOCKED: "Not public although Publisher asked for it",
    PostState.LIVE: "Live",
    PostState.MISSING: "Gone or changed at the platform",
    PostState.REMOVING: "Removal in progress",
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
    "stop_ending_asked": "An administrator asked that the hold ends",
    "original_received": "File received",
    "package_made": "Package made",
    "approved": "Approval recorded",
    "sent_back": "Sending back recorded",
    "verified": "Verified by the officer in the case",
    "form_attached": "A signed form was attached",
    "form_confirmed": "The signed form was confirmed",
    "glass_broken": "A threat to life was declared: some answers are deferred",
    "deferred_answered": "Deferred answers were given",
    "glass_mended": "Every deferred answer was given",
    "approvals_void": "Approvals made void",
    "amendment_drafted": "An amendment of what is public was drafted",
    "review_drafted": "Review and keep it published",
    "amendment_approved": "Approval of the amendment recorded",
    "amendment_in_effect": "The amendment is approved",
    "amendment_written": "The amended text is published everywhere",
    "amendment_dropped": "The amendment was dropped",
    "post_amended": "The platform shows the amended text",
    "post_made": "Queued for its destination",
    "post_take": "Sending began",
    "post_sent": "Arrived at the platform, private",
    "post_later": "Delayed",
    "post_refuse": "Refused by the platform",
    "post_lose_sight": "Upload outcome unknown: checking with the platform",
    "post_found": "Found at the platform",
    "post_adopt": "Found public at the platform and adopted by its Mark",
    "post_adopted": "Found at the platform without a record and adopted by its Mark",
    "inherited_listed": "Media already on the account was recorded",
    "inherited_kept": "Media already on the account may stay",
    "inherited_review": "Media already on the account put under review",
    "inherited_linked": "Media already on the account linked to a person",
    "inherited_withdrawn": "Media already on the account withdrawn",
    "inherited_left_up": "Still published after removal: taken down again",
    "inherited_gone": "Media already on the account confirmed removed",
    "difference_acknowledged": "A difference was acknowledged",
    "recovery_ended": "Recovery after a restore ended",
    "post_absent": "Confirmed not at the platform",
    "post_drop": "Not at the platform and no longer needed",
    "post_begin_reveal": "Making it public",
    "post_seen": "Confirmed live",
    "post_unseen": "Not public although Publisher asked for it",
    "post_vanished": "Removed or changed outside Publisher",
    "post_take_down": "Taking it down",
    "take_down_asked": "Take-down requested while unconfirmed",
    "post_gone": "Confirmed gone",
    "post_cancel": "Cancelled",
    "post_retry": "Tried again",
    "post_settled": "Settled by an officer",
    "post_parked": "Action needed",
    "post_handed_over": "Action needed: an officer must also remove it by hand",
    "removed_by_hand": "An officer removed it by hand",
    "media_gone": "Direct image links no longer work",
    "operation_withdrawn": "The whole operation was withdrawn",
    "subject_made": "A person sought was given a number",
    "subjects_linked": "Who is shown was recorded",
    "subject_described": "Answers about the person were recorded",
    "proceedings_checked": "Proceedings were looked up",
    "rule_broken": "A rule no longer passes",
    "subject_outcome": "An outcome was recorded",
    "picture_read": "An image was viewed",
    "images_blocked": "The picture was blocked from being queued again",
    "images_unblocked": "The picture may be queued again",
    "inherited_take_down": "Taking down media that was already on the account",
    "clock_jumped": "The office's clock was moved",
    "text_drafted": "Standard wording was drafted",
    "text_approved": "A second person approved the standard wording",
    "text_ended": "The standard wording is no longer used",
    "totals_changed": "Public totals changed",
    "booking_filled": "Given its publishing time",
    "booking_reopened": "Its publishing slot is free again",
    "recovering": "Frozen until it is reconciled: an older database is in use",
    "restored": "Restored from a backup",
    "rows_sealed": "Every row sealed",
    "key_rotated": "The integrity key was changed",
    "alarm_raised": "Alarm raised by the integrity check",
    "alarm_answered": "Alarm: one person says that it is explained",
    "alarm_ended": "Alarm ended by two people",
    "counters_raised": "Numbers raised above everything that was used",
    "account_known": "An account was spoken to for the first time",
    "account_changed": "A destination became another account: approve again",
    "configuration_known": "The configuration was read for the first time",
    "configuration_changed": "The configuration was changed",
    "signed_in": "Signed in",
    "signed_out": "Signed out",
    "sign_in_failed": "Sign-in failed",
    "sign_in_delayed": "Tries to sign in were delayed",
    "code_failed": "A wrong one-time code was tried",
    "password_refused": "A wrong password was given to confirm an act",
    "sign_ins_ended": "Sessions, codes and tokens from before the restore ended",
}


def of_item(state: str) -> str:
    return ITEM_STATES[ItemState(state)]


def of_post(post: Post) -> str:
    """A Post's state for an officer. What was asked down and is out of sight is never called done."""
    state = PostState(post.state)
    if post.take_down_asked_at is not None and state in OUT_OF_SIGHT:
        return "Removal unconfirmed: still checking with the platform"
    return POST_STATES[state]


def tone_of_post(post: Post) -> str:
    if post.take_down_asked_at is not None and PostState(post.state) in OUT_OF_SIGHT:
        return "stop"
    return POST_TONES.get(PostState(post.state), "busy")


def of_act(act: str) -> str:
    """A log entry's code in words; a code nobody wrote words for is shown as it is, readable."""
    return _ACTS.get(act, act.replace("_", " ").capitalize())
