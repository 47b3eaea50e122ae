"""How the page looks: languages, colours and their contrast, narrow screens and paper."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from raqam.labels import CODES
from tests.page.eyes import SENTENCE, read, take_seed

Open = Callable[..., Page]


def test_the_language_is_kept(page: Page) -> None:
    read(page, SENTENCE)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["fa", "rtl"]
    page.select_option("#language", "en")
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["en", "ltr"]
    expect(page.locator("mark.money")).to_have_attribute("data-name", "money")
    expect(page.locator("#figures thead")).to_contain_text("Indicator")
    assert page.locator(".paragraph").first.get_attribute("dir") == "rtl"
    page.reload()
    expect(page.locator("#form button[type=submit]")).to_have_text("Show")
    assert page.title() == "Raqam: names and figures of the news"


def test_no_word_of_the_interface_is_missing_in_a_language(page: Page) -> None:
    for code in ("fa", "en"):
        page.select_option("#language", code)
        words = page.evaluate(
            """() => [...document.querySelectorAll('[data-t]')].map((node) => [node.dataset.t, node.textContent])"""
        )
        assert [key for key, text in words if text in (key, "")] == []


def test_the_scheme_follows_the_system_and_the_choice(open_page: Open, service: str) -> None:
    page = open_page(service, color_scheme="dark")
    canvas = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(canvas)
    page.select_option("#theme", "light")
    light = page.evaluate(canvas)
    assert dark != light
    page.reload()
    assert page.evaluate(canvas) == light
    page.select_option("#theme", "auto")
    assert page.evaluate(canvas) == dark


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_labels_have_colours_of_their_own(open_page: Open, service: str, scheme: str) -> None:
    page = open_page(service, color_scheme=scheme)
    page.evaluate(
        """async (codes) => {
          const { app } = await import("/static/app.js");
          const spans = codes.map((label, at) => ({ start: at * 4, end: at * 4 + 3, label, text: label, value: null }));
          app.show({ spans, facts: [] }, codes.join(" "));
        }""",
        list(CODES),
    )
    colours = page.eval_on_selector_all("mark", "marks => marks.map((mark) => getComputedStyle(mark).backgroundColor)")
    assert len(set(colours)) == len(CODES)


def test_a_mark_is_one_box_though_latin_words_stand_beside_it(page: Page) -> None:
    page.evaluate("""async () => {
      const { app } = await import("/static/app.js");
      const spans = [{ start: 5, end: 15, label: "DAT", text: "2025-09-25", value: null }];
      app.show({ spans, facts: [] }, "date 2025-09-25 آیین برگزار شد");
    }""")
    assert page.locator("mark").evaluate("mark => mark.getClientRects().length") == 1


CONTRAST = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).slice(0, 3).map((byte) => byte / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !node.checkVisibility()) continue;
    const pairs = [[getComputedStyle(node).color, behind(node)]];
    if (node.matches("mark")) pairs.push([getComputedStyle(node, "::after").color, behind(node)]);
    for (const [front, back] of pairs) {
      const [dark, light] = [luminance(front), luminance(back)].sort((a, b) => a - b);
      if ((light + 0.05) / (dark + 0.05) < 4.5) low.push([text.data, front, back]);
    }
  }
  return low;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_the_contrast_of_wcag_aa(open_page: Open, service: str, scheme: str) -> None:
    """Of every text that is seen against the first opaque background behind it."""
    page = open_page(service, color_scheme=scheme)
    take_seed(page)
    assert page.evaluate(CONTRAST) == []


def test_the_font_comes_from_the_service(page: Page) -> None:
    read(page, SENTENCE)
    assert page.evaluate("async () => { await document.fonts.ready; return document.fonts.check('16px Vazirmatn') }")
    assert page.evaluate("[...document.fonts].map((font) => font.status)") == ["loaded"]


def test_on_paper_there_are_the_text_and_the_tables(page: Page) -> None:
    take_seed(page)
    page.emulate_media(media="print")
    for hidden in ("header", "#compose", "#status", "#editor-tools"):
        expect(page.locator(hidden)).to_be_hidden()
    for visible in ("#result", "#figures table", "#dates table", "#entities"):
        expect(page.locator(visible)).to_be_visible()
    assert page.pdf()[:5] == b"%PDF-"


def test_a_narrow_screen_needs_no_scrolling_sideways(open_page: Open, service: str) -> None:
    page = open_page(service, viewport={"width": 360, "height": 740})
    take_seed(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
