"""The real client libraries against the stand-in, as they come out of their packages."""

from __future__ import annotations

import json
from contextlib import closing
from hashlib import sha256

import flickrapi
import google_auth_httplib2
import googleapiclient.discovery_cache as documents
import httplib2
import pytest
from flickrapi.auth import FlickrAccessToken
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaFileUpload, MediaInMemoryUpload

BLOCK = 256 * 1024
FOOTAGE = bytes(range(256)) * (BLOCK // 256) * 3 + b"the end"


class BytesFileUpload(MediaFileUpload):
    """Its chunks can be sent again."""

    def has_stream(self):
        return False


@pytest.fixture
def flickr(stage):
    token = stage.control.mint_flickr_token()
    access = FlickrAccessToken(*(token[key] for key in ("token", "secret", "perms", "fullname", "username", "nsid")))
    client = flickrapi.FlickrAPI(
        "sandbox-flickr-key", "sandbox-flickr-secret", token=access, store_token=False, timeout=5
    )
    client.REST_URL = f"{stage.base}/services/rest/"
    client.UPLOAD_URL = f"{stage.base}/services/upload/"
    yield client
    client.flickr_oauth.session.close()


@pytest.fixture
def youtube(stage):
    document = json.loads(documents.get_static_doc("youtube", "v3"))
    document["rootUrl"] = document["baseUrl"] = f"{stage.base}/"
    document.pop("mtlsRootUrl", None)
    minted = stage.control.mint_google_token()
    credentials = Credentials(None, token_uri=f"{stage.base}/token", **minted)
    http = httplib2.Http(timeout=5, proxy_info=None)
    http.redirect_codes = http.redirect_codes - {308}
    service = build_from_document(document, http=google_auth_httplib2.AuthorizedHttp(credentials, http=http))
    with closing(service), closing(http):
        yield service


def test_flickrapi_uploads_reads_and_deletes(stage, flickr, tmp_path):
    picture = tmp_path / "a.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0" + bytes(100_000))
    with picture.open("rb") as body:
        sent = flickr.upload(str(picture), body, title="Tag & é ~ +", tags='a "b c"', is_public="0", format="etree")
    photo = sent.findtext("photoid")
    assert stage.thing(photo)["sha256"] == sha256(picture.read_bytes()).hexdigest()
    assert flickr.photos.getInfo(photo_id=photo, format="parsed-json")["photo"]["title"]["_content"] == "Tag & é ~ +"
    flickr.photos.delete(photo_id=photo)
    with pytest.raises(flickrapi.FlickrError, match="Error: 1: Photo not found"):
        flickr.photos.delete(photo_id=photo)


def test_flickrapis_own_file_part_gets_footage_refused(stage, flickr, tmp_path):
    """It names every file "dummy name", which is why a good video is "not recognised"."""
    footage = tmp_path / "a.mp4"
    footage.write_bytes(b"\x00\x00\x00\x18ftypmp42 footage")
    with footage.open("rb") as body, pytest.raises(flickrapi.FlickrError, match="5: Filetype was not recognised"):
        flickr.upload(str(footage), body, title="t", format="etree")
    assert stage.control.things() == []


def insert(youtube, path, **status):
    body = {"snippet": {"title": "A title", "categoryId": "25"}, "status": {"privacyStatus": "private", **status}}
    media = BytesFileUpload(str(path), mimetype="video/mp4", chunksize=BLOCK, resumable=True)
    return youtube.videos().insert(part="snippet,status", notifySubscribers=False, body=body, media_body=media)


def through(request):
    response = None
    while response is None:
        _, response = request.next_chunk(num_retries=0)
    return response


@pytest.fixture
def footage(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(FOOTAGE)
    return path


def test_googleapiclient_uploads_in_chunks(stage, youtube, footage):
    video = through(insert(youtube, footage))["id"]
    assert stage.thing(video)["sha256"] == sha256(FOOTAGE).hexdigest()
    assert stage.control.count("youtube.chunk") == 4


@pytest.mark.parametrize("when", ["before", "after"])
def test_googleapiclient_resumes_after_a_failed_chunk(stage, youtube, footage, when):
    stage.control.fault("youtube.chunk", "503", when=when)
    request = insert(youtube, footage)
    with pytest.raises(HttpError):
        through(request)
    video = through(request)["id"]
    assert stage.thing(video)["sha256"] == sha256(FOOTAGE).hexdigest()
    assert stage.control.count("youtube.query") == 1
    assert len(stage.control.things("youtube")) == 1


def test_a_session_outlives_the_client_that_opened_it(stage, youtube, footage):
    first = insert(youtube, footage)
    first.next_chunk(num_retries=0)
    second = insert(youtube, footage)
    second.resumable_uri, second._in_error_state = first.resumable_uri, True
    video = through(second)["id"]
    assert stage.thing(video)["size"] == len(FOOTAGE)
    assert stage.control.count("youtube.session") == 1


def test_httplib2_sends_a_lost_insert_again_and_makes_two_entries(stage, youtube, footage):
    """Measured with httplib2 0.32.1; a stand-in with unique entries would hide it."""
    video = through(insert(youtube, footage))["id"]
    playlist = youtube.playlists().insert(part="snippet", body={"snippet": {"title": "P"}}).execute()["id"]
    stage.control.fault("youtube.playlistItems.insert", "closed", when="after")
    resource = {"kind": "youtube#video", "videoId": video}
    body = {"snippet": {"playlistId": playlist, "resourceId": resource}}
    youtube.playlistItems().insert(part="snippet", body=body).execute(num_retries=0)
    assert len(stage.control.albums()[0]["members"]) == 2


def test_googleapiclient_sends_thumbnails_and_captions(stage, youtube, footage):
    video = through(insert(youtube, footage))["id"]
    poster = MediaInMemoryUpload(b"\xff\xd8\xff\xe0 poster", mimetype="image/jpeg")
    youtube.thumbnails().set(videoId=video, media_body=poster).execute()
    words = MediaInMemoryUpload(b"WEBVTT\n", mimetype="text/vtt")
    body = {"snippet": {"videoId": video, "language": "en", "name": ""}}
    youtube.captions().insert(part="snippet", body=body, media_body=words).execute()
    with pytest.raises(HttpError, match="409"):
        youtube.captions().insert(part="snippet", body=body, media_body=words).execute()
    assert stage.thing(video)["thumbnail_sha256"] == sha256(b"\xff\xd8\xff\xe0 poster").hexdigest()
