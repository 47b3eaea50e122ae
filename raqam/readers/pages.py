"""HTML pages: the text of the article, below its title, and the day that the page itself says it was published."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any, Final

from raqam.errors import PublishedError, SourceError
from raqam.readers.encodings import MARK, check_encoding, find_encoding
from raqam.readers.options import Options
from raqam.readers.rows import START, Cut, Mark, Values, refused
from raqam.records import check_published

PAGE_LIMIT: Final = 4 << 20
"""Bytes of one page."""

ELEMENTS: Final = 20_000
"""Elements of one page: the time that the extraction takes grows faster than their number."""

#: Where a page may name its encoding.
_HEAD: Final = 4096
_CHARSET: Final = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)

#: Joiners, which spell Persian words and emoji, and which the extraction would drop as control characters.
_JOINERS: Final = {
    "\N{ZERO WIDTH NON-JOINER}": re.compile(r"\u200c|&zwnj;|&#8204;|&#x0*200c;", re.IGNORECASE),
    "\N{ZERO WIDTH JOINER}": re.compile(r"\u200d|&zwj;|&#8205;|&#x0*200d;", re.IGNORECASE),
}

#: Letters of a dead script (Ugaritic): two that the page has not stand for the joiners meanwhile.
_STAND_INS: Final = tuple(map(chr, range(0x10380, 0x1039E)))

_DATE_NAMES: Final = frozenset(
    {
        "article:published_time",
        "citation_publication_date",
        "date_published",
        "datepublished",
        "dc.date.issued",
        "dcterms.issued",
        "og:article:published_time",
        "og:published_time",
        "parsely-pub-date",
        "pubdate",
        "publication_date",
        "publish_date",
        "publishdate",
        "published_time",
        "sailthru.date",
    }
)
_JSON_DATE: Final = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_DATE: Final = re.compile(r"\s*([0-9]{4})[-/]?([0-9]{2})[-/]?([0-9]{2})(?![0-9])")

#: Years before are of the Jalali calendar, for which these marks have no place.
_FIRST_YEAR: Final = "1900"

#: The extraction looks for a date on its own, with the clock of the machine as its limit; it is not used.
_NO_DATES: Final = {"original_date": True, "extensive_search": False, "max_date": "1995-01-02"}
_SILENT: Final = logging.NullHandler()


def cut_page(stream: io.BufferedReader, options: Options, _start: Mark) -> Iterator[Cut]:
    """The whole of *stream* as one cut."""
    content = stream.read(PAGE_LIMIT + 1)
    if len(content) > PAGE_LIMIT:
        error = SourceError(f"the page has over {PAGE_LIMIT:,} bytes.", reason="too_long")
        yield refused(START, error, None, len(content))
    else:
        yield Cut(START, len(content), None, partial(read_page, content, options.encoding))


def read_page(content: bytes, encoding: str | None = None) -> Values:
    """The text and the date of the page *content*; raises :class:`SourceError` where it holds no article."""
    html = _decoded(content, encoding)
    stand_ins = [letter for letter in _STAND_INS if letter not in html][: len(_JOINERS)]
    for letter, joiner in zip(stand_ins, _JOINERS.values(), strict=True):
        html = joiner.sub(letter, html)
    text, published = _extracted(html)
    for letter, character in zip(stand_ins, _JOINERS, strict=True):
        text = text.replace(letter, character)
    return {"text": text, "published": published}


def _extracted(html: str) -> tuple[str, str | None]:
    """The article of the page, with its title as the first line, and its date."""
    try:
        from trafilatura import bare_extraction
        from trafilatura.utils import load_html
    except ImportError as error:
        why = "reading HTML needs the package trafilatura: pip install 'raqam[html]'."
        raise SourceError(why, reason="missing_package") from error
    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).addHandler(_SILENT)
    try:
        tree = load_html(html)
        _check_size(tree)
        published = _published(tree)
        found: Any = bare_extraction(html, include_comments=False, with_metadata=True, date_extraction_params=_NO_DATES)
    except (SourceError, OSError, MemoryError):
        raise
    except Exception:  # whatever a broken page does to the parsers, it is the page's own row that it costs
        found = None
    text = (found.text or "").strip() if found is not None else ""
    if not text:
        raise SourceError("no article was found in the page.", reason="no_article")
    return _titled((found.title or "").strip(), text), published


def _check_size(tree: Any) -> None:
    """Raise :class:`SourceError` if *tree* has more elements than an article and what stands around it."""
    if tree is not None and next(islice(tree.iter(), ELEMENTS, None), None) is not None:
        why = f"the page has over {ELEMENTS:,} elements; save the article alone."
        raise SourceError(why, reason="too_long")


def _titled(title: str, text: str) -> str:
    r"""*text* below its *title*, which it may begin with already.

    >>> _titled("الف", "ب"), _titled("الف", "الف\nب")
    ('الف\nب', 'الف\nب')
    """
    return text if not title or text.split("\n", 1)[0].strip() == title else f"{title}\n{text}"


def _decoded(content: bytes, named: str | None) -> str:
    """The page as text: in the encoding *named*, else that of its mark, of its head, or of its content."""
    encoding = find_encoding(content, named or _declared(content))
    return content[encoding.mark :].decode(encoding.name, "replace")


def _declared(content: bytes) -> str | None:
    """The encoding that a page names; none where it has a mark, is UTF-8 all the same, or names one we do not know."""
    found = _CHARSET.search(content[:_HEAD])
    if found is None or find_encoding(content[:MARK]).mark or _is_utf8(content):
        return None
    name = found[1].decode("ascii", "replace")
    try:
        check_encoding(name)
    except SourceError:
        return None
    return name


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _published(tree: Any) -> str | None:
    """The first day that the head, the data or the elements of the page mark as that of publication."""
    if tree is None:
        return None
    metas = [
        meta.get("content")
        for meta in tree.iter("meta")
        if {(meta.get(key) or "").lower() for key in ("property", "name", "itemprop")} & _DATE_NAMES
    ]
    scripts = [
        date
        for script in tree.iter("script")
        if "ld+json" in (script.get("type") or "")
        for date in _JSON_DATE.findall(script.text or "")
    ]
    elements = [
        element.get("datetime")
        for element in tree.iter("time")
        if element.get("pubdate") is not None or (element.get("itemprop") or "").lower() == "datepublished"
    ]
    return next(filter(None, map(_day, [*metas, *scripts, *elements])), None)


def _day(value: str | None) -> str | None:
    """The day that begins *value* as YYYY-MM-DD, if there is such a day.

    >>> _day("2025-09-25T23:30:00+03:30"), _day("1404/07/03"), _day("2025-02-30")
    ('2025-09-25', None, None)
    """
    found = _DATE.match(value or "")
    if found is None or found[1] < _FIRST_YEAR:
        return None
    day = "-".join(found.groups())
    try:
        check_published(day)
    except PublishedError:
        return None
    return day
