"""HTML pages: the article with its title, spelled as it is, and the date that the page marks."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import random
import sys
import time
from pathlib import Path

import pytest

from raqam.readers import Source
from raqam.readers.pages import ELEMENTS, PAGE_LIMIT
from raqam.records import Article
from tests.raqam.readers.reading import errors, marks, read, write

TITLE = "استاندار همدان: ۴۷ طرح افتتاح می‌شود"
FIRST = "استاندار همدان گفت که سرمایه‌گذاری ۶۶۰ میلیارد تومانی در این استان انجام می‌شود و ۳۰ معدن فعال است. 👩‍🔧😀"
SECOND = "وی افزود که این طرح‌ها تا پایان سال به بهره‌برداری می‌رسد و برای ۲۶۰۰ نفر شغل ایجاد می‌کند؛ كتاب علي."
HEAD = '<meta property="article:published_time" content="2025-09-25T23:30:00+03:30">'


def page(head: str = HEAD, body: str = f"<h1>{TITLE}</h1><p>{FIRST}</p><p>{SECOND}</p>", charset: str = "utf-8") -> str:
    return (
        f'<!DOCTYPE html><html lang="fa"><head><meta charset="{charset}"><title>{TITLE} | خبرگزاری</title>{head}</head>'
        f'<body><nav><a href="/">خانه</a> <a href="/a">اقتصاد</a></nav><article>{body}</article>'
        "<footer>همهٔ حقوق محفوظ است © ۱۴۰۴ 2024-01-01</footer></body></html>"
    )


TEXT = f"{TITLE}\n{FIRST}\n{SECOND}"
ARTICLE = Article(TEXT, "a.html", dt.date(2025, 9, 25))


def test_is_the_article_below_its_title(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.html", page())) == [ARTICLE]
    assert read(write(tmp_path, "b.HTM", page())) == [Article(TEXT, "b.HTM", dt.date(2025, 9, 25))]
    path = write(tmp_path, "خبر.html.gz", gzip.compress(page().encode()))
    assert read(path) == [Article(TEXT, "خبر.html.gz", dt.date(2025, 9, 25))]


def test_a_title_outside_the_text_is_its_first_line(tmp_path: Path) -> None:
    (found,) = read(write(tmp_path, "a.html", page(body=f"<p>{FIRST}</p><p>{SECOND}</p>")))
    assert isinstance(found, Article)
    assert found.text.split("\n")[0].startswith(TITLE)
    assert found.text.endswith(f"\n{FIRST}\n{SECOND}")


@pytest.mark.parametrize("joiner", ["&zwnj;", "&#8204;", "&#x200C;"])
def test_joiners_are_kept_however_they_are_written(tmp_path: Path, joiner: str) -> None:
    assert read(write(tmp_path, "a.html", page().replace("\u200c", joiner))) == [ARTICLE]


def test_letters_of_dead_scripts_are_kept(tmp_path: Path) -> None:
    text = FIRST + "".join(map(chr, range(0x10380, 0x10390)))
    (found,) = read(write(tmp_path, "a.html", page(body=f"<p>{text}</p><p>{SECOND}</p>")))
    assert isinstance(found, Article)
    assert text in found.text


@pytest.mark.parametrize(
    ("name", "charset"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "windows-1256"),
        ("utf-8-sig", "nonsense"),
        ("utf-16", "utf-8"),
        ("utf-32", "utf-8"),
        ("cp1256", "windows-1256"),
    ],
)
def test_encodings(tmp_path: Path, name: str, charset: str) -> None:
    (found,) = read(write(tmp_path, "a.html", page(charset=charset).encode(name, "xmlcharrefreplace")))
    assert found == ARTICLE


def test_an_encoding_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, "a.html", page(charset="utf-8").encode("cp1256", "xmlcharrefreplace"))
    assert read(path, encoding="cp1256") == [ARTICLE]


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ("", None),
        ('<meta name="author" content="2025-09-25">', None),
        ('<meta property="article:modified_time" content="2025-09-25">', None),
        ('<meta property="article:published_time" content="1404-07-03">', None),
        ('<meta property="article:published_time" content="2025-02-30">', None),
        ('<meta property="article:published_time" content="yesterday">', None),
        ('<meta itemprop="datePublished" content="20250925">', "2025-09-25"),
        ('<meta name="PubDate" content=" 2025/09/25 ">', "2025-09-25"),
        ('<script type="application/ld+json">{"a": [{"datePublished" : "2025-09-25T00:00Z"}]}</script>', "2025-09-25"),
        ('<script>{"datePublished": "2025-09-25"}</script>', None),
        ('<link rel="canonical" href="https://example.com/2025/09/25/khabar">', None),
    ],
)  # fmt: skip
def test_dates_are_those_that_the_page_marks(tmp_path: Path, head: str, published: str | None) -> None:
    path = write(tmp_path, "a.html", page(head))
    os.utime(path, (0, time.time()))
    (found,) = read(path)
    assert isinstance(found, Article)
    assert found.published == (None if published is None else dt.date.fromisoformat(published))


def test_dates_of_time_elements(tmp_path: Path) -> None:
    body = f'<time itemprop="datePublished" datetime="2025-09-25T10:00">دیروز</time><p>{FIRST}</p><p>{SECOND}</p>'
    for text, published in ((body, dt.date(2025, 9, 25)), (body.replace("itemprop", "class"), None)):
        (found,) = read(write(tmp_path, "a.html", page("", text)))
        assert isinstance(found, Article)
        assert found.published == published


@pytest.mark.parametrize("content", ["", "<html></html>", "<html><body> \n</body></html>", "\x00\x01\x02"])
def test_a_page_without_an_article_is_named(tmp_path: Path, content: str) -> None:
    path = write(tmp_path, "a.html", content)
    assert errors(read(path)) == [f"{path}: no article was found in the page."]
    assert len(marks(Source(path))) == 1


@pytest.mark.parametrize(
    "content",
    [b"<" * 5000, b"<div>" * 20_000, b"\xff\xfe<", random.Random(1).randbytes(4096), b"<![CDATA[" * 9],
    ids=range(5),
)
def test_whatever_a_page_holds_is_one_row(tmp_path: Path, content: bytes) -> None:
    assert len(read(write(tmp_path, "a.html", content))) == 1


def test_a_page_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    with path.open("wb") as stream:
        stream.truncate(PAGE_LIMIT + 1)
    assert errors(read(path)) == [f"{path}: the page has over 4,194,304 bytes."]
    assert [mark.row for mark, _ in marks(Source(path))] == [0]


def test_a_page_of_more_elements_than_an_article_is_refused(tmp_path: Path) -> None:
    for count, body in ((ELEMENTS, f'<a href="x">ل</a><p>{FIRST}</p>'), (ELEMENTS // 8, f"<p>{FIRST}</p>")):
        path = write(tmp_path, "a.html", page(body=body * count) if count < ELEMENTS else page(body="<br>" * count))
        (found,) = read(path)
        why = f"{path}: the page has over 20,000 elements; save the article alone."
        assert (str(found) == why) == (count == ELEMENTS)


def test_nothing_is_said_on_standard_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    read(write(tmp_path, "a.html", "<html>"))
    assert capfd.readouterr() == ("", "")


def test_trafilatura_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.html", page())
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    assert errors(read(path)) == [f"{path}: reading HTML needs the package trafilatura: pip install 'raqam[html]'."]
