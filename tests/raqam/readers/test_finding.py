"""Names on the command line, and the sources they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from raqam.errors import SourceError
from raqam.readers import Options, Source, find_sources
from tests.raqam.readers.reading import write


class TestFindSources:
    def test_a_folder_gives_its_files_by_name(self, tmp_path: Path) -> None:
        names = "a.csv b.txt c.jsonl d.ndjson e.TXT f.tsv.gz g.parquet h.htm i.html.zst خبر.txt"
        known = names.split()
        for name in (*reversed(known), "notes.md", "f.txt.bak", "plain.gz", "k.gz.txt.zip"):
            write(tmp_path, name, "x")
        (tmp_path / "inner.txt").mkdir()
        found = list(find_sources([str(tmp_path), "-"]))
        assert found == [*(Source(tmp_path / name) for name in known), Source(None)]

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("absent.txt", "there is no such file or folder."),
            ("a\x00b.txt", "there is no such file or folder."),
            ("a\x00*.txt", "there is no such file or folder."),
            ("empty", "the folder holds no .txt, .jsonl, .ndjson, .csv, .tsv, .parquet, .html, .htm file."),
            ("empty/**/*.txt", "empty/**/*.txt: no .txt, .jsonl,"),
            ("*.doc", "*.doc: no .txt, .jsonl,"),
            ("a.doc", "the kind of a file is told by its suffix (.txt, .jsonl, .ndjson, .csv, .tsv, .parquet, .html,"),
            ("b.gz", "the kind of a file is told by its suffix"),
        ],
    )
    def test_what_is_no_source_is_named(self, tmp_path: Path, name: str, why: str) -> None:
        (tmp_path / "empty").mkdir()
        for present in ("a.doc", "b.gz"):
            write(tmp_path, present, "x")
        (error,) = find_sources([str(tmp_path / name)])
        assert isinstance(error, SourceError)
        assert why in str(error)

    def test_a_folder_that_may_not_be_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_name: str) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("os.scandir", refuse)
        (error,) = find_sources([str(tmp_path)])
        assert str(error) == f"{tmp_path}: cannot be read: Permission denied."

    def test_an_empty_name_is_not_the_current_folder(self) -> None:
        assert [str(each) for each in find_sources([""])] == ["'': there is no such file or folder."]

    def test_is_lazy(self, tmp_path: Path) -> None:
        found = find_sources([str(tmp_path / "a.txt"), str(tmp_path / "b.txt")])
        assert isinstance(next(found), SourceError)
        write(tmp_path, "b.txt", "x")
        assert next(found) == Source(tmp_path / "b.txt")

    def test_options_reach_every_source(self, tmp_path: Path) -> None:
        options = Options(text="متن")
        (tmp_path / "folder").mkdir()
        paths = [write(tmp_path, name, "x") for name in ("folder/a.csv", "b.csv", "c.csv")]
        names = [str(tmp_path / "folder"), str(tmp_path / "b.csv"), str(tmp_path / "*.csv"), "-"]
        assert list(find_sources(names, options)) == [Source(path, options) for path in (*paths, None)]

    def test_a_file_is_read_once_by_its_first_name(self, tmp_path: Path) -> None:
        for name in ("خبر.txt", "b.txt"):
            write(tmp_path, name, "x")
        (tmp_path / "c.txt").symlink_to("b.txt")
        (tmp_path / "d.txt").hardlink_to(tmp_path / "b.txt")
        names = [str(tmp_path / "d.txt"), str(tmp_path / "d.txt"), str(tmp_path), str(tmp_path / "*")]
        assert list(find_sources(names)) == [Source(tmp_path / "d.txt"), Source(tmp_path / "خبر.txt")]

    def test_what_runs_keep_is_passed_over_unless_it_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "out.jsonl.parts").mkdir()
        (tmp_path / "brat").mkdir()
        (tmp_path / "other.parts" / "in").mkdir(parents=True)
        read = ["news.rejected.jsonl", "other.parts/a.jsonl", "other.parts/in/b.jsonl", "out.jsonl"]
        kept = [".hidden.jsonl", "brat.rejected.jsonl", "out.jsonl.manifest.jsonl", "out.jsonl.parts/manifest.jsonl"]
        kept += ["out.jsonl.parts/0.jsonl", "out.jsonl.rejected.jsonl"]
        for name in (*read, *kept):
            write(tmp_path, name, "x")
        pattern = str(tmp_path / "**" / "*.jsonl")
        assert set(find_sources([pattern])) == {Source(tmp_path / name) for name in read}
        here = [Source(tmp_path / name) for name in read if "/" not in name]
        assert list(find_sources([str(tmp_path)])) == here
        (error,) = find_sources([str(tmp_path / "out.jsonl.parts")])
        assert "the folder holds no" in str(error)
        named = [str(tmp_path / name) for name in kept]
        assert list(find_sources(named)) == [Source(Path(name)) for name in named]

    def test_what_the_caller_passes_over_is_read_if_it_is_named(self, tmp_path: Path) -> None:
        paths = [write(tmp_path, name, "x") for name in ("a.txt", "b.txt")]
        for name in (str(tmp_path), str(tmp_path / "*.txt")):
            assert list(find_sources([name], passed_over=paths[0].__eq__)) == [Source(paths[1])]
        assert list(find_sources([str(paths[0])], passed_over=paths[0].__eq__)) == [Source(paths[0])]


class TestPatterns:
    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for folder in ("", "همدان", "همدان/شهر"):
            (tmp_path / folder).mkdir(exist_ok=True)
            for name in ("خبر۱.txt", "خبر۲.txt", "a.jsonl.gz", "notes.md", ".hidden.txt"):
                write(tmp_path / folder, name, "x")
        (tmp_path / "folder.txt").mkdir()
        monkeypatch.chdir(tmp_path)

    @pytest.mark.parametrize(
        ("pattern", "names"),
        [
            ("*.txt", ["خبر۱.txt", "خبر۲.txt"]),
            ("خبر[۲۳].txt", ["خبر۲.txt"]),
            ("*", ["a.jsonl.gz", "خبر۱.txt", "خبر۲.txt"]),
            ("**/خبر۱.txt", ["خبر۱.txt", "همدان/خبر۱.txt", "همدان/شهر/خبر۱.txt"]),
            ("**/شهر/**/*.gz", ["همدان/شهر/a.jsonl.gz"]),
            ("همدان/*/?.jsonl.gz", ["همدان/شهر/a.jsonl.gz"]),
        ],
    )
    def test_match(self, pattern: str, names: list[str]) -> None:
        assert list(find_sources([pattern])) == [Source(Path(name)) for name in names]

    def test_a_file_of_that_very_name_comes_first(self, tmp_path: Path) -> None:
        write(tmp_path, "خبر[۲۳].txt", "x")
        assert list(find_sources(["خبر[۲۳].txt"])) == [Source(Path("خبر[۲۳].txt"))]
