"""The page, as a reader uses it: text in, and its names, figures, dates and charts out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Faults
from tests.page.eyes import PATHS, SENTENCE, drop, read, show_money, shown, take_seed
from tests.page.hands import SPANS, answer_with, fresh, marks, wait_for_text

Open = Callable[..., Page]


def test_a_text_is_shown_as_it_is_with_a_mark_for_each_span(page: Page) -> None:
    read(page, SENTENCE)
    money = page.locator("mark.money")
    assert money.text_content() == "۶۶۰۰ میلیارد تومان"
    assert money.get_attribute("data-name") == "پول"
    assert "پول" in money.evaluate("node => getComputedStyle(node, '::after').content")
    assert money.evaluate("node => getComputedStyle(node).backgroundColor") != "rgba(0, 0, 0, 0)"
    expect(page.locator("#status")).to_contain_text("compact@")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem[:3])
def test_every_seed_is_offered_and_shown_whole(page: Page, path: Path) -> None:
    text = take_seed(page, path)
    assert shown(page) == text
    dated = re.match(r"\s*date (\S+)", text)
    assert page.input_value("#published") == (dated[1] if dated else "")


def test_a_span_tells_label_score_and_value_to_pointer_and_keyboard(page: Page) -> None:
    read(page, SENTENCE)
    tip = page.locator("#tip")
    expect(tip).to_be_hidden()
    page.hover("mark.percent")
    expect(tip).to_contain_text("درصد (PCT)")
    expect(tip).to_contain_text("۴۷ درصد")
    expect(tip).to_contain_text(re.compile("اطمینان [۰-۹٫]+٪"))
    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()
    page.locator("mark").first.focus()
    page.keyboard.press("End")
    expect(page.locator("mark").last).to_be_focused()
    expect(page.locator("mark").last).to_have_attribute("aria-describedby", "tip")
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_one_mark_is_in_the_order_of_tab_and_arrows_go_on(page: Page) -> None:
    read(page, SENTENCE)
    assert page.locator("mark[tabindex='0']").count() == 1
    page.locator("mark").first.focus()
    page.keyboard.press("ArrowLeft")  # onwards, from right to left
    expect(page.locator("mark").nth(1)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("mark").first).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")  # nothing lies before the first
    expect(page.locator("mark").first).to_be_focused()


def test_everything_can_be_reached_by_keys_from_the_skip_link_on(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#language")).to_be_focused()
    read(page, SENTENCE)
    page.locator("#main").focus()
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.closest('.card')?.querySelector('h2')?.id"))
    assert {"result-title", "figures-title", "entities-title", "charts-title"} <= reached


def test_figures_stand_in_a_table(page: Page) -> None:
    read(page, SENTENCE)
    row = page.locator("#figures tbody tr").first
    assert row.locator("th").inner_text() == "۶۶۰۰ میلیارد تومان"
    cells = dict(zip(("indicator", "value", "western", "unit", "rials", "bound", "sentence"),
                     row.locator("td").all_inner_texts(), strict=True))  # fmt: skip
    assert cells["value"] == "۶٬۶۰۰٬۰۰۰٬۰۰۰٬۰۰۰"
    assert cells["western"] == "6,600,000,000,000"
    assert cells["unit"] == "تومان"
    assert cells["rials"] == "۶۶٬۰۰۰٬۰۰۰٬۰۰۰٬۰۰۰"
    assert cells["sentence"] == SENTENCE


def test_an_indicator_stands_beside_its_figure(page: Page) -> None:
    take_seed(page)
    row = page.locator("#figures tbody tr", has_text="۶۶۰۰ میلیارد تومان").filter(has_text="۶٬۶۰۰")
    assert row.locator("td.indicator").inner_text() == "اعتبارات عمرانی"
    assert row.locator("td.bound").inner_text() == "بیش از"


def test_figures_are_sorted_exactly_and_back(page: Page) -> None:
    show_money(page, "9007199254740993", "9007199254740992", "100000000")
    texts = page.locator("#figures td.western")
    before = texts.all_inner_texts()
    page.click("#figures th.value button")
    assert texts.all_inner_texts() == ["100,000,000", "9,007,199,254,740,992", "9,007,199,254,740,993"]
    expect(page.locator("#figures th.value")).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("#figures th.value button")).to_be_focused()
    page.click("#figures th.value button")
    assert texts.all_inner_texts() == ["9,007,199,254,740,993", "9,007,199,254,740,992", "100,000,000"]
    page.click("#figures th.value button")
    assert texts.all_inner_texts() == before


def test_a_row_goes_to_its_place_in_the_text(page: Page) -> None:
    take_seed(page)
    page.locator("#figures tbody th button").last.click()
    focused = page.locator("mark:focus")
    assert focused.inner_text() == page.locator("#figures tbody th").last.inner_text()
    expect(focused).to_be_in_viewport()


def test_names_are_counted_by_label(page: Page) -> None:
    take_seed(page)
    group = page.locator("#entities section", has=page.locator(".chip.location"))
    total = page.locator("mark.location").count()
    assert group.locator("h3 .times").inner_text() == str(total).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    name = group.locator("li button").first
    name.click()
    first = page.evaluate("document.activeElement.dataset.index")
    name.click()
    assert int(page.evaluate("document.activeElement.dataset.index")) > int(first)


def test_tables_and_charts_follow_a_correction(page: Page) -> None:
    show_money(page, "10", "20")
    page.evaluate(
        """async () => {
          location.hash = "correct";
          const { app } = await import("/static/app.js");
          app.change(app.spans.slice(1), []);
        }"""
    )
    expect(page.locator("#figures")).to_be_hidden()
    page.evaluate("location.hash = 'read'")
    expect(page.locator("#figures td.western")).to_have_text(["20"])
    assert page.locator("mark").count() == 1


def test_dates_stand_on_the_solar_the_gregorian_and_the_lunar_calendar(page: Page) -> None:
    read(page, "این طرح ۱۶ شهریور ۱۴۰۴ آغاز شد و در ۲۱ رمضان ۱۴۴۵ و ۷ سپتامبر ۲۰۲۵ از آن یاد شد.")
    text = page.locator("#dates").inner_text()
    assert "۱۶ شهریور ۱۴۰۴" in text
    assert "۷ سپتامبر ۲۰۲۵" in text
    if "۲۱ رمضان ۱۴۴۵" in page.locator("#dates tbody th").all_inner_texts():
        assert "۲۱ رمضان ۱۴۴۵ قمری" in text


def test_charts_are_drawn_and_said_in_tables(page: Page) -> None:
    take_seed(page)
    page.locator("#charts").scroll_into_view_if_needed()
    page.wait_for_function("() => globalThis.Chart && Object.keys(Chart.instances).length === 2")
    first = page.locator("#charts canvas").first
    assert first.get_attribute("role") == "img"
    assert "نمودار میله‌ای" in str(first.get_attribute("aria-label"))
    page.locator("#charts summary").first.click()
    assert "۶٬۶۰۰٬۰۰۰٬۰۰۰٬۰۰۰ تومان" in page.locator("#charts details").first.inner_text()
    assert "همدان" in page.locator("#charts details").last.text_content()  # type: ignore[operator]


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_read_when_it_is_dropped(page: Page, coding: str) -> None:
    text = f"{SENTENCE}\r\nپایان.\n"
    drop(page, "خبر.txt", text.encode(coding))
    page.wait_for_function("text => document.querySelector('#result').textContent === text", arg=text)


def test_a_file_in_another_coding_is_refused_in_words(page: Page) -> None:
    drop(page, "<b>x</b>.txt", SENTENCE.encode("cp1256", "replace"))
    expect(page.locator("#status.error")).to_contain_text("«<b>x</b>.txt» متن UTF-8 یا UTF-16 نیست")


def test_a_file_is_read_when_it_is_chosen(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "article.txt"
    path.write_text(SENTENCE, "utf-8")
    page.set_input_files("#file", path)
    page.wait_for_function("text => document.querySelector('#result').textContent === text", arg=SENTENCE)


def test_an_error_of_the_service_is_shown_as_its_sentence(page: Page, faults: Faults) -> None:
    faults.expect("413")
    faults.expect("422")
    page.fill("#text", "الف " * 60_000)
    page.click("#form button[type=submit]")
    expect(page.locator("#status.error")).to_contain_text("200,000")
    page.fill("#text", " ")
    page.click("#form button[type=submit]")
    expect(page.locator("#status.error")).to_have_text("متنی نیست که خوانده شود.")


def test_a_service_that_is_gone_is_said(page: Page, faults: Faults) -> None:
    faults.expect("ERR_")
    page.context.set_offline(True)
    page.fill("#text", SENTENCE)
    page.click("#form button[type=submit]")
    expect(page.locator("#status.error")).to_contain_text("دسترسی نیست")


def test_spans_of_every_text_are_marked_where_the_service_says(page: Page) -> None:
    """The page shows each span over exactly its own text, also behind emoji and across line ends."""
    text = "📈📈 استاندار همدان\r\n\n👩‍👩‍👧 ۴۷ درصد"
    read(page, text.replace("\r\n", "\n"))
    assert page.evaluate(
        """async () => {
          const { app } = await import("/static/app.js");
          return app.spans.length > 0 && app.spans.every((span, index) =>
            app.view.markOf(index).textContent === span.text
            && app.view.rangeOf(span.start, span.end).toString() === span.text
            && app.view.offsetAt(app.view.markOf(index).firstChild, 0) === span.start);
        }"""
    )


@pytest.mark.parametrize("view", ["read", "articles"])
def test_a_reload_shows_the_same_text(page: Page, view: str) -> None:
    text = fresh()
    answer_with(page, *SPANS)
    page.fill("#published", "2025-09-25")
    page.fill("#text", text)
    page.click("#form button[type=submit]")
    wait_for_text(page, text)
    page.click(f"#views a[href='#{view}']")
    page.reload()
    wait_for_text(page, text)
    assert marks(page) == list(SPANS)
    expect(page.locator("#text")).to_have_value(text)
    expect(page.locator("#published")).to_have_value("2025-09-25")


def test_another_tab_begins_with_nothing(page: Page) -> None:
    text = fresh()
    answer_with(page, *SPANS)
    page.fill("#text", text)
    page.click("#form button[type=submit]")
    wait_for_text(page, text)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#seed option")).not_to_have_count(0)
    expect(other.locator("#text")).to_have_value("")
    other.close()
