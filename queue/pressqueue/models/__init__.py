"""The tables. State is written by `pressqueue.moves` alone."""

from pressqueue.models.account_changes import AccountChange
from pressqueue.models.amendments import Amendment
from pressqueue.models.audit import ChainHead, Entry, EntryLink, EntryText
from pressqueue.models.campaigns import Booking, Campaign, Slot
from pressqueue.models.disclosing import Disclosure, RecallAttempt, RecallNotice
from pressqueue.models.duties import Duty
from pressqueue.models.items import (
    Approval,
    BlockedImage,
    Edit,
    Item,
    Original,
    Package,
    Rendition,
    SentBack,
    Subject,
)
from pressqueue.models.office import Heartbeat, Notice, Office, SealedToken
from pressqueue.models.people import Officer, PersonalToken, SignInCode
from pressqueue.models.posts import Account, Album, Attempt, MediaAddress, Post, Spend, Step
from pressqueue.models.reconciling import Difference, ReconciliationRun, RegisterLine, UnmanagedMedia
from pressqueue.models.records import AppealRecord, FeatureRecord, Source
from pressqueue.models.retention import LegalHold, Purge, RetentionReview
from pressqueue.models.sealing import Alarm, Checkpoint, Seal
from pressqueue.models.standing import ApprovedText, Totals
from pressqueue.models.stops import Stop, StopEnding
from pressqueue.models.verification import BreakGlass, ProceedingsCheck, Verification
from pressqueue.models.viewing import Consultation, ReviewSession, Viewing

__all__ = [
    "Account",
    "AccountChange",
    "Alarm",
    "Album",
    "Amendment",
    "AppealRecord",
    "Approval",
    "ApprovedText",
    "Attempt",
    "BlockedImage",
    "Booking",
    "BreakGlass",
    "Campaign",
    "ChainHead",
    "Checkpoint",
    "Consultation",
    "Difference",
    "Disclosure",
    "Duty",
    "Edit",
    "Entry",
    "EntryLink",
    "EntryText",
    "FeatureRecord",
    "Heartbeat",
    "Item",
    "LegalHold",
    "MediaAddress",
    "Notice",
    "Office",
    "Officer",
    "Original",
    "Package",
    "PersonalToken",
    "Post",
    "ProceedingsCheck",
    "Purge",
    "RecallAttempt",
    "RecallNotice",
    "ReconciliationRun",
    "RegisterLine",
    "Rendition",
    "RetentionReview",
    "ReviewSession",
    "Seal",
    "SealedToken",
    "SentBack",
    "SignInCode",
    "Slot",
    "Source",
    "Spend",
    "Step",
    "Stop",
    "StopEnding",
    "Subject",
    "Totals",
    "UnmanagedMedia",
    "Verification",
    "Viewing",
]
