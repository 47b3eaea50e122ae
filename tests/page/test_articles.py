"""The articles' view: what is kept, its revisions, two models on it, and the files that go out and come in."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.page.conftest import Faults, Serve, served
from tests.page.hands import TEXT, click_mark, correct, fresh, marks, press, say_who, wait_for_text

Open = Callable[..., Page]
TEXTS = ("استاندار قم گفت.", "صادرات همدان ۴۷ درصد رشد کرد.", "<b onclick=alert(1)>خبر</b> از ایلام رسید.")


@pytest.fixture(scope="module")
def articles(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that nobody else uses."""
    with served(tmp_path_factory.mktemp("articles"), model=model) as address:
        yield address


def keep(page: Page, *texts: str) -> list[Any]:
    address = page.url.split("#")[0].rstrip("/")
    return [page.context.request.post(f"{address}/articles", data={"text": text}).json() for text in texts]


def go(page: Page, state: str = "all", order: str = "recent") -> Locator:
    """Open the list; returns its rows."""
    page.click("#views a[href='#articles']")
    page.select_option("[name=list-state]", state)
    page.select_option("[name=list-order]", order)
    page.wait_for_load_state("networkidle")
    return page.locator("table.articles tbody tr")


def corrected(page: Page, text: str) -> None:
    """Correct *text*: «همدان» is an organization."""
    correct(page, text)
    click_mark(page, "همدان")
    press(page, "KeyO", "Control+s")
    say_who(page, "مریم")
    expect(page.locator("#status")).to_have_text("نسخهٔ ۲ ذخیره شد.")


def test_what_the_model_is_least_sure_of_comes_first(open_page: Open, articles: str) -> None:
    page = open_page(articles)
    kept = keep(page, *TEXTS)
    rows = go(page, "open", "uncertain")
    expect(rows).to_have_count(len(kept))
    expected = [each["article"] for each in sorted(kept, key=lambda each: -each["uncertainty"])]
    assert sorted(expected) == sorted(rows.evaluate_all("rows => rows.map(row => row.dataset.article)"))
    first = rows.first.get_attribute("data-article")
    assert max(kept, key=lambda each: each["uncertainty"])["uncertainty"] == next(
        each["uncertainty"] for each in kept if each["article"] == first
    )


def test_an_article_of_the_list_is_opened_and_saved_as_the_next_revision(open_page: Open, articles: str) -> None:
    page = open_page(articles)
    text = fresh(TEXTS[1])
    keep(page, text)
    go(page).first.get_by_role("button", name="باز کن").click()
    wait_for_text(page, text)
    assert "#correct/" in page.url
    page.get_by_role("button", name="درست است").click()
    say_who(page, "مریم")
    expect(page.locator("#status")).to_have_text("نسخهٔ ۲ ذخیره شد.")
    expect(go(page, "corrected").first).to_contain_text("صادرات همدان")
    expect(page.locator("table.articles tbody tr").first).to_contain_text("نسخهٔ ۲")


def test_the_filters_are_reached_by_keys_and_keep_the_focus(open_page: Open, articles: str) -> None:
    page = open_page(articles)
    keep(page, *TEXTS)
    go(page)
    page.locator("[name=list-state]").focus()
    press(page, "ArrowUp")
    page.wait_for_load_state("networkidle")
    expect(page.locator("[name=list-state]")).to_be_focused()
    expect(page.locator("[name=list-state]")).to_have_value("corrected")


def test_what_a_revision_changed_is_shown(page: Page) -> None:
    corrected(page, fresh())
    go(page).first.get_by_role("button", name="نسخه‌ها").click()
    detail = page.locator(".detail")
    expect(detail.locator("h2")).to_be_focused()
    expect(detail.locator("tbody tr")).to_have_count(2)
    expect(detail.locator("tbody tr").nth(1)).to_contain_text("مریم")
    place = detail.locator("ins.difference", has_text="همدان").first
    expect(place).to_be_visible()
    expect(detail.locator("ins.is").first).to_contain_text("سازمان")
    detail.get_by_label("تا نسخهٔ").select_option("1")
    expect(detail).to_contain_text("این دو نسخه فرقی ندارند")
    detail.get_by_role("button", name="بستن").click()
    expect(page.locator("table.articles tbody tr button").first).to_be_focused()


def test_two_models_are_compared_side_by_side_and_in_the_text(page: Page) -> None:
    text = fresh()
    kept = keep(page, text)[0]

    def answer(route: Route) -> None:
        spans = [{**kept["spans"][0], "label": "EVT"}, *kept["spans"][1:]]
        records = [{"id": None, "model": f"m@{version}", "spans": found, "facts": []}
                   for version, found in ((2, spans), (1, kept["spans"]))]  # fmt: skip
        route.fulfill(json={"models": ["m@2", "m@1"], "records": records, "differences": []})

    page.route("**/compare*", answer)
    go(page).first.get_by_role("button", name="مقایسه").click()
    detail = page.locator(".detail")
    expect(detail).to_contain_text("در ۱ جا فرق دارند")
    expect(detail.locator(".two section")).to_have_count(2)
    expect(detail.locator("mark.unlike")).to_have_count(2)
    detail.get_by_label("نمایش").select_option("inline")
    expect(detail.locator("del.was")).to_have_count(1)
    expect(detail.locator("ins.is")).to_contain_text("رویداد")


def test_the_model_is_compared_with_what_it_said_when_the_article_came(page: Page) -> None:
    keep(page, fresh())
    go(page).first.get_by_role("button", name="مقایسه").click()
    expect(page.locator(".detail")).to_contain_text("یک چیز می‌گویند")


def test_an_article_is_deleted_once_somebody_is_sure(open_page: Open, articles: str) -> None:
    page = open_page(articles)
    key = keep(page, fresh())[0]["article"]
    row = go(page).and_(page.locator(f"[data-article='{key}']"))
    row.get_by_role("button", name="حذف").click()
    press(page, "Enter")  # what Enter does first deletes nothing
    expect(row).to_be_visible()
    row.get_by_role("button", name="حذف").click()
    page.get_by_role("button", name="حذف کن").click()
    expect(page.locator("#status")).to_have_text("خبر حذف شد.")
    expect(row).to_have_count(0)
    assert page.context.request.get(f"{articles}/articles/{key}").status == 404


def test_an_article_that_changed_meanwhile_is_not_deleted(page: Page, service: str, faults: Faults) -> None:
    faults.expect("412")
    kept = keep(page, fresh())[0]
    row = go(page).first
    headers, data = {"If-Match": '"1"'}, {"spans": [], "who": "رضا"}
    assert page.context.request.put(f"{service}/articles/{kept['article']}/annotation", headers=headers, data=data).ok
    row.get_by_role("button", name="حذف").click()
    page.get_by_role("button", name="حذف کن").click()
    expect(page.locator("#status.error")).to_contain_text("حذف نشد")
    expect(page.locator("table.articles tbody tr").first).to_contain_text("نسخهٔ ۲")


def test_corrections_are_exported(page: Page) -> None:
    corrected(page, fresh())
    go(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="دریافت").click()
    assert download.value.suggested_filename == "raqam-gold.zip"
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as file:
        found = [json.loads(file.read(name)) for name in file.namelist() if name.endswith(".json")]
    assert any(("همدان", "ORG") in [(span["text"], span["label"]) for span in each["spans"]] for each in found)


def importing(page: Page, answer: Callable[[Route], None]) -> None:
    """Let the page believe that the service imports."""
    document = page.context.request.get(page.url.split("#")[0].rstrip("/") + "/openapi.json").json()
    formats = {"name": "format", "in": "query", "schema": {"enum": ["doccano", "gold"]}}
    document["paths"]["/import"] = {"post": {"parameters": [formats]}}
    page.route("**/openapi.json", lambda route: route.fulfill(json=document))
    page.route("**/import?*", answer)


def test_articles_are_imported_and_what_was_rejected_is_listed(page: Page) -> None:
    sent: list[Any] = []

    def answer(route: Route) -> None:
        sent.append((route.request.url, route.request.headers["content-type"], route.request.post_data))
        route.fulfill(json={"imported": 3, "rejected": [{"place": "line 2", "message": "<i>no text</i>"}]})

    importing(page, answer)
    go(page)
    form = page.locator("form.import")
    form.locator("button").click()
    expect(form).to_contain_text("پرونده‌ای برگزینید")
    form.locator("[type=file]").set_input_files({"name": "a.jsonl", "mimeType": "", "buffer": b'{"text": "x"}'})
    form.locator("select").select_option("doccano")
    form.locator("button").click()
    expect(form).to_contain_text("۳ خبر آورده شد")
    expect(form.locator("li")).to_have_text("line 2: <i>no text</i>")
    assert sent[0][0].endswith("/import?format=doccano")
    assert sent[0][1:] == ("application/x-ndjson", '{"text": "x"}')


def test_the_form_for_imports_goes_where_the_service_has_none(page: Page, faults: Faults) -> None:
    faults.expect("404")
    importing(page, lambda route: route.fulfill(status=404, json={"title": "Not found", "status": 404}))
    go(page)
    form = page.locator("form.import")
    form.locator("[type=file]").set_input_files({"name": "a.zip", "mimeType": "", "buffer": b"PK"})
    form.locator("button").click()
    expect(form).to_be_hidden()


def test_articles_are_sent_in_from_files(open_page: Open, articles: str, faults: Faults, tmp_path: Path) -> None:
    faults.expect("422")
    faults.expect("400")
    page = open_page(articles)
    go(page)
    files = {"one.txt": fresh(), "two.txt": fresh(), "blank.txt": " "}
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    page.set_input_files("[name=list-files]", [tmp_path / name for name in files])
    expect(page.locator("#status")).to_contain_text("۲ خبر نگه داشته شد.")
    expect(page.locator("#status")).to_contain_text("blank.txt")


def test_the_article_that_is_read_is_kept_for_later(page: Page) -> None:
    text = fresh()
    correct(page, text)
    go(page)
    page.get_by_role("button", name="خبرِ نشان‌داده را نگه دار").click()
    expect(page.locator("#status")).to_have_text("خبر نگه داشته شد.")
    expect(page.locator("table.articles tbody tr").first).to_contain_text("تصحیح‌نشده")


def test_drafts_of_this_browser_are_listed(page: Page) -> None:
    first, second = fresh(), fresh()
    for text in (first, second):
        page.click("#views a[href='#read']")
        if page.locator("#compose").get_attribute("open") is None:
            page.click("#compose summary")
        correct(page, text)
        click_mark(page, "همدان")
        press(page, "KeyO")
    go(page)
    drafts = page.locator("section[aria-labelledby=drafts-title] tr")
    expect(drafts).to_have_count(2)
    drafts.nth(1).get_by_role("button", name="ادامه بده").click()
    wait_for_text(page, first)
    assert marks(page)[0] == ("همدان", "ORG")
    go(page)
    drafts.nth(0).get_by_role("button", name="دور بینداز").click()
    page.locator("dialog.ask").get_by_role("button", name="دور بینداز").click()
    expect(drafts).to_have_count(1)


def test_a_service_without_a_database_says_so(serve: Serve, open_page: Open, faults: Faults) -> None:
    faults.expect("404")
    page = open_page(serve(database="none"))
    page.click("#views a[href='#articles']")
    expect(page.locator("#articles-view")).to_contain_text("خبری نگه نمی‌دارد")


def test_many_articles_are_listed_page_by_page(serve: Serve, open_page: Open) -> None:
    page = open_page(serve())
    keep(page, *(fresh(TEXT) for _ in range(23)))
    rows = go(page)
    expect(rows).to_have_count(20)
    page.get_by_role("button", name="بعدی").click()
    expect(rows).to_have_count(3)
    expect(page.locator(".pages")).to_contain_text("۲۱ تا ۲۳ از ۲۳")


def test_files_are_read_as_in_the_form(open_page: Open, articles: str) -> None:
    page = open_page(articles)
    go(page)
    texts = ["استاندار یزد گفت و رفت.", "date 2025-09-25\nدیروز استاندار سمنان آمد."]
    files = [
        {"name": "one.txt", "mimeType": "text/plain", "buffer": texts[0].encode("utf-16")},
        {"name": "two.txt", "mimeType": "text/plain", "buffer": texts[1].encode()},
        {"name": "three.txt", "mimeType": "text/plain", "buffer": "سلام".encode("cp1256")},
    ]
    page.set_input_files("[name=list-files]", files)  # type: ignore[arg-type]
    expect(page.locator("#status.error")).to_contain_text("«three.txt» نگه داشته نشد")
    listed = page.context.request.get(f"{articles}/articles?state=all&order=recent&limit=2").json()["articles"]
    kept = [page.context.request.get(f"{articles}/articles/{each['article']}").json() for each in listed]
    assert {(each["text"], each["published"]) for each in kept} == {(texts[0], None), (texts[1], "2025-09-25")}
