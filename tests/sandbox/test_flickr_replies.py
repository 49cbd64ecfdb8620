"""Flickr's replies against recorded ones: the same elements, attributes, order and whitespace."""

from __future__ import annotations

import json
import re


def skeleton(xml: str) -> str:
    """The reply without what it says: attribute values and texts go, structure and whitespace stay."""
    return re.sub(r">[^<>\n]+<", "><", re.sub(r'="[^"]*"', '=""', xml))


def same_shape(answer, recorded_reply):
    assert skeleton(answer.text).strip() == skeleton(recorded_reply).strip()


def test_an_upload_answers_as_recorded(stage, recorded):
    same_shape(stage.flickr().upload(), recorded("flickr/upload.xml"))


def test_a_refused_delete_is_the_recorded_bytes(stage, recorded):
    caller = stage.flickr("write")
    photo = caller.photo()
    answer = caller.call("photos.delete", photo_id=photo)
    assert answer.code == 200
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.text.strip() == recorded("flickr/flickr.photos.delete.xml").strip()
    assert stage.thing(photo)["deleted"] is None


def test_a_failure_has_flickrs_exact_whitespace(stage):
    answer = stage.flickr().call("photos.setTags", photo_id="1", tags="a")
    assert answer.text == (
        '<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="fail">\n\t<err code="1" msg="Photo not found" />\n</rsp>\n'
    )


def test_login_answers_as_recorded(stage, recorded):
    same_shape(stage.flickr().call("test.login"), recorded("flickr/flickr.test.login.xml"))


def test_the_upload_state_of_a_free_account_answers_as_recorded(open_stage, recorded):
    stage = open_stage(flickr_pro=False, flickr_items_limit=1000)
    answer = stage.flickr().call("people.getUploadStatus")
    same_shape(answer, recorded("flickr/flickr.people.getUploadStatus.xml"))
    assert answer.xml.find("user/filesize").attrib["maxbytes"] == "209715200"


def test_setters_answer_as_recorded(stage, recorded):
    caller = stage.flickr()
    photo = caller.photo()
    for method, arguments in (
        ("photos.setTags", {"tags": "x y"}),
        ("photos.setSafetyLevel", {"safety_level": 1}),
        ("photos.setMeta", {"title": "Robot", "description": "Description"}),
        ("photos.addTags", {"tags": "test"}),
    ):
        same_shape(caller.call(method, photo_id=photo, **arguments), recorded(f"flickr/flickr.{method}.xml"))


def test_permissions_answer_as_recorded(stage, recorded):
    caller = stage.flickr()
    same_shape(caller.call("photos.getPerms", photo_id=caller.photo()), recorded("flickr/flickr.photos.getPerms.xml"))


def test_album_methods_answer_as_recorded(stage, recorded):
    caller = stage.flickr()
    one, two = caller.photo(), caller.photo()
    created = caller.call("photosets.create", title="A", primary_photo_id=one)
    same_shape(created, recorded("flickr/flickr.photosets.create.xml"))
    album = created.xml.find("photoset").attrib["id"]
    for method, arguments in (
        ("photosets.addPhoto", {"photo_id": two}),
        ("photosets.removePhoto", {"photo_id": two}),
        ("photosets.editPhotos", {"photo_ids": one, "primary_photo_id": one}),
    ):
        same_shape(caller.call(method, photoset_id=album, **arguments), recorded(f"flickr/flickr.{method}.xml"))


def test_listings_answer_as_recorded(stage, recorded):
    stage.control.plant("flickr", 35)
    caller = stage.flickr()
    own = caller.call("people.getPhotos", user_id="me", per_page=15)
    same_shape(own, recorded("flickr/flickr.people.getPhotos.xml"))
    head = {"page": "1", "pages": "3", "perpage": "15", "total": "35"}
    assert own.xml.find("photos").attrib == head  # the recorded account's own numbers
    same_shape(caller.call("photos.search", user_id="me", per_page=33), recorded("flickr/flickr.photos.search.xml"))


def test_what_get_info_tells_was_recorded_too(stage, recorded):
    """Each element and attribute of ours stands in the recording, in the same order."""
    caller = stage.flickr()
    answer = caller.call("photos.getInfo", photo_id=caller.photo(tags="green grn grngrn", description="D"))
    real = skeleton(recorded("flickr/flickr.photos.getInfo.xml")).splitlines()
    ours = skeleton(answer.text).splitlines()
    lines = iter(real)
    missing = [line for line in ours if line.strip() and line not in lines]
    assert missing == []


def test_sizes_have_the_recorded_attributes_and_loopback_addresses(stage, recorded):
    caller = stage.flickr()
    answer = caller.call("photos.getSizes", photo_id=caller.photo())
    lines = set(skeleton(recorded("flickr/flickr.photos.getSizes.xml")).splitlines())
    assert set(skeleton(answer.text).splitlines()) <= lines
    sources = [size.attrib["source"] for size in answer.xml.iter("size")]
    assert sources and all(source.startswith(f"{stage.base}/live/") for source in sources)


def test_totals_are_a_string_in_searches_and_a_number_for_albums(stage):
    stage.control.plant("flickr", 2)
    caller = stage.flickr()
    found = caller.call("photos.search", user_id="me", format="json", nojsoncallback="1").json
    albums = caller.call("photosets.getList", format="json", nojsoncallback="1").json
    assert (found["photos"]["total"], albums["photosets"]["total"]) == ("2", 0)
    assert found["stat"] == "ok"
    assert isinstance(found["photos"]["photo"][0]["farm"], int)
    assert albums["photosets"]["photoset"] == []


def test_json_without_nojsoncallback_is_wrapped(stage):
    text = stage.flickr().call("test.login", format="json").text
    assert text.startswith("jsonFlickrApi(")
    assert json.loads(text[len("jsonFlickrApi(") : -1])["user"]["username"]["_content"] == "Sandbox Police"


def test_a_failure_in_json_has_code_and_message(stage):
    body = stage.flickr().call("no.such", format="json", nojsoncallback="1").json
    assert body == {"stat": "fail", "code": 112, "message": 'Method "flickr.no.such" not found'}
