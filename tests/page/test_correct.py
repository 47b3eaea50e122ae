"""Correcting an article in the page, by mouse and by keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from raqam.labels import CODES
from serving.routes import STATIC
from tests.page.conftest import Faults
from tests.page.hands import (
    SPANS,
    TEXT,
    box,
    click_mark,
    correct,
    drag_over,
    marks,
    place,
    press,
    press_persian,
    selected,
    values,
)

Open = Callable[..., Page]

KEYS = dict(re.findall(r'\["([A-Z]{3})", "(Key[A-Z])"\]', (STATIC / "label-keys.js").read_text("utf-8")))
PERSIAN = dict(re.findall(r'(Key[A-Z]): "(\w)"', (STATIC / "label-keys.js").read_text("utf-8")))
PANEL = ".panel:not([hidden])"


def test_every_label_has_a_key_of_its_own() -> None:
    assert set(KEYS) == set(CODES)
    assert len(set(KEYS.values())) == len(CODES)
    assert {*KEYS.values(), "KeyV"} == set(PERSIAN)


def test_text_that_is_selected_gets_a_label_and_snaps_to_words(page: Page) -> None:
    correct(page, TEXT)
    drag_over(page, TEXT, "تاندا")
    assert selected(page) == "استاندار"
    expect(page.locator(f"{PANEL} .labels button")).to_have_count(15)
    page.locator(f"{PANEL} [data-label=TTL]").click()
    assert marks(page) == [("استاندار", "TTL"), *SPANS]
    assert values(page)[0] == "?"
    expect(page.locator(".panel")).to_be_hidden()


def test_a_half_space_stays_inside_of_its_word(page: Page) -> None:
    correct(page, TEXT)
    drag_over(page, TEXT, "حسن‌")
    press(page, "KeyF")
    assert ("حسن‌آباد", "FAC") in marks(page)


def test_alt_leaves_a_selection_as_it_is(page: Page) -> None:
    correct(page, TEXT)
    page.keyboard.down("Alt")
    drag_over(page, TEXT, "تاندا")
    page.keyboard.up("Alt")
    press(page, "KeyT")
    assert marks(page)[0] == ("تاندا", "TTL")


@pytest.mark.parametrize("layout", ["latin", "persian"])
def test_every_label_has_a_key_in_both_layouts(page: Page, layout: str) -> None:
    correct(page, TEXT)
    click_mark(page, "همدان")
    for label, code in KEYS.items():
        if layout == "latin":
            press(page, code)
        else:
            press_persian(page, code, PERSIAN[code])
        expect(page.locator("#result mark").first).to_have_attribute("data-label", label)


def test_a_span_is_added_by_keys_alone(page: Page) -> None:
    correct(page, TEXT)
    page.locator("#result").focus()
    press(page, "ArrowLeft", "ArrowLeft", "ArrowRight")  # a text from the right goes on to the left
    assert selected(page) == "استاندار"
    press(page, "Shift+ArrowLeft", "KeyP")
    assert marks(page) == [("استاندار همدان", "PER"), *SPANS[1:]]
    press(page, "Escape", "ArrowDown")
    assert selected(page) in TEXT.split("\n")[1]
    press(page, "End", "Enter")
    expect(page.locator(f"{PANEL} .labels button").first).to_be_focused()
    press(page, "ArrowLeft", "ArrowDown", "Enter")
    assert len(marks(page)) == 5
    assert marks(page)[-1][1] == "FAC"


def test_the_menu_of_a_word_in_a_span_is_that_of_the_span(page: Page) -> None:
    correct(page, TEXT)
    page.locator("#result").focus()
    press(page, "ArrowLeft", "ArrowLeft", "Enter")
    expect(page.locator(f"{PANEL} [data-label=LOC]")).to_be_focused()
    press(page, "Escape")
    expect(page.locator("#result mark").first).to_be_focused()
    press(page, "Escape")
    expect(page.locator("#result")).to_be_focused()


def test_a_span_is_relabelled_and_deleted_and_all_of_it_undone(page: Page) -> None:
    correct(page, TEXT)
    click_mark(page, "همدان")
    page.locator(f"{PANEL} [data-label=ORG]").click()
    assert marks(page)[0] == ("همدان", "ORG")
    press(page, "Delete")
    assert marks(page) == list(SPANS[1:])
    press(page, "Control+z", "Control+z")
    assert marks(page) == list(SPANS)
    press(page, "Control+Shift+z")
    assert marks(page)[0] == ("همدان", "ORG")
    page.get_by_role("button", name="واگرد").click()
    assert marks(page) == list(SPANS)
    expect(page.get_by_role("button", name="واگرد")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="ازنو").click()
    page.get_by_role("button", name="ازنو").click()
    assert marks(page) == list(SPANS[1:])


def test_edges_move_by_keys(page: Page) -> None:
    correct(page, TEXT)
    click_mark(page, "همدان")
    press(page, "Escape", "Alt+Shift+ArrowRight")
    assert marks(page)[0] == ("استاندار همدان", "LOC")
    press(page, "Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowRight")
    assert marks(page)[0] == ("استاندار همدان گفت", "LOC")
    press(page, "Alt+Shift+ArrowLeft", "Control+Shift+ArrowRight")
    assert marks(page)[0] == ("همدان گف", "LOC")
    expect(page.locator("#result mark").first).to_be_focused()


@pytest.mark.parametrize(
    ("edge", "over", "becomes"), [("end", "گفت", "همدان گفت"), ("start", "استاندار", "استاندار همدان")]
)
def test_edges_move_by_the_mouse(page: Page, edge: str, over: str, becomes: str) -> None:
    correct(page, TEXT)
    click_mark(page, "همدان")
    press(page, "Escape")
    start, end = place(TEXT, over)
    to = box(page, start, end)
    handle = page.locator(f".handle.{edge}").bounding_box()
    assert handle
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move((to["left"] + to["right"]) / 2, (to["top"] + to["bottom"]) / 2, steps=5)
    assert selected(page) == becomes
    page.mouse.up()
    assert marks(page)[0] == (becomes, "LOC")
    press(page, "Control+z")
    assert marks(page) == list(SPANS)


def test_escape_ends_a_drag(page: Page) -> None:
    correct(page, TEXT)
    click_mark(page, "همدان")
    press(page, "Escape")
    handle = page.locator(".handle.end").bounding_box()
    assert handle
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(handle["x"] - 60, handle["y"] + 10, steps=3)
    press(page, "Escape")
    page.mouse.up()
    assert marks(page) == list(SPANS)


def test_a_new_span_cuts_those_in_its_way_in_one_step(page: Page) -> None:
    correct(page, TEXT)
    drag_over(page, TEXT, "خارجی ۴۷ درصد رشد")
    press(page, "KeyE")
    assert marks(page)[1:3] == [("سرمایه‌گذاری", "IND"), ("خارجی ۴۷ درصد رشد", "EVT")]
    press(page, "Control+z")
    assert marks(page) == list(SPANS)


def test_text_within_a_mark_can_be_selected(page: Page) -> None:
    correct(page, TEXT)
    drag_over(page, TEXT, "خارجی")
    press(page, "KeyL")
    assert marks(page)[1:3] == [("سرمایه‌گذاری", "IND"), ("خارجی", "LOC")]


def test_a_value_is_checked_and_written(page: Page) -> None:
    correct(page, TEXT)
    click_mark(page, "تومان")
    press(page, "KeyV")
    form = page.locator(".value-form")
    form.locator("[name=number]").fill("چند")
    press(page, "Enter")
    expect(form.locator("[name=number]")).to_have_attribute("aria-invalid", "true")
    expect(form.locator("[name=number]")).to_be_focused()
    form.locator("[name=number]").fill("۴٬۵۰۰٬۰۰۰٬۰۰۰٫۵")
    form.locator("[name=bound]").select_option("about")
    press(page, "Enter")
    assert values(page)[3] == {
        "kind": "money", "number": "4500000000.5", "currency": "IRT", "irr": "45000000005", "bound": "about",
    }  # fmt: skip
    press(page, "Control+z")
    assert values(page)[3]["number"] == "3500000000"


def test_saving_takes_the_value_that_is_being_written(page: Page) -> None:
    correct(page, TEXT)
    click_mark(page, "درصد")
    press(page, "KeyV")
    number = page.locator(".value-form [name=number]")
    number.fill("?")
    press(page, "Control+s")
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(page.locator("dialog.ask")).to_have_count(0)
    number.fill("48")
    press(page, "Control+s")
    expect(page.locator("dialog.ask")).to_be_visible()
    assert values(page)[2]["number"] == "48"


def test_a_value_is_given_up_or_left_to_the_service(page: Page) -> None:
    correct(page, TEXT)
    for choice, value in (("read", "?"), ("none", None)):
        click_mark(page, "درصد")
        press(page, "KeyV")
        page.locator(f".value-form [value={choice}]").check()
        page.locator(".value-form button[type=submit]").click()
        assert values(page)[2] == value


def test_a_date_that_is_written_gets_its_days(page: Page) -> None:
    correct(page, TEXT, ("گفت", "DAT"))
    click_mark(page, "گفت")
    press(page, "KeyV")
    form = page.locator(".value-form")
    form.locator("[value=own]").check()
    form.locator("[name=date]").fill("۱۴۰۴/۰۶/۱۶")
    form.locator("button[type=submit]").click()
    days = {"start": "2025-09-07", "end": "2025-09-07"}
    assert values(page) == [{"kind": "date", "calendar": "jalali", "date": "1404-06-16", **days}]


def test_a_place_is_chosen_by_the_name_of_its_province(page: Page) -> None:
    correct(page, TEXT)
    click_mark(page, "همدان")
    press(page, "KeyV")
    page.locator(".value-form [value=own]").check()
    page.locator(".value-form [name=province]").select_option(label="همدان")
    page.locator(".value-form button[type=submit]").click()
    assert values(page)[0] == {"kind": "place", "country": "IR", "province": "IR-13"}


def test_keys_of_labels_are_letters_where_one_writes(page: Page) -> None:
    correct(page, TEXT)
    click_mark(page, "درصد")
    press(page, "KeyV")
    page.locator(".value-form [name=number]").fill("")
    page.locator(".value-form [name=number]").press_sequentially("mpo5")
    expect(page.locator(".value-form [name=number]")).to_have_value("mpo5")
    assert marks(page) == list(SPANS)


def test_keys_do_nothing_to_an_article_that_is_read(page: Page) -> None:
    correct(page, TEXT)
    page.click("#views a[href='#read']")
    page.locator("#result mark").first.click()
    press(page, "KeyO", "Delete", "Control+z")
    assert marks(page) == list(SPANS)
    expect(page.locator(".panel")).to_be_hidden()


def test_an_edit_touches_only_what_it_changes(page: Page) -> None:
    """In an article of 20,000 characters with 1,000 spans, one mark more is a handful of changes of the document."""
    text = "\n".join("به گفته علی در شهر قم امسال بود." for _ in range(600)) + "\nپایان خبر بلند"
    spans = [
        {"start": start, "end": start + len(words), "label": label, "text": words, "score": 1, "value": None}
        for words, label in (("علی", "PER"), ("قم", "LOC"))
        for start in range(len(text))
        if text.startswith(words, start)
    ]
    spans.sort(key=lambda span: int(span["start"] or 0))
    record = {"id": None, "model": "compact@1.0.0", "spans": spans, "facts": []}
    page.route("**/annotate*", lambda route: route.fulfill(json=record))
    page.fill("#text", text)
    page.click("#form button[type=submit]")
    page.wait_for_function("() => document.querySelectorAll('#result mark').length === 1200")
    page.click("#views a[href='#correct']")
    drag_over(page, text, "پایان")
    page.evaluate("""() => {
      window.changes = [];
      new MutationObserver((all) => window.changes.push(...all)).observe(
        document.querySelector("#result"), { subtree: true, childList: true, attributes: true, characterData: true });
    }""")
    press(page, "KeyE")
    page.wait_for_function("() => document.querySelectorAll('#result mark').length === 1201")
    assert page.evaluate("() => window.changes.length") < 20


def test_the_editor_speaks_english(open_page: Open, service: str) -> None:
    page = open_page(service)
    page.select_option("#language", "en")
    correct(page, TEXT)
    page.locator("#result").focus()
    press(page, "ArrowLeft", "ArrowLeft")  # the direction is that of the text
    assert selected(page) == "همدان"
    click_mark(page, "همدان")
    expect(page.locator(PANEL)).to_have_attribute("aria-label", "The mark “همدان”")
    expect(page.locator(f"{PANEL} [data-label=ORG]")).to_contain_text("organization", ignore_case=True)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def test_a_hostile_article_stays_text(page: Page, faults: Faults) -> None:
    text = "<img src=x onerror=alert(1)> استاندار <script>alert(2)</script> گفت"
    correct(page, text, ("استاندار", "TTL"))
    drag_over(page, text, "<img src=x onerror=alert(1)>")
    expect(page.locator(f"{PANEL} .head b")).to_have_text("img src=x onerror=alert(1)")
    press(page, "KeyO")
    assert page.locator("img, #result script").count() == 0
    assert faults.unexpected == []
