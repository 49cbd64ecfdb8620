"""Where each row of the platforms' error tables is met, and what comes of it."""

from __future__ import annotations

from support.refused_calls import Case

# Flickr

LOOK = {"photos.recentlyUpdated": 1, "people.getPhotos": 1}
LOST = Case("send", "upload", "unsure", {"upload": 1, **LOOK})
REFUSED = Case("send", "upload", "failed", {"upload": 1})
STOPPED = Case("send", "upload", "waiting", {"upload": 1}, "auth")

UPLOADS: dict[int, Case] = {
    **dict.fromkeys([4, 5, 8, 116], REFUSED),
    **dict.fromkeys([6, 7, 95, 96, 97, 98, 99, 100], STOPPED),
    **dict.fromkeys([0, 2, 3, 14, 105, 106, 201], LOST),
}

OAUTH_CASES = {"timestamp_refused": STOPPED, "nonce_used": LOST}


def looked(stop: str = "none") -> Case:
    return Case("look", "photos.getInfo", "concealed", {"photos.getInfo": 1}, stop, parked=stop == "none")


FILING = {"photosets.getList": 1}
CALL_CASES: dict[tuple[str, int], Case] = {
    **{("*", code): looked("auth") for code in (95, 96, 97, 98, 99, 100)},
    ("*", 116): looked(),
    ("photos.setPerms", 1): Case("reveal", "photos.setPerms", "revealing", {"photos.setPerms": 1}),
    **{
        (method, code): Case("apply_metadata", method, "concealed", {method: 1}, parked=code != 1)
        for method, code in [
            ("photos.licenses.setLicense", 1),
            ("photos.licenses.setLicense", 2),
            ("photos.setSafetyLevel", 1),
            ("photos.setSafetyLevel", 3),
        ]
    },
    **{
        (method, code): Case("file_under", method, "live", {**FILING, method: 1})
        for method, code in [
            ("photosets.create", 1),
            ("photosets.create", 2),
            ("photosets.create", 3),
        ]
    },
    # The album is known by then.
    ("photosets.addPhoto", 2): Case("file_under", "photosets.addPhoto", "live", {"photosets.addPhoto": 1}),
    ("photosets.addPhoto", 10): Case("file_under", "photosets.addPhoto", "live", {"photosets.addPhoto": 1}),
    ("photosets.editMeta", 2): Case("describe_album", "photosets.editMeta", "", {"photosets.editMeta": 1}),
    ("photos.setMeta", 1): Case("amend", "photos.setMeta", "", {"photos.setMeta": 1}),
    ("photos.setTags", 1): Case("amend", "photos.setTags", "", {"photos.setMeta": 1, "photos.setTags": 1}),
    ("photos.setTags", 2): Case("amend", "photos.setTags", "", {"photos.setMeta": 1, "photos.setTags": 1}),
}

# YouTube

TOKEN = {"token": 1}
ONE = {"session": 1}


def sent(state: str, stop: str = "none", http: int = 400, cost: dict[str, int] = ONE) -> Case:
    return Case("send", "session", state, {**TOKEN, **cost}, stop, http)


def revealed(state: str, http: int, stop: str = "none") -> Case:
    # Read before it is written; and once more, in case a person had mended it already.
    return Case("reveal", "videos.update", state, {"videos.list": 2, "videos.update": 1}, stop, http, parked=True)


# A 401 is met with a fresh access token once before it is believed; and so is the one of asking who we are.
REFRESHED = {"token": 3, "session": 2}
TEXTS = ("invalidTitle", "invalidDescription", "invalidTags", "invalidCategoryId", "invalidVideoMetadata")
SETTINGS = ("forbiddenPrivacySetting", "forbiddenLicenseSetting", "forbiddenEmbedSetting")
FILED = {"playlists.list": 1, "playlists.insert": 1, "playlistItems.list": 1}
CASES: dict[tuple[str, str], Case] = {
    **{("*", reason): sent("failed") for reason in (*TEXTS, "invalidFilename", "mediaBodyRequired")},
    **{("*", reason): sent("failed", http=403) for reason in SETTINGS},
    ("*", "uploadLimitExceeded"): sent("waiting", "uploads"),
    ("*", "quotaExceeded"): sent("waiting", "account", 403),
    ("*", "dailyLimitExceeded"): sent("waiting", "account", 403),
    ("*", "rateLimitExceeded"): sent("waiting", http=429),
    ("*", "userRateLimitExceeded"): sent("waiting", http=403),
    ("*", "SERVICE_UNAVAILABLE"): sent("waiting", http=403),
    ("*", "backendError"): sent("waiting", http=503),
    ("*", "internalError"): sent("waiting", http=500),
    ("*", "processingFailure"): sent("waiting", http=400),
    **{
        ("*", reason): sent("waiting", "auth", 401, REFRESHED)
        for reason in ("authError", "authorizationRequired", "required", "youtubeSignupRequired")
    },
    ("*", "insufficientPermissions"): sent("waiting", "auth", 403),
    ("*", "accountSuspended"): sent("waiting", "auth", 403),
    ("session", "forbidden"): sent("waiting", "auth", 403),
    ("*", "keyInvalid"): sent("waiting", "auth"),
    ("*", "accessNotConfigured"): sent("waiting", "auth", 403),
    ("*", "forbidden"): revealed("blocked", 403),
    # One "not found" is no proof: it is asked again.
    ("*", "videoNotFound"): Case(
        "reveal", "videos.update", "revealing", {"videos.list": 1, "videos.update": 1}, http=404
    ),
    ("thumbnails.set", "forbidden"): Case(
        "apply_metadata", "thumbnails.set", "concealed", {"thumbnails.set": 1}, http=403, parked=True
    ),
    ("thumbnails.set", "uploadRateLimitExceeded"): Case(
        "apply_metadata", "thumbnails.set", "concealed", {"thumbnails.set": 1}, http=429
    ),
    ("thumbnails.set", "videoNotFound"): Case(
        "apply_metadata", "thumbnails.set", "concealed", {"thumbnails.set": 1}, http=404
    ),
    ("playlistItems.insert", "videoNotFound"): Case(
        "file_under", "playlistItems.insert", "live", {**FILED, "playlistItems.insert": 1}, http=404
    ),
    ("playlistItems.insert", "playlistNotFound"): Case(
        "file_under", "playlistItems.insert", "live", {**FILED, "playlistItems.insert": 1}, http=404
    ),
    ("playlistItems.list", "playlistNotFound"): Case("file_under", "playlistItems.list", "live", FILED, http=404),
    ("captions.insert", "invalidMetadata"): Case("apply_metadata", "captions.insert", "", {"captions.insert": 1}),
}
