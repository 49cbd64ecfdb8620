"""Flickr's rules about photos, listings and albums."""

from __future__ import annotations

import pytest


def ids(answer):
    return [one.attrib["id"] for one in answer.xml.iter("photo")]


def show(caller, photo, public):
    return caller.call("photos.setPerms", photo_id=photo, is_public=public, is_friend=0, is_family=0)


def test_every_public_interval_is_kept_to_the_fraction_of_a_second(stage):
    caller = stage.flickr()
    photo = caller.photo()
    start = stage.clock.now
    for moment, public in ((1.5, 1), (2.75, 0), (4.125, 1)):
        stage.clock.now = start + moment
        show(caller, photo, public)
    stage.clock.now = start + 9
    caller.call("photos.delete", photo_id=photo)
    assert stage.thing(photo)["public"] == [[start + 1.5, start + 2.75], [start + 4.125, start + 9]]
    assert stage.thing(photo)["deleted"] == start + 9


def test_all_three_audience_flags_are_required(stage):
    caller = stage.flickr()
    photo = caller.photo()
    assert caller.call("photos.setPerms", photo_id=photo, is_public=1).failure[0] == 2
    assert stage.thing(photo)["public"] == []


def test_deleting_again_is_not_found(stage):
    caller = stage.flickr()
    photo = caller.photo()
    assert caller.call("photos.delete", photo_id=photo).xml.attrib["stat"] == "ok"
    assert caller.call("photos.delete", photo_id=photo).failure == (1, "Photo not found")
    expected = (1, f'Photo "{photo}" not found (invalid ID)')
    assert caller.call("photos.getInfo", photo_id=photo).failure == expected


def test_somebody_elses_photo_is_not_found(stage):
    (photo,) = stage.control.plant("flickr", mine=False)
    assert stage.flickr().call("photos.delete", photo_id=photo).failure[0] == 1


def test_machine_tags_are_normalised_and_their_raw_form_is_kept(stage):
    caller = stage.flickr()
    photo = caller.photo(tags='dc:identifier=https://x.org/page/33 iconclass:n="31D12(+72)" "Two Words"')
    tags = [(one.attrib["raw"], one.text) for one in caller.call("photos.getInfo", photo_id=photo).xml.iter("tag")]
    assert tags == [
        ("dc:identifier=https://x.org/page/33", "dc:identifier=httpsxorgpage33"),
        ("iconclass:n=31D12(+72)", "iconclass:n=31d1272"),
        ("Two Words", "twowords"),
    ]


def test_tags_that_differ_in_punctuation_only_are_one(stage):
    photo = stage.flickr().photo(tags="a:b=1.23 a:b=123")
    assert stage.thing(photo)["tags"] == ["a:b=1.23"]


def test_too_many_tags_add_none(open_stage):
    stage = open_stage(tags_per_photo=3)
    caller = stage.flickr()
    photo = caller.photo(tags="a b")
    assert caller.call("photos.addTags", photo_id=photo, tags="c d").failure[0] == 2
    assert stage.thing(photo)["tags"] == ["a", "b"]


def test_a_tag_is_removed_by_its_id(stage):
    caller = stage.flickr()
    photo = caller.photo(tags="a b")
    tag = caller.call("photos.getInfo", photo_id=photo).xml.find("photo/tags/tag").attrib["id"]
    caller.call("photos.removeTag", tag_id=tag)
    assert stage.thing(photo)["tags"] == ["b"]


def test_a_description_is_rewritten_and_escaped_on_reading(stage):
    caller = stage.flickr()
    sent = 'Call "101" & see https://x.org/a. It\'s <b>us</b> <script>x</script> 1 < 2'
    photo = caller.photo(description=sent)
    read = caller.call("photos.getInfo", photo_id=photo).xml.findtext("photo/description")
    assert read == (
        "Call &quot;101&quot; &amp; see "
        '<a href="https://x.org/a" rel="noreferrer nofollow">https://x.org/a</a>. '
        "It&#039;s <b>us</b> x 1 &lt; 2"
    )
    assert stage.thing(photo)["description"] == sent


def test_a_private_photo_is_not_there_for_the_unsigned(stage):
    photo = stage.flickr().photo()
    path = "/services/rest/?method=flickr.photos.getInfo&api_key=sandbox-flickr-key&photo_id=" + photo
    assert stage.http("GET", path).failure[0] == 1
    stage.control.edit("flickr", photo, visibility="public")
    answer = stage.http("GET", path)
    assert answer.xml.find("photo").attrib["id"] == photo
    assert "originalsecret" not in answer.xml.find("photo").attrib


def test_a_new_photo_appears_in_listings_late_and_in_searches_later(open_stage):
    stage = open_stage(listing_delay=10, search_delay=100)
    caller = stage.flickr()
    photo = caller.photo()
    calls = (
        ("people.getPhotos", {"user_id": "me"}),
        ("photos.recentlyUpdated", {"min_date": 1}),
        ("photos.search", {"user_id": "me"}),
    )
    seen = []
    for _ in range(3):
        seen.append([photo in ids(caller.call(method, **arguments)) for method, arguments in calls])
        stage.control.advance(50)
    assert seen == [[False, False, False], [True, True, False], [True, True, True]]


def test_a_listing_never_gives_more_than_four_thousand(stage):
    stage.control.plant("flickr", 4100, created=1_600_000_000)
    caller = stage.flickr()

    def page(number):
        return caller.call("people.getPhotos", user_id="me", per_page=500, page=number)

    seen = {photo for number in range(1, 9) for photo in ids(page(number))}
    assert len(seen) == 4000
    assert page(1).xml.find("photos").attrib["total"] == "4100"
    assert page(1).xml.find("photos").attrib["max_allowed_results"] == "4000"
    assert ids(page(9)) == ids(page(8)), "pages past the cap repeat"


def test_five_hundred_on_a_page_is_the_most(stage):
    stage.control.plant("flickr", 501)
    answer = stage.flickr().call("people.getPhotos", user_id="me", per_page=1000)
    assert len(ids(answer)) == 500
    assert answer.xml.find("photos").attrib["perpage"] == "500"


def test_a_listing_can_be_narrowed_to_upload_dates(stage):
    old, new = stage.control.plant("flickr", created=1000.0) + stage.control.plant("flickr", created=2000.0)
    caller = stage.flickr()
    assert ids(caller.call("people.getPhotos", user_id="me", min_upload_date=1500)) == [new]
    assert ids(caller.call("people.getPhotos", user_id="me", max_upload_date=1500)) == [old]


def test_recently_updated_gives_the_newest_change_first(stage):
    old, new = stage.control.plant("flickr", created=1000.0) + stage.control.plant("flickr", created=2000.0)
    caller = stage.flickr()
    caller.call("photos.setMeta", photo_id=old, title="Changed")
    assert ids(caller.call("photos.recentlyUpdated", min_date=1)) == [old, new]
    assert ids(caller.call("photos.recentlyUpdated", min_date=3000)) == [old]


def test_a_search_finds_by_machine_tag(stage):
    caller = stage.flickr()
    photo = caller.photo(tags="publisher:mark=0a1b")
    caller.photo(tags="publisher:mark=ffff")
    assert ids(caller.call("photos.search", user_id="me", machine_tags="publisher:mark=0a1b")) == [photo]


def test_two_albums_may_have_the_same_title(stage):
    caller = stage.flickr()
    photo = caller.photo()
    for _ in range(2):
        caller.call("photosets.create", title="Operation", primary_photo_id=photo)
    titles = [one.text for one in caller.call("photosets.getList").xml.iter("title")]
    assert titles == ["Operation", "Operation"]


def test_a_photo_is_in_an_album_once(stage):
    caller = stage.flickr()
    photo = caller.photo()
    album = caller.call("photosets.create", title="A", primary_photo_id=photo).xml.find("photoset").attrib["id"]
    answer = caller.call("photosets.addPhoto", photoset_id=album, photo_id=photo)
    assert answer.failure == (3, "Photo already in set")
    assert caller.call("photosets.addPhoto", photoset_id="1", photo_id=photo).failure[0] == 1
    assert caller.call("photosets.addPhoto", photoset_id=album, photo_id="1").failure[0] == 2


def test_an_album_ends_with_its_last_photo(stage):
    caller = stage.flickr()
    one, two = caller.photo(), caller.photo()
    album = caller.call("photosets.create", title="A", primary_photo_id=one).xml.find("photoset").attrib["id"]
    caller.call("photosets.addPhoto", photoset_id=album, photo_id=two)
    caller.call("photos.delete", photo_id=one)
    answer = caller.call("photosets.getPhotos", photoset_id=album, user_id="me")
    assert ids(answer) == [two]
    assert answer.xml.find("photoset").attrib["primary"] == two
    caller.call("photos.delete", photo_id=two)
    assert caller.call("photosets.getInfo", photoset_id=album).failure[0] == 1


def test_contexts_name_the_albums(stage):
    caller = stage.flickr()
    photo = caller.photo()
    assert caller.call("photos.getAllContexts", photo_id=photo).xml.findall("set") == []
    caller.call("photosets.create", title="A", primary_photo_id=photo)
    assert [one.attrib["title"] for one in caller.call("photos.getAllContexts", photo_id=photo).xml] == ["A"]


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("photos.setDates", {}, 2),
        ("photos.setDates", {"date_posted": "9999999999"}, 1),
        ("photos.setDates", {"date_taken": "yesterday"}, 3),
        ("photos.setContentType", {"content_type": "9"}, 2),
        ("photos.licenses.setLicense", {"license_id": "99"}, 2),
        ("photosets.create", {"title": ""}, 1),
        ("photosets.create", {"title": "A", "primary_photo_id": "1"}, 2),
    ],
)
def test_bad_arguments_have_their_documented_codes(stage, method, arguments, code):
    caller = stage.flickr()
    assert caller.call(method, photo_id=caller.photo(), **arguments).failure[0] == code


def test_a_deleted_photos_direct_address_may_outlive_it(open_stage):
    stage = open_stage(media_linger=300)
    caller = stage.flickr()
    photo = caller.photo()
    sizes = caller.call("photos.getSizes", photo_id=photo).xml.iter("size")
    source = [one.attrib["source"] for one in sizes][-1]
    caller.call("photos.delete", photo_id=photo)
    assert stage.http("GET", source).body == b"\xff\xd8\xff\xe0 a picture"
    stage.control.advance(301)
    moved = stage.http("GET", source)
    assert moved.code == 302
    assert stage.http("GET", moved.headers["Location"]).headers["Content-Type"] == "image/gif"  # "unavailable"
