"""Encodings: told by mark, by content or by name, and not changed by a few bad bytes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam.errors import SourceError
from raqam.readers import Options
from raqam.readers.encodings import check_encoding, find_encoding
from raqam.records import Article
from tests.raqam.readers.reading import errors, ids, read, write

# Windows-1256 has no Persian yeh and no extended digits: this is how the Persian web wrote in it.
OLD = "استاندار همدان: ۴۷ طرح با ۶۶۰ ميليارد تومان سرمايه\u200cگذاري در گلپايگان، چالوس و ژاله\u200cآباد افتتاح شد."
SEEDS = sorted((Path(__file__).parents[3] / "seeds").glob("*.txt"))
OLD = OLD.translate({ord(digit): str(value) for value, digit in enumerate("۰۱۲۳۴۵۶۷۸۹")}).replace("ک", "ك")


@pytest.mark.parametrize("name", ["cp1256", "iso8859_6", "cp720"])
def test_of_old_persian_text_is_detected(tmp_path: Path, name: str) -> None:
    content = (OLD * 3).encode(name, "ignore")
    assert read(write(tmp_path, "a.txt", content)) == [Article(content.decode(name), "a.txt")]


def test_of_tables_and_lines_is_detected(tmp_path: Path) -> None:
    table = write(tmp_path, "a.csv", f'شناسه,متن\n۱,"{OLD}\n{OLD}"\n'.replace("۱", "1").encode("cp1256"))
    assert read(table, text="متن", id="شناسه") == [Article(f"{OLD}\n{OLD}", "1")]
    lines = write(tmp_path, "a.jsonl", f'{{"text": "{OLD}"}}\r\n'.encode("cp1256") * 2)
    assert read(lines) == [Article(OLD, "a.jsonl:1"), Article(OLD, "a.jsonl:2")]


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".csv"])
def test_is_told_by_its_mark(tmp_path: Path, name: str, suffix: str) -> None:
    content = {".txt": OLD, ".jsonl": f'{{"text": "{OLD}"}}\n', ".csv": f'text\n"{OLD}"\n'}[suffix]
    (article,) = read(write(tmp_path, f"a{suffix}", f"\ufeff{content}".encode(name)))
    assert isinstance(article, Article)
    assert article.text == OLD


def test_a_few_bad_bytes_leave_it_utf8(tmp_path: Path) -> None:
    line = f'{{"text": "{OLD}"}}\n'.encode()
    bad = '{"text": "همدان"}\n'.encode("cp1256")
    found = read(write(tmp_path, "a.jsonl", line + bad + line))
    assert ids(found) == ["a.jsonl:1", "a.jsonl:3"]
    assert "a.jsonl:2: not valid UTF-8: byte 0xE5 at offset" in errors(found)[0]


def test_by_name_is_not_detected(tmp_path: Path) -> None:
    content = "Le café".encode("cp1252")
    assert read(write(tmp_path, "a.txt", content), encoding="windows-1252") == [Article("Le café", "a.txt")]
    assert read(write(tmp_path, "b.txt", OLD.encode("cp1256")), encoding="UTF8")[0] != Article(OLD, "b.txt")


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "UTF-16", "utf-16-le", "utf-16-be", "utf-32", "cp1256"])
def test_by_name_is_that_of_python(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, "a.jsonl", f'{{"text": "{OLD}"}}\n\n{{"text": "{OLD}"}}'.encode(name))
    assert read(path, encoding=name) == [Article(OLD, "a.jsonl:1"), Article(OLD, "a.jsonl:3")]


def test_an_undefined_byte_of_another_encoding_is_named(tmp_path: Path) -> None:
    (error,) = errors(read(write(tmp_path, "a.txt", b"ab\x81"), encoding="cp1252"))
    assert error.endswith("a.txt:1: not valid cp1252: byte 0x81 at offset 2; save the text as UTF-8.")


@pytest.mark.parametrize("name", ["utf-9", "", "rot13", "hex", "undefined", "a\x00b", "\udcff", "x" * 99, "زبان"])
def test_that_is_unknown_is_one_sentence(name: str) -> None:
    with pytest.raises(SourceError, match=r"^The encoding '.{0,40}' is not known; give one such as utf-8") as caught:
        Options(encoding=name)
    assert (caught.value.reason, caught.value.field) == ("unknown_encoding", "encoding")


@pytest.mark.parametrize("name", ["cp500", "punycode", "unicode_escape", "idna"])
def test_that_has_no_lines_is_refused(name: str) -> None:
    with pytest.raises(SourceError, match=f"The encoding '{name}' "):
        Options(encoding=name)


@given(st.binary(max_size=300))
def test_whatever_is_found_can_be_read(content: bytes) -> None:
    found = find_encoding(content)
    check_encoding(found.name)
    assert found == find_encoding(content)
    assert content[: found.mark].decode(found.name) in ("", "\ufeff")


def test_a_sample_that_ends_within_a_character() -> None:
    assert [find_encoding(("ا" * 40).encode()[:end]).name for end in (7, 8, 79)] == ["utf-8"] * 3


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Привет, как дела? Это новость о заводе в городе Хамадан и о его губернаторе. ", "cp1251"),
        ("Le préfet a annoncé à l'école que l'été serait très chaud près du château. ", "cp1252"),
        ("Ο νομάρχης ανακοίνωσε ότι το εργοστάσιο θα ανοίξει σύντομα στην πόλη. ", "cp1253"),
        ("המושל הודיע כי המפעל ייפתח בקרוב בעיר המדאן ויעסיק אנשים רבים. ", "cp1255"),
        ("省长宣布该工厂即将开业，将雇用许多人。", "gb18030"),
        (OLD, "iso8859_6"),
        (OLD, "cp720"),
    ],
)
def test_of_other_scripts_is_not_taken_for_windows_1256(text: str, name: str) -> None:
    assert find_encoding((text * 3).encode(name, "ignore")).name != "cp1256"


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_of_seed_articles_in_windows_1256_is_detected_at_every_length(seed: Path) -> None:
    text = re.sub(r"[\x00-\x7f]+", " ", seed.read_text("utf-8")).replace("ی", "ي")
    for length in (20, 40, 80, 200, 1000):
        assert find_encoding(text[:length].encode("cp1256", "ignore")).name == "cp1256"
