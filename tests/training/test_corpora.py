from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam.errors import SourceError
from training.corpora import join, read_conll, read_conll_texts, read_jsonl, read_jsonl_texts


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("همدان ، قم و قزوین .", "همدان، قم و قزوین."),
        ("( قم ) و « کرمان »", "(قم) و «کرمان»"),
        ('گفت : " نه " و رفت', 'گفت: "نه" و رفت'),
        ("۴۷ % رشد", "۴۷% رشد"),
        ("چه ؟! …", "چه؟!…"),
    ],
)
def test_words_are_joined_as_one_writes_them(tokens: str, text: str) -> None:
    assert join([(token, "O") for token in tokens.split()])[0] == text


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("B-LOC I-LOC O", [(0, 3, "LOC")]),
        ("B-LOC B-LOC O", [(0, 1, "LOC"), (2, 3, "LOC")]),
        ("I-LOC I-LOC O", [(0, 3, "LOC")]),
        ("B-LOC I-PER O", [(0, 1, "LOC"), (2, 3, "PER")]),
        ("O O I-PER", [(4, 5, "PER")]),
    ],
)
def test_tags_become_spans(tags: str, spans: list[tuple[int, int, str]]) -> None:
    assert join(list(zip("ابپ", tags.split(), strict=True)))[1] == spans


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["قم", "کرمان", "،", "«", "»", '"', "(", ")", ".", "۴۷"]),
            st.sampled_from(["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]),
        ),
        max_size=12,
    )
)
def test_a_span_is_its_tokens(sentence: list[tuple[str, str]]) -> None:
    text, spans = join(sentence)
    assert text.replace(" ", "") == "".join(token for token, _ in sentence)
    tagged = "".join(token for token, tag in sentence if tag != "O")
    assert "".join(text[a:b] for a, b, _ in spans).replace(" ", "") == tagged
    assert all(text[a:b].strip() == text[a:b] for a, b, _ in spans)


def test_sentences_are_read_with_and_without_a_last_blank_line(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("\nقم\tB-LOC\nاست\tO\n\n\nنه\tO", encoding="utf-8")
    assert list(read_conll(path)) == [[("قم", "B-LOC"), ("است", "O")], [("نه", "O")]]
    assert list(read_conll_texts(path)) == ["قم است نه"]
    assert list(read_conll_texts(path, size=1)) == ["قم است", "نه"]


def test_a_broken_conll_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("قم\tB-LOC\nبدون برچسب\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"a\.conll, line 2: expected 'token<TAB>tag'"):
        list(read_conll(path))


def test_json_lines_are_read_plain_and_packed(tmp_path: Path) -> None:
    content = json.dumps({"text": "قم"}, ensure_ascii=False) + "\n\n"
    (tmp_path / "a.jsonl").write_text(content, encoding="utf-8")
    (tmp_path / "a.jsonl.xz").write_bytes(lzma.compress(content.encode()))
    for name in ("a.jsonl", "a.jsonl.xz"):
        assert list(read_jsonl_texts(tmp_path / name)) == ["قم"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"text": "a"}\n{', "line 2"),
        ("a.jsonl", b"\xff\xfe", "cannot be read as text"),
        ("a.jsonl.xz", b"not xz", "cannot be read as text"),
        ("a.jsonl.xz", lzma.compress(b"{}" * 999)[:40], "cannot be read as text"),
    ],
)
def test_a_broken_file_is_named(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=message):
        list(read_jsonl(tmp_path / name))


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no corpus file"):
        list(read_jsonl(tmp_path / "none.jsonl"))
