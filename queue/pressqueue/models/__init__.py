"""The tables. State is written by `pressqueue.moves` alone."""

from pressqueue.models.audit import ChainHead, Entry, EntryText
from pressqueue.models.campaigns import Booking, Campaign, Slot
from pressqueue.models.items import Approval, BlockedImage, Edit, Item, Original, Package, Rendition, Subject
from pressqueue.models.office import Bell, Notice, Office, SealedToken
from pressqueue.models.people import Officer, PersonalToken, SignInCode
from pressqueue.models.posts import Account, Album, Attempt, MediaAddress, Post, Spend, Step
from pressqueue.models.reconciling import Difference, Inherited, Reckoning, RegisterLine

__all__ = [
    "Account",
    "Album",
    "Approval",
    "Attempt",
    "Bell",
    "BlockedImage",
    "Booking",
    "Campaign",
    "ChainHead",
    "Difference",
    "Edit",
    "Entry",
    "EntryText",
    "Inherited",
    "Item",
    "MediaAddress",
    "Notice",
    "Office",
    "Officer",
    "Original",
    "Package",
    "PersonalToken",
    "Post",
    "Reckoning",
    "RegisterLine",
    "Rendition",
    "SealedToken",
    "SignInCode",
    "Slot",
    "Spend",
    "Step",
    "Subject",
]
