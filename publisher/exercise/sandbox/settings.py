"""The stand-in's knobs: what differs between accounts, days and moods of the real platforms.

Every default is what a newcomer's demonstration wants: quick, but never instant where the platforms are
not. Times are seconds, sizes bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Settings:
    """One set of knobs; `changed` makes the next, also while the stand-in runs."""

    # Flickr: the account, its application key, its limits
    flickr_key: str = "sandbox-flickr-key"
    flickr_secret: str = "sandbox-flickr-secret"  # noqa: S105 - opens nothing but this stand-in
    flickr_nsid: str = "24573443@N04"
    flickr_username: str = "Sandbox Police"
    flickr_fullname: str = "Sandbox Police press office"
    path_alias: str = "sandbox-police"
    flickr_pro: bool = True
    flickr_items_limit: int | None = None  # 1,000 on a free account
    flickr_hourly: int | None = None  # requests for each clock hour; the real key has 3,600
    photo_bytes: int = 209_715_200  # people.getUploadStatus as recorded
    video_bytes: int = 1_073_741_824
    account_default_public: bool = True  # what an omitted is_public means
    tags_per_photo: int = 75
    photos_per_album: int | None = None  # no source names a limit
    albums_limit: int | None = None
    listing_cap: int = 4_000  # results a listing or search ever gives
    media_linger: float = 0.0  # how long a deleted photo's direct address goes on answering

    # Google: the project and the channel
    google_client_id: str = "sandbox-client-id.apps.googleusercontent.com"
    google_client_secret: str = "sandbox-client-secret"  # noqa: S105 - opens nothing but this stand-in
    google_project: str = "123456789012"
    channel_id: str = "UCsandboxPoliceChannel00"
    channel_title: str = "Sandbox Police"
    channel_verified: bool = True  # custom thumbnails and videos over 15 minutes
    private_lock: bool = False  # as until 2026-11-02 for unaudited projects: everything stays private
    granted_scopes: str | None = None  # what the person left ticked; None: all that was asked
    access_token_seconds: float = 3_600.0
    session_seconds: float = 604_800.0  # how long a resumable session lives
    keep_cut_chunks: bool = True  # whole 256 KiB blocks of a chunk that was cut off are kept
    upload_bucket: int = 100  # videos.insert calls for each day in Los Angeles
    general_units: int = 10_000
    channel_limit: int | None = None  # uploads in a rolling 24 hours
    error_details: bool = False  # quota errors carry google.rpc details too

    # both
    auto_consent: bool = False  # the consent page agrees by itself
    listing_delay: float = 0.0  # until a new thing appears in listings
    search_delay: float = 60.0  # until Flickr's search knows it
    processing_seconds: float = 2.0  # footage only
    new_video_delay: float = 0.0  # until a new video may go into a playlist
    uploads_list_repeats: bool = False  # the uploads list shows a video again on the next page
    reject_duplicates: bool = False  # the same bytes again end as rejected/duplicate
    socket_timeout: float = 120.0  # a connection silent for longer is dropped

    def changed(self, changes: Mapping[str, Any]) -> Settings:
        """These settings with `changes` applied. Raises ValueError naming a knob that does not exist."""
        known = {one.name for one in fields(self)}
        strange = sorted(set(changes) - known)
        if strange:
            raise ValueError(f"The sandbox has no setting called {', '.join(strange)}.")
        return replace(self, **changes)
