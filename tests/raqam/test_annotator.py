from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import raqam.annotator
from raqam import Annotator, Article, Record, Span
from raqam.annotator import Outcome, quota
from raqam.batching import Batching
from raqam.errors import MismatchError, ModelNotFoundError, TextError
from raqam.manifest import MANIFEST_FILE, MODEL_FILE, TOKENIZER_FILE, read_manifest, write_manifest
from raqam.model import OnnxModel

NEWS = "استاندار همدان، علی رضایی گفت: ۶۶۰۰ میلیارد تومان امروز به شرکت فولاد قم رسید.\r\nصادرات قزوین ۱۲ است."

WORDS = st.sampled_from([*NEWS.split(), "سرمایهگذاری", "می‌شود", "سرمايه‌گذاري", "ملت‌ها", "12", "٣٤", "۵۶"])
CHARACTERS = st.sampled_from(
    "آاایيىکكهۀةؤئء"  # letters, Persian and Arabic
    "019٠١٩۰۱۹"  # three sets of digits
    "\u200c\u200d\u200b\u00ad\u0640\ufeff"  # joiners and what passes for them
    "\u200e\u200f\u202a\u202b\u202c\u2066\u2069\u061c"  # bidirectional controls
    "\u064b\u064e\u0651\u0653\u0654\u0301\u20dd"  # combining marks
    "﷼ﷺﻻﷲ½②ﬁÅé"  # characters that stand for several
    "😀👨\u200d👩\ufe0f🇮🇷𐎠𝟙𠀀"  # emoji and other astral characters
    " \t\r\n\x00\x1f\x85\xa0\u2028\u3000"  # spaces, line ends and controls
    ".,،؛؟!?%٪٬٫/«»\"'()-–"
)
TEXTS = st.lists(st.one_of(WORDS, CHARACTERS, st.characters(exclude_categories=["Cs"])), max_size=80).map(
    lambda parts: " ".join(parts) if len(parts) % 2 else "".join(parts)
)
ARTICLES = TEXTS.filter(str.strip).map(Article)


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> Iterator[Annotator]:
    with Annotator.load(tiny_model, threads=2) as annotator:
        yield annotator


@pytest.fixture(scope="module")
def wild(wild_model: Path) -> Iterator[Annotator]:
    with Annotator.load(wild_model, threads=2) as annotator:
        yield annotator


@pytest.fixture(scope="module")
def quantized(quantized_model: Path) -> Iterator[Annotator]:
    with Annotator.load(quantized_model, threads=2) as annotator:
        yield annotator


@pytest.fixture(scope="module")
def cut_otherwise(wild_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Annotator]]:
    """The wild model with windows of other sizes."""
    annotators = []
    for window, overlap in [(4, 1), (7, 0), (9, 6), (512, 64)]:
        folder = tmp_path_factory.mktemp("wild") / "model"
        shutil.copytree(wild_model, folder)
        write_manifest(folder, replace(read_manifest(folder), window=window, overlap=overlap))
        annotators.append(Annotator.load(folder, threads=1))
    yield annotators
    for annotator in annotators:
        annotator.close()


def surfaces(record: Record) -> list[tuple[str, str]]:
    return [(span.text, span.label) for span in record.spans]


def check_spans(text: str, spans: tuple[Span, ...]) -> None:
    free = 0
    for span in spans:
        assert free <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == span.text == span.text.strip()
        assert 0 < span.score <= 1
        free = span.end


def test_an_article_gets_its_spans_at_their_places(tiny: Annotator) -> None:
    record = tiny.annotate(Article(NEWS, id="a1"))
    assert (record.id, record.model) == ("a1", "tiny@1")
    assert surfaces(record) == [
        ("استاندار", "TTL"), ("همدان", "LOC"), ("علی رضایی", "PER"), ("۶۶۰۰ میلیارد تومان", "MON"), ("امروز", "DAT"),
        ("شرکت فولاد", "ORG"), ("قم", "LOC"), ("صادرات", "IND"), ("قزوین", "LOC"), ("۱۲", "MON"),
    ]  # fmt: skip
    check_spans(NEWS, record.spans)


def test_spans_have_values_and_facts(tiny: Annotator) -> None:
    record = tiny.annotate(Article(NEWS, published=dt.date(2025, 9, 25)))
    values = {span.text: span.value for span in record.spans}
    assert values["۶۶۰۰ میلیارد تومان"] == {
        "kind": "money", "number": "6600000000000", "currency": "IRT", "irr": "66000000000000", "bound": "exact",
    }  # fmt: skip
    assert values["قزوین"] == {"kind": "place", "country": "IR", "province": "IR-26"}
    today = {"start": "2025-09-25", "end": "2025-09-25"}
    assert values["امروز"] == {"kind": "date", "calendar": "jalali", "relative": True, **today}
    assert values["علی رضایی"] is None
    facts = [(record.spans[fact.indicator].text, record.spans[fact.figure].text) for fact in record.facts]
    assert facts == [("صادرات", "۱۲")]


@given(article=ARTICLES)
@settings(max_examples=400)
def test_offsets_are_those_of_the_text_as_it_was_received(wild: Annotator, article: Article) -> None:
    check_spans(article.text, wild.annotate(article).spans)


def test_a_character_that_stands_for_several_is_in_one_span_at_most(wild: Annotator) -> None:
    text = "﷼ﷺﻻﷲ" * 20
    check_spans(text, wild.annotate(Article(text)).spans)


@given(articles=st.lists(ARTICLES, max_size=6))
@settings(max_examples=50)
def test_company_changes_nothing(quantized: Annotator, articles: list[Article]) -> None:
    assert quantized.annotate_many(articles) == [quantized.annotate(article) for article in articles]


def test_company_in_a_batch_would_change_a_quantized_model(quantized_model: Path) -> None:
    """Why the test above says something, and why the default batch is of one window."""
    model = OnnxModel(quantized_model / MODEL_FILE)
    ids = np.arange(4, 60, dtype=np.int64).reshape(14, 4)
    alone = np.concatenate([model.run(row[None], np.ones_like(row[None])) for row in ids])
    assert not np.array_equal(model.run(ids, np.ones_like(ids)), alone)


@given(articles=st.lists(ARTICLES, max_size=6))
@settings(max_examples=25)
def test_larger_batches_of_an_exact_model_change_nothing(
    wild: Annotator, batched: Annotator, articles: list[Article]
) -> None:
    assert batched.annotate_many(articles) == wild.annotate_many(articles)


@pytest.fixture(scope="module")
def batched(wild_model: Path) -> Iterator[Annotator]:
    with Annotator.load(wild_model, threads=1, batching=Batching(windows=8)) as annotator:
        yield annotator


@given(article=ARTICLES)
@settings(max_examples=50)
def test_where_windows_end_changes_nothing(wild: Annotator, cut_otherwise: list[Annotator], article: Article) -> None:
    article = Article(article.text * 3)
    expected = wild.annotate(article)
    for annotator in cut_otherwise:
        assert annotator.annotate(article) == expected


def test_eight_threads_at_once_get_what_one_gets(quantized: Annotator) -> None:
    articles = [Article(NEWS[at:] + NEWS[:at] * (at % 5), id=str(at)) for at in range(64)]
    expected = [quantized.annotate(article) for article in articles]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(quantized.annotate, articles)) == expected
        assert list(pool.map(quantized.annotate_many, [articles] * 8)) == [expected] * 8


def test_more_articles_than_are_held_together_keep_their_order(
    tiny: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raqam.annotator, "_TOGETHER", 3)
    articles = [Article("قم " * (at % 4 + 1), id=str(at)) for at in range(10)]
    records = tiny.annotate_many(articles)
    assert [record.id for record in records] == [article.id for article in articles]
    assert [len(record.spans) for record in records] == [at % 4 + 1 for at in range(10)]


def test_a_stream_gives_what_one_by_one_gives_and_lets_the_rest_pass(wild: Annotator) -> None:
    articles = [Article(NEWS[at % 60 :] + NEWS[: at % 5], id=str(at)) for at in range(150)]
    items = [item for at, article in enumerate(articles) for item in ([article] if at % 7 else [at, article])]
    found = list(wild.stream(items))
    assert [item for item in found if isinstance(item, int)] == list(range(0, 150, 7))
    outcomes = [item for item in found if isinstance(item, Outcome)]
    assert [outcome.result for outcome in outcomes] == [wild.annotate(article) for article in articles]
    assert all(outcome.tokens >= len(wild.prepare(outcome.article).tokens) for outcome in outcomes)
    assert [getattr(item, "article", item) for item in found] == items


def test_a_stream_with_batches_gives_each_article_its_own_windows(batched: Annotator) -> None:
    articles = [Article(NEWS[at % 60 :], id=str(at)) for at in range(70)]
    results = [outcome.result for outcome in batched.stream(articles)]
    assert results == [batched.annotate(article) for article in articles]


def test_in_a_stream_an_article_that_cannot_be_annotated_costs_only_itself(
    tiny: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = Annotator.finish
    broken = RuntimeError()

    def break_on_qom(self: Annotator, prepared: Any, blocks: Any) -> Record:
        if prepared.article.text == "قم":
            raise broken
        return finish(self, prepared, blocks)

    monkeypatch.setattr(Annotator, "finish", break_on_qom)
    outcomes = list(tiny.stream([Article("همدان"), Article(" "), Article("قم"), Article("همدان")]))
    assert [type(outcome.result) for outcome in outcomes] == [Record, TextError, RuntimeError, Record]


def test_a_stream_reads_no_more_than_it_works_on(tiny: Annotator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raqam.annotator, "_TOGETHER", 3)
    taken: list[int] = []

    def articles() -> Iterator[Article]:
        for at in range(1000):
            taken.append(at)
            yield Article("قم")

    next(tiny.stream(articles()))
    assert len(taken) <= 6


@pytest.mark.parametrize("text", ["\u200c", "\x00", "\u200f\u202b", "\ufeff", "\u0301"])
def test_a_text_of_nothing_visible_has_no_spans(tiny: Annotator, text: str) -> None:
    assert tiny.annotate(Article(text, id="a")) == Record("a", "tiny@1", ())


def test_a_word_as_long_as_a_book(wild: Annotator) -> None:
    text = "همدان" * 4000
    check_spans(text, wild.annotate(Article(text)).spans)


@pytest.mark.parametrize(
    ("piece", "wanted"),
    [
        (" سهم صنعت در ", "سهم صنعت"),
        ("صنایع‌دستی،", "صنایع‌دستی"),
        ("، ژانویه و\n", "ژانویه"),
        ("مبلغي كه براي", "مبلغي"),
        ("در", "در"),
        (" و و", "و و"),
        ("خودروهای ب ام و", "خودروهای ب ام و"),
        ("بی ام و در", "بی ام و"),
        ("استانداری و", "استانداری"),
        ("۳۰ تا", "۳۰ تا"),
        ("روز در قم", "روز در قم"),
        ("دفتر، و", "دفتر"),
        ("نمودار", "نمودار"),
        ("،؛ ", ""),
    ],
)
def test_what_leads_to_the_next_word_is_no_part_of_a_span(piece: str, wanted: str) -> None:
    text = f"آغاز{piece}پایان"
    start, end = raqam.annotator._trimmed(text, 4, 4 + len(piece))
    assert text[start:end] == wanted


def test_a_span_of_a_hundred_thousand_such_words_is_trimmed_at_once() -> None:
    text = "تهران" + " برای" * 100_000
    assert raqam.annotator._trimmed(text, 0, len(text)) == (0, 5)
    blank = "تهران" + " " * 200_000 + "و"
    assert raqam.annotator._trimmed(blank, 0, len(blank)) == (0, 5)


def test_a_figure_ends_in_any_word() -> None:
    assert raqam.annotator._trimmed("۵۰۰ در", 0, 6, leading=False) == (0, 6)


def test_no_articles_have_no_records(tiny: Annotator) -> None:
    assert tiny.annotate_many([]) == []


@pytest.mark.parametrize(("text", "reason"), [(" \n", "blank"), ("a\ud800", "surrogate"), ("آ" * 200_001, "too_long")])
def test_a_text_that_was_not_checked_is_checked(tiny: Annotator, text: str, reason: str) -> None:
    for annotate in (tiny.annotate, lambda article: tiny.annotate_many([Article("قم"), article])):
        with pytest.raises(TextError) as caught:
            annotate(Article(text))
        assert caught.value.reason == reason


def test_a_tampered_file_is_refused_by_name(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    (folder / TOKENIZER_FILE).write_text((folder / TOKENIZER_FILE).read_text().replace("همدان", "زنجان"))
    with pytest.raises(MismatchError, match=TOKENIZER_FILE):
        Annotator.load(folder)


def test_a_model_and_a_tokenizer_that_are_not_of_one_model_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    content = json.loads((folder / TOKENIZER_FILE).read_text())
    content["model"]["vocab"].append(["▁زنجان", -1.0])
    (folder / TOKENIZER_FILE).write_text(json.dumps(content))
    write_manifest(folder, read_manifest(folder))
    with pytest.raises(MismatchError, match="the last of its tokenizer"):
        Annotator.load(folder)


def test_a_model_of_other_tags_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    write_manifest(folder, replace(read_manifest(folder), labels=("LOC",), tags=("O", "B-LOC", "I-LOC")))
    with pytest.raises(MismatchError, match=r"31.* where the 3 tags of the manifest"):
        Annotator.load(folder)


def test_without_a_folder_the_environment_names_it(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAQAM_MODEL", str(tiny_model))
    with Annotator.load(threads=1) as annotator:
        assert annotator.model == "tiny@1"


def test_a_folder_the_environment_names_wrongly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAQAM_MODEL", str(tmp_path / "none"))
    with pytest.raises(ModelNotFoundError, match=r"none, which \$RAQAM_MODEL names"):
        Annotator.load()


def test_without_either_it_is_looked_for_here(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAQAM_MODEL", raising=False)
    monkeypatch.setattr(raqam.annotator, "__file__", str(tmp_path / "library" / "raqam" / "annotator.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelNotFoundError, match=r"Name one with --model or in \$RAQAM_MODEL"):
        Annotator.load()
    shutil.copytree(tiny_model, tmp_path / "models" / "compact")
    assert (raqam.annotator.find_model() / MANIFEST_FILE).is_file()


def test_threads_default_to_the_processors(tiny_model: Path) -> None:
    with Annotator.load(tiny_model) as annotator:
        assert surfaces(annotator.annotate(Article("قم"))) == [("قم", "LOC")]


def test_after_close_it_annotates_no_more(tiny_model: Path) -> None:
    annotator = Annotator.load(tiny_model, threads=1)
    annotator.close()
    with pytest.raises(RuntimeError):
        annotator.annotate(Article("قم"))


def test_a_long_article_does_not_fill_the_queue_before_others(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Annotator.load(tiny_model, threads=1) as annotator:
        queued = []
        submit = annotator._pool.submit

        def counted(*args: Any) -> Future[Any]:
            queued.append(annotator._pool._work_queue.qsize())
            return submit(*args)

        monkeypatch.setattr(annotator._pool, "submit", counted)
        assert len(annotator.annotate(Article("استاندار قم. " * 500)).spans) == 1000
    assert len(queued) > 20
    assert max(queued) <= 2


@pytest.mark.parametrize(
    ("content", "processors"), [("max 100000", None), ("150000 100000", 1), ("400000 100000", 4), ("?", None)]
)
def test_the_quota_of_a_container_is_read(tmp_path: Path, content: str, processors: int | None) -> None:
    path = tmp_path / "cpu.max"
    path.write_text(content, encoding="ascii")
    assert quota(path) == processors
    assert quota(tmp_path / "absent") is None


def test_a_model_folder_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ModelNotFoundError, match="cannot be read: File name too long"):
        Annotator.load(Path("x" * 300))
