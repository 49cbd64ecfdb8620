"""The tables. State is written by `pressqueue.moves` alone."""

from pressqueue.models.audit import ChainHead, Entry, EntryText
from pressqueue.models.campaigns import Booking, Campaign, Slot
from pressqueue.models.disclosing import Disclosure, RecallAttempt, RecallNotice
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
from pressqueue.models.office import Bell, Notice, Office, SealedToken
from pressqueue.models.people import Officer, PersonalToken, SignInCode
from pressqueue.models.posts import Account, Album, Attempt, MediaAddress, Post, Spend, Step
from pressqueue.models.reconciling import Difference, Inherited, Reckoning, RegisterLine
from pressqueue.models.retention import LegalHold, Purge, RetentionReview
from pressqueue.models.safeguards import (
    AccountChange,
    Amendment,
    AppealRecord,
    BreakGlass,
    Consultation,
    Duty,
    FeatureRecord,
    ProceedingsCheck,
    Sitting,
    Source,
    Verification,
    Viewing,
)
from pressqueue.models.standing import StandingText, Totals

__all__ = [
    "Account",
    "AccountChange",
    "Album",
    "Amendment",
    "AppealRecord",
    "Approval",
    "Attempt",
    "Bell",
    "BlockedImage",
    "Booking",
    "BreakGlass",
    "Campaign",
    "ChainHead",
    "Consultation",
    "Difference",
    "Disclosure",
    "Duty",
    "Edit",
    "Entry",
    "EntryText",
    "FeatureRecord",
    "Inherited",
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
    "Reckoning",
    "RegisterLine",
    "Rendition",
    "RetentionReview",
    "SealedToken",
    "SentBack",
    "SignInCode",
    "Sitting",
    "Slot",
    "Source",
    "Spend",
    "StandingText",
    "Step",
    "Subject",
    "Totals",
    "Verification",
    "Viewing",
]
