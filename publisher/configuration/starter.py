"""The configuration a new office begins with: every setting explained, the defaults shown as comments.

`config/publisher.example.toml` is this text with the real platforms; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

EXAMPLE_NAME = "Northshire Police"

_OFFICE = """\
# An office of Publisher. Every setting is checked at start; a name that is not known is refused.
# `publisher check` says which file is used and whether everything it names can be reached.
# Keys and client secrets do not belong here: they are in secrets.toml beside this file, or in the environment.

[office]
name = {name}            # as it is drawn into every mark
exercise = {exercise}    # decided when the office is made, for ever: an exercise speaks to this machine only
zone = "Europe/London"   # of the times people type and read; everything is kept in UTC

[brand]
contact = {contact}      # drawn on an appeal's strip: how to call
handle = {handle}        # drawn on a feature's plate: where to find you
folder = "brand"         # crest.png and the two fonts, beside this file
# plate = "#0b1f3f"      # the colours of the mark; ink and accent must be legible on the plate (4.5 to 1)
# ink = "#ffffff"
# accent = "#f2b632"
# credit = ""            # written into every picture; empty: the office's name
# copyright = ""
# usage_terms = "Not for use once a removal notice has been given."

# [web]
# host = "127.0.0.1"     # where the desk listens; put a TLS proxy in front of it
# port = 8000
# address = ""           # what people open, such as "https://press-desk.example.police.uk"
# trusted_proxy = false  # true: believe the proxy's X-Forwarded-Proto and X-Forwarded-For
# proxies = ["127.0.0.1", "::1"]   # where that proxy calls from

# [mail]
# host = ""              # without a host, notices are written into the office's mail folder
# port = 25
# sender = "publisher@localhost"
# recall = ""            # where recipients of press packs turn to when one is recalled; empty: the sender
# attention = []         # who is told when an officer must act; never with a picture in it
# tls = false

# [register]             # withdrawals, written down a second time outside database and backup
# path = ""              # such as "/mnt/elsewhere/withdrawals.jsonl", on another disk; empty: beside this folder

# [anchors]              # each day a signed digest of the audit log, outside the database
# path = ""              # such as "/mnt/elsewhere/anchors.jsonl"; empty: beside the withdrawal register
# key = ""               # the private key's file, apart from database and backups; empty: beside this folder
# hour = 4               # of the office's clock

# [pace]                 # seconds
# lease = 120.0          # how long a worker owns a Post without renewing
# margin = 10.0          # an upload stops this long before its lease ends
# renew = 20.0
# settle = 600.0         # absence must be seen over at least this long before anything is sent again
# give_up = 86400.0      # then a person is asked
# reveal_patience = 300.0
# retry_first = 30.0
# retry_most = 3600.0
# withdraw_first = 2.0
# withdraw_most = 300.0  # a withdrawal is tried at least this often, for ever
# poll = 10.0
# tick = 5.0
# stop_within = 20.0     # a process told to end finishes what it does for so long, then breaks off and hands back
# silent_after = 900.0   # `publisher check` fails when nothing rang for this long
# tries = 8

# [reconcile]            # every account is held against the ledger once a night
# hour = 3               # of the office's clock
# grace = 3600.0         # seconds; what is live for less may not be in a platform's listings yet

# [rendering]
# threads = 1            # how many files are prepared at the same time, each on a core of its own

# One section for each account. `kind` names the plug-in (flickr, youtube, folder); by default the section's name.
"""

_REAL = """\
# After `publisher connect flickr` and `publisher connect youtube`. Client keys go into secrets.toml:
#   [clients.flickr]              [clients.youtube]
#   key = "..."                   client_id = "..."
#   secret = "..."                client_secret = "..."

[destinations.flickr]
# api_url = "https://api.flickr.com/services/rest/"
# upload_url = "https://up.flickr.com/services/upload/"
# oauth_url = "https://www.flickr.com/services/oauth/"

[destinations.youtube]
# root_url = "https://youtube.googleapis.com/"
# token_url = "https://oauth2.googleapis.com/token"
# auth_url = "https://accounts.google.com/o/oauth2/auth"
# uploads_per_day = 100
# units_per_day = 10000
"""

_STAND_IN = """\
# The sandbox of `publisher sandbox`. An exercise office refuses every address that is not on this machine.

[destinations.flickr]
api_url = "{base}/services/rest/"
upload_url = "{base}/services/upload/"
oauth_url = "{base}/services/oauth/"

[destinations.youtube]
root_url = "{base}/"
token_url = "{base}/token"
auth_url = "{base}/o/oauth2/auth"
"""

DEFAULT_SANDBOX = "http://127.0.0.1:8765"
DEFAULT_CONTACT = "Call 101, or Crimestoppers anonymously on 0800 555 111"


@dataclass(frozen=True, slots=True)
class Blank:
    """What is asked for when an office is made. `sandbox`: the stand-in's address, exercise offices only."""

    name: str = EXAMPLE_NAME
    exercise: bool = False
    sandbox: str = DEFAULT_SANDBOX
    contact: str = DEFAULT_CONTACT
    handle: str = ""


def configuration(blank: Blank) -> str:
    """The text of `publisher.toml`."""
    office = _OFFICE.format(
        name=_text(blank.name),
        exercise=str(blank.exercise).lower(),
        contact=_text(blank.contact),
        handle=_text(blank.handle),
    )
    return office + "\n" + (_STAND_IN.format(base=blank.sandbox.rstrip("/")) if blank.exercise else _REAL)


def _text(value: str) -> str:
    """A TOML basic string: quotes, backslashes and control characters escaped."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign >= " " and sign != "\x7f" else f"\\u{ord(sign):04x}" for sign in escaped) + '"'
