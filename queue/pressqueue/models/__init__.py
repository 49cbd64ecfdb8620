"""The tables. State is written by `pressqueue.moves` alone."""

from pressqueue.models.audit import ChainHead, Entry, EntryText
from pressqueue.models.campaigns import Booking, Campaign, Slot
from pressqueue.models.items import Approval, Edit, Item, Original, Package, Rendition, Subject
from pressqueue.models.office import Bell, Notice, Office, SealedToken
from pressqueue.models.people import Officer, PersonalToken, SignInCode
from pressqueue.models.posts import Account, Album, Attempt, Post, Spend, Step

__all__ = [
    "Account",
    "Album",
    "Approval",
    "Attempt",
    "Bell",
    "Booking",
    "Campaign",
    "ChainHead",
    "Edit",
    "Entry",
    "EntryText",
    "Item",
    "Notice",
    "Office",
    "Officer",
    "Original",
    "Package",
    "PersonalToken",
    "Post",
    "Rendition",
    "SealedToken",
    "SignInCode",
    "Slot",
    "Spend",
    "Step",
    "Subject",
]
