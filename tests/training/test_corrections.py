"""Corrected articles beside the gold: read though they lack values, never twice, never in both parts."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from raqam.manifest import read_manifest
from raqam.tokens import Tokenizer
from tests.training.conftest import MONEY, PLACES
from training import __main__ as command
from training.corrections import read_corrections, with_corrections
from training.examples import GOLD, Example, apart_from, read_examples
from training.export import export
from training.gold import GoldArticle, GoldError, GoldSpan, problems_of
from training.recipe import CorpusUse, Recipe, Stage
from training.retrain import retrain

NOWHERE = Path("nowhere")
TEXT = "بودجه یزد ۱۲ میلیارد تومان شد."


def row(text: str = TEXT, id_: str = "a", span: dict[str, Any] | None = None) -> dict[str, Any]:
    start = text.index("۱۲")
    money = {"start": start, "end": start + 16, "label": "MON", "text": text[start : start + 16], "value": None}
    indicator = {"start": 0, "end": 5, "label": "IND", "text": text[:5], "value": None}
    return {"id": id_, "text": text, "spans": [indicator, {**money, **(span or {})}], "facts": []}


def save(folder: Path, *rows: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    for each in rows:
        (folder / f"{each['id']}.json").write_text(json.dumps(each, ensure_ascii=False), encoding="utf-8")
    return folder


def test_values_and_facts_may_be_missing_and_nothing_else(tmp_path: Path) -> None:
    assert len(problems_of(row(), "gold")) == 2
    assert [article.id for article in read_corrections(save(tmp_path / "good", row()))] == ["a"]
    wrong: list[dict[str, Any]] = [{"value": {"kind": "count"}}, {"text": "سیزده"}, {"end": 99}, {"label": "XYZ"}]
    for number, span in enumerate(wrong):
        with pytest.raises(GoldError):
            read_corrections(save(tmp_path / str(number), row(span=span)))


def test_there_may_be_none(tmp_path: Path) -> None:
    assert read_corrections(tmp_path / "nothing") == []


def test_a_correction_of_a_gold_article_takes_its_place_and_its_id() -> None:
    gold = [GoldArticle("one", " همدان\nرسید", ()), GoldArticle("two", "قزوین", ())]
    corrected = GoldArticle("0" * 32, "همدان رسید ", (GoldSpan(0, 5, "LOC"),))
    other = GoldArticle("1" * 32, "کرمان", ())
    found = with_corrections(gold, [corrected, other])
    assert [article.id for article in found] == ["one", "two", "1" * 32]
    assert found[0].spans == corrected.spans


def test_they_are_in_one_part_each(tmp_path: Path, toy_gold: Path, tokenizer: Tokenizer) -> None:
    rows = [row(f"{TEXT} {number}", f"{number:032x}") for number in range(40)]
    folder = save(tmp_path / "corrections", *rows)
    parts = {
        part: [each.text for each in read_examples(CorpusUse(GOLD, part=part), NOWHERE, toy_gold, tokenizer, folder)]
        for part in ("train", "held-out", "all")
    }
    assert sorted(parts["train"] + parts["held-out"]) == sorted(parts["all"])
    assert len(set(parts["all"])) == len(parts["all"]) == 40 + len(list(toy_gold.glob("*.json")))
    assert any(each["text"] in parts["held-out"] for each in rows)


def test_a_model_learns_from_them(
    checkpoint: Path, recipe: Recipe, corpora: Path, toy_gold: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    """A word that the toy corpus does not have, which only the corrections mark."""
    model = tmp_path / "models" / "toy"
    dev = read_examples(CorpusUse("toy-dev.jsonl"), corpora, NOWHERE, tokenizer)
    export(checkpoint, recipe, dev, model)
    rows = []
    for number, (place, money) in enumerate(itertools.product(PLACES, MONEY)):
        edges = [0, 4, 5, 5 + len(place), 6 + len(place), 6 + len(place) + len(money)]
        text = f"شرکت {place} {money} خواست."
        spans = [
            {"start": start, "end": end, "label": label, "text": text[start:end], "value": None}
            for start, end, label in zip(edges[::2], edges[1::2], ("ORG", "LOC", "MON"), strict=True)
        ]
        rows.append({"id": f"{number:032x}", "text": text, "spans": spans, "facts": []})
    corrections = save(tmp_path / "corrections", *rows)
    stage = Stage((CorpusUse(GOLD, part="train"), CorpusUse("toy.jsonl")), 6, 1e-2, batch=8, keep="last")
    again = Recipe("retrained", "0", "checkpoint", CorpusUse("toy-dev.jsonl"), (stage,))
    outcome = retrain(
        again, model=model, gold=toy_gold, corpora=corpora, work=tmp_path / "work", corrections=corrections
    )
    before, after = outcome.comparisons[0].old["ORG"], outcome.comparisons[0].new["ORG"]
    assert after.gold > 0
    assert after.f1 > before.f1
    data = read_manifest(tmp_path / "work" / "model" if outcome.refusal else model).data
    assert "corrected articles" in [each["name"] for each in data]


def test_the_command_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, Any] = {}

    def note(*_: object, **options: Any) -> None:
        taken.update(options)
        raise GoldError([])

    monkeypatch.setattr("training.retrain.retrain", note)
    with pytest.raises(GoldError):
        command.app(["retrain"], standalone_mode=False)
    assert taken["corrections"] == Path("annotations/corrections")


@pytest.mark.parametrize("text", ["سرمايه‌گذاري ۴۷ درصد", "سرمایه گذاری ٤٧\u200f درصد", "\ufeffسرمایهگذاری 47 درصد\n"])
def test_what_the_model_cannot_tell_apart_is_one_text(text: str) -> None:
    gold = [GoldArticle("one", "سرمایه\u200cگذاری ۴۷ درصد", ())]
    assert [(each.id, each.text) for each in with_corrections(gold, [GoldArticle("0" * 32, text, ())])] == [
        ("one", text)
    ]


def test_what_a_model_is_judged_by_is_not_trained_on() -> None:
    examples = [Example("همدان ۱", ()), Example("قم", ())]
    assert apart_from(examples, [Example("همدان 1\n", ())]) == examples[1:]
