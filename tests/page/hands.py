"""What a person's hands do to an article in the page: select, drag, press. And the text they do it to."""

from __future__ import annotations

import itertools
import json
from typing import Any, Final

from playwright.sync_api import Page, Route

TEXT: Final = (
    "استاندار همدان گفت: سرمایه‌گذاری خارجی ۴۷ درصد رشد کرد.\n"
    "📈 او ۳٫۵ میلیارد تومان برای معدن حسن‌آباد در استان همدان کنار گذاشت."
)
#: What the model is made to say of it, so that a test knows where it begins.
SPANS: Final = (("همدان", "LOC"), ("سرمایه‌گذاری خارجی", "IND"), ("۴۷ درصد", "PCT"), ("۳٫۵ میلیارد تومان", "MON"))
VALUES: Final[dict[str, Any]] = {
    "PCT": {"kind": "percent", "number": "47", "bound": "exact"},
    "MON": {"kind": "money", "number": "3500000000", "currency": "IRT", "irr": "35000000000", "bound": "exact"},
}

_numbers = itertools.count(1)


def fresh(text: str = TEXT) -> str:
    """*text* as an article that no other test has."""
    return f"{text}\nکد خبر: {next(_numbers)}"


def units(text: str) -> int:
    """The length of *text* in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def place(text: str, words: str) -> tuple[int, int]:
    """Where *words* stand in *text* the first time, in UTF-16 units."""
    start = units(text[: text.index(words)])
    return start, start + units(words)


def answer_with(page: Page, *spans: tuple[str, str]) -> None:
    """Let the service say *spans* of every text that the page sends it."""

    def answer(route: Route) -> None:
        text = json.loads(route.request.post_data or "{}")["text"]
        found = [
            {"start": start, "end": end, "label": label, "text": words, "score": 0.9, "value": VALUES.get(label)}
            for words, label in spans
            for start, end in [place(text, words)]
        ]
        facts = [{"indicator": 1, "figure": 2}] if len(found) > 2 else []
        route.fulfill(json={"id": None, "model": "compact@1.0.0", "spans": found, "facts": facts})

    page.route("**/annotate*", answer)


def correct(page: Page, text: str, *spans: tuple[str, str]) -> None:
    """Paste *text*, and go to correct what the model says of it."""
    answer_with(page, *(spans or SPANS))
    page.fill("#text", text)
    page.click("#form button[type=submit]")
    wait_for_text(page, text)
    page.click("#views a[href='#correct']")
    page.wait_for_selector("#editor-tools .bar")


def wait_for_text(page: Page, text: str) -> None:
    page.wait_for_function("text => document.querySelector('#result').textContent === text", arg=text)


def marks(page: Page) -> list[tuple[str, str]]:
    """The words and the label of every mark."""
    script = "nodes => nodes.map(({textContent, dataset}) => [textContent, dataset.label])"
    found = page.eval_on_selector_all("#result mark", script)
    return [(words, label) for words, label in found]


def values(page: Page) -> list[Any]:
    """The value of every span; "?" where the service has yet to read it."""
    script = """async () => {
      const { app } = await import("/static/app.js");
      return app.spans.map(({ value }) => (value === undefined ? "?" : value));
    }"""
    found: list[Any] = page.evaluate(script)
    return found


def box(page: Page, start: int, end: int) -> dict[str, float]:
    """Where the text from *start* to *end* is in the window, which is scrolled to it."""
    script = """async ([start, end]) => {
      const { app } = await import("/static/app.js");
      const range = app.view.rangeOf(start, end);
      range.startContainer.parentElement.closest(".paragraph").scrollIntoView({ block: "center" });
      const { left, right, top, bottom } = range.getBoundingClientRect();
      return { left, right, top, bottom };
    }"""
    found: dict[str, float] = page.evaluate(script, [start, end])
    return found


def drag_over(page: Page, text: str, words: str) -> None:
    """Select *words* with the mouse, from their first character to their last."""
    start, end = place(text, words)
    box(page, start, start + 1)
    last, first = box(page, end - 1, end), box(page, start, start + 1)
    last = box(page, end - 1, end)
    page.mouse.move(first["right"] - 1, (first["top"] + first["bottom"]) / 2)
    page.mouse.down()
    page.mouse.move(last["left"] + 1, (last["top"] + last["bottom"]) / 2, steps=4)
    page.mouse.up()


def click_mark(page: Page, words: str) -> None:
    page.locator("#result mark", has_text=words).first.click()


def selected(page: Page) -> str:
    return str(page.evaluate("() => String(getSelection())"))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def press_persian(page: Page, code: str, character: str) -> None:
    """Press the key that lies at *code* on a keyboard with the Persian layout."""
    session = page.context.new_cdp_session(page)
    for kind in ("keyDown", "keyUp"):
        event = {"type": kind, "code": code, "key": character, "text": character if kind == "keyDown" else ""}
        session.send("Input.dispatchKeyEvent", event)
    session.detach()


def say_who(page: Page, name: str) -> None:
    """Answer the question that the first save asks."""
    page.locator("dialog.ask input").fill(name)
    page.keyboard.press("Enter")


def stored(page: Page, path: str) -> Any:
    """What the service answers to a request for *path*."""
    return page.context.request.get(page.url.split("#")[0].rstrip("/") + path).json()
