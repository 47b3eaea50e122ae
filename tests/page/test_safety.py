"""What the page never does: run an article, ask another host, send a key that was not asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from serving.keys import create
from tests.page.conftest import Faults, Serve
from tests.page.eyes import SENTENCE, read, take_seed

Open = Callable[..., Page]


OVERRIDE = "\N{RIGHT-TO-LEFT OVERRIDE}"


def test_nothing_is_asked_of_another_host(open_page: Open, service: str) -> None:
    page = open_page(service)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    take_seed(page)
    page.locator("#charts").scroll_into_view_if_needed()
    page.wait_for_function("() => globalThis.Chart")
    assert asked
    assert [url for url in asked if not url.startswith((service, "data:"))] == []


def test_a_key_is_asked_for_when_the_service_asks(
    open_page: Open, serve: Serve, faults: Faults, tmp_path: Path
) -> None:
    key, made = create("annotate")
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{made.line()}\n", "utf-8")
    page = open_page(serve(api_keys=keys))
    faults.expect("401")
    expect(page.locator("#access")).to_be_hidden()
    page.fill("#text", SENTENCE)
    page.click("#form button[type=submit]")
    expect(page.locator("#access")).to_be_visible()
    page.fill("#key", "raqam_wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#key-reason")).to_contain_text("این کلید را نمی‌شناسد")
    page.fill("#key", key)
    page.keyboard.press("Enter")
    page.wait_for_selector("mark")
    assert page.evaluate("[sessionStorage.getItem('raqam.key'), JSON.stringify(localStorage).includes('raqam_')]") == [
        key, False,
    ]  # fmt: skip
    page.reload()
    read(page, SENTENCE)
    expect(page.locator("#access")).to_be_hidden()


def test_asking_for_a_key_can_be_declined(open_page: Open, serve: Serve, faults: Faults, tmp_path: Path) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{create('annotate')[1].line()}\n", "utf-8")
    page = open_page(serve(api_keys=keys))
    faults.expect("401")
    page.fill("#text", SENTENCE)
    page.click("#form button[type=submit]")
    page.locator("#access").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator("#status.error")).to_contain_text("کلید سرویس می‌خواهد")


HOSTILE = [
    '<img src=x onerror="alert(1)"> استاندار همدان <svg onload=alert(2)>',
    "</script><script>alert(3)</script><style>body{display:none}</style> ۴۷ درصد",
    "</textarea></div><iframe src=javascript:alert(4)></iframe>{{constructor.constructor('alert(5)')()}}",
    f"{OVERRIDE}استاندار همدان ۴۷ درصد{OVERRIDE} گفت\N{LEFT-TO-RIGHT ISOLATE} صادرات",
    "استاندار همدان " + "ا" + "\N{COMBINING ACUTE ACCENT}\N{ARABIC SHADDA}" * 5000 + " ۴۷ درصد",
    "صادرات \N{CHART WITH UPWARDS TREND} 👩‍👩‍👧 ۴۷ درصد \N{ZERO WIDTH NO-BREAK SPACE}"
    "\N{OBJECT REPLACEMENT CHARACTER}\x00\x07\x1b[31m بود",
    "' onmouseover='alert(6)' x=\" onfocus=\"alert(7) &lt;b&gt; &amp; ۶۶۰۰ میلیارد تومان",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_article_is_shown_as_text_and_runs_nothing(page: Page, text: str) -> None:
    read(page, text)
    for mark in page.locator("mark").all():
        mark.dispatch_event("pointerover")
        mark.focus()
    page.locator("#charts").scroll_into_view_if_needed()
    tags = page.eval_on_selector_all("#result *", "nodes => [...new Set(nodes.map((node) => node.tagName))]")
    assert set(tags) <= {"DIV", "MARK"}
    assert page.locator("main :is(img, svg, iframe, script, style)").count() == 0


def test_the_policy_refuses_what_the_page_never_does(page: Page, faults: Faults) -> None:
    """An inline script does not run and a string does not become HTML: the policy is there, and is watched."""
    faults.expect("policy:")
    faults.expect("inline")
    faults.expect("'Trusted")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.append("globalThis.ran = true");
          document.body.append(script);
        }"""
    )
    refused = page.evaluate("() => { try { document.body.innerHTML = '<p>' } catch (error) { return error.name } }")
    assert refused == "TypeError"
    assert page.evaluate("globalThis.ran") is None
    page.wait_for_timeout(100)
    assert any("policy:" in fault for fault in faults.seen)
