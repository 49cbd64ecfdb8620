"""An officer's way through the desk, in a real browser: sign in, look, decide, take down."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
Picture = Callable[[str], Path]


def test_an_approver_signs_in_looks_and_approves(pages: Any, picture: Picture) -> None:
    page = pages.signed_in("bran", {"width": 1280, "height": 1250}, why="", device_scale_factor=1.25)
    page.get_by_role("link", name="Waiting for approval").click()
    page.get_by_role("link", name=pages.desk.items["review"]).click()
    page.get_by_label("Reason for viewing").fill("To decide about this week's appeals.")
    page.get_by_role("button", name="Continue").click()
    image = page.locator(".look figure img")
    expect(image).to_be_visible()
    page.wait_for_function("() => document.querySelector('.look figure img').complete")
    assert image.evaluate("image => image.naturalWidth") == 768
    page.screenshot(path=picture("approval.png"))

    page.get_by_role("button", name="Approve").click()  # without the tick
    expect(page.get_by_role("alert")).to_contain_text("Look at it in full size and confirm")
    page.get_by_role("link", name="Look at it in full size and confirm").click()
    page.keyboard.press("Space")  # the link has put the focus on the tick
    page.get_by_label("I have looked at everybody in the frame").check()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("alert")).to_contain_text("Not shown to you in full yet: the file as it was received.")
    page.get_by_role("link", name="Open the file as it was received").click()
    page.goto(pages.desk.item("review"))
    expect(page.get_by_text("Not shown to you in full yet")).to_have_count(0)
    page.get_by_label("I have looked at it in full size").check()
    page.get_by_label("I have looked at everybody in the frame: nobody else can be recognised in it.").check()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_contain_text("is approved")
    page.goto(pages.desk.item("review"))
    expect(page.locator("main")).to_contain_text("Approved by")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)


def test_picture_and_decision_stay_beside_the_record_to_its_end(pages: Any) -> None:
    page = pages.signed_in("bran")
    page.goto(pages.desk.item("film"))
    page.get_by_text("Why less intrusive options would not work", exact=True).scroll_into_view_if_needed()
    expect(page.locator(".decision h2")).to_be_in_viewport()
    expect(page.locator(".reminder img")).to_be_in_viewport()


def test_the_author_finds_no_button_but_the_reason(pages: Any) -> None:
    page = pages.signed_in("amara")
    page.goto(pages.desk.item("cat"))
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.locator(".decision")).to_contain_text("Only an active account with the approver role may approve.")


def test_the_film_plays_and_can_be_wound_to_any_moment(pages: Any) -> None:
    page = pages.signed_in("bran")
    answers: list[int] = []
    page.on("response", lambda got: answers.append(got.status) if got.request.resource_type == "media" else None)
    page.goto(pages.desk.item("film"))
    wind = """film => new Promise((done, failed) => {
        film.onerror = () => failed(film.error.message);
        film.onseeked = () => done([film.currentTime, film.videoWidth, film.duration]);
        film.currentTime = 4;
        film.load(); film.onloadedmetadata = () => { film.currentTime = 4; };
    })"""
    moment, width, length = page.locator("video").evaluate(wind)
    assert (moment, width) == (4, 768)
    assert 4.5 < length < 6
    assert 206 in answers


def test_with_the_keyboard_alone(pages: Any) -> None:
    page = pages.signed_in("bran")
    page.goto(pages.desk.item("live"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the main content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Take down":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/take-down/")
    page.get_by_label("Why it comes down").focus()
    page.keyboard.type("The person has been e")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/live/")
    expect(page.get_by_role("status")).to_contain_text("counts as down only when each platform confirms it")
    expect(page.locator("section", has_text="Removal in progress")).to_contain_text(pages.desk.items["live"])


def test_an_item_is_written_with_a_file_and_a_mistake_loses_nothing(pages: Any) -> None:
    from publisher.exercise import samples

    page = pages.signed_in("amara")
    page.get_by_role("link", name="Create a feature or appeal").click()
    page.get_by_label("Picture or video").set_input_files(samples.path("road-straight.jpg"))
    page.get_by_label("Feature: a photo of the day").check()
    page.get_by_label("Campaign", exact=True).select_option(label="Photo of the day")
    page.get_by_label("Title", exact=True).fill("Day {day} - Northshire Police - Eyes on the horizon")
    page.get_by_label("Caption", exact=True).fill("Look where you want to go.")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Describe the picture")
    expect(page.get_by_label("Caption", exact=True)).to_have_value("Look where you want to go.")
    expect(page.locator("main")).to_contain_text("road-straight.jpg is saved")
    page.get_by_label("Alternative text").fill("A driver's view of a straight motorway.")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/record/")
    expect(page.locator(".missing")).to_contain_text("The feature's record does not say")
    page.get_by_role("link", name="Basis").click()
    page.get_by_label("Nobody can be recognised").check()
    page.get_by_label("Where the picture comes from").select_option("police")
    page.get_by_label("Rights", exact=True).fill("Northshire Police")
    page.get_by_role("button", name="Save and submit").click()
    expect(page.get_by_role("alert")).to_contain_text(
        re.compile("R43 The feature's record does not say.*its topic", re.DOTALL)
    )
    page.get_by_label("Topic").fill("roads")
    for question in page.locator("#id_checklist input").all():
        question.check()
    page.get_by_role("button", name="Save and submit").click()
    page.wait_for_url("**/items/POD-*/")
    expect(page.locator(".message").last).to_contain_text("is submitted")


def test_the_photo_stream_shows_what_was_posted(pages: Any, picture: Picture) -> None:
    page = pages.fresh({"width": 1280, "height": 900}, device_scale_factor=1.5)
    page.goto(f"{pages.desk.sandbox}/photos/sandbox-police/")
    expect(page.locator("body")).to_contain_text("Northshire Police - Coffee with your local team")
    loaded = "[...document.images].length && [...document.images].every(one => one.complete && one.naturalWidth > 0)"
    page.wait_for_function(f"() => {loaded}")
    page.screenshot(path=picture("photostream.png"))


def test_a_still_is_decided_in_the_row_with_keys_alone(pages: Any) -> None:
    """What the page shows is what R6 asks for: once it has loaded, nothing else must be opened."""
    page = pages.signed_in("bran", {"width": 1280, "height": 1250})
    page.get_by_role("link", name="Review").click()
    cat = pages.desk.items["cat"]
    expect(page.get_by_role("heading", level=1)).to_contain_text(cat)
    loaded = "images => images.length === 2 && images.every(one => one.complete && one.naturalWidth > 0)"
    page.wait_for_function(f"() => ({loaded})([...document.querySelectorAll('.look img')])")
    page.get_by_label("I have looked at it in full size").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("I have looked at it in full size")).to_be_checked()
    page.get_by_role("button", name="Approve").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"{cat} after ")
    expect(page.get_by_role("status")).to_contain_text("approved")
    page.get_by_role("link", name="All since you signed in").click()
    expect(page.get_by_role("row", name=cat)).to_contain_text("Approved")
