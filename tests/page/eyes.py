"""What a reader does with the page: paste, choose, drop and look."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from serving.seeds import SEEDS

SENTENCE: Final = "استاندار همدان گفت: صادرات استان از ۶۶۰۰ میلیارد تومان گذشت و ۴۷ درصد رشد کرد."
PATHS: Final = sorted(SEEDS.glob("*.txt"))


def read(page: Page, text: str) -> None:
    """Paste *text* and wait until it is shown whole."""
    if page.locator("#compose").get_attribute("open") is None:
        page.click("#compose summary")
    page.fill("#text", text)
    page.click("#form button[type=submit]")
    page.wait_for_function("text => document.querySelector('#result').textContent === text", arg=text)
    page.wait_for_function("() => document.querySelector('#figures').childElementCount > 0")


def take_seed(page: Page, path: Path = PATHS[0]) -> str:
    page.locator(f"#seed option[value='{path.stem}']").wait_for(state="attached")
    page.select_option("#seed", path.stem)
    text = path.read_bytes().decode("utf-8")
    page.wait_for_function("text => document.querySelector('#result').textContent === text", arg=text)
    page.wait_for_selector("#figures table")
    return text


def shown(page: Page) -> str:
    return str(page.eval_on_selector("#result", "node => node.textContent"))


def show_money(page: Page, *numbers: str) -> None:
    """Show a text of amounts in rials, as if the service had read them."""
    page.evaluate(
        """async (numbers) => {
          const { app } = await import("/static/app.js");
          const spans = numbers.map((number, at) => ({
            start: at * 2, end: at * 2 + 1, label: "MON", text: "x", score: 0.5,
            value: { kind: "money", number, currency: "IRR", irr: number, bound: "exact" },
          }));
          app.show({ spans, facts: [] }, numbers.map(() => "x ").join(""));
        }""",
        numbers,
    )
    page.wait_for_selector("#figures table")


def drop(page: Page, name: str, content: bytes) -> None:
    page.evaluate(
        """([name, bytes]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], name, { type: "text/plain" }));
          for (const type of ["dragenter", "dragover", "drop"]) {
            document.querySelector("#text").dispatchEvent(
              new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
          }
        }""",
        [name, list(content)],
    )
