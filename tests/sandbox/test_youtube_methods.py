"""YouTube's JSON methods: what they show, replace, refuse and cost."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest


def uploads(caller, **query):
    return caller.ask("GET", "playlistItems", playlistId="UUsandboxPoliceChannel00", part="snippet", **query).json


def ids(answer):
    return [one["snippet"]["resourceId"]["videoId"] for one in answer["items"]]


def playlist(caller, title="Appeals"):
    body = {"snippet": {"title": title}, "status": {"privacyStatus": "public"}}
    return caller.ask("POST", "playlists", body, part="snippet,status").json


def into(caller, album, video):
    body = {"snippet": {"playlistId": album, "resourceId": {"kind": "youtube#video", "videoId": video}}}
    return caller.ask("POST", "playlistItems", body, part="snippet")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("videos-insert_response.json", lambda caller: caller.listed(caller.video(), "snippet")),
        ("playlists-insert_response.json", playlist),
        (
            "playlist_items-insert_response.json",
            lambda caller: into(caller, playlist(caller)["id"], caller.video()).json,
        ),
    ],
)
def test_resources_have_the_recorded_keys(stage, recorded, name, make):
    """Every key of ours stands in the recording; what the recording has beyond is its language settings."""
    real = json.loads(recorded(f"youtube/{name}"))
    ours = make(stage.youtube())
    assert list(ours)[:3] == list(real)[:3] == ["kind", "etag", "id"]
    assert ours["kind"] == real["kind"]
    assert set(ours["snippet"]) <= set(real["snippet"])
    assert set(real["snippet"]) - set(ours["snippet"]) <= {
        "defaultLanguage",
        "defaultAudioLanguage",
        "videoOwnerChannelTitle",
        "videoOwnerChannelId",
    }


def test_lists_have_the_recorded_frame(stage, recorded):
    caller = stage.youtube()
    real = json.loads(recorded("youtube/playlists-playlists_mine.json"))
    playlist(caller)
    ours = caller.ask("GET", "playlists", mine="true", part="snippet", maxResults="5").json
    assert set(ours) == set(real)
    assert ours["pageInfo"] == {"totalResults": 1, "resultsPerPage": 5}


def test_an_error_has_the_recorded_envelope(stage, recorded):
    real = json.loads(recorded("youtube/error_permission_resp.json"))["error"]
    caller = stage.youtube(scope="https://www.googleapis.com/auth/youtube.readonly")
    answer = caller.ask("DELETE", "videos", id="x")
    ours = answer.json["error"]
    assert (answer.code, ours["code"]) == (403, 403)
    assert set(ours) == set(real)
    assert set(ours["errors"][0]) == set(real["errors"][0])


def test_an_update_deletes_what_it_does_not_send(stage):
    caller = stage.youtube()
    video = caller.video(body={**caller.metadata(selfDeclaredMadeForKids=False, embeddable=False)})
    caller.ask("PUT", "videos", {"id": video, "snippet": {"title": "New", "categoryId": "25"}}, part="snippet")
    assert "tags" not in caller.listed(video)["snippet"]
    body = {"id": video, "status": {"privacyStatus": "unlisted"}}
    status = caller.ask("PUT", "videos", body, part="status").json["status"]
    assert "selfDeclaredMadeForKids" not in status
    assert status["embeddable"] is True


def test_an_update_of_status_without_privacy_makes_it_public(stage):
    caller = stage.youtube()
    video = caller.video()
    stage.clock.now += 1.5
    caller.ask("PUT", "videos", {"id": video, "status": {"embeddable": True}}, part="status")
    assert stage.thing(video)["public"] == [[stage.clock.now, None]]


def test_a_part_that_is_not_named_is_not_touched(stage):
    caller = stage.youtube()
    video = caller.video()
    body = {"id": video, "snippet": {"title": "N", "categoryId": "1"}, "status": {"privacyStatus": "public"}}
    caller.ask("PUT", "videos", body, part="snippet")
    assert stage.thing(video)["visibility"] == "private"


def test_a_snippet_update_needs_title_and_category(stage):
    caller = stage.youtube()
    video = caller.video()
    answer = caller.ask("PUT", "videos", {"id": video, "snippet": {"title": "New"}}, part="snippet")
    assert (answer.code, answer.reason) == (400, "invalidCategoryId")


def test_an_update_refused_in_one_part_changes_none(stage):
    caller = stage.youtube()
    video = caller.video()
    body = {"id": video, "snippet": {"title": "New", "categoryId": "25"}, "status": {"privacyStatus": "secret"}}
    assert caller.ask("PUT", "videos", body, part="snippet,status").reason == "invalidVideoMetadata"
    assert stage.thing(video)["title"] == "A title"


def schedule(caller, video, moment, privacy="private"):
    text = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"id": video, "status": {"privacyStatus": privacy, "publishAt": text}}
    return caller.ask("PUT", "videos", body, part="status")


def test_a_scheduled_video_becomes_public_at_its_moment(stage):
    caller = stage.youtube()
    video = caller.video()
    due = int(stage.clock.now) + 100.0
    assert schedule(caller, video, due).json["status"]["privacyStatus"] == "private"
    stage.control.advance(500)
    assert caller.listed(video)["status"]["privacyStatus"] == "public"
    assert stage.thing(video)["public"] == [[due, None]]


def test_a_past_moment_publishes_at_once(stage):
    caller = stage.youtube()
    video = caller.video()
    assert schedule(caller, video, stage.clock.now - 100).json["status"]["privacyStatus"] == "public"


def test_a_moment_needs_a_private_video_never_published(stage):
    caller = stage.youtube()
    video = caller.video()
    later = stage.clock.now + 100
    assert schedule(caller, video, later, "unlisted").reason == "invalidPublishAt"
    stage.control.edit("youtube", video, visibility="public")
    stage.control.edit("youtube", video, visibility="private")
    assert schedule(caller, video, later).reason == "invalidPublishAt"


def test_what_is_not_there_is_left_out_of_a_list(stage):
    caller = stage.youtube()
    one, two = caller.video(), caller.video()
    caller.ask("DELETE", "videos", id=one)
    answer = caller.ask("GET", "videos", id=f"{one},{two},{two},nothing", part="id").json
    assert [item["id"] for item in answer["items"]] == [two]


def test_deleting_again_is_not_found(stage):
    caller = stage.youtube()
    video = caller.video()
    assert caller.ask("DELETE", "videos", id=video).code == 204
    answer = caller.ask("DELETE", "videos", id=video)
    assert (answer.code, answer.reason) == (404, "videoNotFound")


def test_somebody_elses_video_is_forbidden(stage):
    (video,) = stage.control.plant("youtube", mine=False)
    caller = stage.youtube()
    assert caller.ask("DELETE", "videos", id=video).code == 403
    body = {"id": video, "status": {"privacyStatus": "private"}}
    assert caller.ask("PUT", "videos", body, part="status").reason == "forbidden"
    assert caller.ask("GET", "videos", id=video, part="processingDetails").code == 403
    stage.control.edit("youtube", video, visibility="private")
    assert caller.ask("GET", "videos", id=video, part="snippet").json["items"] == []


def test_a_list_without_filter_or_with_a_strange_part_is_refused(stage):
    caller = stage.youtube()
    assert caller.ask("GET", "videos", part="id", mine="true").reason == "missingRequiredParameter"
    assert caller.ask("GET", "videos", part="nonsense", id="x").reason == "unknownPart"
    assert caller.ask("GET", "videos", id="x").code == 400


def test_new_uploads_appear_in_the_uploads_list_late(open_stage):
    stage = open_stage(listing_delay=60)
    caller = stage.youtube()
    video = caller.video()
    assert ids(uploads(caller)) == []
    stage.control.advance(61)
    assert ids(uploads(caller)) == [video]


def test_the_uploads_list_has_pages_newest_first(stage):
    planted = [stage.control.plant("youtube", created=1000.0 + n)[0] for n in range(7)]
    caller = stage.youtube()
    first = uploads(caller, maxResults="5")
    second = uploads(caller, maxResults="5", pageToken=first["nextPageToken"])
    assert ids(first) + ids(second) == planted[::-1]
    assert "nextPageToken" not in second and "prevPageToken" in second
    assert first["pageInfo"] == {"totalResults": 7, "resultsPerPage": 5}


def test_the_uploads_list_may_repeat_a_video_on_the_next_page(open_stage):
    stage = open_stage(uploads_list_repeats=True)
    stage.control.plant("youtube", 4)
    caller = stage.youtube()
    first = uploads(caller, maxResults="2")
    second = uploads(caller, maxResults="2", pageToken=first["nextPageToken"])
    assert ids(second)[0] == ids(first)[-1]
    assert set(ids(first) + ids(second)) == {one["id"] for one in stage.control.things()}


def test_more_than_fifty_on_a_page_is_refused(stage):
    answer = stage.youtube().ask("GET", "playlists", mine="true", part="id", maxResults="51")
    assert (answer.code, answer.reason) == (400, "invalidParameter")


def test_an_entry_inserted_twice_is_there_twice(stage):
    caller = stage.youtube()
    video, album = caller.video(), playlist(caller)["id"]
    entries = [into(caller, album, video).json["id"] for _ in range(2)]
    found = caller.ask("GET", "playlistItems", playlistId=album, videoId=video, part="id").json["items"]
    assert [one["id"] for one in found] == entries
    caller.ask("DELETE", "playlistItems", id=entries[0])
    assert [member for member, _ in stage.control.albums()[0]["members"]] == entries[1:]


def test_two_playlists_may_have_the_same_title(stage):
    caller = stage.youtube()
    assert playlist(caller)["id"] != playlist(caller)["id"]


def test_a_new_video_is_not_yet_known_to_playlists(open_stage):
    stage = open_stage(new_video_delay=30)
    caller = stage.youtube()
    video, album = caller.video(), playlist(caller)["id"]
    early = into(caller, album, video)
    assert (early.code, early.reason) == (404, "videoNotFound")
    stage.control.advance(31)
    assert into(caller, album, video).code == 200


def test_a_deleted_video_leaves_an_empty_entry_in_its_playlists(stage):
    caller = stage.youtube()
    video, album = caller.video(), playlist(caller)["id"]
    into(caller, album, video)
    caller.ask("DELETE", "videos", id=video)
    (left,) = caller.ask("GET", "playlistItems", playlistId=album, part="snippet").json["items"]
    assert left["snippet"]["title"] == "Deleted video"
    caller.ask("DELETE", "playlistItems", id=left["id"])
    assert stage.control.albums()[0]["members"] == []


def test_the_thumbnail_of_a_deleted_video_is_a_404_with_a_picture(stage):
    caller = stage.youtube()
    video = caller.video()
    caller.ask("DELETE", "videos", id=video)
    answer = stage.http("GET", f"/vi/{video}/hqdefault.jpg")
    assert (answer.code, answer.headers["Content-Type"]) == (404, "image/gif")


def test_the_channel_names_its_uploads_and_whether_long_footage_may_come(open_stage):
    stage = open_stage(channel_verified=False)
    answer = stage.youtube().ask("GET", "channels", mine="true", part="contentDetails,status").json["items"][0]
    assert answer["contentDetails"]["relatedPlaylists"]["uploads"] == "UUsandboxPoliceChannel00"
    assert answer["status"]["longUploadsStatus"] == "disallowed"


def test_without_a_token_there_is_nothing(stage):
    answer = stage.http("GET", "/youtube/v3/videos?part=id&id=x", Authorization="Bearer nothing")
    assert (answer.code, answer.reason, answer.json["error"]["status"]) == (401, "authError", "UNAUTHENTICATED")


def test_captions_need_force_ssl(stage):
    caller = stage.youtube(scope="https://www.googleapis.com/auth/youtube")
    answer = caller.ask("GET", "captions", part="id", videoId="x")
    assert (answer.code, answer.reason) == (403, "insufficientPermissions")


def test_the_days_uploads_end_in_the_429_that_looks_like_a_passing_limit(open_stage):
    stage = open_stage(upload_bucket=1)
    caller = stage.youtube()
    assert caller.open(10).code == 200
    answer = caller.open(10)
    error = answer.json["error"]
    assert (answer.code, answer.reason, error["errors"][0]["domain"]) == (429, "rateLimitExceeded", "global")
    assert error["message"] == (
        "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service "
        "'youtube.googleapis.com' for consumer 'project_number:123456789012'."
    )
    assert "details" not in error


def test_quota_errors_may_carry_details(open_stage):
    stage = open_stage(upload_bucket=0, error_details=True)
    error = stage.youtube().open(10).json["error"]
    assert error["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
    assert error["errors"][0]["reason"] == "rateLimitExceeded"


@pytest.mark.parametrize(
    ("day", "midnight"),
    [
        ("2026-03-08T12:00:00+00:00", 19),  # the day the clocks go forward: it lasts 23 hours
        ("2026-07-01T12:00:00+00:00", 19),  # summer: midnight is 07:00 UTC
        ("2026-12-01T12:00:00+00:00", 20),  # winter: 08:00 UTC
    ],
)
def test_quota_comes_back_at_midnight_in_los_angeles(open_stage, clock, day, midnight):
    clock.now = datetime.fromisoformat(day).timestamp()
    stage = open_stage(upload_bucket=0)
    caller = stage.youtube()
    stage.control.settings(upload_bucket=1)
    caller.open(10)
    stage.control.advance(midnight * 3600 - 1)
    assert caller.open(10).code == 429
    stage.control.advance(1)
    assert caller.open(10).code == 200


def test_the_general_pool_is_counted_in_units(open_stage):
    stage = open_stage(general_units=101)
    caller = stage.youtube()
    codes = [caller.ask("DELETE", "videos", id="none").code for _ in range(3)]  # 50 units, though in vain
    assert codes == [404, 404, 403]
    answer = caller.ask("DELETE", "videos", id="none")
    assert (answer.reason, answer.json["error"]["errors"][0]["domain"]) == ("quotaExceeded", "youtube.quota")
    assert caller.ask("GET", "videos", id="none", part="id").code == 200, "one unit is left"
    assert caller.ask("GET", "videos", id="none", part="id").code == 403
    assert caller.open(10).code == 200, "uploads have a bucket of their own"


def test_the_channels_own_limit_is_a_400_and_rolls(open_stage):
    stage = open_stage(channel_limit=1)
    caller = stage.youtube()
    caller.video()
    answer = caller.open(10)
    assert (answer.code, answer.reason) == (400, "uploadLimitExceeded")
    stage.control.advance(86_401)
    assert caller.open(10).code == 200
