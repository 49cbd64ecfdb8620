"""Every page, wide and on a phone: can it be read, reached and used by everybody?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
AUDIT = Path(__file__).with_name("audit.js").read_text(encoding="utf-8")
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 320, "height": 640}}
OUTSIDE = ["/sign-in/", "/set-password/"]
INSIDE = [
    "/",
    "/?state=draft",
    "/items/{cat}/",
    "/items/{film}/",
    "/items/{sent_back}/",
    "/items/{draft}/",
    "/items/{coffee}/",
    "/items/{gone}/",
    "/items/{unsure}/take-down/",
    "/items/{draft}/edit/",
    "/items/new/",
    "/items/{draft}/record/",
    "/items/{bare}/record/",
    "/items/{review}/record/",
    "/items/{live}/amendment/",
    "/items/{amended}/amendment/",
    "/people/{person}/",
    "/people/{nobody}/",
    "/live/",
    "/live/removed/",
    "/attention/",
    "/duties/",
    "/texts/",
    "/items/{cat}/press-pack/",
    "/holds/",
    "/alarms/",
    "/campaigns/",
    "/account/",
    "/retention/",
    "/accounts/",
    "/tokens/",
    "/rules/",
    "/rules/powers/",
    "/password/",
]
READ = [
    "/items/{amended}/amendment/",
    "/items/{cat}/",
    "/items/{film}/",
    "/items/{review}/",
    "/people/{person}/",
    "/sitting/",
    "/sitting/decided/",
]
# Each focusable thing in turn: is a ring to be seen on it, and is it not hidden (2.4.7, 2.4.11)?
FOCUS = """() => {
    const seen = [];
    const reachable = "a[href], button, input:not([type=hidden]), select, textarea, summary";
    for (const one of document.querySelectorAll(reachable)) {
        if (!one.checkVisibility() || one.closest("details:not([open])") && one.tagName !== "SUMMARY") continue;
        one.focus({focusVisible: true});
        const style = getComputedStyle(one);
        if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) seen.push(one.outerHTML.slice(0, 80));
    }
    return seen;
}"""


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_before_signing_in_are_for_everybody(pages: Any, size: str) -> None:
    page = pages.fresh(SIZES[size])
    for address in OUTSIDE:
        page.goto(pages.desk.base + address)
        assert page.evaluate(AUDIT) == [], address
        assert page.evaluate(FOCUS) == [], address


@pytest.mark.first_row
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("who", "addresses"), [("amara", INSIDE), ("bran", READ)])
def test_every_page_is_for_everybody(pages: Any, size: str, who: str, addresses: list[str]) -> None:
    page = pages.signed_in(who, SIZES[size])
    for address in addresses:
        answer = page.goto(pages.desk.base + address.format(**pages.desk.items))
        assert answer.status == 200, address
        assert page.evaluate(AUDIT) == [], address
        assert page.evaluate(FOCUS) == [], address


@pytest.mark.parametrize("size", SIZES)
def test_pages_with_errors_are_for_everybody_and_say_so_in_their_title(pages: Any, size: str) -> None:
    page = pages.signed_in("amara", SIZES[size])
    for address, button in (
        ("/items/new/", "Save and continue"),
        ("/people/{person}/", "Record the check"),
        ("/tokens/", "Make a token"),
        ("/password/", "Change it"),
    ):
        page.goto(pages.desk.base + address.format(**pages.desk.items))
        page.get_by_role("button", name=button).click()
        assert page.title().startswith("Error: "), address
        assert page.evaluate(AUDIT) == [], address
        for link in page.locator(".problems a").all():
            link.click()
            target = link.get_attribute("href")
            assert page.evaluate(
                "id => document.activeElement.matches(id) || !!document.activeElement.closest(id)", target
            )


@pytest.mark.parametrize("size", SIZES)
def test_what_stands_against_submitting_leads_to_where_it_is_mended(pages: Any, size: str) -> None:
    page = pages.signed_in("amara", SIZES[size])
    page.goto(pages.desk.base + "/items/{bare}/record/".format(**pages.desk.items))
    page.get_by_label("Day of means 3").fill("2026-01-02")  # and not what was tried
    page.get_by_role("button", name="Save and submit").click()
    assert page.evaluate(AUDIT) == []
    page.get_by_role("link", name="Say what was tried on 2 January 2026").click()
    assert page.evaluate("document.activeElement.id") == "id_means_tried_2_means"
    page.get_by_label("Means 3", exact=True).fill("Posters in the shop")
    page.get_by_role("button", name="Save and submit").click()
    assert page.title().startswith("Error: ")
    assert page.evaluate(AUDIT) == []
    links = page.locator(".problems .places-to-mend a")
    assert links.count() > 15
    for number in range(links.count()):
        href = str(links.nth(number).get_attribute("href"))
        if "/record/#" in href:
            links.nth(number).click()
            assert page.locator("#" + href.partition("#")[2]).count() == 1, href


@pytest.mark.parametrize("size", SIZES)
def test_the_question_why_one_looks_and_the_lists_before_it_are_for_everybody(pages: Any, size: str) -> None:
    page = pages.signed_in("amara", SIZES[size], why="")
    for address in ("/", "/live/", "/items/{unsure}/take-down/", "/items/{film}/"):  # the last one asks
        page.goto(pages.desk.base + address.format(**pages.desk.items))
        assert page.evaluate(AUDIT) == [], address
        assert page.evaluate(FOCUS) == [], address
    page.get_by_role("button", name="Continue").click()
    assert page.title().startswith("Error: ")
    assert page.evaluate(AUDIT) == []


def test_with_everything_open_a_phone_still_needs_no_sideways_scrolling(pages: Any) -> None:
    page = pages.signed_in("bran", SIZES["phone"])
    for address in ("/items/{cat}/", "/items/{review}/", "/attention/", "/holds/"):
        page.goto(pages.desk.base + address.format(**pages.desk.items))
        for summary in page.locator("summary").all():
            summary.click()
        assert page.evaluate(AUDIT) == [], address


@pytest.mark.parametrize("broken", ["no label", "contrast", "wide", "h1"])
def test_the_audit_can_fail(pages: Any, broken: str) -> None:
    """The control: each of these would otherwise pass unseen."""
    page = pages.fresh(SIZES["phone"])
    page.goto(pages.desk.base + "/sign-in/")
    harms: dict[str, tuple[str, str]] = {
        "no label": ("document.querySelector('label').textContent = ''", "has no label"),
        "contrast": ("document.querySelector('h1').style.color = '#c8ccd0'", "contrast"),
        "wide": ("document.querySelector('main').style.width = '600px'", "600 wide"),
        "h1": ("document.querySelector('h1').outerHTML = '<h3>Sign in</h3>'", "0 first headings"),
    }
    harm, said = harms[broken]
    page.evaluate(harm)
    assert any(said in sentence for sentence in page.evaluate(AUDIT))
