"""What becomes of a correction in the page: a draft, a revision, or a question where somebody else was faster."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from serving.keys import create
from tests.page.conftest import Faults, Serve
from tests.page.hands import (
    SPANS,
    answer_with,
    click_mark,
    correct,
    fresh,
    marks,
    press,
    say_who,
    stored,
    values,
    wait_for_text,
)

Open = Callable[..., Page]

FULL = """() => { Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); }; }"""


def save(page: Page, revision: str) -> None:
    press(page, "Control+s")
    expect(page.locator("#status")).to_have_text(f"نسخهٔ {revision} ذخیره شد.")


def start(page: Page, text: str, name: str = "مریم") -> None:
    """Correct *text* and store it as revision 2, in the name of *name*."""
    correct(page, text)
    click_mark(page, "درصد")
    press(page, "KeyQ", "Control+s")
    say_who(page, name)
    expect(page.locator("#status")).to_have_text("نسخهٔ ۲ ذخیره شد.")


def open_stored(page: Page, text: str, name: str) -> None:
    """Open the article of *text* from the list, as somebody called *name*."""
    page.evaluate("name => localStorage.setItem('raqam.who', name)", name)
    page.click("#views a[href='#articles']")
    page.select_option("[name=list-state]", "all")
    page.select_option("[name=list-order]", "recent")
    page.locator("table.articles tbody tr").first.get_by_role("button", name="باز کن").click()
    wait_for_text(page, text)
    expect(page.locator(".bar")).to_be_visible()


def key_of(page: Page) -> str:
    return str(page.evaluate("async () => (await import('/static/app.js')).app.article.article"))


def test_a_correction_is_kept_with_who_made_it(page: Page) -> None:
    text = fresh()
    start(page, text)
    article = stored(page, f"/articles/{key_of(page)}")
    assert (article["who"], article["revision"], article["state"]) == ("مریم", 2, "corrected")
    assert article["text"] == text
    assert [(span["text"], span["label"]) for span in article["spans"]] == marks(page)
    assert all(text[span["start"] : span["end"]] == span["text"] for span in article["spans"])  # code points


def test_the_name_is_asked_for_once(page: Page) -> None:
    start(page, fresh())
    click_mark(page, "درصد")
    press(page, "KeyS")
    save(page, "۳")
    expect(page.locator(".bar")).to_contain_text("نام: مریم")


def test_a_value_that_was_left_to_the_service_is_read(page: Page) -> None:
    correct(page, fresh())
    click_mark(page, "درصد")
    press(page, "Escape", "Alt+Shift+ArrowLeft", "Alt+Shift+ArrowRight")
    assert values(page)[2] == "?"
    press(page, "Control+s")
    say_who(page, "مریم")
    expect(page.locator("#status")).to_have_text("نسخهٔ ۲ ذخیره شد.")
    assert values(page)[2]["number"] == "47"
    press(page, "Control+z")  # what was saved can be undone still
    assert values(page)[2] == "?"


def test_an_article_is_said_to_be_right_without_an_edit(page: Page) -> None:
    correct(page, fresh())
    page.get_by_role("button", name="درست است").click()
    say_who(page, "مریم")
    expect(page.locator("#status")).to_have_text("نسخهٔ ۲ ذخیره شد.")
    assert stored(page, f"/articles/{key_of(page)}")["state"] == "corrected"


def test_a_reload_loses_nothing(page: Page) -> None:
    text = fresh()
    correct(page, text)
    click_mark(page, "همدان")
    press(page, "KeyO")
    page.reload()
    wait_for_text(page, text)
    assert marks(page)[0] == ("همدان", "ORG")
    expect(page.locator(".notice")).to_contain_text("پیش‌نویس")
    press(page, "Control+z")
    assert marks(page) == list(SPANS)
    press(page, "Control+Shift+z", "Control+s")
    say_who(page, "مریم")
    expect(page.locator("#status")).to_have_text("نسخهٔ ۲ ذخیره شد.")
    expect(page.locator(".notice")).to_be_hidden()
    assert page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('raqam.draft'))") == []


def test_the_draft_of_a_stored_article_waits_for_it(page: Page) -> None:
    text = fresh()
    start(page, text)
    click_mark(page, "همدان")
    press(page, "KeyO")
    page.goto("about:blank")
    page.go_back()
    wait_for_text(page, text)
    assert marks(page)[0] == ("همدان", "ORG")
    save(page, "۳")


def test_a_draft_is_discarded(page: Page) -> None:
    text = fresh()
    correct(page, text)
    click_mark(page, "همدان")
    press(page, "KeyO")
    page.reload()
    wait_for_text(page, text)
    page.locator(".notice button").click()
    assert marks(page) == list(SPANS)
    page.reload()
    wait_for_text(page, text)
    assert marks(page) == list(SPANS)
    expect(page.locator(".notice")).to_be_hidden()


@pytest.mark.parametrize(
    "draft",
    [
        "{",
        "null",
        '{"text": "x"}',
        '{"text": "x", "base": [], "spans": [{"start": 0, "end": 9, "label": "PER"}]}',
    ],
)
def test_a_draft_that_is_broken_is_left_alone(page: Page, draft: str) -> None:
    page.evaluate("draft => localStorage.setItem('raqam.draft.text:x', draft)", draft)
    page.evaluate("() => localStorage.setItem('raqam.draft-open', 'text:x')")
    page.reload()
    correct(page, fresh())
    assert marks(page) == list(SPANS)


def test_without_room_for_a_draft_the_page_says_so(page: Page, faults: Faults) -> None:
    faults.expect("dialog:")  # it asks before it lets the correction go
    page.evaluate(FULL)
    correct(page, fresh())
    click_mark(page, "همدان")
    press(page, "KeyO")
    expect(page.locator(".state.wrong")).to_contain_text("پیش از بستن صفحه ذخیره کنید")
    press(page, "Control+s")
    say_who(page, "مریم")
    expect(page.locator("#status")).to_have_text("نسخهٔ ۲ ذخیره شد.")


def test_without_a_network_the_draft_stays(page: Page, faults: Faults) -> None:
    faults.expect("ERR_INTERNET_DISCONNECTED")
    text = fresh()
    start(page, text)
    click_mark(page, "همدان")
    press(page, "KeyO")
    page.context.set_offline(True)
    press(page, "Control+s")
    expect(page.locator("#status.error")).to_contain_text("دسترسی نیست")
    assert marks(page)[0] == ("همدان", "ORG")
    page.context.set_offline(False)
    save(page, "۳")


def beaten(page: Page, open_page: Open, service: str, faults: Faults) -> tuple[Page, str]:
    """A page whose correction comes second: the first one made «همدان» an organization, this one made a title of it."""
    faults.expect("412")
    text = fresh()
    start(page, text)
    second = open_page(service)
    open_stored(second, text, "رضا")
    click_mark(page, "همدان")
    press(page, "KeyO")
    save(page, "۳")
    click_mark(second, "همدان")
    press(second, "KeyT")
    click_mark(second, "سرمایه‌گذاری")
    press(second, "Delete", "Control+s")
    expect(second.locator("dialog.ask")).to_contain_text("مریم نسخهٔ ۳")
    return second, text


def test_the_other_correction_can_be_taken(page: Page, open_page: Open, service: str, faults: Faults) -> None:
    second, _ = beaten(page, open_page, service, faults)
    second.get_by_role("button", name="همهٔ مال او").click()
    expect(second.locator("#status")).to_have_text("نسخهٔ ۳ نشان داده شد.")
    assert marks(second) == marks(page)
    expect(second.locator(".notice")).to_be_hidden()


def test_ones_own_correction_can_go_on_top(page: Page, open_page: Open, service: str, faults: Faults) -> None:
    second, _ = beaten(page, open_page, service, faults)
    mine = marks(second)
    second.get_by_role("button", name="همهٔ مال من").click()
    expect(second.locator("#status")).to_have_text("نسخهٔ ۴ ذخیره شد.")
    assert marks(second) == mine
    revisions = stored(second, f"/articles/{key_of(second)}/revisions")["revisions"]
    assert [each["who"] for each in revisions] == ["model", "مریم", "مریم", "رضا"]


def test_two_corrections_are_merged_span_by_span(page: Page, open_page: Open, service: str, faults: Faults) -> None:
    second, _ = beaten(page, open_page, service, faults)
    dialog = second.locator("dialog.ask")
    expect(dialog.locator("tbody tr")).to_have_count(2)
    dialog.get_by_role("button", name="ادغام").click()
    expect(dialog.locator("[role=alert]")).to_contain_text("۱ جا")  # both changed «همدان», and somebody must choose
    dialog.get_by_label(re.compile("مال او.*همدان: سازمان")).check()
    dialog.get_by_role("button", name="ادغام").click()
    expect(second.locator("#status")).to_have_text("نسخهٔ ۴ ذخیره شد.")
    assert marks(second)[:2] == [("همدان", "ORG"), ("۴۷ درصد", "QTY")]


def test_a_dialog_that_is_left_keeps_the_draft(page: Page, open_page: Open, service: str, faults: Faults) -> None:
    second, text = beaten(page, open_page, service, faults)
    mine = marks(second)
    press(second, "Escape")
    second.reload()
    wait_for_text(second, text)
    assert marks(second) == mine
    press(second, "Control+s")
    expect(second.locator("dialog.ask")).to_contain_text("مریم نسخهٔ ۳")


def test_a_text_that_somebody_stored_before_is_not_overwritten(page: Page, open_page: Open, service: str) -> None:
    text = fresh()
    start(page, text)
    second = open_page(service)
    second.evaluate("() => localStorage.setItem('raqam.who', 'رضا')")
    correct(second, text)
    click_mark(second, "همدان")
    press(second, "KeyO", "Control+s")
    expect(second.locator("dialog.ask")).to_contain_text("پیش‌تر ثبت و اصلاح شده است: مریم")
    press(second, "Enter")  # nobody changed the same place
    expect(second.locator("#status")).to_have_text("نسخهٔ ۳ ذخیره شد.")
    assert marks(second)[0] == ("همدان", "ORG")
    assert ("۴۷ درصد", "QTY") in marks(second)


def test_an_article_that_was_deleted_meanwhile_can_be_stored_anew(page: Page, faults: Faults, service: str) -> None:
    faults.expect("404")
    start(page, fresh())
    headers = {"If-Match": '"2"'}
    assert page.context.request.delete(f"{service}/articles/{key_of(page)}", headers=headers).ok
    click_mark(page, "همدان")
    press(page, "KeyO", "Control+s")
    expect(page.locator("#status.error")).to_contain_text("حذف شده است")
    save(page, "۳")  # the numbers go on from those that were deleted


def test_a_service_without_a_database_keeps_the_draft_here(serve: Serve, open_page: Open, faults: Faults) -> None:
    faults.expect("404")
    page = open_page(serve(database="none"))
    correct(page, fresh())
    click_mark(page, "همدان")
    press(page, "KeyO", "Control+s")
    say_who(page, "مریم")
    expect(page.locator("#status.error")).to_contain_text("اصلاح‌ها را نگه نمی‌دارد")
    assert marks(page)[0] == ("همدان", "ORG")


def test_a_key_is_asked_for(serve: Serve, open_page: Open, faults: Faults, tmp_path: Path) -> None:
    faults.expect("401")
    key, made = create("correct")
    (tmp_path / "keys.txt").write_text(f"{made.line()}\n", "utf-8")
    page = open_page(serve(api_keys=tmp_path / "keys.txt"))
    answer_with(page, *SPANS)
    text = fresh()
    page.fill("#text", text)
    page.click("#form button[type=submit]")
    wait_for_text(page, text)
    page.click("#views a[href='#correct']")
    click_mark(page, "همدان")
    press(page, "KeyO", "Control+s")
    say_who(page, "مریم")
    page.fill("#key", key)
    press(page, "Enter")
    expect(page.locator("#status")).to_have_text("نسخهٔ ۲ ذخیره شد.")


def hold(page: Page, method: str, path: str, first: int = 1) -> list[Route]:
    """Let requests by *method* for *path* wait in the list that this returns, from the *first* one on."""
    held: list[Route] = []
    seen: list[Route] = []

    def handle(route: Route) -> None:
        if route.request.method != method:
            return route.continue_()
        seen.append(route)
        return held.append(route) if len(seen) >= first else route.continue_()

    page.route(path, handle)
    return held


def drafts(page: Page) -> list[Any]:
    script = "() => Object.keys(localStorage).filter((key) => key.startsWith('raqam.draft.')).sort()"
    found: list[Any] = page.evaluate(script)
    return found


def read_other(page: Page, text: str) -> None:
    page.click("#views a[href='#read']")
    page.evaluate("() => { document.querySelector('#compose').open = true; }")
    page.fill("#text", text)
    page.click("#form button[type=submit]")


def wait_for(page: Page, held: list[Route]) -> Route:
    for _ in range(500):
        if held:
            return held[0]
        page.wait_for_timeout(20)
    raise AssertionError("The page sent no such request")


def test_an_article_that_is_kept_late_is_not_taken_for_the_one_shown(page: Page) -> None:
    correct(page, fresh())
    held = hold(page, "POST", "**/articles?offsets=utf16")
    page.click("#views a[href='#articles']")
    page.get_by_role("button", name="نگه دار").click()
    other = fresh()
    read_other(page, other)
    wait_for_text(page, other)
    wait_for(page, held).continue_()
    expect(page.locator("#status")).to_have_text("خبر نگه داشته شد.")
    assert page.evaluate("async () => (await import('/static/app.js')).app.article") is None


def test_what_was_kept_is_corrected_and_saved_without_a_question(page: Page) -> None:
    text = fresh()
    correct(page, text)
    page.click("#views a[href='#articles']")
    page.get_by_role("button", name="نگه دار").click()
    expect(page.locator("#status")).to_have_text("خبر نگه داشته شد.")
    page.click("#views a[href='#correct']")
    click_mark(page, "درصد")
    press(page, "KeyQ", "Control+s")
    say_who(page, "مریم")
    expect(page.locator("#status")).to_have_text("نسخهٔ ۲ ذخیره شد.")
    assert drafts(page) == []


def test_edits_made_while_a_merge_is_stored_undo_nobodys_work(
    page: Page, open_page: Open, service: str, faults: Faults
) -> None:
    second, _ = beaten(page, open_page, service, faults)
    held = hold(second, "PUT", "**/annotation*")
    second.get_by_label(re.compile("مال او.*همدان: سازمان")).check()
    second.get_by_role("button", name="ادغام").click()
    wait_for(second, held)
    click_mark(second, "تومان")
    press(second, "KeyC")
    held[0].continue_()
    expect(second.locator("#status")).to_contain_text("دوباره ذخیره کنید")
    second.unroute("**/annotation*")
    press(second, "Control+s")
    second.get_by_label(re.compile("مال او.*همدان: سازمان")).check()
    second.get_by_role("button", name="ادغام").click()
    expect(second.locator("#status")).to_have_text("نسخهٔ ۵ ذخیره شد.")
    assert marks(second) == [("همدان", "ORG"), ("۴۷ درصد", "QTY"), ("۳٫۵ میلیارد تومان", "CNT")]


def test_edits_made_while_a_save_is_under_way_stay_with_their_article(page: Page) -> None:
    text = fresh()
    start(page, text)
    key = key_of(page)
    click_mark(page, "همدان")
    held = hold(page, "PUT", "**/annotation*")
    press(page, "KeyO", "Control+s")
    wait_for(page, held)
    click_mark(page, "تومان")
    press(page, "KeyC")
    other = fresh()
    read_other(page, other)
    wait_for_text(page, other)
    held[0].continue_()
    expect(page.locator("#status")).to_contain_text("نسخهٔ ۳ ذخیره شد.")
    assert drafts(page) == [f"raqam.draft.article:{key}"]
    page.click("#views a[href='#articles']")
    page.get_by_role("button", name="ادامه بده").click()
    wait_for_text(page, text)
    expect(page.locator("#result mark[data-label=CNT]")).to_be_visible()
    page.unroute("**/annotation*")
    save(page, "۴")  # on top of what was stored, without a question


def test_a_save_that_fails_late_says_nothing_of_another_article(page: Page, faults: Faults, service: str) -> None:
    faults.expect("404")
    text = fresh()
    start(page, text)
    first = key_of(page)
    headers = {"If-Match": '"2"'}
    assert page.context.request.delete(f"{service}/articles/{first}", headers=headers).ok
    click_mark(page, "همدان")
    held = hold(page, "PUT", "**/annotation*")
    press(page, "KeyO", "Control+s")
    wait_for(page, held)
    body = {"text": fresh()}
    page.context.request.post(f"{service}/articles", data=body)
    open_stored(page, body["text"], "مریم")
    shown = key_of(page)
    held[0].continue_()
    expect(page.locator("#status.error")).to_contain_text("حذف شده است")
    assert key_of(page) == shown != first
    assert [key.split(":")[0] for key in drafts(page)] == ["raqam.draft.text"]


def test_a_tab_leaves_the_drafts_of_others_alone(page: Page) -> None:
    text = fresh()
    start(page, text)
    second = page.context.new_page()
    second.goto(page.url.split("#")[0])
    open_stored(second, text, "رضا")
    click_mark(page, "درصد")
    press(page, "KeyC")
    page.close()
    kept = "() => Object.values(localStorage).find((value) => value.includes('CNT'))"
    draft = second.evaluate(kept)
    assert draft
    second.evaluate("() => dispatchEvent(new Event('pagehide'))")
    assert second.evaluate(kept) == draft
    click_mark(second, "همدان")
    press(second, "KeyO")
    expect(second.locator(".state.wrong")).to_contain_text("زبانه‌ای دیگر")
    assert second.evaluate(kept) == draft
    second.close()


def test_what_is_in_no_draft_is_not_thrown_away_unasked(page: Page) -> None:
    page.evaluate(FULL)
    text = fresh()
    correct(page, text)
    click_mark(page, "همدان")
    press(page, "KeyO")
    other = fresh()
    read_other(page, other)
    page.get_by_role("button", name="می‌مانم").click()
    expect(page.locator("dialog.ask")).to_have_count(0)
    assert marks(page)[0] == ("همدان", "ORG")
    page.click("#form button[type=submit]")
    page.get_by_role("button", name="دور بریز").click()
    wait_for_text(page, other)


def test_facts_that_somebody_set_stay(page: Page, service: str) -> None:
    text = "نرخ بیکاری ۷ درصد و رشد اقتصادی ۴ درصد بود.\n" + fresh("خبر")
    article = page.context.request.post(f"{service}/articles", data={"text": text}).json()
    places = [("نرخ بیکاری", "IND"), ("۷ درصد", "PCT"), ("رشد اقتصادی", "IND"), ("۴ درصد", "PCT")]
    spans = [{"start": text.index(w), "end": text.index(w) + len(w), "label": label} for w, label in places]
    facts = [{"indicator": 0, "figure": 1}, {"indicator": 0, "figure": 3}]
    path = f"{service}/articles/{article['article']}/annotation"
    put = page.context.request.put(path, data={"spans": spans, "facts": facts}, headers={"If-Match": '"1"'})
    assert put.ok
    open_stored(page, text, "مریم")
    click_mark(page, "رشد")
    press(page, "Delete")
    save(page, "۳")
    stays = [{"indicator": 0, "figure": 1}, {"indicator": 0, "figure": 2}]
    assert stored(page, f"/articles/{article['article']}")["facts"] == stays


def linked(page: Page, service: str) -> tuple[str, str]:
    """An article in which somebody joined a figure to an indicator that does not stand by it, opened: text, path."""
    text = "نرخ بیکاری ۷ درصد و رشد اقتصادی ۴ درصد بود.\n" + fresh("خبر")
    article = page.context.request.post(f"{service}/articles", data={"text": text}).json()
    places = [("نرخ بیکاری", "IND"), ("۷ درصد", "PCT"), ("رشد اقتصادی", "IND"), ("۴ درصد", "PCT")]
    spans = [{"start": text.index(w), "end": text.index(w) + len(w), "label": label} for w, label in places]
    path = f"/articles/{article['article']}"
    put = page.context.request.put(
        f"{service}{path}/annotation",
        data={"spans": spans, "facts": [{"indicator": 0, "figure": 3}]},
        headers={"If-Match": '"1"'},
    )
    assert put.ok
    open_stored(page, text, "مریم")
    return text, path


def test_what_is_undone_after_it_was_stored_has_its_facts_again(page: Page, service: str) -> None:
    _, path = linked(page, service)
    click_mark(page, "نرخ")
    press(page, "Delete")
    save(page, "۳")
    press(page, "Escape", "Control+z")
    save(page, "۴")
    assert stored(page, path)["facts"] == [{"indicator": 0, "figure": 3}]


def test_who_takes_all_of_their_own_keeps_their_facts(page: Page, service: str, faults: Faults) -> None:
    faults.expect("412")
    text, path = linked(page, service)
    there = stored(page, path)
    body = {"spans": [{key: span[key] for key in ("start", "end", "label")} for span in there["spans"][1:]]}
    put = page.context.request.put(f"{service}{path}/annotation", data=body, headers={"If-Match": '"2"'})
    assert put.ok
    click_mark(page, "رشد")
    press(page, "KeyO", "Control+s")
    page.get_by_role("button", name="همهٔ مال من").click()
    expect(page.locator("#status")).to_have_text("نسخهٔ ۴ ذخیره شد.")
    assert stored(page, path)["facts"] == [{"indicator": 0, "figure": 3}]
    assert text


def test_a_reload_shows_the_text_of_its_tab_and_not_the_draft_of_another(page: Page) -> None:
    first, second = fresh(), fresh()
    answer_with(page, *SPANS)
    page.fill("#text", first)
    page.click("#form button[type=submit]")
    wait_for_text(page, first)
    other = page.context.new_page()
    other.goto(page.url)
    correct(other, second)
    click_mark(other, "همدان")
    press(other, "KeyO")
    expect(other.locator(".bar")).to_contain_text("پیش‌نویس")
    page.reload()
    wait_for_text(page, first)
    other.close()


def test_a_text_without_a_day_has_none_after_a_reload(page: Page) -> None:
    text = "date 2025-09-25 " + fresh()
    answer_with(page, *SPANS)
    page.fill("#text", text)
    page.click("#form button[type=submit]")
    wait_for_text(page, text)
    page.reload()
    wait_for_text(page, text)
    expect(page.locator("#published")).to_have_value("")


def test_of_an_article_that_is_kept_the_tab_knows_no_more_than_its_key(page: Page) -> None:
    text = fresh()
    start(page, text)
    note = page.evaluate("sessionStorage.getItem('raqam.open')")
    assert key_of(page) in note
    assert "همدان" not in note


def test_a_draft_is_not_shown_to_who_reads(page: Page) -> None:
    text = fresh()
    correct(page, text)
    click_mark(page, "همدان")
    press(page, "KeyO")
    read_other(page, text)
    expect(page.locator("#status")).to_contain_text("compact@1.0.0")
    assert marks(page) == list(SPANS)
    page.click("#views a[href='#correct']")
    expect(page.locator(".notice")).to_contain_text("پیش‌نویس")
    assert marks(page)[0] == ("همدان", "ORG")


def test_a_reload_opens_the_same_article(page: Page) -> None:
    text = fresh()
    start(page, text)
    page.reload()
    wait_for_text(page, text)
    assert ("۴۷ درصد", "QTY") in marks(page)


def test_a_span_that_is_refused_is_shown(page: Page, faults: Faults) -> None:
    faults.expect("422")
    correct(page, fresh())
    page.evaluate("""async () => {
      const { editor } = await import("/static/editor.js");
      editor.pick(editor.annotation.spans[3].id);
      editor.write({ kind: "money" });
      editor.pick(null);
    }""")
    press(page, "Control+s")
    say_who(page, "مریم")
    expect(page.locator("#status.error")).to_contain_text("مقدار این نشان پذیرفته نیست")
    expect(page.locator("#result mark[aria-current]")).to_contain_text("تومان")
